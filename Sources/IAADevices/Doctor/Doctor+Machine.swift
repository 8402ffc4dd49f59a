// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The machine: the device itself, the CPU's instructions, and what the BIOS has to turn on.

extension Doctor {
  static let biosPaths =
    "in the BIOS, turn on Socket Configuration > IIO Configuration > Intel VT for Directed I/O "
    + "(VT-d) > Intel VT for Directed I/O, and Socket Configuration > IIO Configuration > "
    + "PCIe ENQCMD > ENQCMDS"

  /// What a guest needs of its host, and what it has without.
  static let guestIOMMU =
    "on the host, give this virtual machine an IOMMU with scalable mode and PASID (QEMU: -device "
    + "intel-iommu,x-scalable-mode=on, where host and QEMU can pass PASIDs on); without one the "
    + "kernel's own use by zswap is what is left: deflate-iaa doctor --for zswap"

  /// Whether any device has shown that VT-d and ENQCMD work.
  var hasPASID: Bool {
    devices.contains { $0.pasidEnabled.value == 1 }
      && (topology.pasidIsProof || topology.iommu.mode == .scalable)
  }

  /// A virtual machine whose kernel found no IOMMU.
  var lacksGuestIOMMU: Bool { facts.isVirtual && topology.units.all == [] }

  /// What is left to do for scalable mode; what the command line has already is not asked for.
  var scalableRemedy: String {
    if lacksGuestIOMMU { return "on the host, as said of VT-d above" }
    if topology.iommu.mode != .scalable, let change = BootChange.scalableMode(facts) {
      return bootLoader.remedy(change)
    }
    let paging = paging()
    if paging.status == .problem { return "see \(paging.name) first" }
    return facts.isVirtual ? Self.guestIOMMU : Self.biosPaths
  }

  /// The bus was read and has no such device.
  var isWithoutDevice: Bool { devices.isEmpty && pci.addresses == [] }

  func pciDevices() -> Finding {
    let name = "PCI device"
    guard let addresses = pci.addresses else {
      return devices.isEmpty
        ? .unknown(name, "\(root.locate(PCIDevices.path)) cannot be read")
        : .ok(name, "\(devices.count) on the dsa bus; the PCI bus cannot be read")
    }
    if addresses.isEmpty {
      return devices.isEmpty
        ? .problem(
          name, "no IAA device on the PCI bus (\(PCIDevices.knownIDs))",
          remedy: "none here: IAA comes with 4th generation Xeon Scalable and later; in a virtual "
            + "machine, ask for the device to be passed through")
        : .ok(name, "\(devices.count) on the dsa bus; the PCI bus shows none")
    }
    let few = addresses.prefix(4).joined(separator: " ")
    return .ok(name, "\(addresses.count) found: \(few)\(addresses.count > 4 ? " …" : "")")
  }

  func instructions() -> Finding {
    let name = "CPU instructions"
    guard let flags = facts.cpuFlags else {
      return .unknown(name, "\(root.locate("/proc/cpuinfo")) has no flags")
    }
    let missing = ["enqcmd", "movdir64b"].filter { !flags.contains($0) }
    if missing.isEmpty {
      return .ok(
        name, "enqcmd, movdir64b" + (flags.contains("waitpkg") ? ", waitpkg" : "; no waitpkg"))
    }
    let remedy =
      facts.isVirtual
      ? "on the host, let this virtual machine see the CPU's flags (QEMU: -cpu host)"
      : flags.contains("movdir64b")
        ? "turn on ENQCMDS in the BIOS" : "use a CPU with IAA"
    return .flaw(
      name, "this CPU shows no \(missing.joined(separator: ", no "))",
      remedy: remedy)
  }

  /// Five-level page tables have kept IOMMUs from sharing them with the device.
  func paging() -> Finding {
    let name = "5-level paging"
    guard let flags = facts.cpuFlags else { return .unknown(name, "the CPU's flags are unknown") }
    if !flags.contains("la57") { return .ok(name, "not in use") }
    if facts.hasOption("no5lvl") { return .ok(name, "turned off by no5lvl") }
    if hasPASID, topology.pasidIsProof || topology.units.isCapable {
      return .ok(name, "in use, and the IOMMU follows")
    }
    if devices.isEmpty { return .ok(name, "in use; it matters only beside a device") }
    if lacksGuestIOMMU { return .unknown(name, "in use; there is no IOMMU to follow") }
    let problem = Finding.problem(
      name, "in use, and an IOMMU without 5-level tables cannot follow",
      remedy: bootLoader.remedy(BootChange(added: ["no5lvl"])))
    if let lacking = topology.units.lacking {
      return lacking.what.contains { $0.contains("5-level") }
        ? problem : .unknown(name, "in use; what else the IOMMU lacks comes first")
    }
    // Without sm_on there is no PASID either way; that comes first.
    if !facts.intelIOMMU.contains("sm_on") {
      return .unknown(name, "in use; it matters once intel_iommu=on,sm_on is there")
    }
    return topology.pasidIsProof
      ? problem : .unknown(name, "in use; whether the IOMMU can follow is not told")
  }

  func vtd() -> Finding {
    let name = "VT-d"
    guard let units = topology.units.all else {
      if isWithoutDevice { return .nothing(name, "it matters only beside a device") }
      return hasPASID
        ? .ok(name, "on: the devices have a PASID")
        : .unknown(
          name, "\(root.locate("/sys/class/iommu")) cannot be read",
          remedy: "look for DMAR in the kernel's messages; run: sudo dmesg | grep -i dmar")
    }
    if !units.isEmpty { return .ok(name, "\(units.count) DMAR unit\(units.count == 1 ? "" : "s")") }
    if lacksGuestIOMMU, !devices.isEmpty {
      return .problem(name, "this virtual machine has no IOMMU", remedy: Self.guestIOMMU)
    }
    if devices.isEmpty { return .nothing(name, "no DMAR unit; it matters only beside a device") }
    return .problem(name, "the kernel found no DMAR unit", remedy: Self.biosPaths)
  }

  func bios() -> Finding {
    let name = "BIOS settings"
    if hasPASID, topology.pasidIsProof {
      return .ok(name, "VT-d and ENQCMDS are on: the devices have a PASID")
    }
    if facts.isVirtual { return .unknown(name, "the host's; this is a virtual machine") }
    if hasPASID { return .unknown(name, "cannot be read from here; nothing speaks against them") }
    if isWithoutDevice { return .nothing(name, "they matter only beside a device") }
    return .unknown(name, "cannot be read from here", remedy: Self.biosPaths)
  }
}
