// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// zlib with every parameter it has, as a second opinion in both directions.

import CZlib

/// The system's zlib.
public enum Zlib {
  /// What deflate does between matching and writing.
  public enum Strategy: CInt, CaseIterable, Sendable {
    case standard = 0
    case filtered = 1
    case huffmanOnly = 2
    case runLength = 3
    case fixed = 4
  }

  /// What separates the pieces of a stream.
  public enum Flush: CInt, CaseIterable, Sendable {
    case none = 0
    case partial = 1
    case sync = 2
    case full = 3
    case block = 5
  }

  /// What encloses the DEFLATE stream.
  public enum Wrapper: Sendable {
    case raw
    case zlib
    case gzip

    func windowBits(_ bits: Int) -> CInt {
      switch self {
      case .raw: CInt(-bits)
      case .zlib: CInt(bits)
      case .gzip: CInt(bits + 16)
      }
    }
  }

  /// The parameters of one compression.
  public struct Parameters: Sendable, CustomStringConvertible {
    /// 0...9.
    public var level: Int
    /// The strategy.
    public var strategy: Strategy
    /// 9...15; raw streams of window 8 do not exist in zlib.
    public var windowBits: Int
    /// 1...9.
    public var memoryLevel: Int
    /// The container.
    public var wrapper: Wrapper
    /// Between pieces.
    public var flush: Flush
    /// Bytes in a piece; the last one is shorter.
    public var pieceSize: Int

    /// Level 6, one piece, raw.
    public init(
      level: Int = 6, strategy: Strategy = .standard, windowBits: Int = 15, memoryLevel: Int = 8,
      wrapper: Wrapper = .raw, flush: Flush = .none, pieceSize: Int = .max
    ) {
      self.level = level
      self.strategy = strategy
      self.windowBits = windowBits
      self.memoryLevel = memoryLevel
      self.wrapper = wrapper
      self.flush = flush
      self.pieceSize = pieceSize
    }

    /// For failure messages.
    public var description: String {
      "level \(level) \(strategy) window \(windowBits) memory \(memoryLevel) \(wrapper) "
        + "flush \(flush) every \(pieceSize)"
    }
  }

  /// Compresses `input`.
  ///
  /// - Parameters:
  ///   - input: any bytes.
  ///   - parameters: everything zlib lets one choose.
  /// - Returns: the stream.
  public static func deflate(_ input: [UInt8], _ parameters: Parameters = Parameters()) -> [UInt8] {
    var stream = unsafe z_stream()
    // SAFETY: `stream` is zeroed, which asks for zlib's own allocator; its size is passed along.
    let started = unsafe deflateInit2_(
      &stream, CInt(parameters.level), CInt(Z_DEFLATED),
      parameters.wrapper.windowBits(parameters.windowBits), CInt(parameters.memoryLevel),
      parameters.strategy.rawValue, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    precondition(started == Z_OK, "zlib refuses \(parameters)")
    // SAFETY: `stream` was initialised above and is ended once.
    defer { unsafe _ = deflateEnd(&stream) }
    // Room for the worst case: stored blocks, plus a marker for each piece.
    let pieces = input.count / max(1, min(parameters.pieceSize, max(1, input.count))) + 2
    let room = input.count + input.count / 4 + pieces * 16 + 1024
    var source = input
    return unsafe [UInt8](unsafeUninitializedCapacity: room) { output, count in
      unsafe source.withUnsafeMutableBufferPointer { input in
        // SAFETY: both buffers live until the closures end; zlib is told their exact sizes.
        unsafe stream.next_in = input.baseAddress
        unsafe stream.next_out = output.baseAddress
        unsafe stream.avail_out = UInt32(room)
        var taken = 0
        while true {
          let piece = min(parameters.pieceSize, input.count - taken)
          taken += piece
          let isLast = taken == input.count
          // SAFETY: `piece` bytes are left behind next_in, because `taken` never passes the count.
          unsafe stream.avail_in = UInt32(piece)
          // SAFETY: see above; `stream` is initialised.
          let status = unsafe CZlib.deflate(&stream, isLast ? Z_FINISH : parameters.flush.rawValue)
          precondition(status == (isLast ? Z_STREAM_END : Z_OK), "zlib ran out of room")
          if isLast { break }
        }
      }
      // SAFETY: avail_out says how much of the room zlib left untouched.
      count = unsafe room - Int(stream.avail_out)
    }
  }
}
