// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// How large a chunk's streams are in all modes, from one search for matches: bits are counted, not written.

/// The sizes of a chunk's streams, in bytes.
public struct StreamSizes: Sendable, Hashable {
  /// Of the fixed block.
  public let fixed: Int
  /// Of the stream in canned tables.
  public let canned: Int
  /// Of the dynamic block.
  public let dynamic: Int
}

/// Tells how large streams would be that nobody writes.
///
/// A sizer may be sent to another task, but has one user at a time: it is `Sendable` and cannot be copied.
public struct StreamSizer: ~Copyable, Sendable {
  /// The rules of the match stage.
  public let profile: MatchProfile
  /// The tables of canned mode.
  public let table: CompressionTable

  private var tokens: TokenSource
  private var coder = TokenCoder()
  private var codes = DynamicCodes()

  /// Creates a sizer.
  ///
  /// - Parameters:
  ///   - profile: The rules of the match stage. Traps on fields outside their ranges.
  ///   - table: The tables of canned mode.
  public init(profile: MatchProfile = .iaaV1, table: CompressionTable = .canned()) {
    self.profile = profile
    self.table = table
    tokens = TokenSource(profile: profile, cpu: .current)
  }

  /// The sizes of the streams that a device, or ``Encoder`` in its modes, makes of a chunk.
  ///
  /// - Parameter input: The chunk, at most 4096 bytes for sizes that are a device's in dynamic mode, and
  ///   at most ``Encoder/maximumChunkSize``. Traps on more.
  /// - Returns: The sizes of all three.
  /// - Complexity: O(*n*) in the bytes of the chunk.
  public mutating func measure(_ input: RawSpan) -> StreamSizes {
    precondition(input.byteCount <= Encoder.maximumChunkSize, "chunk larger than maximumChunkSize")
    tokens.collect(input, into: &coder)
    let dynamic = codes.fit(coder, input, .device)
    let canned = codes.bitCount(table.literalLengthLengths, table.distanceLengths)
    return StreamSizes(
      fixed: (codes.fixedBitCount + 7) / 8, canned: (canned + 7) / 8, dynamic: (dynamic + 7) / 8)
  }

  /// The size of the fixed block alone, in less time.
  ///
  /// - Parameter input: The chunk, at most ``Encoder/maximumChunkSize`` bytes. Traps on more.
  /// - Returns: What ``measure(_:)`` tells as ``StreamSizes/fixed``, in bytes.
  /// - Complexity: O(*n*) in the bytes of the chunk.
  public mutating func measureFixed(_ input: RawSpan) -> Int {
    precondition(input.byteCount <= Encoder.maximumChunkSize, "chunk larger than maximumChunkSize")
    if let bits = tokens.fixedBitCount(of: input) {
      return (BlockHeader.bitCount + bits + FixedCode.endOfBlockBits + 7) / 8
    }
    tokens.collect(input, into: &coder)
    codes.count(coder, input)
    return (codes.fixedBitCount + 7) / 8
  }
}
