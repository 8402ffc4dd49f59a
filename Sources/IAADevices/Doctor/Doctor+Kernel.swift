// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The kernel: its age, its options, its command line, and who drives the devices.

extension Doctor {
  func kernelVersion() -> Finding {
    let name = "kernel version"
    guard let release = facts.release, let version = facts.kernel else {
      return .unknown(name, "\(root.locate("/proc/sys/kernel/osrelease")) does not tell")
    }
    let isSecond = devices.contains { ($0.version.value ?? 0) >= 0x200 }
    let needed = isSecond ? KernelVersion(6, 3) : KernelVersion(5, 18)
    if version < needed {
      let kind = isSecond ? "generation 2 devices" : "devices"
      let text = "\(release); mainline has what \(kind) need from \(needed) on"
      // Distributors take drivers into older kernels: what is there counts, and not its number.
      if !devices.isEmpty { return .ok(name, text + ", and this one drives them") }
      if release.contains(".el") || bootLoader.tool == .machineConfig {
        return .unknown(name, text + ", and Red Hat's have it earlier")
      }
      return .problem(name, text, remedy: "install a kernel of version \(needed) or later")
    }
    // iaa_crypto came with Linux 6.8.
    return .ok(
      name, version < KernelVersion(6, 8) ? "\(release), without iaa_crypto (6.8)" : release)
  }

  func kernelOptions() -> Finding {
    let name = "kernel options"
    guard let options else {
      let packed = root.locate("/proc/config.gz")
      return .unknown(
        name,
        facts.release.map {
          "neither \(packed) nor \(root.locate("/boot/config-" + $0)) can be read"
        } ?? "\(packed) cannot be read, and which file of /boot is this kernel's is not told")
    }
    let missing = KernelOptions.needed.filter { !options.isSet($0) }
    if !missing.isEmpty {
      let text = missing.map { "CONFIG_" + $0 }.joined(separator: " ")
      return .problem(
        name, "\(text) not set in \(options.source)",
        remedy: "use a kernel built with these options; distributors' kernels have them")
    }
    return .ok(name, "all that the idxd driver and user queues need")
  }

  func commandLine() -> Finding {
    let name = "command line"
    guard facts.commandLine != nil else {
      return .unknown(name, "\(root.locate("/proc/cmdline")) cannot be read")
    }
    let remedy = BootChange.scalableMode(facts).map(bootLoader.remedy) ?? scalableRemedy
    if facts.hasOption("iommu=off") {
      return .problem(name, "iommu=off turns the IOMMU off", remedy: remedy)
    }
    for word in ["off", "sm_off"] where facts.intelIOMMU.contains(word) {
      let what = word == "off" ? "the IOMMU" : "scalable mode"
      return .problem(name, "intel_iommu=\(word) turns \(what) off", remedy: remedy)
    }
    if facts.intelIOMMU.contains("sm_on") {
      return .ok(name, "has intel_iommu=\(facts.intelIOMMU.joined(separator: ","))")
    }
    if hasPASID { return .ok(name, "no sm_on, and this kernel does not need it") }
    if devices.isEmpty {
      return .nothing(name, "no intel_iommu=on,sm_on; it matters only beside a device")
    }
    if lacksGuestIOMMU {
      return .unknown(name, "no intel_iommu=on,sm_on; without an IOMMU it would change nothing")
    }
    if topology.iommu.mode == .unknown {
      return .unknown(name, "no intel_iommu=on,sm_on; \(topology.iommu.evidence)", remedy: remedy)
    }
    return .problem(name, "no intel_iommu=on,sm_on", remedy: remedy)
  }

  func iommuMode() -> Finding {
    let name = "IOMMU mode"
    let finding = topology.iommu
    if isWithoutDevice { return .nothing(name, "it matters only beside a device") }
    let text =
      finding.mode == .unknown ? finding.evidence : "\(finding.mode.rawValue): \(finding.evidence)"
    switch finding.mode {
    case .scalable: return .ok(name, text)
    case .unknown: return .unknown(name, text)
    case .legacy, .none:
      if devices.isEmpty { return .unknown(name, text) }
      return .problem(
        name, text + "; user queues need scalable mode",
        remedy: scalableRemedy)
    }
  }

  func idxdModule() -> Finding {
    let name = "idxd module"
    guard root.exists("/sys/module/idxd") else {
      if !devices.isEmpty { return .ok(name, "serves the dsa bus") }
      if pci.addresses == [] { return .nothing(name, "not loaded; there is no device for it") }
      return .problem(name, "not loaded", remedy: "run: sudo modprobe idxd")
    }
    if let sva = try? root.line("/sys/module/idxd/parameters/sva"), sva == "N" || sva == "0" {
      let problem = Finding.problem(
        name, "loaded with sva=N: no shared virtual memory, no user queues",
        remedy: "run: sudo rmmod iaa_crypto; sudo rmmod idxd; sudo modprobe idxd sva=1")
      return goal.includesUser ? problem : problem.aside(for: .user)
    }
    return .ok(name, "loaded")
  }

  func busDrivers() -> Finding {
    let name = "bus drivers"
    if devices.isEmpty { return .nothing(name, "no device on the dsa bus") }
    let missing = ["idxd", "user"].filter { !root.exists(topology.tree.driverPath($0)) }
    if missing.isEmpty { return .ok(name, "idxd and user are there") }
    if devices.contains(where: \.isEnabled) {
      return .unknown(name, "\(root.locate(topology.tree.driverPath(missing[0]))) is not visible")
    }
    return .problem(
      name, "no \(root.locate(topology.tree.driverPath(missing[0])))",
      remedy: "use a kernel from 5.14 on with CONFIG_INTEL_IDXD, not its COMPAT form")
  }

  func vfio() -> Finding {
    let name = "VFIO"
    let held = pci.drivers.filter { $0.value.hasPrefix("vfio") }.keys.sorted()
    guard !held.isEmpty else { return .ok(name, "holds none of the devices") }
    let drivers = root.locate("/sys/bus/pci/drivers")
    let text = "\(held.joined(separator: ", ")) given to vfio-pci for a virtual machine"
    let remedy =
      "when no virtual machine uses \(held.count == 1 ? "it" : "them"), run: "
      + held.map {
        "echo \($0) | sudo tee \(drivers)/vfio-pci/unbind && "
          + "echo \($0) | sudo tee \(drivers)/idxd/bind"
      }.joined(separator: "\n")
    // Those that are left may do.
    return devices.isEmpty
      ? .problem(name, text, remedy: remedy) : .flaw(name, text, remedy: remedy)
  }
}
