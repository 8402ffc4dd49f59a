// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A probe asks a queue for something that is known before jobs are trusted to it: for a stream of a page, or for the
// page of a stream. Which stream a page has depends on the device's profile, so what counts is that it decodes to the
// page. Without headers the device is first asked for the state that it decompresses with, as the driver does it, and
// that state is trusted once the page has come back by it. Probes are started together and waited for together, so
// that dead queues cost one wait and not one each.

import FixedDeflate
import Glibc
import IAADevices
import SplitMix
import Synchronization

/// A question on its way through a queue that nobody else uses.
struct Probe {
  /// What is asked for.
  enum Question {
    /// A stream of the known page.
    case stream
    /// The state to decompress streams with that have no header.
    case state
    /// The page of a known stream, by the state in a slot, if any.
    case page(by: JobSlot?)
  }

  let question: Question
  let port: QueuePort
  /// Whether the queue was opened for the first time, and not after it broke.
  let isFirst: Bool
  /// How often the question was asked of the queue, this time included.
  let attempt: Int
  /// Holds all that the descriptor points at, so that it is enough to park it.
  let slot = JobSlot(destinationCapacity: Page.size)
  /// The queue refused the descriptor.
  var isRefused = false

  init(_ question: Question, of port: QueuePort, isFirst: Bool, attempt: Int = 1) {
    self.question = question
    self.port = port
    self.isFirst = isFirst
    self.attempt = attempt
  }
}

/// How a probe ended.
enum ProbeAnswer {
  case right
  /// The device answered, with something else.
  case wrong
  /// It did not answer, or did not take the question.
  case none
}

extension DispatcherCore {
  /// How long a probe is waited for before it is asked whether the dispatcher is about to close.
  private static let stretch: UInt64 = 2_000_000

  /// Asks a queue that was opened what shows whether jobs can be trusted to it.
  func startProbe(of port: QueuePort, isFirst: Bool, _ state: inout MaintenanceState) {
    let needsState = isFirst && rules.kind == .canned
    let question: Probe.Question =
      needsState ? .state : port.does(.compress, rules) ? .stream : .page(by: nil)
    send(Probe(question, of: port, isFirst: isFirst), &state)
  }

  /// Hands a queue that is not open to others a question.
  func send(_ probe: consuming Probe, _ state: inout MaintenanceState) {
    let (port, slot) = (probe.port, probe.slot)
    var fields = fields(of: probe, &state)
    if port.blocksOnFault { fields.flags.insert(.blockOnFault) }
    slot.prepare(fields)
    port.enterForProbe()
    // SAFETY: the slot is parked if the device does not answer, and holds all that the descriptor points at, but for
    // a state to read, which is another slot's: a device that reads it late writes into the parked slot only.
    probe.isRefused = unsafe port.submit(slot.descriptor) != .accepted
    if probe.isRefused { port.leave() }
    state.probes.append(probe)
  }

  private func fields(of probe: Probe, _ state: inout MaintenanceState) -> DescriptorFields {
    let (port, slot) = (probe.port, probe.slot)
    func source(_ bytes: [UInt8]) -> UInt64 {
      // SAFETY: bytes have no padding.
      UInt64(UInt(bitPattern: unsafe slot.copySource(bytes.span.bytes)))
    }
    let destination = UInt64(UInt(bitPattern: unsafe slot.destination))
    switch probe.question {
    case .stream:
      return compression(
        .last, source: source(Self.probePage), sourceCount: Page.size, destination: destination,
        destinationCapacity: Page.size)
    case .state:
      guard let header = rules.header else { preconditionFailure("a mode without a table") }
      let ignored = header.bytes.count * 8 - header.bitCount
      return DescriptorFields(
        opcode: .decompress, flags: .makeState,
        operationFlags: DecompressFlags.headerAlone.union(.ignoringEndBits(ignored)).rawValue,
        source: source(header.bytes), sourceCount: header.bytes.count, destination: 0,
        destinationCapacity: 0, state: destination, stateCount: stateByteCount(port))
    case .page(let stateSlot):
      let stream = knownPage(&state).stream
      var fields = DescriptorFields(
        opcode: .decompress, flags: .withoutState,
        operationFlags: DecompressFlags.oneBlock.rawValue, source: source(stream),
        sourceCount: stream.count, destination: destination, destinationCapacity: Page.size)
      if let stateSlot {
        fields.readState(
          at: UInt64(UInt(bitPattern: unsafe stateSlot.destination)), count: stateByteCount(port))
      }
      return fields
    }
  }

