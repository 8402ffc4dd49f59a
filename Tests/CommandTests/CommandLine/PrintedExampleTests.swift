// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the pages show is run by the binary itself: examples of the manual's page, README's commands and
// the output beside them, and every command line that a help text or a message names.

import Foundation
import TestSupport
import Testing

@Suite("What is printed runs as printed")
struct PrintedExampleTests {
  private static func text(_ path: String) throws -> String {
    try String(contentsOf: Repository.root.appending(path: path), encoding: .utf8)
  }

  /// Shell: a folder with what the examples name, and the command under its own name.
  private static let setUp = #"""
    mkdir bin dir; ln -s "$GZ" bin/deflate-iaa; PATH=$PWD/bin:$PATH
    seq 30000 > notes.txt; cp notes.txt dir; deflate-iaa --format zlib -c notes.txt > object

    """#

  /// The examples of the manual's page, markup removed.
  private static func examples() throws -> [String] {
    let lines = try text("Documentation/deflate-iaa.1").replacingOccurrences(of: "\\-", with: "-")
      .split(separator: "\n").map(String.init)
    let start = try #require(lines.firstIndex(of: ".SH EXAMPLES")) + 1
    let end = lines[start...].firstIndex { $0.hasPrefix(".SH") } ?? lines.endIndex
    return lines[start..<end].filter { $0.hasPrefix(".B ") }.map { String($0.dropFirst(3)) }
  }

  @Test("the manual's examples, each on the files it names")
  func manual() throws {
    let examples = try Self.examples()
    #expect(examples.count >= 4)
    for example in examples {
      // A machine has no device as a rule.
      let models = example.contains("--path hardware") ? "export DEFLATE_IAA_MODEL=devices=1\n" : ""
      let outcome = try Folder().run(Self.setUp + "set -eo pipefail\n" + models + example)
      #expect(outcome.status == 0, "\(example): \(outcome)")
    }
  }

  @Test("README's stream is the one it shows")
  func stream() throws {
    let readme = try Self.text("README.md")
    let match = try #require(
      readme.firstMatch(of: /\$ (printf 'Join[^\n]*\|\n[^\n]*)\n((?:[0-9a-f]+\n)+)```/))
    let outcome = try Folder().run(Self.setUp + "\(match.output.1)")
    #expect(outcome.status == 0 && outcome.text == match.output.2, "\(outcome)")
  }

  /// Which text README shows, its numbers tell.
  private static let license = "/usr/share/common-licenses/GPL-3"

  @Test(
    "README's lines of make run are what the command says",
    .needs(license, isFound: FileManager.default.fileExists(atPath: license)))
  func makeRun() throws {
    let readme = try Self.text("README.md")
    let shown = try #require(
      readme.firstMatch(of: /GPL-3:\t [^\n]*\nGPL-3:\t[^\n]*\n[^\n]*\n[^\n]*\n/))
    let outcome = try Folder().run(
      "cp \(Self.license) GPL-3; \"$GZ\" --path software -kfv GPL-3 2>&1; \"$GZ\" -l GPL-3.gz")
    let lines = outcome.text.split(separator: "\n")
    let wanted = shown.output.split(separator: "\n")
    #expect(lines.count == 4 && lines[0] == wanted[0] && lines[2...].elementsEqual(wanted[2...]))
    #expect(wanted[1].hasPrefix("GPL-3:\tin software: "), "\(outcome)")
  }

  @Test("targets of make that README names are there, and so are its files")
  func namesInReadme() throws {
    let readme = try Self.text("README.md")
    let makefile = try Self.text("Makefile")
    for match in readme.matches(of: /(?:`|\$ )make ([a-z]+)/) {
      #expect(makefile.contains("\n\(match.output.1):"), "make \(match.output.1)")
    }
    let paths =
      readme.matches(of: /\]\(([A-Za-z][^)# ]*)[^) ]*\)/).map { String($0.output.1) }
      + readme.matches(of: /man -l ([^`]*)/).map { String($0.output.1) }
    #expect(paths.count > 8)
    for path in paths where !path.hasPrefix("http") {
      let file = Repository.root.appending(path: path)
      #expect(FileManager.default.fileExists(atPath: file.path), "\(path)")
    }
  }

  @Test("command lines that the help texts and their errors name")
  func helpTexts() throws {
    let outcome = try Folder().run(
      Self.setUp + #"""
        words="devices configure enable disable doctor attributes stats zswap calibrate estimate"
        { deflate-iaa --help; deflate-iaa help; for word in $words; do
            deflate-iaa help $word; deflate-iaa $word --help; done
          deflate-iaa --none; deflate-iaa dcotor; deflate-iaa devices --none
        } > texts 2>&1
        # Those in quotes, with the words that stand for others put in.
        grep -o "'deflate-iaa [^']*'" texts | tr -d "'" | sort -u > lines
        sed 's/SUBCOMMAND/doctor/; s/<subcommand>/status/' lines | while read -r line; do
          eval "$line" > out 2>&1 < /dev/null; status=$?
          # A machine without devices is told so by status 2; what is not understood says how to ask.
          grep -q "try 'deflate-iaa" out && echo "$line: $(cat out)"
          [ $status -le 2 ] || echo "$line: $status"
        done
        wc -l < lines
        """#)
    #expect(
      (Int(outcome.text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0) >= 3, "\(outcome)")
  }
}
