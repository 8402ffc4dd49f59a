// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Which build of the hot loops this processor runs.

import CIAAShim.CPU

enum CPUKind: Sendable {
  case plain
  /// x86-64 with AVX2, BMI1, BMI2 and LZCNT.
  case v3

  static let current: CPUKind = {
    #if arch(x86_64)
      if iaa_has_v3() != 0 { return .v3 }
    #endif
    return .plain
  }()

  #if arch(x86_64)
    /// PCLMULQDQ and SSE4.1, for CRC-32.
    static let hasCarrylessMultiply = iaa_has_clmul() != 0
  #endif
}
