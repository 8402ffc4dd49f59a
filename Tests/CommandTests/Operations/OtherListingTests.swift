// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What other programs say of the size of our files, and that the files which the conformance suite
// hands to other readers are the command's own.

import FixedDeflate
import Foundation
import TestSupport
import Testing

@Suite("Our files in other programs' listings")
struct OtherListingTests {
  /// Files of one chunk and of sixteen.
  private static let counts = [29_225, 1_000_047]

  private func list(_ command: String) throws {
    for count in Self.counts {
      let outcome = try Folder().run(
        "seq 200000 | head -c \(count) > a; \"$GZ\" a; stat -c %s a.gz; \(command) a.gz")
      let numbers = outcome.text.split { !$0.isNumber }
      #expect(numbers.contains { $0 == "\(count)" } && outcome.status == 0, "\(outcome)")
    }
  }

  @Test("gzip -l", .needs(tool: "gzip")) func gzip() throws { try list("gzip -l") }

  @Test("pigz -l", .needs(tool: "pigz")) func pigz() throws { try list("pigz -l") }

  @Test("7z l", .needs(tool: "7z")) func sevenZip() throws { try list("7z l") }

  @Test(
    "the command's default is the library's, byte for byte behind time and system",
    arguments: counts)
  func sameBytes(_ count: Int) throws {
    let outcome = try Folder().run(
      "seq 200000 | head -c \(count) > a; \"$GZ\" -c < a; cat a")
    let bytes = Array(outcome.output)
    let (file, data) = (Array(bytes.dropLast(count)), Array(bytes.suffix(count)))
    var encoder = StreamEncoder(format: .gzip)
    var expected: [UInt8] = []
    withRawSpan(data) { encoder.write($0) { expected.append(span: $0) } }
    encoder.finish { expected.append(span: $0) }
    let isSame =
      file.prefix(4) == expected.prefix(4) && file.dropFirst(10) == expected.dropFirst(10)
    #expect(isSame, "\(file.prefix(12)) \(expected.prefix(12))")
  }
}
