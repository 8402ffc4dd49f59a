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
    /// A problem of a goal that is not asked about, or of somebody else.
    case aside
    /// There is nothing to look at, and nothing wrong with that.
    case nothing = "none"
  }

  package let name: String
  package let status: Status
  /// One line: why.
  package let reason: String
  /// What to do; nil when there is nothing to do. What follows "run: ", to the end, is shell.
  package let remedy: String?
  /// Whether this alone keeps the hardware from being used.
  package let isBlocking: Bool

  static func ok(_ name: String, _ reason: String) -> Finding {
    Finding(name: name, status: .ok, reason: reason, remedy: nil, isBlocking: false)
  }

  static func unknown(_ name: String, _ reason: String, remedy: String? = nil) -> Finding {
    Finding(name: name, status: .unknown, reason: reason, remedy: remedy, isBlocking: false)
  }

  static func nothing(_ name: String, _ reason: String) -> Finding {
    Finding(name: name, status: .nothing, reason: reason, remedy: nil, isBlocking: false)
  }

  /// The same where nobody asks about it: nothing to fix, and nothing to do about it now.
  func aside(for goal: Goal) -> Finding { aside("it matters to \(goal.phrase) only") }

  /// The same, for this reason none of the reader's concern.
  func aside(_ why: String) -> Finding {
    status == .problem || status == .unknown && remedy != nil
      ? Finding(
        name: name, status: .aside, reason: "\(reason) (\(why))", remedy: nil, isBlocking: false)
      : self
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
  /// Queues that do what was asked about.
  case ready(Ready)
  /// The first thing to fix.
  case fix(Finding)
  /// There is nothing to fix: the machine has no such device.
  case noDevice

  /// What is ready.
  package struct Ready: Sendable, Hashable {
    /// User queues that this process can submit to.
    package var queues: [String] = []
    /// Kernel queues that zswap compresses by.
    package var kernelQueues: [String] = []
    /// Whether the user queues were opened, each with a no-op through it; false for a copy of a
    /// machine's files.
    package var isTried = false
    /// Whether device models are in the place of devices.
    package var isModel = false

    /// What is ready of a machine; nothing unless said.
    package init(queues: [String] = [], kernelQueues: [String] = [], isTried: Bool = false) {
      self.queues = queues
      self.kernelQueues = kernelQueues
      self.isTried = isTried
    }
  }

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
  let bootLoader: BootLoader
  let containment: Containment
  let zswapState: Zswap.State
  let options: KernelOptions?
  /// Why there can be no iaa_crypto here; nil where it is, or may be loaded.
  let missingCryptoDriver: String?
  let swap: SwapAreas
  /// Whether pages may be waiting behind the kernel's queues.
  let kernelUsesQueues: Bool
  /// What the machine is looked over for.
  package let goal: Goal
  /// Why that; nil when it was asked for.
  package let guess: String?
  /// What became of each queue that looked usable; nil where none can be tried.
  private(set) var trials: [PartName: TrialResult]?

  var root: SystemRoot { topology.root }
  var facts: HostFacts { topology.facts }
  var devices: [Device] { topology.iaaDevices }
  /// Every user queue with its device.
  var userQueues: [(queue: WorkQueue, device: Device)] {
    devices.flatMap { device in
      device.queues.filter { $0.type.value == .user }.map { ($0, device) }
    }
  }
  /// Those that look usable from here.
  var usableQueues: [(queue: WorkQueue, device: Device)] {
    userQueues.filter { topology.access(to: $0.queue, of: $0.device).isUsable }
  }

  /// A doctor for the machine below `root`.
  ///
  /// - Parameters:
  ///   - root: The machine.
  ///   - goal: What to look it over for; nil has it guessed from what is set up.
  ///   - trial: Opens queues that look usable; nil where there is only a copy of the files.
  package init(_ root: SystemRoot, for goal: Goal? = nil, trial: (any QueueTrial)? = nil) {
    let topology = Topology(root)
    self.topology = topology
    pci = PCIDevices(root)
    containment = Containment(root)
    bootLoader = BootLoader(root, isContainer: containment.isContainer)
    zswapState = Zswap(root).state
    swap = SwapAreas(root)
    options = KernelOptions(root, release: topology.facts.release)
    missingCryptoDriver = root.missingCryptoDriver(options, topology.facts)
    kernelUsesQueues = zswapState.usesIAA || (topology.cryptoUsers ?? 0) > 0
    let guess = Goal.guess(topology, zswapState)
    self.goal = goal ?? guess.goal
    self.guess = goal == nil ? guess.reason : nil
    guard let trial, self.goal.includesUser else { return }
    trials = Dictionary(
      usableQueues.map { ($0.queue.name, trial.attempt($0.queue, of: $0.device)) },
      uniquingKeysWith: { first, _ in first })
  }

  /// A heading and the checks under it.
  package struct Section: Sendable, Hashable {
    package let title: String
    package let findings: [Finding]
    /// What else there is to run, below them.
    package var closing: String?
  }

  /// All checks, in the order in which one problem hides the next.
  package func examine() -> [Section] {
    var sections = [
      Section(
        title: "Machine",
        findings: [pciDevices()] + forUser([instructions(), paging(), vtd(), bios()])),
      Section(
        title: "Kernel",
        findings: [kernelVersion(), kernelOptions()] + forZswap([zswapOptions()])
          + forUser([commandLine(), iommuMode()])
          + [idxdModule(), busDrivers(), vfio()]),
    ]
    if !devices.isEmpty {
      sections += [
        Section(
          title: "Devices",
          findings: [halted(), deviceState(), commandStatus(), hardwareErrors(), teardown()]
            + forUser([pasid()]) + [operations()] + forUser([holders(), numa()])),
        Section(
          title: "Queues",
          findings: forUser([queueSetup(), engines(), userQueuesEnabled()]) + [queueOperations()]
            + forUser([blockOnFault(), transferSize()])),
      ]
    }
    var process = [container()]
    if !devices.isEmpty {
      process += [deviceFiles(), busyQueues(), capabilities(), queueTrial()]
    }
    sections += [
      Section(title: "This process", findings: forUser(process)),
      Section(
        title: "The kernel's own use",
        findings: [cryptoModule()] + forZswap([kernelQueues(), cryptoRegistration()])
          + [driverAttributes()] + forZswap([zswap(), swapAreas()]) + [zram(), kernelStatistics()],
        closing: "What zswap would save here: deflate-iaa estimate --system"),
    ]
    return sections.map { section in
      Section(
        title: section.title, findings: section.findings.map(asItConcerns), closing: section.closing
      )
    }
  }

  /// What there is to do about a finding from where the reader is.
  private func asItConcerns(_ finding: Finding) -> Finding {
    // The device comes first; without one nothing else is worth a thought.
    if isWithoutDevice, finding.name != pciDevices().name,
      finding.status == .problem || finding.status == .aside
    {
      return .nothing(finding.name, finding.reason)
    }
    if root.isModel, finding.status != .ok {
      return .nothing(
        finding.name, finding.status == .problem ? finding.reason : "device models have none")
    }
    return finding.fromInside(containment)
  }

  private func forUser(_ findings: [Finding]) -> [Finding] {
    goal.includesUser ? findings : findings.map { $0.aside(for: .user) }
  }

  private func forZswap(_ findings: [Finding]) -> [Finding] {
    goal.includesZswap ? findings : findings.map { $0.aside(for: .zswap) }
  }

  /// What `sections` come to.
  package func verdict(_ sections: [Section]) -> Verdict {
    var ready = Verdict.Ready()
    if goal.includesUser {
      ready.isTried = trials != nil
      ready.isModel = root.isModel
      ready.queues = usableQueues.map(\.queue.name).filter { queue in
        // Where none can be opened the IOMMU's mode tells that opening fails.
        guard let trials else { return root.isModel || !lacksScalableMode }
        if case .answered = trials[queue] { return true }
        return false
      }.map { "\($0)" }
    }
    if goal.includesZswap, zswapIsReady {
      ready.kernelQueues = topology.servingCryptoQueues.map { "\($0.name)" }
    }
    if goal.includesUser != ready.queues.isEmpty, goal.includesZswap != ready.kernelQueues.isEmpty {
      return .ready(ready)
    }
    if isWithoutDevice { return .noDevice }
    if root.isModel, goal.includesZswap {
      return .fix(
        .problem(
          "device models", "no kernel uses device models, so zswap cannot",
          remedy: "ask without DEFLATE_IAA_MODEL to have this machine looked over"))
    }
    // What keeps user space off is nothing to fix where user space has what it needs.
    let forKernel = [zswapOptions().name, teardown().name]
    let blocking = sections.flatMap { section in
      section.findings.filter {
        ready.queues.isEmpty || section.title == "The kernel's own use"
          || forKernel.contains($0.name)
      }
    }.first(where: \.isBlocking)
    if let blocking { return .fix(blocking) }
    let reasons = userQueues.map { queue, device in
      "\(queue.name) \(topology.access(to: queue, of: device).reason)"
    }
    return .fix(
      .problem(
        "queues",
        reasons.isEmpty ? "no IAA device can be seen" : reasons.joined(separator: "; "),
        remedy: "look at the list; run: deflate-iaa devices"))
  }
}
