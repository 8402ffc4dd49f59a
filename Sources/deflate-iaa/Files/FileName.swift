// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// File names are bytes, not text: a name on disk need not be UTF-8, and rewriting it as text
// would open, create or remove another file. swift-system's FilePath is not used for operands
// because it normalises: "link/" names what the link points to and "file/" is an error, and both
// would lose their slash.

/// A path as the kernel takes it: any bytes but NUL.
struct FileName: Hashable, Sendable {
  let bytes: [UInt8]

  init(_ bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes.prefix { $0 != 0 })
  }

  init(_ text: String) {
    self.init(text.utf8)
  }

  /// PATH_MAX of <linux/limits.h>, which counts the NUL.
  static let maximumCount = 4096

  /// The bytes with the NUL that ends them for a system call.
  var terminated: [CChar] {
    bytes.map { CChar(bitPattern: $0) } + [0]
  }

  /// "-" stands for standard input.
  var isStandardInput: Bool { bytes == [UInt8(ascii: "-")] }

  /// Where the part behind the last slash begins.
  private var baseStart: Int {
    (bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 }) ?? 0
  }

  /// The part behind the last slash; empty when the path ends with one.
  var base: FileName { FileName(bytes[baseStart...]) }

  /// The directory that holds the file: "." when the path names none.
  var directory: FileName {
    baseStart == 0 ? FileName(".") : FileName(bytes[..<baseStart])
  }

  /// The same directory, another file.
  func replacingBase(with base: FileName) -> FileName {
    FileName(bytes[..<baseStart] + base.bytes)
  }

  /// A file inside this directory.
  func appending(_ entry: FileName) -> FileName {
    let separator: [UInt8] = bytes.last == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]
    return FileName(bytes + separator + entry.bytes)
  }
}
