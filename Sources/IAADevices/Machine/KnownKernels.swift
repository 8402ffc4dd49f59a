// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Kernels that are known for a fault. Sources: facts, section 15. A release that is not named here may
// have the fault all the same, as distributions take patches on their own.

/// Faults of released kernels.
package enum KnownKernels {
  /// Since this version `pasid_enabled` says nothing of the IOMMU.
  static let pasidUnasked = KernelVersion(6, 16)

  /// Kernels that are free of it. 6.18.21 took both commits; 6.12.79 neither.
  package static let withoutTeardownFault = "6.18.21 or later, or one of 6.12 up to 6.12.79"

  /// Why disabling a device without an event log may crash this kernel; nil when nothing is known
  /// against it.
  package static func teardownFault(_ release: String) -> String? {
    guard let version = KernelVersion(release: release) else { return nil }
    // 6.12.80 took ee66bc29 ("Fix leaking event log memory") without 52d2edea ("Fix crash when the
    // event log is disabled"). No later 6.12.y that has both is known.
    if version.isIn(6, 12, from: 80) {
      return "since 6.12.80 this series frees the log of every device (ee66bc29) without asking "
        + "whether there is one (52d2edea)"
    }
    // Intel's enable_iaa.sh of August 2026 does without disable-device there, for the same function.
    if version.isIn(6, 8, from: 0), release.hasSuffix("-generic") {
      return "Ubuntu's 6.8 does not ask whether there is one before it stops it (52d2edea)"
    }
    return nil
  }

  /// Why opening a user queue fails with EOPNOTSUPP; nil when the release is not one of those known
  /// for it.
  static func sharedMemoryFault(_ release: String) -> String? {
    guard let version = KernelVersion(release: release) else { return nil }
    // Commit 72f98ef9a4be, "iommu: disable SVA when CONFIG_X86 is set".
    if version.isIn(6, 18, from: 5) {
      return "Linux 6.18 has it off from 6.18.5 on; a later 6.18 may have it back"
    }
    // Ubuntu's 6.17.0-20 was the last without it.
    if version == KernelVersion(6, 17), let build = ubuntuBuild(release), build >= 22 {
      return "Ubuntu's kernels from 6.17.0-22 on have it off"
    }
    return nil
  }

  /// 22 of "6.17.0-22-generic".
  private static func ubuntuBuild(_ release: String) -> Int? {
    let parts = release.split(separator: "-")
    return parts.count == 3 && parts[2] == "generic" ? Int(parts[1]) : nil
  }
}

extension KernelVersion {
  /// Whether it is MAJOR.MINOR.PATCH with a patch of at least `patch`.
  func isIn(_ major: Int, _ minor: Int, from patch: Int) -> Bool {
    numbers[0] == major && numbers[1] == minor && numbers[2] >= patch
  }
}

extension Topology {
  /// The devices that this kernel may crash over when they are disabled, and why: those without an
  /// event log, whose attribute is hidden.
  package func teardownFault(of devices: [Device]) -> (devices: [Device], reason: String)? {
    guard let reason = facts.release.flatMap(KnownKernels.teardownFault) else { return nil }
    let affected = devices.filter { $0.isEnabled && !$0.hasEventLog }
    return affected.isEmpty ? nil : (affected, reason)
  }
}
