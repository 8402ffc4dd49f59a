// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One block a chunk, its tokens first and then their code: dynamic blocks (RFC 1951 §3.2.7), in the code that fits
// them best, and any code for tokens that are no device's.

/// In which code a block's tokens are written.
enum BlockCode: Sendable {
  case fixed
  /// One made for them; if that is to be picked, a fixed block where it is smaller. A device's never is.
  case dynamic(picksSmaller: Bool)
  case table(CompressionTable)

  init(_ code: CompressionMode.Code, picksSmaller: Bool) {
    switch code {
    case .fixed: self = .fixed
    case .dynamic: self = .dynamic(picksSmaller: picksSmaller)
    case .canned(let edition): self = .table(.canned(edition))
    case .table(let table): self = .table(table)
    }
  }
}

/// Encodes chunks whose tokens are found before they are written.
struct BlockEncoder: ~Copyable, Sendable {
  private let code: BlockCode
  /// Whether small chunks have the tokens and the code of a device.
  private let isDevices: Bool
  private var tokens: TokenSource
  private var coder: TokenCoder
  private var codes = DynamicCodes()

  /// Creates an encoder of dynamic blocks of the tokens by a profile.
  init(profile: MatchProfile, cpu: CPUKind = .current, picksSmaller: Bool) {
    self.init(
      .dynamic(picksSmaller: picksSmaller), TokenSource(profile: profile, cpu: cpu), cpu,
      isDevices: true)
  }

  /// Creates an encoder of blocks of long matches, in any code.
  init(longMatchesIn code: CompressionMode.Code, cpu: CPUKind = .current, picksSmaller: Bool) {
    self.init(
      BlockCode(code, picksSmaller: picksSmaller), .long(LongMatchFinder(cpu: cpu)), cpu,
      isDevices: false)
  }

  private init(
    _ code: BlockCode, _ tokens: consuming TokenSource, _ cpu: CPUKind, isDevices: Bool
  ) {
    self.code = code
    self.tokens = tokens
    self.isDevices = isDevices
    coder = TokenCoder(code, cpu: cpu)
  }

  /// Appends the stream of a chunk; on failure what was appended so far stays.
  mutating func compress(
    _ input: RawSpan, isFinal: Bool, into output: inout OutputRawSpan
  ) throws(DeflateError) {
    tokens.collect(input, into: &coder)
    let limits: CodeLimits =
      isDevices && input.byteCount <= CodeLimits.deviceChunkSize ? .device : .software
    try codes.write(&coder, input, in: code, limits, isFinal: isFinal, into: &output)
  }
}

/// What a code that is made for a block may have.
struct CodeLimits: Sendable {
  /// The most bytes that a device's dynamic mode takes: the driver leaves more to software (its page size).
  static let deviceChunkSize = 4096

  /// Bits of the longest codeword.
  let longestCodeword: Int
  let repeats: CodeDescription.Repeats

  /// RFC 1951's codewords, and the repeats of the published streams.
  static let device = CodeLimits(longestCodeword: 15, repeats: .zeros)
  /// Codewords of which four fit in one store of the writer, and all repeats.
  static let software = CodeLimits(
    longestCodeword: TokenLayout.longestOfFour, repeats: .all)
}
