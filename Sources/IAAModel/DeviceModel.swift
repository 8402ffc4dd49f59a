// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A device in software, to the letter of what is known of the real one: it takes 64-byte
// descriptors, judges every field, works on threads of its own, and writes completion records. It
// is how the dispatcher is proven where there is no device, and how faults can be shown at all.

public import FixedDeflate
import Glibc
public import IAADevices
public import IAAOffload
import Synchronization

/// A model of one IAA device.
///
/// Not modelled: indexing, preset dictionaries, a decompressor's AECS but for a block's code, statistics mode,
/// filters and two-pass dynamic headers (answered as unsupported or as an invalid flag), and interrupts. Where Documentation/iaa-device-facts.md leaves open which status a mistake gets, the
/// choice is documented beside it.
///
/// In a child process a model begins anew if it works in place; one with threads, which are the
/// parent's, has no queues there.
public final class DeviceModel: Sendable {
  /// A work queue of a model.
  public struct Queue: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// How it is shared.
    public var mode: QueueMode
    /// Entries, at least 1; 128 at most in all queues of a device.
    public var size: Int
    /// Entries that clients may fill, of a shared queue; 0...``size``.
    public var threshold: Int
    /// The group it belongs to.
    public var group: Int
    /// Whether the device waits for pages that are not there.
    public var blocksOnFault: Bool
    /// The most bytes a job may have, 1...2^31.
    public var maximumTransferSize: Int

