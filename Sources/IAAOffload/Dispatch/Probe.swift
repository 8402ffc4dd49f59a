// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A probe asks a queue for a stream of a known page before jobs are trusted to it. Which stream that is depends on
// the device's profile, so what counts is that it decodes to the page. Probes are started together and waited for
// together, so that dead queues cost one wait and not one each.

import FixedDeflate
import Glibc
import IAADevices
import Synchronization

/// A page on its way through a queue that nobody else uses.
struct Probe {
  let port: QueuePort
  let slot: JobSlot
  /// Its address in a descriptor does not keep it.
  let page: MappedMemory
  /// Whether the queue was opened for the first time, and not after it broke.
  let isFirst: Bool
  /// The queue refused the descriptor.
  let isRefused: Bool
}

extension DispatcherCore {
  /// How long a probe is waited for before it is asked whether the dispatcher is about to close.
  private static let stretch: UInt64 = 2_000_000

  /// Hands a queue that is not open to others the known page.
  func startProbe(of port: QueuePort, isFirst: Bool, _ state: inout MaintenanceState) {
    let page = MappedMemory(byteCount: Page.size)
    // SAFETY: the page's own bytes.
    unsafe page.base.initializeMemory(as: UInt8.self, repeating: 0x2A, count: Page.size)
    let slot = JobSlot(destinationCapacity: Page.size)
    var fields = DescriptorFields(
      opcode: .compress, flags: .compress, operationFlags: CompressFlags.lastChunk.rawValue,
      source: UInt64(UInt(bitPattern: unsafe page.base)), sourceCount: Page.size,
      destination: UInt64(UInt(bitPattern: unsafe slot.destination)),
      destinationCapacity: Page.size,
      state: compressionState(.last), stateCount: CompressionStateLayout.byteCount)
    if port.blocksOnFault { fields.flags.insert(.blockOnFault) }
    slot.prepare(fields)
    port.enterForProbe()
    // SAFETY: the slot is parked if the device does not answer. The page may go then: a device that
    // reads it late writes into the parked slot only.
    let isRefused = unsafe port.submit(slot.descriptor) != .accepted
    if isRefused { port.leave() }
    state.probes.append(
      Probe(port: port, slot: slot, page: page, isFirst: isFirst, isRefused: isRefused))
  }

  /// Waits for the probes that were started, one ``Dispatcher/Configuration/waitLimit`` in all, or until the
  /// dispatcher closes.
  ///
  /// - Returns: Each with whether its queue made a stream of the page.
  func awaitProbes(_ state: inout MaintenanceState) -> [(probe: Probe, hasPassed: Bool)] {
    let probes = state.probes
    state.probes = []
    let deadline = Clock.now &+ configuration.waitLimit.nanoseconds
    return probes.map { probe in
      // Its address in a descriptor does not keep the page.
      defer { withExtendedLifetime(probe.page) {} }
      return (probe, !probe.isRefused && hasPassed(probe, deadline: deadline))
    }
  }

  private func hasPassed(_ probe: Probe, deadline: UInt64) -> Bool {
    guard let status = status(of: probe.slot, deadline: deadline) else {
      park(probe.slot, in: probe.port)
      return false
    }
    probe.port.leave()
    let record = probe.slot.completion(statusByte: status)
    guard record.status == .success, record.outputSize <= probe.slot.destinationCapacity else {
      return false
    }
    var verifier = SoftwareVerifier()
    return probe.slot.withDestination(count: record.outputSize) { stream in
      // SAFETY: bytes have no padding.
      unsafe verifier.isStream(stream, of: Self.probePage.span.bytes)
    }
  }

  /// The status byte of a slot once it is set; nil when the time was over first.
  private func status(of slot: JobSlot, deadline: UInt64) -> UInt8? {
    while true {
      // Looked at once also when earlier probes took all the time: this one has had as much.
      if slot.statusByte != 0 { return slot.statusByte }
      let now = Clock.now
      guard now < deadline, !isStopping.load(ordering: .acquiring) else { return nil }
      let waiter = Waiter(
        limit: WaitLimit(polls: .max, nanoseconds: min(deadline - now, Self.stretch)),
        hasWAITPKG: waiter.hasWAITPKG, style: configuration.syncMode)
      if let status = waiter.wait(for: slot) { return status }
    }
  }

  private static let probePage = [UInt8](repeating: 0x2A, count: Page.size)
}
