// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Every rule of gzip 1.12 that scripts lean on, proved by running gzip beside the command: the same
// script in twin folders must give the same exit code, the same standard output (compressed data
// decoded), and leave the same files with the same content, mode, links and time.

import Foundation
import TestSupport
import Testing

@Suite(
  "The same script with gzip 1.12 and with deflate-iaa has the same end",
  .needs("GNU gzip 1.12", isFound: hasGzip112))
struct GzipTwinTests {
  @Test("compression", arguments: TwinCases.compression)
  func compression(_ script: String) throws { try compare(script) }

  @Test("decompression", arguments: TwinCases.decompression)
  func decompression(_ script: String) throws { try compare(script) }

  @Test("damaged, foreign and padded files", arguments: TwinCases.damage)
  func damage(_ script: String) throws { try compare(script) }

  @Test("names and times stored and restored", arguments: TwinCases.names)
  func names(_ script: String) throws { try compare(script) }

  @Test("suffixes", arguments: TwinCases.suffixes)
  func suffixes(_ script: String) throws { try compare(script) }

  @Test("files that are left alone, links, directories", arguments: TwinCases.special)
  func special(_ script: String) throws { try compare(script) }

  @Test("listings, byte for byte", arguments: TwinCases.listings)
  func listings(_ script: String) throws { try compare(script) }

  @Test("the grammar of the command line", arguments: TwinCases.grammar)
  func grammar(_ script: String) throws { try compare(script) }

  @Test("the GZIP variable", arguments: TwinCases.variable)
  func variable(_ script: String) throws { try compare(script) }

  @Test("streams that fail", arguments: TwinCases.streams)
  func streams(_ script: String) throws { try compare(script) }

  /// Runs a script twice and compares.
  private func compare(_ script: String) throws {
    let (gzips, ours) = (try Folder(), try Folder())
    let (expected, wanted) = try gzips.runInCopy(of: Fixture.master, script, .gzip)
    let (outcome, found) = try ours.runInCopy(of: Fixture.master, script, .ours)
    let comment = Comment(
      rawValue: "\(script)\ngzip: \(expected.messages)\nours: \(outcome.messages)")
    #expect(outcome.status == expected.status, comment)
    #expect(decoded(Array(outcome.output)) == decoded(Array(expected.output)), comment)
    for name in Set(wanted.keys).union(found.keys).sorted() {
      #expect(found[name] == wanted[name], "\(name) after \(comment)")
    }
  }
}
