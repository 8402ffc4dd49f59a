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

  /// Reads everything below `root`.
  package init(_ root: SystemRoot) {
    self.root = root
    tree = SysfsTree(root)
    facts = HostFacts(root)
    devices = tree.devices()
    iommu = Self.iommu(root, facts, devices.filter { $0.kind == .iaa })
  }

  package var iaaDevices: [Device] { devices.filter { $0.kind == .iaa } }

  /// The DMAR units that the kernel found; nil where it does not say.
  static func remappingUnits(_ root: SystemRoot) -> [String]? {
    (try? root.files.names(in: "/sys/class/iommu"))?.filter { $0.hasPrefix("dmar") }
  }

  static func iommu(_ root: SystemRoot, _ facts: HostFacts, _ devices: [Device]) -> IOMMUFinding {
    if facts.hasOption("iommu=off") {
      return IOMMUFinding(mode: .none, evidence: "iommu=off on the kernel command line")
    }
    if facts.intelIOMMU.contains("off") {
      return IOMMUFinding(mode: .legacy, evidence: "intel_iommu=off on the kernel command line")
    }
    let asksForScalable = facts.intelIOMMU.contains("sm_on")
    if devices.contains(where: { $0.pasidEnabled.value == 1 }) {
      return IOMMUFinding(
        mode: .scalable,
        evidence: asksForScalable
          ? "intel_iommu=on,sm_on, and the devices have a PASID" : "the devices have a PASID")
    }
    let units = remappingUnits(root)
    if units == [] {
      return IOMMUFinding(mode: .legacy, evidence: "the kernel found no DMAR unit: VT-d is not on")
    }
    if !devices.isEmpty, devices.allSatisfy({ $0.pasidEnabled.value == 0 }) {
      return IOMMUFinding(
        mode: .legacy,
        evidence: asksForScalable
          ? "intel_iommu asks for sm_on, but the devices have no PASID"
          : "no intel_iommu=on,sm_on on the kernel command line, no PASID")
    }
    if asksForScalable {
      return IOMMUFinding(mode: .scalable, evidence: "intel_iommu=on,sm_on")
    }
    guard facts.commandLine != nil, units != nil else {
      return IOMMUFinding(
        mode: .unknown, evidence: "neither the command line nor /sys/class/iommu tells")
    }
    return IOMMUFinding(mode: .legacy, evidence: "no intel_iommu=on,sm_on, no device with a PASID")
  }
}
