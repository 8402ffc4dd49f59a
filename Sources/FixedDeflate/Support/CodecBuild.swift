// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The builds of the hot loops by name, for who measures them beside each other. No user needs to
// choose: the codec takes the best that the processor runs, and all give the same bits.

/// A build of the codec's hot loops, in ascending order of what it asks of the processor.
@_spi(Builds) public enum CodecBuild: String, Sendable, CaseIterable {
  /// The baseline of the architecture.
  case plain
  /// AVX2, BMI1, BMI2, LZCNT and POPCNT.
  case avx2
  /// These, AVX-512 with VBMI and VBMI2, and GFNI.
  case avx512

  var kind: CPUKind {
    switch self {
    case .plain: .plain
    case .avx2: .avx2
    case .avx512: .avx512
    }
  }

  /// Those that this processor runs, the one that is taken last.
  public static var available: [CodecBuild] { allCases.filter { $0.kind <= CPUKind.current } }
}

extension Encoder {
  /// Creates an encoder that runs a given build; traps where the processor does not. Rules that have no loops of
  /// their own go one by one in all of them.
  @_spi(Builds) public init(profile: MatchProfile = .iaaV1, build: CodecBuild) {
    precondition(build.kind <= .current, "this processor does not run the build \(build)")
    self.init(profile: profile, cpu: build.kind)
  }
}

extension Decoder {
  /// Creates a decoder that runs a given build; traps where the processor does not.
  @_spi(Builds) public init(limit: DistanceLimit = .rfc1951, build: CodecBuild) {
    precondition(build.kind <= .current, "this processor does not run the build \(build)")
    self.init(limit: limit, cpu: build.kind)
  }
}
