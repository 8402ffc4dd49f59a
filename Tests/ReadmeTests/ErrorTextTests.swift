// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The two lines that the documentation gives a program which shows errors by Foundation's words.

import FixedDeflate
import Foundation
import IAAOffload
import Testing

extension FixedDeflate.DeflateError: Foundation.LocalizedError {
  /// The error's own words.
  public var errorDescription: String? { description }
}

extension IAAOffload.OffloadError: Foundation.LocalizedError {
  /// The error's own words.
  public var errorDescription: String? { description }
}

@Suite struct ErrorTextTests {
  @Test func anErrorDescribesItself() {
    let error: any Error = DeflateError(.invalidBlockType, bitPosition: 13)
    #expect("\(error)" == "invalid block type at byte 1, bit 5")
  }

  @Test func withTheDocumentedConformanceFoundationSaysTheSame() {
    for kind in DeflateError.Kind.allCases {
      let error: any Error = DeflateError(kind, bitPosition: 13)
      #expect(error.localizedDescription == "\(error)")
    }
    let error: any Error = OffloadError.invalidData(DeflateError(.outputFull, bitPosition: 0))
    #expect(error.localizedDescription == "\(error)")
  }

  @Test(arguments: [
    ("FixedDeflate", "DeflateError"), ("IAAOffload", "OffloadError"),
  ])
  func theDocumentsShowTheConformance(module: String, type: String) throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let page = root.appending(path: "Sources/\(module)/\(module).docc/\(module).md")
    let text = try String(contentsOf: page, encoding: .utf8)
    #expect(
      text.contains(
        """
        extension \(module).\(type): Foundation.LocalizedError {
          public var errorDescription: String? { description }
        }
        """))
  }
}
