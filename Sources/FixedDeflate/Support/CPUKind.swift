// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Which build of the hot loops this processor runs.

import CDeflateKernels

/// A build of the hot loops, in ascending order of what it asks of the processor.
package enum CPUKind: Int, Sendable, CaseIterable, Comparable {
  /// The baseline of the architecture.
  case plain
  /// x86-64-v3: AVX2, BMI1, BMI2, LZCNT, POPCNT.
  case avx2
  /// x86-64-v4 with VBMI, VBMI2 and GFNI: Ice Lake, Zen 4 and later, all processors with an IAA among them.
  case avx512

  package static func < (left: CPUKind, right: CPUKind) -> Bool { left.rawValue < right.rawValue }

  /// The best that this processor runs.
  package static let current: CPUKind = {
    #if arch(x86_64)
      if dk_has_avx512() != 0 { return .avx512 }
      if dk_has_avx2() != 0 { return .avx2 }
    #endif
    return .plain
  }()
}
