// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What a container has beside compressed data.

package import FixedDeflate

/// Bytes that a container adds to compressed data: the first header and a trailer.
package func containerOverhead(_ format: ContainerFormat, header: GzipHeader?) -> Int {
  switch format {
  case .gzip, .bgzf: (header?.encodedCount ?? 10) + 8
  case .zlib: 6
  case .raw: 0
  }
}

extension GzipHeader {
  /// The two bytes every gzip member begins with.
  package static let magic: [UInt8] = [0x1F, 0x8B]

  /// The header's length in bytes (RFC 1952 §2.3).
  package var encodedCount: Int {
    10 + (extraField.map { $0.count + 2 } ?? 0) + (name.map { $0.count + 1 } ?? 0)
      + (comment.map { $0.count + 1 } ?? 0) + (hasHeaderChecksum ? 2 : 0)
  }
}
