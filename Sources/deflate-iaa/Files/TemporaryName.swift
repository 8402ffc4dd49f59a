// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Where a file cannot be written without a name it has a temporary one. A run that is killed leaves
// it behind, and later runs know it by its form.

/// Names of files that are being written.
enum TemporaryName {
  private static let prefix = Array(".\(Reporter.programName).".utf8)
  /// A tag is a 64-bit number, which has so many digits at most.
  private static let radix = 36
  private static let tagCounts = 1...13

  /// A name that is most likely free.
  static func make() -> FileName {
    FileName(prefix + String(UInt64.random(in: 0 ... .max), radix: radix).utf8)
  }

  /// Whether a name could come from `make`.
  static func matches(_ name: FileName) -> Bool {
    guard name.bytes.starts(with: prefix) else { return false }
    let tag = name.bytes.dropFirst(prefix.count)
    return tagCounts.contains(tag.count)
      && tag.allSatisfy { byte in
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      }
  }
}
