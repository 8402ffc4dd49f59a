// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Every reason known for IAA not working, looked for in the order in which one hides the next: the
// machine, the kernel, the devices, the queues, this process. Each check says what it found and
// what to do about it; the first one that stands in the way is the verdict.

import SystemPackage

/// What one check found.
package struct Finding: Sendable, Hashable {
  /// How it looks.
  package enum Status: String, Sendable, Hashable {
    case ok, problem, unknown
  }

  package let name: String
  package let status: Status
  /// One line: why.
  package let reason: String
  /// One line: what to do, with the exact command; nil when there is nothing to do.
  package let remedy: String?
  /// Whether this alone keeps the hardware from being used.
  package let isBlocking: Bool

  static func ok(_ name: String, _ reason: String) -> Finding {
    Finding(name: name, status: .ok, reason: reason, remedy: nil, isBlocking: false)
  }

  static func unknown(_ name: String, _ reason: String, remedy: String? = nil) -> Finding {
    Finding(name: name, status: .unknown, reason: reason, remedy: remedy, isBlocking: false)
  }

  /// Something that stands in the way.
  static func problem(_ name: String, _ reason: String, remedy: String) -> Finding {
    Finding(name: name, status: .problem, reason: reason, remedy: remedy, isBlocking: true)
  }

  /// Something that costs speed or comfort only.
  static func flaw(_ name: String, _ reason: String, remedy: String) -> Finding {
    Finding(name: name, status: .problem, reason: reason, remedy: remedy, isBlocking: false)
  }
}

/// What it all comes to.
package enum Verdict: Sendable, Hashable {
  /// Queues that this process can submit to.
  case ready(queues: [String])
  /// The first thing to fix.
  case fix(Finding)
  /// There is nothing to fix: the machine has no such device.
  case noDevice

  /// 0 ready, 1 something to fix, 2 no device.
  package var exitCode: Int32 {
    switch self {
    case .ready: 0
    case .fix: 1
    case .noDevice: 2
    }
  }
}

/// Looks a machine over.
package struct Doctor {
  let topology: Topology
  let pci: PCIDevices

  var root: SystemRoot { topology.root }
  var facts: HostFacts { topology.facts }
  var devices: [Device] { topology.iaaDevices }
  /// Every user queue with its device.
  var userQueues: [(queue: WorkQueue, device: Device)] {
    devices.flatMap { device in
      device.queues.filter { $0.type.value == .user }.map { ($0, device) }
    }
  }

  /// A doctor for the machine below `root`.
  package init(_ root: SystemRoot) {
    topology = Topology(root)
    pci = PCIDevices(root)
  }

  /// A heading and the checks under it.
  package struct Section: Sendable, Hashable {
    package let title: String
    package let findings: [Finding]
  }

  /// All checks, in the order in which one problem hides the next.
  package func examine() -> [Section] {
    var sections = [
      Section(
        title: "Machine",
        findings: [pciDevices(), instructions(), paging(), vtd(), bios()]),
      Section(
        title: "Kernel",
        findings: [
          kernelVersion(), kernelOptions(), commandLine(), iommuMode(), idxdModule(), busDrivers(),
          vfio(),
        ]),
    ]
    if !devices.isEmpty {
      sections += [
        Section(
          title: "Devices",
          findings: [
            halted(), deviceState(), commandStatus(), hardwareErrors(), pasid(), operations(),
            holders(), numa(),
          ]),
        Section(
          title: "Queues",
          findings: [
            userQueuesEnabled(), queueSetup(), engines(), blockOnFault(), transferSize(),
          ]),
      ]
    }
    var process = [container()]
    if !devices.isEmpty { process += [deviceFiles(), busyQueues(), capabilities()] }
    sections += [
      Section(title: "This process", findings: process),
      Section(
        title: "The kernel's own use",
        findings: [
          cryptoModule(), cryptoRegistration(), driverAttributes(), zswap(), kernelStatistics(),
        ]),
    ]
    return sections
  }

  /// What `sections` come to.
  package func verdict(_ sections: [Section]) -> Verdict {
    let usable = userQueues.filter { topology.access(to: $0.queue, of: $0.device).isUsable }
    if !usable.isEmpty { return .ready(queues: usable.map { "\($0.queue.name)" }) }
    if isWithoutDevice { return .noDevice }
    if let first = sections.flatMap(\.findings).first(where: \.isBlocking) { return .fix(first) }
    let reasons = userQueues.map { queue, device in
      "\(queue.name) \(topology.access(to: queue, of: device).reason)"
    }
    return .fix(
      .problem(
        "queues",
        reasons.isEmpty ? "no IAA device can be seen" : reasons.joined(separator: "; "),
        remedy: "look at `deflate-iaa devices`"))
  }
}
