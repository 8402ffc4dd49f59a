// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The machine as a whole: its devices, the IOMMU mode they run under and how each queue can be
// used by this process. The three IOMMU modes: facts, section 14.

import SystemPackage

/// The IOMMU modes that the kernel's documentation tells apart.
package enum IOMMUMode: String, Sendable, Hashable {
  /// intel_iommu=on,sm_on with VT-d on: shared virtual memory, so shared and dedicated queues.
  case scalable
  /// intel_iommu=off, or VT-d not on: dedicated queues only.
  case legacy
  /// iommu=off: dedicated queues only.
  case none
  case unknown

  package var queueModes: [QueueMode] {
    switch self {
    case .scalable: [.shared, .dedicated]
    case .legacy, .none: [.dedicated]
    case .unknown: []
    }
  }
}

/// The mode and what gives it away.
package struct IOMMUFinding: Sendable, Hashable {
  package let mode: IOMMUMode
  package let evidence: String
}

/// A snapshot of the machine.
package struct Topology: Sendable {
  package let root: SystemRoot
  package let tree: SysfsTree
  package let facts: HostFacts
  /// Every device, IAA and DSA, in accel-config's order.
  package let devices: [Device]
  package let iommu: IOMMUFinding
  let units: RemappingUnits

  /// Reads everything below `root`.
  package init(_ root: SystemRoot) {
    self.root = root
    tree = SysfsTree(root)
    facts = HostFacts(root)
    devices = tree.devices()
    let ours = devices.filter { $0.kind == .iaa }
    units = RemappingUnits(root, facts, devices: ours)
    iommu = Self.iommu(root, facts, ours, units)
  }

  package var iaaDevices: [Device] { devices.filter { $0.kind == .iaa } }

  /// Whether a `pasid_enabled` of 1 shows that the IOMMU works for the device. A kernel of unknown
  /// version is taken for a new one.
  var pasidIsProof: Bool { Self.pasidIsProof(facts) }

  private static func pasidIsProof(_ facts: HostFacts) -> Bool {
    facts.kernel.map { $0 < KnownKernels.pasidUnasked } ?? false
  }

  private static func iommu(
    _ root: SystemRoot, _ facts: HostFacts, _ devices: [Device], _ units: RemappingUnits
  ) -> IOMMUFinding {
    func finding(_ mode: IOMMUMode, _ evidence: String) -> IOMMUFinding {
      IOMMUFinding(mode: mode, evidence: evidence)
    }
    if facts.hasOption("iommu=off") {
      return finding(.none, "iommu=off on the kernel command line")
    }
    if facts.intelIOMMU.contains("off") {
      return finding(.legacy, "intel_iommu=off on the kernel command line")
    }
    let asksForScalable = facts.intelIOMMU.contains("sm_on")
    let hasPASID = devices.contains { $0.pasidEnabled.value == 1 }
    if hasPASID, pasidIsProof(facts) {
      return finding(
        .scalable,
        asksForScalable
          ? "intel_iommu=on,sm_on, and the devices have a PASID" : "the devices have a PASID")
    }
    if units.all == [] {
      return finding(
        .legacy,
        "the kernel found no DMAR unit: "
          + (facts.isVirtual ? "this virtual machine has no IOMMU" : "VT-d is not on"))
    }
    if !devices.isEmpty, devices.allSatisfy({ $0.pasidEnabled.value == 0 }) {
      return finding(
        .legacy,
        asksForScalable
          ? "intel_iommu asks for sm_on, but the devices have no PASID"
          : "no intel_iommu=on,sm_on on the kernel command line, no PASID")
    }
    return asked(root, facts, units, hasPASID: hasPASID)
  }

  /// The mode where no device tells it: scalable when it was asked for and the units can do it.
  private static func asked(
    _ root: SystemRoot, _ facts: HostFacts, _ units: RemappingUnits, hasPASID: Bool
  ) -> IOMMUFinding {
    func finding(_ mode: IOMMUMode, _ evidence: String) -> IOMMUFinding {
      IOMMUFinding(mode: mode, evidence: evidence)
    }
    if let lacking = units.lacking {
      return finding(
        .legacy, "\(lacking.unit.name) has no \(lacking.what.joined(separator: ", no "))")
    }
    // Nobody has to ask a kernel that is built to do it.
    let unasked = hasPASID ? ", and since Linux 6.16 pasid_enabled says nothing of it" : ""
    let ability = units.isCapable ? ", and the DMAR units can do it" : ""
    if facts.intelIOMMU.contains("sm_off") {
      return finding(.legacy, "intel_iommu=sm_off on the kernel command line")
    }
    if facts.intelIOMMU.contains("sm_on") {
      return finding(.scalable, "intel_iommu=on,sm_on" + ability)
    }
    guard facts.commandLine != nil, units.all != nil else {
      return finding(.unknown, "neither the command line nor /sys/class/iommu tells")
    }
    guard let options = KernelOptions(root, release: facts.release) else {
      return hasPASID
        ? finding(
          .unknown, "no intel_iommu=on,sm_on, and what the kernel does by itself cannot be read")
        : finding(.legacy, "no intel_iommu=on,sm_on, no device with a PASID")
    }
    let isOn =
      options.isSet("INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON")
      && (options.isSet("INTEL_IOMMU_DEFAULT_ON") || facts.intelIOMMU.contains("on"))
    return isOn
      ? finding(.scalable, "the kernel turns scalable mode on by itself" + ability)
      : finding(.legacy, "no intel_iommu=on,sm_on on the kernel command line" + unasked)
  }
}
