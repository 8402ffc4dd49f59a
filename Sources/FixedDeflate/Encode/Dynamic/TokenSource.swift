// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Whoever finds a chunk's tokens hands them to the coder: by a profile's rules, from the fastest that knows them, or
// without.

/// Where tokens come from: by a profile, or no device's.
enum TokenSource: ~Copyable {
  case fast(FastEncoder)
  case family(FamilyTokens)
  case finder(MatchFinder)
  case long(LongMatchFinder)

  init(profile: MatchProfile, cpu: CPUKind) {
    switch ProfileSearch(profile) {
    case .fast: self = .fast(FastEncoder(profile: profile, cpu: cpu))
    case .family(let rules): self = .family(FamilyTokens(FamilyEncoder(rules, cpu: cpu)))
    case .ruleByRule: self = .finder(MatchFinder(profile: profile))
    }
  }

  /// Hands a chunk's matches over.
  mutating func collect(_ input: RawSpan, into coder: inout TokenCoder) {
    switch consume self {
    case .fast(let encoder):
      coder.collect(input, from: encoder)
      self = .fast(encoder)
    case .family(let encoder):
      coder.collect(input) { append in encoder.forEachMatch(in: input, append) }
      self = .family(encoder)
    case .finder(var finder):
      finder.reset()
      coder.collect(input) { append in
        var base = 0
        while base < input.byteCount {
          let step = finder.parseStep(at: base, of: input)
          if let match = step.match { append(base + step.literals, match) }
          base = step.next
        }
      }
      self = .finder(finder)
    case .long(let finder):
      coder.collect(input, from: finder)
      self = .long(finder)
    }
  }
}

extension TokenSource {
  /// The bits of a chunk's tokens in the fixed code, end-of-block not among them, from who counts them as it goes; nil
  /// where the tokens have to be collected first.
  func fixedBitCount(of input: RawSpan) -> Int? {
    switch self {
    case .fast(let encoder): encoder.bitCount(of: input)
    case .family: nil
    case .finder: nil
    case .long: nil
    }
  }
}
