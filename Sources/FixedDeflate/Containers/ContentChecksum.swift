// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Chunks are encoded in any order and by several threads; what stands behind the last one speaks of
// all their data. So each chunk's check is made where the chunk is, and they are joined in order.

/// The check and the length of a container's data, as its trailer states them.
public struct ContentChecksum: Sendable, Hashable {
  /// The container whose check it is.
  public let format: ContainerFormat
  /// Bytes of data.
  public private(set) var count: UInt64 = 0
  private var crc = CRC32()
  private var adler = Adler32()

  /// The check of no data yet.
  ///
  /// - Parameter format: The container. For ``ContainerFormat/raw`` bytes are only counted.
  public init(for format: ContainerFormat) { self.format = format }

  /// Takes in more data.
  ///
  /// - Parameter bytes: Any number of bytes.
  /// - Complexity: O(*n*) in the bytes; O(1) for ``ContainerFormat/raw``.
  public mutating func update(_ bytes: RawSpan) {
    count += UInt64(bytes.byteCount)
    switch format {
    case .gzip, .bgzf: crc.update(bytes)
    case .zlib: adler.update(bytes)
    case .raw: break
    }
  }

  /// Counts the data that follows.
  ///
  /// - Parameter other: The check of the data behind; traps when it is another container's.
  /// - Complexity: O(log *n*) in the bytes of the data behind.
  public mutating func append(_ other: ContentChecksum) {
    precondition(format == other.format, "checks of different containers")
    let otherCount = Int(other.count)
    count += other.count
    switch format {
    case .gzip, .bgzf: crc = crc.combined(with: other.crc, count: otherCount)
    case .zlib: adler = adler.combined(with: other.adler, count: otherCount)
    case .raw: break
    }
  }

  /// CRC-32 of the data; nil where the container has another check.
  public var crc32: CRC32? { format.hasMembers ? crc : nil }

  /// Adler-32 of the data; nil where the container has another check.
  var adler32: Adler32? { format == .zlib ? adler : nil }

  /// gzip: CRC-32 and ISIZE, the length modulo 2^32 (RFC 1952 §2.3.1). zlib: Adler-32 (RFC 1950
  /// §2.2). Nothing for raw streams.
  var trailer: [UInt8] {
    switch format {
    case .gzip, .bgzf:
      [crc.value, UInt32(truncatingIfNeeded: count)].flatMap { $0.bytes(bigEndian: false) }
    case .zlib: adler.value.bytes(bigEndian: true)
    case .raw: []
    }
  }
}
