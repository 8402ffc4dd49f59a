// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One chunk -> one stream. The state is one chunk's match stage, so a reused encoder allocates nothing. In fixed mode its
// memory does not depend on the input; other modes keep the tokens of the largest chunk.

import CDeflateKernels

/// How an encoder goes about its work.
package enum EncoderPath: Sendable, Hashable {
  /// Any profile, rule by rule.
  case reference
  /// The rules of a profile that the family's loop knows, built for a kind of processor.
  case family(CPUKind)
  /// The rules of a profile that the fast encoder knows, built for a kind of processor.
  case fast(CPUKind)
}

/// Who knows a profile's rules, the fastest.
enum ProfileSearch {
  case fast
  case family(dk_family_rules)
  /// Nobody: they are followed one by one.
  case ruleByRule

  init(_ profile: MatchProfile) {
    if FastEncoder.knows(profile) {
      self = .fast
    } else if let rules = dk_family_rules(profile) {
      self = .family(rules)
    } else {
      self = .ruleByRule
    }
  }
}

/// A path with what it needs. Not private: an optimised build of another module refers to it where it
/// inlines an encoder's end.
enum PathEncoder: ~Copyable {
  case reference(ReferenceEncoder)
  case family(FamilyEncoder)
  case fast(FastEncoder)
  case block(BlockEncoder)
  case table(TableEncoder)
  case best(BestEncoder)

  /// Appends a chunk's stream; on failure what was appended so far stays.
  mutating func compress(
    _ input: RawSpan, isFinal: Bool, into output: inout OutputRawSpan
  ) throws(DeflateError) {
    switch consume self {
    case .fast(let encoder):
      let result = Result { () throws(DeflateError) in
        try encoder.compress(input, isFinal: isFinal, into: &output)
      }
      self = .fast(encoder)
      try result.get()
    case .block(var encoder):
      let result = Result { () throws(DeflateError) in
        try encoder.compress(input, isFinal: isFinal, into: &output)
      }
      self = .block(encoder)
      try result.get()
    case .best(var encoder):
      let result = Result { () throws(DeflateError) in
        try encoder.compress(input, isFinal: isFinal, into: &output)
      }
      self = .best(encoder)
      try result.get()
    case .table(var encoder):
      let result = Result { () throws(DeflateError) in
        try encoder.compress(input, into: &output)
      }
      self = .table(encoder)
      try result.get()
    case .family(let encoder):
      let result = Result { () throws(DeflateError) in
        try encoder.compress(input, isFinal: isFinal, into: &output)
      }
      self = .family(encoder)
      try result.get()
    case .reference(var encoder):
      let result = Result { () throws(DeflateError) in
        try encoder.compress(input, isFinal: isFinal, into: &output)
      }
      self = .reference(encoder)
      try result.get()
    }
  }
}

/// Compresses chunks into the streams an IAA device makes of them, in fixed mode unless told otherwise.
///
/// Each call makes one block, a fixed one (RFC 1951 §3.2.6) or as its ``mode`` says, with a history as far
/// back as the mode's ``CompressionMode/limit`` that never crosses into the next call. For every input there is exactly one output.
///
/// An encoder may be sent to another task, but has one user at a time: it is `Sendable` and cannot be
/// copied.
public struct Encoder: ~Copyable, Sendable {
  /// The largest chunk, in bytes: the default `max_transfer_size` of the Linux idxd driver.
  public static let maximumChunkSize = 2 << 20

  /// The rules this encoder follows.
  public let profile: MatchProfile
  /// How it codes.
  public let mode: CompressionMode

  private var encoder: PathEncoder

  /// The path that was chosen.
  package var path: EncoderPath {
    switch encoder {
    case .family(let encoder): .family(encoder.cpu)
    case .fast(let encoder): .fast(encoder.cpu)
    default: .reference
    }
  }

  /// Creates an encoder; its tables are the only memory it will ever hold.
  ///
  /// - Parameter profile: The rules of the match stage. Traps on fields outside their ranges.
  public init(profile: MatchProfile = .iaaV1) {
    profile.checkRanges()
    self.init(profile: profile, cpu: .current)
  }

  /// Creates an encoder that takes the fastest path which knows a profile's rules, built for a kind of processor.
  init(profile: MatchProfile, cpu: CPUKind) {
    self.profile = profile
    mode = .fixed
    switch ProfileSearch(profile) {
    case .fast: encoder = .fast(FastEncoder(profile: profile, cpu: cpu))
    case .family(let rules): encoder = .family(FamilyEncoder(rules, cpu: cpu))
    case .ruleByRule: encoder = .reference(ReferenceEncoder(profile: profile))
    }
  }

  /// Creates an encoder of a mode.
  ///
  /// - Parameters:
  ///   - mode: How it codes.
  ///   - profile: The rules of the match stage, of which a mode with other tokens than a device's has no use.
  ///     Traps on fields outside their ranges.
  public init(mode: CompressionMode, profile: MatchProfile = .iaaV1) {
    self.init(mode: mode, profile: profile, picksSmaller: false)
  }

  /// Creates an encoder that writes a fixed block where a dynamic one was larger, if it picks the smaller one.
  init(mode: CompressionMode, profile: MatchProfile, picksSmaller: Bool) {
    switch mode.tokens {
    case .device: self.init(devicesIn: mode, profile, picksSmaller)
    case .longMatches:
      profile.checkRanges()
      let encoder = BlockEncoder(longMatchesIn: mode.code, picksSmaller: picksSmaller)
      self.init(mode, profile, .block(encoder))
    case .fewestBits(let limit):
      profile.checkRanges()
      let encoder = BestEncoder(code: mode.code, limit: limit, picksSmaller: picksSmaller)
      self.init(mode, profile, .best(encoder))
    }
  }

