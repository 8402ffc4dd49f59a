// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// How other programs are asked to read our files: as their users do, with nothing switched on that
// is off unless asked for. Many of them read one gzip member and no more.

import FixedDeflate
import TestSupport
import Testing

/// A program that turns a file on standard input into data on standard output.
struct OtherDecoder: Sendable, CustomTestStringConvertible {
  /// What reads, as its users call it.
  let name: String
  let program: String
  var arguments: [String]
  var format = ContainerFormat.gzip

  var testDescription: String { "\(name), \(format)" }

  /// Statements that read standard input into `d` and write `out` of what they make of it.
  static func python(
    _ name: String, _ statements: String, _ format: ContainerFormat = .gzip
  ) -> Self {
    let program =
      "import sys, io, zlib, gzip\nd = sys.stdin.buffer.read()\nout = sys.stdout.buffer.write\n"
    return Self(
      name: name, program: "python3", arguments: ["-c", program + statements], format: format)
  }

  /// An expression in `$d`, or statements that print.
  static func php(_ name: String, _ statements: String, _ format: ContainerFormat = .gzip) -> Self {
    let code =
      statements.contains("echo")
      ? statements : "$d = stream_get_contents(STDIN); echo \(statements);"
    return Self(name: name, program: "php", arguments: ["-r", code], format: format)
  }

  static func ruby(
    _ name: String, _ expression: String, _ format: ContainerFormat = .gzip
  ) -> Self {
    let start = "STDIN.binmode; STDOUT.binmode; STDOUT.write("
    return Self(
      name: name, program: "ruby", arguments: ["-rzlib", "-e", start + expression + ")"],
      format: format)
  }

  static func perl(
    _ module: String, _ statements: String, _ format: ContainerFormat = .gzip,
    tags: String = " qw(:all)"
  ) -> Self {
    let start = "use \(module)\(tags); binmode STDIN; binmode STDOUT; "
    return Self(
      name: module, program: "perl", arguments: ["-e", start + statements], format: format)
  }

  /// An expression in `d`, the bytes, which may be a promise; `zlib` is node's module.
  static func node(
    _ name: String, _ expression: String, _ format: ContainerFormat = .gzip
  ) -> Self {
    let code =
      "const zlib = require('zlib'), d = require('fs').readFileSync(0);"
      + "(async () => process.stdout.write(Buffer.from(await \(expression))))()"
      + ".catch(e => { console.error(e); process.exit(1) })"
    return Self(name: name, program: "node", arguments: ["-e", code], format: format)
  }

  /// A program that fetches from a server on this machine, which says `Content-Encoding: gzip`.
  static func client(_ program: String, _ arguments: [String]) -> Self {
    // Closing the connection ends the data: no client gives up because of a length.
    let server = #"""
      import sys, threading, subprocess, http.server
      data = sys.stdin.buffer.read()
      class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *words): pass
        def do_GET(self):
          self.send_response(200)
          for line in ("Content-Type: text/plain", "Content-Encoding: gzip"):
            self.send_header(*line.split(": "))
          self.send_header("Content-Length", str(len(data)))
          self.end_headers()
          self.wfile.write(data)
      server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
      threading.Thread(target=server.serve_forever, daemon=True).start()
      url = "http://127.0.0.1:%d/" % server.server_port
      words = [word.replace("URL", url) for word in sys.argv[1:]]
      sys.exit(subprocess.run(words, stdin=subprocess.DEVNULL, timeout=60).returncode)
      """#
    return Self(
      name: program, program: "python3", arguments: ["-c", server, program] + arguments)
  }
}