    /// Creates a queue.
    public init(
      name: String = "iaa_crypto", mode: QueueMode = .shared, size: Int = 64, threshold: Int? = nil,
      group: Int = 0, blocksOnFault: Bool = false, maximumTransferSize: Int = 2 << 20
    ) {
      self.name = name
      self.mode = mode
      self.size = size
      self.threshold = threshold ?? (mode == .shared ? size : 0)
      self.group = group
      self.blocksOnFault = blocksOnFault
      self.maximumTransferSize = maximumTransferSize
    }
  }

  /// Who does the work.
  public enum Execution: Sendable, Hashable {
    /// Threads of the model, one for each of its engines.
    case threads
    /// Whoever submits, before the submission returns.
    case inPlace
  }

  /// What a model is like.
  public struct Configuration: Sendable, Hashable {
    /// The device's number, as in `iax1`; not negative.
    public var id: Int
    /// The memory node it is at; -1 where that is not known.
    public var numaNode: Int
    /// Its work queues, at most 8.
    public var queues: [Queue]
    /// Engines of each group, at most 64 together.
    public var engines: [Int]
    /// What it says in `iaa_cap`; anything makes it a device of the second generation, which alone has that. With
    /// ``/IAAOffload/IAACapabilities/headerGeneration`` it makes the headers of dynamic blocks in one pass, as devices from
    /// Granite Rapids on do. Nothing unless set.
    public var capabilities: IAACapabilities = []
    /// Who does the work.
    public var execution: Execution
    /// What every descriptor takes at least; this and all other durations are not negative, and below 2^40 ns.
    public var serviceTime: Duration
    /// What each KiB of the source takes at least.
    public var serviceTimePerKiB: Duration
    /// What it does wrong.
    public var faults: FaultPlan

    /// The rules by which it looks for matches. Traps where they make no encoder.
    public var profile = MatchProfile.iaaV1

    /// Creates a configuration: by default one shared queue and one engine.
    public init(
      id: Int = 1, numaNode: Int = 0, queues: [Queue] = [Queue()], engines: [Int] = [1],
      execution: Execution = .threads, faults: FaultPlan = .none
    ) {
      self.id = id
      self.numaNode = numaNode
      self.queues = queues
      self.engines = engines
      self.execution = execution
      self.faults = faults
      serviceTime = .zero
      serviceTimePerKiB = .zero
    }

    /// Stops on what no device can have.
    func checkRanges() {
      precondition(id >= 0, "negative id")
      precondition(numaNode >= -1, "numaNode below -1")
      precondition(queues.count <= DeviceModel.maximumQueues, "more than 8 queues")
      let most = DeviceModel.maximumEngines
      precondition(engines.count <= most, "more than 64 groups")
      precondition(engines.allSatisfy { (0...most).contains($0) }, "engines outside 0...64")
      precondition(engines.reduce(0, +) <= most, "more than 64 engines in all groups")
      var entries = 0
      for queue in queues {
        precondition(queue.size > 0, "queue without entries")
        precondition(queue.size <= DeviceModel.maximumEntries, "queue of more than 128 entries")
        precondition((0...queue.size).contains(queue.threshold), "threshold outside 0...size")
        precondition(
          DeviceModel.maximumTransferSizes.contains(queue.maximumTransferSize),
          "maximumTransferSize outside 1...2^31")
        precondition(
          engines.indices.contains(queue.group) && engines[queue.group] > 0, "group without engines"
        )
        entries += queue.size
      }
      precondition(entries <= DeviceModel.maximumEntries, "more than 128 entries in all queues")
      precondition(
        [serviceTime, serviceTimePerKiB].allSatisfy(DeviceModel.durations.contains),
        "service time negative, or of 2^40 ns (18 minutes) or more")
      faults.checkRanges()
      do throws(MatchProfileError) {
        try profile.validate()
      } catch {
        preconditionFailure("\(error)")
      }
    }
  }

  /// What it is like.
  public let configuration: Configuration

  /// Work queues of a device, as its WQCAP register has them.
  static let maximumQueues = 8
  /// Entries of all queues of a device together, as WQCAP has them.
  static let maximumEntries = 128
  /// More engines than any device has: each is a thread.
  static let maximumEngines = 64
  /// The largest transfer that GENCAP can tell, 2^31 bytes.
  static let maximumTransferSizes = 1...1 << 31
  /// Durations that no sum of a few takes beyond a clock's word.
  static let durations = Duration.zero..<Duration.nanoseconds(1 << 40)

  let core: ModelCore

  /// Creates a device with all its queues enabled. Traps on a configuration no device can have:
  /// numbers out of their ranges, a queue whose group has no engine.
  public init(_ configuration: Configuration = Configuration()) {
    configuration.checkRanges()
    self.configuration = configuration
    core = ModelCore(configuration)
    core.start()
  }

  deinit { core.stop() }

  /// How often each fault fired.
  public var firedFaults: [Fault: Int] { core.faults.firedCounts }

  /// Descriptors whose completion record was written.
  public var completedCount: Int { core.completedCount }

  /// Descriptors lost because they were written to a full dedicated queue or had no usable
  /// completion record: what a real device only notes in its error registers.
  public var droppedCount: Int { core.droppedCount }

  /// Disables a queue, as unbinding it does, with all jobs in it.
  public func disableQueue(_ queue: Int) { core.disable(queue) }

  /// Enables a queue again.
  public func enableQueue(_ queue: Int) { core.enable(queue) }

  /// Halts the device with all jobs in it.
  public func halt() { core.halt() }

  /// Resets a halted device: its queues are enabled again.
  public func reset() { core.reset() }

  /// The queues that are enabled now; none while the device is halted.
  public var queueDescriptions: [QueueDescription] {
    configuration.queues.indices.filter { core.isEnabled($0) }.map(description)
  }

  func description(_ index: Int) -> QueueDescription {
    let queue = configuration.queues[index]
    let id = QueueID(device: configuration.id, queue: index)
    return QueueDescription(
      id: id, name: queue.name, mode: queue.mode, size: queue.size, threshold: queue.threshold,
      maximumTransferSize: queue.maximumTransferSize, blocksOnFault: queue.blocksOnFault,
      numaNode: configuration.numaNode, path: "/dev/iax/\(id)",
      capabilities: configuration.capabilities)
  }

  /// Opens a queue; nil when it is not enabled, or dedicated and open already.
  package func open(_ queue: Int) -> ModelPortal? {
    core.open(queue).map { ModelPortal(core: core, queue: queue, client: $0) }
  }
}

/// Submits to a queue of a model.
package final class ModelPortal: Portal {
  private let core: ModelCore
  private let queue: Int
  private let client: Int
  private let isOpen = Atomic(true)

  package let kind = PortalKind.model

  init(core: ModelCore, queue: Int, client: Int) {
    self.core = core
    self.queue = queue
    self.client = client
  }

  package func submit(_ descriptor: UnsafeRawPointer) -> Submission {
    // SAFETY: 64 readable bytes, as the protocol demands; taken over before this returns.
    core.submit(unsafe ModelDescriptor(at: descriptor), to: queue, client: client)
  }

  @discardableResult
  package func close() -> Bool {
    guard isOpen.exchange(false, ordering: .acquiringAndReleasing) else { return false }
    core.close(queue, client: client)
    return true
  }

  // The child's image of the model does not know this client.
  package func abandonInChild() { isOpen.store(false, ordering: .releasing) }

  deinit { close() }
}
