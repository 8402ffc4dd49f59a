// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A second opinion: the system's zlib decompresses a stream, and its bytes must be the ones we say. Only with the
// package's trait ZlibCrossCheck: nothing else here needs zlib.

#if ZlibCrossCheck
  import CZlib
  import FixedDeflate

  /// Asks zlib about streams.
  struct CrossChecker {
    private var scratch: [UInt8] = []
    private var countdown = 0
    /// The most bytes zlib is handed at a time; only tests want less than it can take.
    private let pieceLimit: Int

    init(pieceLimit: Int = Int(UInt32.max)) { self.pieceLimit = pieceLimit }

    /// Whether this result is one to ask about.
    mutating func isDue(_ check: Dispatcher.Configuration.CrossCheck) -> Bool {
      switch check {
      case .off: return false
      case .every: return true
      case .sampled(let interval):
        countdown = countdown > 0 ? countdown - 1 : interval - 1
        return countdown == 0
      }
    }

    /// Whether zlib makes exactly `bytes` of `stream`. A stream that is not the last of its kind ends
    /// without a final block, which is no fault here. One without a header is given its code's first: so it is a
    /// dynamic block, which zlib can read.
    mutating func agrees(
      stream: RawSpan, bytes: RawSpan, header: CompressionTable.BlockHeaderBits? = nil
    ) -> Bool {
      // One more than expected, so that more is noticed.
      if scratch.count < bytes.byteCount + 1 {
        scratch = [UInt8](repeating: 0, count: bytes.byteCount + 1)
      }
      var state = unsafe z_stream()
      let windowBits: Int32 = -15
      guard
        unsafe inflateInit2_(
          &state, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
      else { return false }
      defer { unsafe inflateEnd(&state) }
      if let header {
        guard unsafe Self.begin(&state, with: header) else { return false }
      }
      let headerCount = unsafe Int(state.total_in)
      // SAFETY: both buffers live for the call, with the counts handed over; zlib does not write to
      // its input.
      let result = unsafe stream.withUnsafeBytes { input in
        unsafe scratch.withUnsafeMutableBufferPointer { output in
          unsafe state.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
          unsafe state.next_out = output.baseAddress
          while true {
            // zlib moves the pointers on, and counts to 32 bits only.
            let (read, written) = unsafe (Int(state.total_in) - headerCount, Int(state.total_out))
            unsafe state.avail_in = UInt32(min(input.count - read, pieceLimit))
            unsafe state.avail_out = UInt32(min(output.count - written, pieceLimit))
            let result = unsafe inflate(&state, Z_SYNC_FLUSH)
            let isStuck =
              unsafe Int(state.total_in) - headerCount == read && Int(state.total_out) == written
            if result != Z_OK || isStuck { return result }
          }
        }
      }
      guard result == Z_STREAM_END || result == Z_OK || result == Z_BUF_ERROR,
        unsafe Int(state.total_out) == bytes.byteCount
      else { return false }
      return bytes.isEqual(to: scratch)
    }

    /// Hands zlib a block's header: its whole bytes, then the bits that are left. Whether it takes them.
    private static func begin(
      _ state: inout z_stream, with header: CompressionTable.BlockHeaderBits
    ) -> Bool {
      var whole = Array(header.bytes.prefix(header.bitCount / 8))
      var nothing: UInt8 = 0
      // SAFETY: both buffers live for the call, with the counts handed over; there is no room to write to.
      let result = unsafe whole.withUnsafeMutableBufferPointer { input in
        unsafe withUnsafeMutablePointer(to: &nothing) { output in
          unsafe state.next_in = input.baseAddress
          unsafe state.avail_in = UInt32(input.count)
          unsafe state.next_out = output
          unsafe state.avail_out = 0
          return unsafe inflate(&state, Z_SYNC_FLUSH)
        }
      }
      guard result == Z_OK || result == Z_BUF_ERROR, unsafe state.avail_in == 0 else {
        return false
      }
      let rest = header.bitCount % 8
      guard rest > 0, let last = header.bytes.last else { return true }
      return unsafe inflatePrime(&state, Int32(rest), Int32(last)) == Z_OK
    }
  }
#endif
