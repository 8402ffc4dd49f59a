// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Which instructions this processor has. CPUID is asked once; nothing that it does not show is
// ever executed.

import CIAAShim.Device

/// The instructions that submitting and waiting need.
public struct CPUFeatures: Sendable, Hashable {
  /// MOVDIR64B, to submit to dedicated queues: CPUID.7:ECX[28].
  public var hasMOVDIR64B: Bool
  /// ENQCMD, to submit to shared queues: CPUID.7:ECX[29].
  public var hasENQCMD: Bool
  /// UMONITOR, UMWAIT and TPAUSE, to wait without spinning: CPUID.7:ECX[5].
  public var hasWAITPKG: Bool

  /// A set of features.
  package init(hasMOVDIR64B: Bool, hasENQCMD: Bool, hasWAITPKG: Bool) {
    self.hasMOVDIR64B = hasMOVDIR64B
    self.hasENQCMD = hasENQCMD
    self.hasWAITPKG = hasWAITPKG
  }

  /// No instruction at all: every processor but x86-64.
  public static let none = CPUFeatures(hasMOVDIR64B: false, hasENQCMD: false, hasWAITPKG: false)

  /// What this processor has.
  public static let current = detect()

  /// The instructions for submitting that this processor lacks. UMWAIT is not among them: waiting
  /// works without it.
  public var missing: [String] {
    (hasMOVDIR64B ? [] : ["MOVDIR64B"]) + (hasENQCMD ? [] : ["ENQCMD"])
  }

  private static func detect() -> CPUFeatures {
    guard ciaa_cpuid(0, 0).eax >= 7 else { return .none }
    return CPUFeatures(leaf7ECX: ciaa_cpuid(7, 0).ecx)
  }

  /// The features that ECX of CPUID's leaf 7, subleaf 0, shows.
  init(leaf7ECX ecx: UInt32) {
    self.init(
      hasMOVDIR64B: ecx >> 28 & 1 == 1, hasENQCMD: ecx >> 29 & 1 == 1,
      hasWAITPKG: ecx >> 5 & 1 == 1)
  }
}
