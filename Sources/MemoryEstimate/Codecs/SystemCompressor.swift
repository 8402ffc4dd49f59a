// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import CCompressors

/// Why one of the system's libraries is not measured.
package enum LibraryFailure: Error, Sendable, Hashable {
  /// It is not there, or not as expected.
  case absent
  /// A child process that tried it ended badly: it does not go with this program's C library.
  case crashed
}

/// One of the system's compression libraries, for one user at a time.
@safe
struct SystemCompressor: ~Copyable {
  // SAFETY: made by compressor_open, closed once, by deinit; nobody else has it.
  private let compressor: OpaquePointer
  private let capacity: Int

  /// A compressor for pages of at most `capacity` bytes.
  ///
  /// - Throws: why the library cannot be used.
  init(_ algorithm: Algorithm, capacity: Int) throws(LibraryFailure) {
    let (kind, level): (compressor_kind, Int32)
    switch algorithm {
    case .lz4: (kind, level) = (compressor_lz4, 1)
    case .lzo: (kind, level) = (compressor_lzo, 1)
    case .zstd1: (kind, level) = (compressor_zstd, 1)
    case .zstd3: (kind, level) = (compressor_zstd, 3)
    case .zlib: (kind, level) = (compressor_zlib, 6)
    case .softwareDeflate: (kind, level) = (compressor_deflate, 6)
    case .fixed, .canned, .dynamic, .best: throw .absent
    }
    var failure = compressor_absent
    // SAFETY: the result is checked; the failure is a value of this scope.
    guard let compressor = unsafe compressor_open(kind, level, capacity, &failure) else {
      throw failure == compressor_crashed ? .crashed : .absent
    }
    unsafe self.compressor = compressor
    self.capacity = capacity
  }

  /// The library's version in its own words.
  var version: String {
    // SAFETY: open, and the text is static or lives as long as the compressor.
    unsafe String(cString: compressor_version(compressor))
  }

  /// The bytes that a page becomes; nil where the library refuses.
  mutating func size(of page: RawSpan) -> Int? {
    precondition(page.byteCount <= capacity, "a page larger than the compressor's")
    // SAFETY: open; the span keeps its bytes for the call, which reads no more than their count.
    let size = unsafe page.withUnsafeBytes { bytes in
      unsafe bytes.baseAddress.map { unsafe compressor_size(compressor, $0, bytes.count) } ?? 0
    }
    return size > 0 ? size : nil
  }

  deinit {
    // SAFETY: open, and never used again.
    unsafe compressor_close(compressor)
  }
}
