// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The codec as check.c calls it. Compiled into the codec's module: embedded Swift does not see how
// another module's owners end.

/// Compresses a chunk to one last block; returns the bytes written, or -1 when they do not fit.
@c public func codec_encode(
  _ input: UnsafePointer<UInt8>, _ inputCount: Int, _ output: UnsafeMutablePointer<UInt8>,
  _ capacity: Int
) -> Int {
  // SAFETY: check.c gives whole buffers of these sizes.
  let source = unsafe RawSpan(_unsafeStart: input, byteCount: inputCount)
  let buffer = unsafe UnsafeMutableRawBufferPointer(start: output, count: capacity)
  var target = unsafe OutputRawSpan(buffer: buffer, initializedCount: 0)
  var encoder = Encoder()
  guard (try? encoder.compress(source, into: &target)) != nil else { return -1 }
  return target.byteCount
}

/// Decompresses a stream; returns the bytes written, or -1 when the stream is refused.
@c public func codec_decode(
  _ input: UnsafePointer<UInt8>, _ inputCount: Int, _ output: UnsafeMutablePointer<UInt8>,
  _ capacity: Int
) -> Int {
  // SAFETY: as above.
  let source = unsafe RawSpan(_unsafeStart: input, byteCount: inputCount)
  let buffer = unsafe UnsafeMutableRawBufferPointer(start: output, count: capacity)
  var target = unsafe OutputRawSpan(buffer: buffer, initializedCount: 0)
  var decoder = Decoder()
  guard (try? decoder.decompress(source, into: &target)) != nil else { return -1 }
  return target.byteCount
}

/// CRC-32 of bytes.
@c public func codec_crc32(_ input: UnsafePointer<UInt8>, _ count: Int) -> UInt32 {
  var checksum = CRC32()
  // SAFETY: as above.
  checksum.update(unsafe RawSpan(_unsafeStart: input, byteCount: count))
  return checksum.value
}

/// The most bytes that a chunk's stream takes.
@c public func codec_bound(_ count: Int) -> Int { Encoder.bound(count, position: .last) }
