// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The corpus that `make-corpus` wrote, and what its kinds stand for.

import Foundation

/// The kinds of data in the corpus.
public enum Corpus {
  /// The kinds that geometric means are over.
  public static let averaged = ["text", "source", "json", "elf", "log", "mem-python", "mem-perl"]
  /// Kinds shown by themselves: incompressible, and the two that zswap meets most among the easy.
  public static let extremes = ["random", "zero", "star"]

  /// Reads kinds from a directory, in order.
  ///
  /// - Throws: when a file is missing.
  public static func load(
    _ directory: String, kinds: [String] = averaged + extremes
  ) throws -> [(kind: String, bytes: [UInt8])] {
    try kinds.map { kind in
      (kind, [UInt8](try Data(contentsOf: URL(filePath: directory).appending(path: kind))))
    }
  }
}
