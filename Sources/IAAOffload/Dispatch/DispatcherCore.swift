// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the dispatcher's calls, handles and maintenance share.

import FixedDeflate
import IAADevices
import Synchronization
import Threading

/// The inside of a dispatcher.
final class DispatcherCore: Sendable {
  let configuration: Dispatcher.Configuration
  let nanoseconds: Dispatcher.Configuration.Nanoseconds
  let rules: ModeRules
  let source: any QueueSource
  let topology: CPUTopology
  /// Who is told of every submission and completion.
  let trace: Trace?
  /// Who is told of what happens to queues.
  let listener: QueueListener?
  let events = ProcessLocked<PendingEvents> { PendingEvents() }
  let table: QueueTable
  let ports = PortList()
  let contexts: ThreadContexts
  let waiter: Waiter
  let ticks = Ticks.shared
  let slots: SlotPool
  let parking = ParkingLot()
  let completions = CompletionThread(hasWAITPKG: CPUFeatures.current.hasWAITPKG)
  let maintenance = ProcessLocked<MaintenanceState> { MaintenanceState() }
  let maintainer = ProcessLocked<SystemThread?> { nil }
  /// Wakes the maintenance thread.
  let wake = CountingSemaphore()
  let isStopping = Atomic(false)
  /// Rises with every reset of the statistics.
  let epochValue = Atomic<UInt64>(0)
  let baseline = ProcessLocked<CounterBlock.CounterSum> { CounterBlock.CounterSum() }
  /// The process that opened the queues; a child opens them anew.
  let generation: Atomic<UInt64>
  private let states: [BlockPosition: MappedMemory]
  private let stateAddresses: (last: UInt64, notLast: UInt64)

  init(
    configuration: Dispatcher.Configuration, source: any QueueSource, topology: CPUTopology,
    trace: Trace? = nil, listener: QueueListener? = nil
  ) {
    configuration.checkRanges()
    self.trace = trace
    self.listener = listener
    self.configuration = configuration
    nanoseconds = configuration.nanoseconds
    let rules = ModeRules(configuration.mode)
    self.rules = rules
    self.source = source
    self.topology = topology
    table = QueueTable(topology: topology)
    let capacity = rules.bound(configuration.chunkSize, .notLast)
    contexts = ThreadContexts(
      destinationCapacity: min(capacity, 64 << 10), mode: configuration.mode,
      profile: configuration.profile)
    slots = SlotPool(destinationCapacity: min(capacity, 64 << 10))
    waiter = Waiter(
      limit: configuration.waitLimit, hasWAITPKG: CPUFeatures.current.hasWAITPKG,
      style: configuration.syncMode)
    generation = Atomic(ForkGuard.generation)
    var states: [BlockPosition: MappedMemory] = [:]
    for position in BlockPosition.allCases {
      guard let bytes = rules.compressionState(position) else { continue }
      let memory = MappedMemory(byteCount: CompressionStateLayout.byteCount)
      // SAFETY: the memory has a page's bytes, more than the state.
      unsafe bytes.withUnsafeBytes { from in
        if let start = from.baseAddress {
          unsafe memory.base.copyMemory(from: start, byteCount: from.count)
        }
      }
      states[position] = memory
    }
    self.states = states
    func address(_ position: BlockPosition) -> UInt64 {
      states[position].map { UInt64(UInt(bitPattern: unsafe $0.base)) } ?? 0
    }
    stateAddresses = (address(.last), address(.notLast))
  }

  /// Reads a byte of the compressor's state: nothing but devices uses it otherwise, and its page may
  /// have been swapped out.
  @inline(__always)
  func touchCompressionState(_ position: BlockPosition) {
    guard let state = unsafe UnsafeRawPointer(bitPattern: UInt(compressionState(position))) else {
      return
    }
    // SAFETY: the state lies within one page, which lives as long as the dispatcher.
    unsafe Page.touchForReading(state, count: 1)
  }

