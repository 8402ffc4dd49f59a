// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The mapping as threads read it: for each processor and kind of job a short list of queues, in
// atomic words that are rewritten in place. A reader may see half of a new list and half of an old
// one; every entry is the index of a queue that exists, and the queue itself says whether it is open.

import CIAAShim.Device
import IAADevices
import Synchronization

/// Queue lists by processor.
@safe final class QueueTable: @unchecked Sendable {
  // SAFETY: only atomics, at offsets within the allocation.

  /// Queues a dispatcher can have seen in its life.
  static let maximumQueues = 128
  /// Queues in a list: more than the four devices of a package have, with eight each.
  static let listCapacity = 63

  private let words: UnsafeMutablePointer<Atomic<UInt16>>
  private let cpuCount: Int
  private let stride = QueueTable.listCapacity + 1
  private let topology: CPUTopology

  init(topology: CPUTopology) {
    self.topology = topology
    cpuCount = (topology.cpus.last?.id ?? 0) + 1
    let count = cpuCount * 2 * stride
    unsafe words = .allocate(capacity: count)
    for index in 0..<count { unsafe (words + index).initialize(to: Atomic(0)) }
  }

  deinit { unsafe words.deallocate() }

  /// A list of queues, as long as nobody looks at it twice.
  struct List {
    let start: Int
    let count: Int
  }

  /// The list of the processor the caller runs on.
  @inline(__always)
  func list(_ kind: JobKind) -> List {
    let cpu = Int(sched_getcpu())
    let start = ((cpu >= 0 && cpu < cpuCount ? cpu : 0) * 2 + kind.rawValue) * stride
    // SAFETY: `start` is below the count of words, by the line above.
    return List(start: start + 1, count: Int(unsafe words[start].load(ordering: .acquiring)))
  }

  /// The queue at a position of a list, counted round.
  @inline(__always)
  func queue(_ list: List, at position: Int) -> Int {
    // SAFETY: a list's start and count lie within its stride.
    let offset = list.count == 1 ? 0 : position % list.count
    return Int(unsafe words[list.start + offset].load(ordering: .relaxed))
  }

  /// Publishes a mapping over the processors of the topology.
  func publish(_ mapping: QueueMapping) {
    for (position, cpu) in topology.cpus.enumerated() {
      for kind in JobKind.allCases {
        let list = mapping.list(kind, cpu: position).prefix(Self.listCapacity)
        let start = (cpu.id * 2 + kind.rawValue) * stride
        // SAFETY: a topology's numbers are not negative and ascend, so all are below `cpuCount`; lists
        // are cut to the stride.
        for (offset, queue) in list.enumerated() {
          unsafe words[start + 1 + offset].store(UInt16(queue), ordering: .relaxed)
        }
        unsafe words[start].store(UInt16(list.count), ordering: .releasing)
      }
    }
  }
}
