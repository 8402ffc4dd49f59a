// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite struct ReadmeTests {
  private let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test func theExamplePrintsWhatItsCommentsSay() throws {
    var lines: [String] = []
    try libraryExample { values in
      lines.append(values.map { "\($0)" }.joined(separator: " "))
    }
    #expect(lines == ["228", "true 228"])
  }

  @Test(arguments: ["README.md", "Sources/FixedDeflate/FixedDeflate.docc/FixedDeflate.md"])
  func theDocumentsShowTheExampleThatRuns(document: String) throws {
    let source = root.appending(path: "Tests/ReadmeTests/LibraryExample.swift")
    let lines = try String(contentsOf: source, encoding: .utf8).components(separatedBy: "\n")
    let begin = try #require(lines.firstIndex { $0.hasSuffix("README: begin") })
    let end = try #require(lines.firstIndex { $0.hasSuffix("README: end") })
    let example = lines[(begin + 1)..<end].map { String($0.dropFirst(2)) }
      .joined(separator: "\n")
    let text = try String(contentsOf: root.appending(path: document), encoding: .utf8)
    #expect(text.contains("import FixedDeflate\n\n" + example))
  }
}