  /// Bytes of the state that a queue's device decompresses with.
  func stateByteCount(_ port: QueuePort) -> Int {
    port.description.capabilities.decompressionStateByteCount
  }

  /// Waits for the probes that were started, one ``Dispatcher/Configuration/waitLimit`` in all, or until the
  /// dispatcher closes.
  ///
  /// - Returns: Each with its answer.
  func awaitProbes(_ state: inout MaintenanceState) -> [(probe: Probe, answer: ProbeAnswer)] {
    let probes = state.probes
    state.probes = []
    let deadline = Clock.now &+ nanoseconds.waitLimit
    return probes.map { probe in
      (probe, probe.isRefused ? .none : answer(of: probe, deadline: deadline, &state))
    }
  }

  private func answer(
    of probe: Probe, deadline: UInt64, _ state: inout MaintenanceState
  ) -> ProbeAnswer {
    guard let status = status(of: probe.slot, deadline: deadline) else {
      park(probe.slot, in: probe.port)
      return .none
    }
    probe.port.leave()
    let record = probe.slot.completion(statusByte: status)
    let count = record.outputSize
    guard record.status == .success, count <= probe.slot.destinationCapacity else { return .wrong }
    let isRight =
      switch probe.question {
      // Only by use does it show.
      case .state: true
      case .stream:
        probe.slot.withDestination(count: count) { stream in
          var verifier = SoftwareVerifier(configuration.mode)
          // SAFETY: bytes have no padding.
          return unsafe verifier.isStream(stream, of: Self.probePage.span.bytes)
        }
      case .page:
        probe.slot.withDestination(count: count) { page in
          let expected = knownPage(&state).bytes
          return page.byteCount == expected.count && page.isEqual(to: expected)
        }
      }
    return isRight ? .right : .wrong
  }

  /// The status byte of a slot once it is set; nil when the time was over first.
  private func status(of slot: JobSlot, deadline: UInt64) -> UInt8? {
    while true {
      // Looked at once also when earlier probes took all the time: this one has had as much.
      if slot.statusByte != 0 { return slot.statusByte }
      let now = Clock.now
      guard now < deadline, !isStopping.load(ordering: .acquiring) else { return nil }
      let waiter = waiter.limited(to: min(deadline - now, Self.stretch))
      if let status = waiter.wait(for: slot) { return status }
    }
  }

  /// The page that streams are asked of: the one in the driver's own log.
  private static let probePage = [UInt8](repeating: 0x2A, count: Page.size)

  /// The page that is asked of streams: every byte value, then copies of every length and from every kind of distance
  /// that devices have, so that a state with a wrong codeword shows.
  private static let variedPage: [UInt8] = {
    var bytes = (0...UInt8.max).map { $0 }
    var generator = SplitMix64(state: 1)
    var number = 0
    while bytes.count < Page.size {
      let reach = 1 << (number % 12)
      let distance = min(reach + generator.number(0...reach - 1), bytes.count)
      for _ in 0..<3 + number % 30 { bytes.append(bytes[bytes.count - distance]) }
      for _ in 0..<1 + number % 3 { bytes.append(UInt8(generator.number(0...255))) }
      number += 1
    }
    return Array(bytes.prefix(Page.size))
  }()

  /// A page and its stream by the dispatcher's mode. Where a table has no codeword for something in the page it is the
  /// literals that it has; where it has none, there is nothing that could be asked.
  private func knownPage(
    _ state: inout MaintenanceState
  ) -> (bytes: [UInt8], stream: [UInt8]) {
    if let known = state.knownPage { return known }
    let known = makeKnownPage()
    state.knownPage = known
    return known
  }

  private func makeKnownPage() -> (bytes: [UInt8], stream: [UInt8]) {
    let literals = (0...UInt8.max).filter { rules.table?.literalLengthLengths[Int($0)] ?? 1 > 0 }
    var encoder = Encoder(mode: configuration.mode)
    for bytes in [Self.variedPage, literals] {
      do throws(DeflateError) {
        let stream = try makeBytes(capacity: rules.bound(bytes.count, .last)) {
          (output: inout OutputRawSpan) throws(DeflateError) in
          // SAFETY: bytes have no padding.
          try encoder.compress(unsafe bytes.span.bytes, into: &output)
        }
        return (bytes, stream)
      } catch {
        continue
      }
    }
    return ([], [])
  }
}
