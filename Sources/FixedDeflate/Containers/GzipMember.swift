// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The frames of gzip members (RFC 1952 §2.3) and of zlib streams (RFC 1950), and what stands in them.

package enum GzipMember {
  /// CRC-32 and ISIZE.
  package static let trailerCount = 8
}

enum ZlibStream {
  /// CMF: method 8, CINFO = 4 for a window of 2^(4+8) = 4096 bytes (RFC 1950 §2.2): what readers
  /// that know of IAA look for.
  static let compressionMethodAndInfo: UInt8 = 4 << 4 | GzipHeader.deflateMethod

  /// CMF and FLG; FLEVEL 0, no dictionary, FCHECK making both a multiple of 31.
  static var header: [UInt8] {
    let check = 31 - Int(compressionMethodAndInfo) * 256 % 31
    return [compressionMethodAndInfo, UInt8(check % 31)]
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
