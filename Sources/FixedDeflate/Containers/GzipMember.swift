// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The frames of gzip members (RFC 1952 §2.3) and of zlib streams (RFC 1950), and what stands in them.

package enum GzipMember {
  /// CRC-32 and ISIZE.
  package static let trailerCount = 8
}

enum ZlibStream {
  /// CMF and FLG of a stream whose matches begin so far back at most.
  ///
  /// CMF (RFC 1950 §2.2): method 8, and CINFO for a window of 2^(CINFO + 8) bytes, which readers that trust it have no
  /// more than: 4 for 4096, what those that know of IAA look for, and 7 for 32,768. FLG: FLEVEL 0, no dictionary,
  /// FCHECK making both a multiple of 31.
  static func header(_ limit: DistanceLimit) -> [UInt8] {
    switch limit {
    case .iaa: deviceHeader
    case .rfc1951: longHeader
    }
  }

  // Made once, not for every stream.
  private static let deviceHeader = makeHeader(.iaa)
  private static let longHeader = makeHeader(.rfc1951)

  private static func makeHeader(_ limit: DistanceLimit) -> [UInt8] {
    let info = limit.maximumDistance.trailingZeroBitCount - 8
    let method = UInt8(info) << 4 | GzipHeader.deflateMethod
    let check = 31 - Int(method) * 256 % 31
    return [method, UInt8(check % 31)]
  }
}

extension ChunkLayout {
  /// A chunk as it stands in gzip and zlib: as stored blocks when those are strictly smaller than
  /// the stream that `compress` appends.
  static func writeOrStore(
    _ chunk: RawSpan, position: BlockPosition, into output: inout OutputRawSpan,
    _ compress: ChunkCompressor
  ) throws(DeflateError) {
    let start = output.byteCount
    try writeStream(chunk, position: position, into: &output, compress)
    guard StoredBlock.encodedCount(chunk.byteCount) < output.byteCount - start else { return }
    output.removeLast(output.byteCount - start)
    try StoredBlock.write(chunk, position: position, to: &output)
  }
}

extension UInt32 {
  /// Four bytes, least significant first for gzip, most significant first for zlib.
  func bytes(bigEndian: Bool) -> [UInt8] {
    let shifts = stride(from: 0, to: 32, by: 8)
    let bytes = shifts.map { UInt8(truncatingIfNeeded: self >> UInt32($0)) }
    return bigEndian ? bytes.reversed() : bytes
  }
}
