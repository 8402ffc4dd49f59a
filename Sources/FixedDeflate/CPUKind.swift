// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Which build of the hot loops this processor runs.

import CIAAShim.CPU

/// A build of the hot loops, in ascending order of what it asks of the processor.
package enum CPUKind: Int, Sendable, CaseIterable, Comparable {
  /// The baseline of the architecture.
  case plain
  /// x86-64-v3: AVX2, BMI1, BMI2, LZCNT, POPCNT.
  case v3
  /// x86-64-v4 with VBMI, VBMI2 and GFNI: Ice Lake, Zen 4 and later, all processors with an IAA among them.
  case v4

  package static func < (left: CPUKind, right: CPUKind) -> Bool { left.rawValue < right.rawValue }

  /// The best that this processor runs.
  package static let current: CPUKind = {
    #if arch(x86_64)
      if iaa_has_v4() != 0 { return .v4 }
      if iaa_has_v3() != 0 { return .v3 }
    #endif
    return .plain
  }()

  #if arch(x86_64)
    /// PCLMULQDQ and SSE4.1, for CRC-32, and VPCLMULQDQ with AVX-512.
    static let hasCarrylessMultiply = iaa_has_clmul() != 0
    static let hasWideCarrylessMultiply = iaa_has_vclmul() != 0
  #endif
}
