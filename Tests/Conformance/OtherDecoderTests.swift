// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Programs that others wrote read our files. One that is not installed is a skip with its name.

import FixedDeflate
import TestSupport
import Testing

/// A program that turns one of our formats on standard input into data on standard output.
struct OtherDecoder: Sendable, CustomTestStringConvertible {
  let program: String
  let arguments: [String]
  let format: ContainerFormat
  var testDescription: String { "\(program), \(format)" }

  /// The program, when it is there and works: some names are stubs that only print advice.
  var path: String? {
    guard let path = ProcessRunner.path(of: program),
      let result = try? ProcessRunner.run(path, probe), result.status == 0
    else { return nil }
    return path
  }

  private var probe: [String] {
    switch program {
    case "java": ["-version"]
    case "libdeflate-gunzip": ["-V"]
    case "busybox": ["gunzip", "--help"]
    default: ["--version"]
    }
  }

  static func python(_ expression: String) -> [String] {
    [
      "-c",
      "import sys, zlib, gzip; d = sys.stdin.buffer.read(); "
        + "sys.stdout.buffer.write(\(expression))",
    ]
  }

  static func node(_ function: String) -> [String] {
    [
      "-e",
      "process.stdout.write(require('zlib').\(function)(require('fs').readFileSync(0)))",
    ]
  }

  static let perl =
    "use IO::Uncompress::Gunzip; binmode STDOUT; "
    + "IO::Uncompress::Gunzip::gunzip('-' => '-', MultiStream => 1) or die"
}

@Suite("Other decoders read our files") struct OtherDecoderTests {
  private typealias Sample = (file: [UInt8], data: [UInt8])

  /// Files of our making and what is in them.
  private static let samples: [ContainerFormat: [Sample]] = {
    var generator = SeededGenerator(test: "other decoders")
    let inputs: [[UInt8]] = [
      [], [0x2A], Inputs.make(.text, count: 70_000, using: &generator),
      Inputs.make(.random, count: 5000, using: &generator),
      Inputs.make(.mixture, count: 20_000, using: &generator),
    ]
    var samples: [ContainerFormat: [Sample]] = [:]
    for format in ContainerFormat.allCases {
      samples[format] = inputs.map { (Engine.contain($0, format, chunkSize: 16_384), $0) }
    }
    return samples
  }()

  private func check(_ decoder: OtherDecoder) throws {
    let path = try #require(decoder.path)
    for (file, data) in try #require(Self.samples[decoder.format]) {
      let result = try ProcessRunner.run(path, decoder.arguments, input: file)
      #expect(result.status == 0 && !result.wasSignalled, "\(result.errorText)")
      #expect(result.output == data, "\(data.count) bytes")
    }
  }

  static let gzip = OtherDecoder(program: "gzip", arguments: ["-dc"], format: .gzip)
  @Test("gzip", .enabled(if: gzip.path != nil, "gzip is not installed"))
  func readByGzip() throws { try check(Self.gzip) }

  static let pigz = OtherDecoder(program: "pigz", arguments: ["-dc"], format: .gzip)
  @Test("pigz", .enabled(if: pigz.path != nil, "pigz is not installed"))
  func readByPigz() throws { try check(Self.pigz) }

  static let pigzZlib = OtherDecoder(program: "pigz", arguments: ["-dcz"], format: .zlib)
  @Test("pigz, zlib", .enabled(if: pigzZlib.path != nil, "pigz is not installed"))
  func readByPigzAsZlib() throws { try check(Self.pigzZlib) }

  static let libdeflate = OtherDecoder(
    program: "libdeflate-gunzip", arguments: ["-c"], format: .gzip)
  @Test(
    "libdeflate-gunzip",
    .enabled(if: libdeflate.path != nil, "libdeflate-gunzip is not installed"))
  func readByLibdeflate() throws { try check(Self.libdeflate) }

  static let busybox = OtherDecoder(program: "busybox", arguments: ["gunzip", "-c"], format: .gzip)
  @Test("busybox", .enabled(if: busybox.path != nil, "busybox is not installed"))
  func readByBusybox() throws { try check(Self.busybox) }

  static let bgzip = OtherDecoder(program: "bgzip", arguments: ["-dc", "-@2"], format: .gzip)
  @Test("bgzip", .enabled(if: bgzip.path != nil, "bgzip is not installed"))
  func readByBgzip() throws { try check(Self.bgzip) }

  static let igzip = OtherDecoder(program: "igzip", arguments: ["-dc"], format: .gzip)
  @Test("igzip", .enabled(if: igzip.path != nil, "igzip is not installed"))
  func readByIgzip() throws { try check(Self.igzip) }

  static let pythonGzip = OtherDecoder(
    program: "python3", arguments: OtherDecoder.python("gzip.decompress(d)"), format: .gzip)
  @Test("python3, gzip", .enabled(if: pythonGzip.path != nil, "python3 is not installed"))
  func readByPython() throws { try check(Self.pythonGzip) }

  static let pythonZlib = OtherDecoder(
    program: "python3", arguments: OtherDecoder.python("zlib.decompress(d)"), format: .zlib)
  @Test("python3, zlib", .enabled(if: pythonZlib.path != nil, "python3 is not installed"))
  func readByPythonAsZlib() throws { try check(Self.pythonZlib) }

  static let pythonRaw = OtherDecoder(
    program: "python3", arguments: OtherDecoder.python("zlib.decompress(d, -12)"), format: .raw)
  @Test("python3, raw", .enabled(if: pythonRaw.path != nil, "python3 is not installed"))
  func readByPythonAsRaw() throws { try check(Self.pythonRaw) }

  static let nodeGzip = OtherDecoder(
    program: "node", arguments: OtherDecoder.node("gunzipSync"), format: .gzip)
  @Test("node, gzip", .enabled(if: nodeGzip.path != nil, "node is not installed"))
  func readByNode() throws { try check(Self.nodeGzip) }

  static let nodeZlib = OtherDecoder(
    program: "node", arguments: OtherDecoder.node("inflateSync"), format: .zlib)
  @Test("node, zlib", .enabled(if: nodeZlib.path != nil, "node is not installed"))
  func readByNodeAsZlib() throws { try check(Self.nodeZlib) }

  static let nodeRaw = OtherDecoder(
    program: "node", arguments: OtherDecoder.node("inflateRawSync"), format: .raw)
  @Test("node, raw", .enabled(if: nodeRaw.path != nil, "node is not installed"))
  func readByNodeAsRaw() throws { try check(Self.nodeRaw) }

  static let perl = OtherDecoder(
    program: "perl", arguments: ["-e", OtherDecoder.perl], format: .gzip)
  @Test("perl", .enabled(if: perl.path != nil, "perl is not installed"))
  func readByPerl() throws { try check(Self.perl) }

  static let java = OtherDecoder(program: "java", arguments: [], format: .gzip)
  @Test("java", .enabled(if: java.path != nil, "java is not installed"))
  func readByJava() throws {
    // Java runs a source file; it takes the longest to start of all, so it gets one directory.
    let directory = try TemporaryDirectory()
    let source = """
      import java.io.*; import java.util.zip.*;
      class Gunzip { public static void main(String[] a) throws IOException {
        new GZIPInputStream(System.in).transferTo(System.out); System.out.flush(); } }
      """
    let file = try directory.write(Array(source.utf8), to: "Gunzip.java")
    try check(OtherDecoder(program: "java", arguments: [file.path], format: .gzip))
  }
}
