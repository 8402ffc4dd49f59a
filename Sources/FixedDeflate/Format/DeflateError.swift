// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What went wrong, and at which bit. One error type serves the codec and the containers, so that
// a caller has one thing to catch; only bad data and too little room are errors, caller mistakes
// trap.

/// An input that is not what it should be, or an output with too little room.
public struct DeflateError: Error, Sendable, Hashable {
  /// What is wrong.
  public enum Kind: Sendable, Hashable, CaseIterable {
    /// The input ends before the stream does.
    case truncatedInput
    /// BTYPE is 3 (RFC 1951 §3.2.3).
    case invalidBlockType
    /// A stored block's NLEN is not the complement of its LEN (RFC 1951 §3.2.4).
    case storedLengthMismatch
    /// HLIT announces more than 286 or HDIST more than 30 symbols (RFC 1951 §3.2.7).
    case tooManySymbols
    /// The code for code lengths is over-subscribed or incomplete.
    case invalidCodeLengthCode
    /// A repeat with nothing before it, or one that runs past the last code length.
    case invalidCodeLengthRepeat
    /// A dynamic block has no code for end-of-block, symbol 256.
    case missingEndOfBlock
    /// The literal/length code is over-subscribed, or incomplete with more than one codeword.
    case invalidLiteralLengthCode
    /// The distance code is over-subscribed, or incomplete with more than one codeword.
    case invalidDistanceCode
    /// Literal/length symbol 286 or 287, or a codeword that stands for nothing.
    case invalidLiteralLengthSymbol
    /// Distance symbol 30 or 31, or a codeword that stands for nothing.
    case invalidDistanceSymbol
    /// A distance before the start of the output, or beyond the decoder's limit.
    case distanceTooFar
    /// The output has no room for what comes next.
    case outputFull
    /// The magic bytes or the zlib header's check bits are wrong.
    case notInFormat
    /// The compression method is not 8, DEFLATE.
    case unsupportedMethod
    /// A gzip member has reserved flag bits set (RFC 1952 §2.3.1.2).
    case reservedFlags
    /// FHCRC does not fit the gzip header.
    case headerChecksumMismatch
    /// The CRC-32 or Adler-32 of the data is not the stored one.
    case checksumMismatch
    /// ISIZE is not the length of the data modulo 2^32 (RFC 1952 §2.3.1).
    case lengthMismatch
    /// The zlib stream needs a preset dictionary, which this library does not take.
    case presetDictionary
    /// A table has no codeword for a symbol that the data needs: an encoder's error, with the place in its input.
    case noCodeword
    /// Streams in a table that the container cannot tell its reader of: an encoder's error, at the beginning.
    case tableNotInFormat
    /// CINFO is above 7, a window beyond 32 KiB (RFC 1950 §2.2).
    case invalidWindowSize
  }

  /// What is wrong.
  public let kind: Kind

  /// Where: bits from the start of the input, to the first bit of the element that is wrong.
  ///
  /// For ``Kind/truncatedInput`` it is the end of the input. A streaming decoder counts all the
  /// input it was ever given. An encoder reports the bits its output had room for, of ``Kind/noCodeword``
  /// where in its input.
  public let bitPosition: Int

  /// Creates an error of a kind at a position in bits.
  package init(_ kind: Kind, bitPosition: Int) {
    self.kind = kind
    self.bitPosition = bitPosition
  }
}

extension DeflateError: CustomStringConvertible {
  /// One line: what is wrong and where.
  public var description: String {
    "\(kind.description) at byte \(bitPosition / 8), bit \(bitPosition % 8)"
  }
}

extension DeflateError.Kind: CustomStringConvertible {
  /// What is wrong, without the place.
  public var description: String {
    switch self {
    case .truncatedInput: "unexpected end of input"
    case .invalidBlockType: "invalid block type"
    case .storedLengthMismatch: "stored block length and its complement differ"
    case .tooManySymbols: "too many literal/length or distance symbols"
    case .invalidCodeLengthCode: "invalid code for code lengths"
    case .invalidCodeLengthRepeat: "invalid code length repeat"
    case .missingEndOfBlock: "no code for end of block"
    case .invalidLiteralLengthCode: "invalid literal/length code"
    case .invalidDistanceCode: "invalid distance code"
    case .invalidLiteralLengthSymbol: "invalid literal/length symbol"
    case .invalidDistanceSymbol: "invalid distance symbol"
    case .distanceTooFar: "distance too far back"
    case .outputFull: "output does not fit"
    case .notInFormat: "not in the expected format"
    case .unsupportedMethod: "unknown compression method"
    case .reservedFlags: "reserved flags are set"
    case .headerChecksumMismatch: "header checksum error"
    case .checksumMismatch: "checksum error"
    case .lengthMismatch: "length error"
    case .presetDictionary: "a preset dictionary is needed"
    case .noCodeword: "the table has no codeword for this data"
    case .tableNotInFormat: "no reader of the format knows the table"
    case .invalidWindowSize: "invalid window size"
    }
  }
}
