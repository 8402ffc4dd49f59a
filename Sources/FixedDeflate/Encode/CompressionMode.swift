// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

/// How an ``Encoder`` turns a chunk into a stream: in which code, and in whose tokens.
public struct CompressionMode: Sendable, Hashable {
  /// The code of literals, lengths and distances.
  public enum Code: Sendable, Hashable {
    /// RFC 1951's fixed code.
    case fixed
    /// A code that is made for the chunk and stands before it.
    case dynamic
    /// Intel's canned tables, which the reader must know; there is no header.
    case canned(CompressionTable.CannedEdition)
    /// Another table, which the reader must know, too; there is no header.
    case table(CompressionTable)

    /// What the reader must know; nil where the stream says it.
    public var table: CompressionTable? {
      switch self {
      case .fixed, .dynamic: nil
      case .canned(let edition): .canned(edition)
      case .table(let table): table
      }
    }
  }

  /// Which literals and matches stand for the data.
  public enum Tokens: Sendable, Hashable {
    /// Those that a device chooses.
    case device
    /// What is quickly found among matches of 4 to 258 bytes and up to 32 KiB back, as other compressors have them.
    /// Software reads that; a device, whose history is 4 KiB, does not, and Intel's canned tables have no codewords for
    /// it.
    case longMatches
    /// Those that take the fewest bits: in the fixed code, within 4 KiB, of all that there are with matches of up to 258
    /// bytes. In other codes the nearest match of each length is considered, and farther back than 4 KiB of at most
    /// 4096 places; where the code is made for the tokens, a few rounds are tried. Matches begin as far back as a
    /// decoder's limit says. No device does that; all read what stays within ``DistanceLimit/iaa``. It takes many
    /// times as long.
    case fewestBits(DistanceLimit)
  }

  /// In which code.
  public var code: Code
  /// Whose tokens.
  public var tokens = Tokens.device

  /// How far back matches begin at most, which is what a decoder has to allow.
  public var limit: DistanceLimit {
    switch tokens {
    case .device: .iaa
    case .longMatches: .rfc1951
    case .fewestBits(let limit): limit
    }
  }

  /// The same code for the tokens that take the fewest bits, as far back as here.
  public var best: CompressionMode {
    var mode = self
    mode.tokens = .fewestBits(limit)
    return mode
  }

  /// The same code for tokens that software alone reads, with matches that are longer and farther back.
  public var longMatches: CompressionMode {
    var mode = self
    mode.tokens = .longMatches
    return mode
  }

  /// One block in RFC 1951's fixed code, of the device's tokens: what a device's fixed mode writes.
  public static let fixed = CompressionMode(code: .fixed)

  /// One block in codes of its own, of the device's tokens. Devices take chunks of up to 4096 bytes in this mode; what
  /// they do not have to read is a good deal smaller as ``longMatches``, in large chunks above all.
  ///
  /// Of the two published streams of such devices the sizes are exact on both, the bits on one.
  public static let dynamic = CompressionMode(code: .dynamic)

  /// A stream without a header, in Intel's canned tables and of the device's tokens. No container takes such
  /// streams, and nothing but ``TableDecoder`` and ``StreamDecoder/init(canned:limit:)`` reads them.
  public static func canned(_ edition: CompressionTable.CannedEdition = .newest) -> CompressionMode
  {
    CompressionMode(code: .canned(edition))
  }

  /// A stream without a header, in a table that its reader knows and of the device's tokens: as with
  /// ``canned(_:)``.
  public static func table(_ table: CompressionTable) -> CompressionMode {
    CompressionMode(code: .table(table))
  }

  /// Whether there is a codeword for all that a profile's rules, or tokens that have none, can make of data.
  package func codesAll(of profile: MatchProfile) -> Bool {
    guard let table = code.table else { return true }
    let isLong = tokens == .longMatches
    let longest = LengthAlphabet.symbol(
      forLength: isLong ? LengthAlphabet.lengths.upperBound : profile.compareWindow
    ).symbol
    let farthest = DistanceAlphabet.symbol(
      forDistance: isLong ? limit.maximumDistance : profile.historySize
    ).symbol
    // Literals, end-of-block and lengths.
    return table.literalLengthLengths[...longest].allSatisfy { $0 > 0 }
      && table.distanceLengths[...farthest].allSatisfy { $0 > 0 }
  }

  /// Whether any decoder of RFC 1951 reads the streams.
  public var isRFC1951: Bool {
    switch code {
    case .fixed, .dynamic: true
    case .canned, .table: false
    }
  }

  /// The most bytes of a chunk that a device takes in this mode, 0 where no device has it: ``tokens`` that are none
  /// of a device's. With codes of its own that is a page, above which the driver leaves chunks to software.
  public var maximumDeviceChunkSize: Int {
    guard tokens == .device else { return 0 }
    return code == .dynamic ? CodeLimits.deviceChunkSize : Encoder.maximumChunkSize
  }
}
