// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the dispatcher itself costs: jobs over a portal that completes in place on the same thread
// and does no work, so that all there is to see is descriptor, submission, completion, copying the
// result and statistics. Allocations are counted by standing before malloc.

import FixedDeflate
import Glibc
import IAAModel
import IAAOffload
import MallocCounter
import OffloadStress

/// Rounds, each of so many jobs; the fastest and the median are shown.
let rounds = 25
let jobsPerRound = 40_000

/// Runs `body` and returns nanoseconds and allocations a job: fastest round and median.
@MainActor func measure(_ body: () -> Void) -> (
  fastest: Double, median: Double, allocations: Double
) {
  for _ in 0..<jobsPerRound { body() }
  var times: [Double] = []
  times.reserveCapacity(rounds)
  let before = malloc_count()
  for _ in 0..<rounds {
    let start = Clock.now
    for _ in 0..<jobsPerRound { body() }
    times.append(Double(Clock.now - start) / Double(jobsPerRound))
  }
  let allocations = Double(malloc_count() - before) / Double(rounds * jobsPerRound)
  times.sort()
  return (times[0], times[rounds / 2], allocations)
}

func show(_ name: String, _ result: (fastest: Double, median: Double, allocations: Double)) {
  func text(_ value: Double) -> String { String(Int(value.rounded())) }
  print(
    "\(name): fastest \(text(result.fastest)) ns, median \(text(result.median)) ns, "
      + "\((result.allocations * 1000).rounded() / 1000) allocations a job")
}

// The counter counts, or nothing that follows means anything.
let before = malloc_count()
var kept: [[UInt8]] = []
for index in 1...1000 { kept.append([UInt8](repeating: 1, count: index)) }
precondition(malloc_count() - before >= 1000, "allocations are not counted")

var configuration = Dispatcher.Configuration()
configuration.verifyCompress = .off
configuration.checkDecompress = false
let dispatcher = try Dispatcher.overNothing(configuration, resultCount: 64)
let input = [UInt8](repeating: 0x2A, count: 4096)
let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 8192, alignment: 64)

@MainActor func compress(_ count: Int, _ dispatcher: Dispatcher) {
  // SAFETY: the buffer lives as long as the program; bytes have no padding.
  var span = unsafe OutputRawSpan(buffer: output, initializedCount: 0)
  _ = unsafe try? dispatcher.compress(input.span.bytes.extracting(0..<count), into: &span)
}

@MainActor func decompress(_ count: Int, _ dispatcher: Dispatcher) {
  var span = unsafe OutputRawSpan(buffer: output, initializedCount: 0)
  _ = unsafe try? dispatcher.decompress(input.span.bytes.extracting(0..<count), into: &span)
}

show("compress, 64 bytes", measure { compress(64, dispatcher) })
show("compress, a page of 4096 bytes", measure { compress(4096, dispatcher) })
show("decompress, 64 bytes", measure { decompress(64, dispatcher) })
let statistics = dispatcher.statistics
precondition(
  statistics.hardwareSuccesses == statistics.jobs, "jobs left the queue: \(statistics)")

configuration.verifyCompress = .onDevice
for count in [64, 4096] {
  var crc = CRC32()
  unsafe crc.update(input.span.bytes.extracting(0..<count))
  let verifying = try Dispatcher.overNothing(configuration, resultCount: 64, crc: crc.value)
  show("compress and verify, \(count) bytes", measure { compress(count, verifying) })
  precondition(
    verifying.statistics.hardwareSuccesses == verifying.statistics.jobs, "jobs left the queue")
}
show("reading the clock", measure { _ = Clock.now })

// What each fault costs the caller: one page compressed (without verification) and decompressed by a
// model that fails the first descriptor, less the same by one that does not.
let page = (0..<4096).map { UInt8(truncatingIfNeeded: $0 * $0 / 100 % 7) }
var encoder = Encoder()
let stream = unsafe encoder.compress(page.span.bytes)

@MainActor func cost(_ script: [Fault?], _ kind: JobKind) throws -> Double {
  var times: [Double] = []
  for _ in 0..<31 {
    var faults = FaultPlan(script: script)
    faults.lateness = .milliseconds(30)
    var configuration = Dispatcher.Configuration()
    configuration.waitLimit = WaitLimit(polls: .max, time: .milliseconds(10))
    let dispatcher = try Dispatcher(configuration, models: [DeviceModel(.init(faults: faults))])
    var span = unsafe OutputRawSpan(buffer: output, initializedCount: 0)
    let report =
      kind == .compress
      ? unsafe try dispatcher.compress(page.span.bytes, into: &span)
      : unsafe try dispatcher.decompress(stream.span.bytes, into: &span)
    times.append(report.duration / .microseconds(1))
  }
  times.sort()
  return times[15]
}

print("\nmicroseconds a page, median of 31 first calls, wait limit 10 ms")
for fault in [nil] + Fault.allCases.filter({ $0 != .queueFull }).map(Optional.some) {
  let compression = try cost([fault], .compress)
  let decompression = try cost([fault], .decompress)
  print("\(fault?.rawValue ?? "no fault"): \(Int(compression)), \(Int(decompression))")
}
