// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What every source of pages is to the rest: strata of numbered pages, and a way to read each.

/// Pages of one kind of mapping: what is sampled together and has a line of its own.
package struct Stratum: Sendable {
  /// "heap", "file" and so on.
  package let kind: String
  /// The pages in memory that can be looked at.
  package var runs = PageRuns()
  /// Pages that passed by and were not kept, of those that a pipe brought; `runs` is then a simple random
  /// sample of all.
  package var passed = 0
  /// Pages in swap, whose content is not looked at.
  package var swapped = 0
  /// Pages that were never touched.
  package var holes = 0
  /// Pages that other processes map too, which count in each of them.
  package var shared = 0

  package init(kind: String) { self.kind = kind }

  /// All pages in memory.
  package var count: Int { runs.count + passed }
}

/// A file or a process.
package protocol PageSource: AnyObject, Sendable {
  /// Its name in every output: a path, or "pid 123 (name)".
  var name: String { get }
  /// Its pages by kind.
  var strata: [Stratum] { get }
  /// Whether somebody stopped it before its end was seen, so that it had more.
  var wasStopped: Bool { get }
  /// Reads the page at a position of a stratum's runs; several threads may at the same time.
  ///
  /// - Returns: false where the page is not there any more, or not whole.
  func read(position: UInt64, into page: inout [UInt64]) -> Bool
}

extension PageSource {
  package var wasStopped: Bool { false }
}
