// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// zlib as the judge of streams, good or bad.

import CZlib

extension Zlib {
  /// What zlib says of a stream.
  public enum Verdict: Sendable, Hashable {
    /// The stream is whole.
    case accepted
    /// Nothing wrong so far, but the stream does not end.
    case truncated
    /// The decoded bytes pass the limit.
    case tooLong
    /// A preset dictionary is asked for.
    case needsDictionary
    /// Broken, in zlib's words.
    case rejected(String)
  }

  /// What zlib made of a stream.
  public struct Inflated: Sendable {
    /// Good or bad.
    public let verdict: Verdict
    /// Bytes decoded by then.
    public let bytes: [UInt8]
    /// Bytes of input used by then.
    public let consumed: Int

    /// A result from its parts.
    public init(verdict: Verdict, bytes: [UInt8], consumed: Int) {
      self.verdict = verdict
      self.bytes = bytes
      self.consumed = consumed
    }
  }

  /// Inflates one stream in one call.
  ///
  /// - Parameters:
  ///   - input: the stream, perhaps with other bytes behind it.
  ///   - wrapper: its container.
  ///   - windowBits: the window zlib keeps, 8...15.
  ///   - maximumCount: most bytes to decode.
  /// - Returns: verdict, bytes and what was used.
  public static func inflate(
    _ input: [UInt8], wrapper: Wrapper = .raw, windowBits: Int = 15, maximumCount: Int
  ) -> Inflated {
    var stream = unsafe z_stream()
    // SAFETY: `stream` is zeroed, which asks for zlib's own allocator; its size is passed along.
    let started = unsafe inflateInit2_(
      &stream, wrapper.windowBits(windowBits), ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    precondition(started == Z_OK, "zlib refuses the window")
    // SAFETY: `stream` was initialised above and is ended once.
    defer { unsafe _ = inflateEnd(&stream) }
    var status: CInt = Z_OK
    var source = input
    // One byte more than the limit, so that a stream of exactly the limit can still end.
    let room = maximumCount + 1
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: room) { output, count in
      unsafe source.withUnsafeMutableBufferPointer { input in
        // SAFETY: both buffers live until the closures end; zlib is told their exact sizes.
        unsafe stream.next_in = input.baseAddress
        unsafe stream.avail_in = UInt32(input.count)
        unsafe stream.next_out = output.baseAddress
        unsafe stream.avail_out = UInt32(room)
        // SAFETY: `stream` is initialised.
        status = unsafe CZlib.inflate(&stream, Z_FINISH)
      }
      // SAFETY: avail_out says how much of the room zlib left untouched.
      count = unsafe room - Int(stream.avail_out)
    }
    let consumed = input.count - Int(unsafe stream.avail_in)
    return Inflated(
      verdict: unsafe verdict(status, stream: stream, isFull: bytes.count > maximumCount),
      bytes: bytes, consumed: consumed)
  }

  private static func verdict(_ status: CInt, stream: z_stream, isFull: Bool) -> Verdict {
    // zlib fills the spare byte before it looks further, so a full room is the first problem.
    switch status {
    case _ where isFull: .tooLong
    case Z_STREAM_END: .accepted
    case Z_NEED_DICT: .needsDictionary
    case Z_DATA_ERROR:
      // SAFETY: zlib's messages are constants, ended by a zero byte.
      .rejected(unsafe stream.msg.map { unsafe String(cString: $0) } ?? "")
    default: .truncated
    }
  }

  /// The CRC-32 of `bytes`.
  public static func crc32(_ bytes: [UInt8]) -> UInt32 {
    // SAFETY: the buffer holds `count` bytes for the length of the call.
    unsafe bytes.withUnsafeBufferPointer {
      unsafe UInt32(CZlib.crc32(0, $0.baseAddress, UInt32($0.count)))
    }
  }

  /// The Adler-32 of `bytes`.
  public static func adler32(_ bytes: [UInt8]) -> UInt32 {
    // SAFETY: the buffer holds `count` bytes for the length of the call.
    unsafe bytes.withUnsafeBufferPointer {
      unsafe UInt32(CZlib.adler32(1, $0.baseAddress, UInt32($0.count)))
    }
  }
}
