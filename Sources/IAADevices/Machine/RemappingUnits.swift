// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the IOMMU's units can do, and whether the kernel lets them. Before Linux 6.16 idxd asked the
// IOMMU before it set pasid_enabled; since then the attribute says only that the module was loaded
// with sva=1 (iommu_dev_enable_feature went away), so the units are asked here.

/// A DMAR unit, "dmar3".
package struct RemappingUnit: Sendable, Hashable {
  package let name: String
  /// The capability register; nil when it cannot be read.
  let capabilities: UInt64?
  /// The extended capability register; nil when it cannot be read.
  let extendedCapabilities: UInt64?

  init(_ root: SystemRoot, _ name: String) {
    self.name = name
    func register(_ file: String) -> UInt64? {
      // Hexadecimal without 0x.
      (try? root.line("\(RemappingUnits.folder)/\(name)/intel-iommu/\(file)"))
        .flatMap { UInt64($0, radix: 16) }
    }
    capabilities = register("cap")
    extendedCapabilities = register("ecap")
  }

  /// What is not there of what shared virtual memory needs; nil when the registers are unknown. The
  /// bits are those that the kernel looks at (drivers/iommu/intel/iommu.h, intel_svm_check).
  func missing(usesFiveLevels: Bool) -> [String]? {
    guard let extended = extendedCapabilities else { return nil }
    var missing: [String] = []
    if extended >> 43 & 1 == 0 { missing.append("scalable mode (ecap SMTS)") }
    if extended >> 40 & 1 == 0 { missing.append("PASID (ecap PASID)") }
    if usesFiveLevels, let capabilities, capabilities >> 60 & 1 == 0 {
      missing.append("5-level page tables (cap FL5LP)")
    }
    return missing
  }
}

/// The units of a machine.
package struct RemappingUnits: Sendable, Hashable {
  static let folder = "/sys/class/iommu"

  /// All of them; nil where the kernel does not say.
  package let all: [RemappingUnit]?
  /// Those that the devices lie behind; all where that is not told.
  let serving: [RemappingUnit]
  /// Whether `serving` are known to be before the devices.
  private let isTold: Bool

  /// Whether the processor's page tables have five levels, which the units then need too.
  private let usesFiveLevels: Bool

  init(_ root: SystemRoot, _ facts: HostFacts, devices: [Device]) {
    usesFiveLevels = facts.cpuFlags?.contains("la57") == true && !facts.hasOption("no5lvl")
    guard let names = (try? root.files.names(in: Self.folder))?.filter({ $0.hasPrefix("dmar") })
    else {
      all = nil
      serving = []
      isTold = false
      return
    }
    let units = names.map { RemappingUnit(root, $0) }
    let behind = Set(
      devices.compactMap(\.pciAddress).compactMap { address in
        (try? root.files.target(ofLink: "\(PCIDevices.path)/\(address)/iommu"))?
          .split(separator: "/").last.map(String.init)
      })
    let served = units.filter { behind.contains($0.name) }
    all = units
    serving = served.isEmpty ? units : served
    isTold = !served.isEmpty
  }

  /// The first unit before a device that lacks what shared virtual memory needs. Where it is not told
  /// which unit a device lies behind, one that can do it is enough.
  var lacking: (unit: RemappingUnit, what: [String])? {
    let known = serving.compactMap { unit in
      unit.missing(usesFiveLevels: usesFiveLevels).map { (unit: unit, what: $0) }
    }
    guard !known.isEmpty, isTold || known.allSatisfy({ !$0.what.isEmpty }) else { return nil }
    return known.first { !$0.what.isEmpty }
  }

  /// Whether some unit is known to do it all.
  var isCapable: Bool {
    lacking == nil
      && serving.contains { $0.missing(usesFiveLevels: usesFiveLevels) == [] }
  }
}