  /// Creates an encoder of a mode with a device's tokens.
  private init(devicesIn mode: CompressionMode, _ profile: MatchProfile, _ picksSmaller: Bool) {
    switch mode.code {
    case .fixed: self.init(profile: profile)
    case .dynamic:
      self.init(
        mode, profile, .block(BlockEncoder(profile: profile, picksSmaller: picksSmaller)))
    case .canned(let edition):
      self.init(mode, profile, .table(TableEncoder(table: .canned(edition), profile: profile)))
    case .table(let table):
      self.init(mode, profile, .table(TableEncoder(table: table, profile: profile)))
    }
  }

  private init(
    _ mode: CompressionMode, _ profile: MatchProfile, _ encoder: consuming PathEncoder
  ) {
    self.mode = mode
    self.profile = profile
    self.encoder = encoder
  }

  /// Creates an encoder that takes a given path; the output is the same on all of them.
  package init(profile: MatchProfile, path: EncoderPath) {
    self.profile = profile
    mode = .fixed
    switch path {
    case .reference: encoder = .reference(ReferenceEncoder(profile: profile))
    case .family(let cpu):
      guard let rules = dk_family_rules(profile) else {
        preconditionFailure("the family's loop does not know these rules")
      }
      encoder = .family(FamilyEncoder(rules, cpu: cpu))
    case .fast(let cpu):
      encoder = .fast(FastEncoder(profile: profile, cpu: cpu))
    }
  }

  /// The most bytes that a chunk's stream can take in a mode.
  ///
  /// - Parameters:
  ///   - inputCount: Bytes in the chunk, 0 or more.
  ///   - position: Whether the chunk is the stream's last.
  ///   - mode: How it is coded.
  /// - Returns: Bytes.
  public static func bound(
    _ inputCount: Int, position: BlockPosition = .last, mode: CompressionMode
  ) -> Int {
    switch mode.code {
    case .fixed: bound(inputCount, position: position)
    case .dynamic:
      bound(inputCount, position: position) + (DynamicCodes.headerBits + 7) / 8
    case .canned(let edition): CompressionTable.canned(edition).bound(inputCount)
    case .table(let table): table.bound(inputCount)
    }
  }

  /// The most bytes that a chunk's stream can take in fixed mode.
  ///
  /// Every byte a nine-bit literal is the worst case: a match is never longer than the literals
  /// it replaces. Header 3 bits, end-of-block 7 bits; behind a chunk that is not the last an empty
  /// stored block, 3 bits, padding, 4 bytes.
  ///
  /// - Parameters:
  ///   - inputCount: Bytes in the chunk, 0 or more.
  ///   - position: Whether the chunk is the stream's last.
  /// - Returns: Bytes. Inputs that take so many exist for every count.
  public static func bound(_ inputCount: Int, position: BlockPosition = .last) -> Int {
    precondition(inputCount >= 0, "negative count")
    let blockBits =
      BlockHeader.bitCount + FixedCode.longestLiteral * inputCount + FixedCode.endOfBlockBits
    return position.isFinal
      ? (blockBits + 7) / 8 : StoredBlock.encodedCount(emptyBlockBehind: blockBits)
  }

  /// Compresses one chunk and appends its stream to an output.
  ///
  /// - Parameters:
  ///   - input: The chunk, 0…``maximumChunkSize`` bytes. Traps on more.
  ///   - position: Whether the chunk is its stream's last.
  ///   - output: Room for the stream; ``bound(_:position:)`` bytes always suffice.
  /// - Throws: ``DeflateError/Kind/outputFull`` when the stream does not fit, and in a mode with a table that lacks
  ///   a codeword which the chunk needs ``DeflateError/Kind/noCodeword``. Then nothing was appended and the encoder
  ///   is ready for the next chunk, as the device is after its -E2BIG.
  /// - Complexity: O(*n*) in the bytes of the chunk.
  public mutating func compress(
    _ input: RawSpan, position: BlockPosition = .last, into output: inout OutputRawSpan
  ) throws(DeflateError) {
    precondition(input.byteCount <= Self.maximumChunkSize, "chunk larger than maximumChunkSize")
    let start = output.byteCount
    do throws(DeflateError) {
      try encoder.compress(input, isFinal: position.isFinal, into: &output)
    } catch {
      output.removeLast(output.byteCount - start)
      throw error
    }
  }

  /// Compresses one chunk into new bytes.
  ///
  /// - Parameters:
  ///   - input: The chunk, 0…``maximumChunkSize`` bytes. Traps on more.
  ///   - position: Whether the chunk is its stream's last.
  /// - Returns: The stream. In a mode with a table that lacks a codeword which the chunk needs there is none, and
  ///   this traps; ``compress(_:position:into:)-(RawSpan,_,_)`` throws then.
  /// - Complexity: O(*n*) in the bytes of the chunk.
  public mutating func compress(_ input: RawSpan, position: BlockPosition = .last) -> [UInt8] {
    do throws(DeflateError) {
      let capacity = Self.bound(input.byteCount, position: position, mode: mode)
      return try makeBytes(capacity: capacity) {
        (output: inout OutputRawSpan) throws(DeflateError) in
        try compress(input, position: position, into: &output)
      }
    } catch {
      preconditionFailure(
        error.kind == .noCodeword ? "\(error)" : "bound(_:position:mode:) too small: \(error)")
    }
  }
}