  /// A compression as the mode has it.
  @inline(__always)
  func compression(
    _ position: BlockPosition, source: UInt64, sourceCount: Int, destination: UInt64,
    destinationCapacity: Int
  ) -> DescriptorFields {
    var fields = DescriptorFields(
      opcode: .compress, flags: .withoutState,
      operationFlags: rules.compressFlags(position).rawValue, source: source,
      sourceCount: sourceCount, destination: destination, destinationCapacity: destinationCapacity)
    let state = compressionState(position)
    if state != 0 { fields.readState(at: state, count: CompressionStateLayout.byteCount) }
    return fields
  }

  /// Where the compressor's state is; 0 where the mode has none.
  @inline(__always)
  func compressionState(_ position: BlockPosition) -> UInt64 {
    position == .last ? stateAddresses.last : stateAddresses.notLast
  }

  @inline(__always)
  var epoch: UInt64 { epochValue.load(ordering: .relaxed) }

  /// Keeps a queue from further jobs and sees to its return.
  func stop(_ port: QueuePort, _ state: QueuePort.State) {
    let event: QueueEvent.Change
    switch state {
    case .broken: event = .broken
    case .doubted: event = .doubted
    case .quarantined: event = .quarantined
    case .open, .closed: preconditionFailure("a queue is not \(state) until it returns")
    }
    if change(port, event, by: { port.stop(state) }) { wake.signal() }
  }

  /// Keeps a queue that did not answer in time from further jobs, and others that have never answered
  /// until they have passed a probe: else a device that is dead would cost one wait for each of its
  /// queues. With hardware or nothing their jobs would fail, so there the others are believed.
  func noteSilence(of port: QueuePort) {
    stop(port, .broken)
    guard configuration.path != .hardware else { return }
    for other in ports.all where !other.hasAnswered { stop(other, .doubted) }
  }

  /// Counts a bad result against a queue.
  func noteBadResult(_ port: QueuePort) {
    if port.noteBadResult(
      at: Clock.now, threshold: configuration.quarantineThreshold,
      window: nanoseconds.quarantineWindow)
    {
      stop(port, .quarantined)
    }
  }

  /// Leaves a slot with the device that may still write to it.
  func park(_ slot: JobSlot, in port: QueuePort) {
    parking.add(slot, port, deadline: Clock.now &+ nanoseconds.waitLimit)
    port.leaveParked()
    wake.signal()
  }

  /// Whether the queues are this process's: in a child they are opened anew, if that is possible.
  @inline(__always)
  func ownsQueues() -> Bool {
    generation.load(ordering: .acquiring) == ForkGuard.generation || recoverInChild()
  }
}

/// The queues a dispatcher has ever seen. They stay, so that a thread that holds one needs no lock.
@safe final class PortList: @unchecked Sendable {
  // SAFETY: slots are filled once, under maintenance's lock, before their index is published.
  private let storage: UnsafeMutablePointer<QueuePort?>
  private let countValue = Atomic<Int>(0)

  init() {
    unsafe storage = .allocate(capacity: QueueTable.maximumQueues)
    unsafe storage.initialize(repeating: nil, count: QueueTable.maximumQueues)
  }

  deinit {
    unsafe storage.deinitialize(count: QueueTable.maximumQueues)
    unsafe storage.deallocate()
  }

  var count: Int { countValue.load(ordering: .acquiring) }

  /// A queue by its index, without counting a reference to it: queues stay as long as the list.
  @inline(__always)
  func unmanaged(_ index: Int) -> Unmanaged<QueuePort> {
    // SAFETY: the list keeps the queue.
    unsafe Unmanaged.passUnretained(self[index])
  }

  /// A queue by its index.
  @inline(__always)
  subscript(index: Int) -> QueuePort {
    guard index < QueueTable.maximumQueues, let port = unsafe storage[index] else {
      preconditionFailure("no such queue")
    }
    return port
  }

  var all: [QueuePort] { (0..<count).map { self[$0] } }

  /// Adds a queue; nil when there have been too many. Only under maintenance's lock.
  func add(_ description: QueueDescription) -> QueuePort? {
    let index = count
    guard index < QueueTable.maximumQueues else { return nil }
    let port = QueuePort(index: index, description: description)
    unsafe storage[index] = port
    countValue.store(index + 1, ordering: .releasing)
    return port
  }
}
