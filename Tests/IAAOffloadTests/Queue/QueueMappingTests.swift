// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import IAADevices
@testable import IAAOffload

@Suite struct QueueMappingTests {
  static func queues(devices: [Int], perDevice: Int = 1, nodes: (Int) -> Int = { _ in -1 })
    -> [MappedQueue]
  {
    devices.flatMap { device in
      (0..<perDevice).map { queue in
        MappedQueue(
          index: device * 10 + queue, id: QueueID(device: device, queue: queue),
          numaNode: nodes(device))
      }
    }
  }

  /// The documentation's sample (facts, section 12): nr_nodes=2, nr_cpus 160, nr_iaa 8,
  /// cpus_per_iaa 20.
  @Test("documented sample has twenty processors a device")
  func documentedSampleHasTwentyProcessorsADevice() {
    let topology = CPUTopology(nodes: 2, cpusPerNode: 80)
    #expect(QueueMapping.cpusPerDevice(topology, deviceCount: 8) == 20)
    let devices = [1, 3, 5, 7, 9, 11, 13, 15]
    let mapping = QueueMapping(
      topology: topology, queues: Self.queues(devices: devices), mapping: .perDevice,
      compressQueuesPerDevice: nil)
    for cpu in 0..<160 { #expect(mapping.compress[cpu] == [devices[cpu / 20] * 10]) }
    #expect(mapping.compress == mapping.decompress)
  }

  @Test("one device serves all")
  func oneDeviceServesAll() {
    let mapping = QueueMapping(
      topology: CPUTopology(nodes: 2, cpusPerNode: 3), queues: Self.queues(devices: [7]),
      mapping: .perDevice, compressQueuesPerDevice: nil)
    #expect(mapping.compress == Array(repeating: [70], count: 6))
  }

  @Test("more devices than processors leave some unused")
  func moreDevicesThanProcessorsLeaveSomeUnused() {
    let mapping = QueueMapping(
      topology: CPUTopology(nodes: 1, cpusPerNode: 2), queues: Self.queues(devices: [1, 2, 3]),
      mapping: .perDevice, compressQueuesPerDevice: nil)
    #expect(mapping.compress == [[10], [20]])
  }

  @Test("past the last device comes the first")
  func pastTheLastDeviceComesTheFirst() {
    // 7 processors, 3 devices: 2 processors each, and the seventh begins anew.
    let mapping = QueueMapping(
      topology: CPUTopology(nodes: 1, cpusPerNode: 7), queues: Self.queues(devices: [1, 2, 3]),
      mapping: .perDevice, compressQueuesPerDevice: nil)
    #expect(mapping.compress == [[10], [10], [20], [20], [30], [30], [10]])
  }

  @Test("walk goes by nodes not by numbers")
  func walkGoesByNodesNotByNumbers() {
    // Even processors on node 0, odd ones on node 1.
    let topology = CPUTopology(
      cpus: (0..<4).map { CPUTopology.CPU(id: $0, node: $0 % 2, package: $0 % 2) })
    let mapping = QueueMapping(
      topology: topology, queues: Self.queues(devices: [1, 2]), mapping: .perDevice,
      compressQueuesPerDevice: nil)
    #expect(mapping.compress == [[10], [20], [10], [20]])
  }

  /// As the driver's g_comp_wqs_per_iaa: "the driver sends decompresses to wqX.0 and compresses to
  /// wqX.1" (Sridhar's series of 2025, of two queues a device).
  @Test("split devices compress on their last queues")
  func splitDevicesCompressOnTheirLastQueues() {
    let mapping = QueueMapping(
      topology: CPUTopology(nodes: 1, cpusPerNode: 2),
      queues: Self.queues(devices: [1], perDevice: 3), mapping: .perDevice,
      compressQueuesPerDevice: 1)
    #expect(mapping.compress[0] == [12] && mapping.decompress[0] == [10, 11])
    let single = QueueMapping(
      topology: CPUTopology(nodes: 1, cpusPerNode: 2), queues: Self.queues(devices: [1]),
      mapping: .perDevice, compressQueuesPerDevice: 1)
    #expect(single.compress[0] == [10] && single.decompress[0] == [10])
  }

  @Test("package mapping starts at the own device")
  func packageMappingStartsAtTheOwnDevice() {
    let topology = CPUTopology(nodes: 2, cpusPerNode: 4)
    let mapping = QueueMapping(
      topology: topology,
      queues: Self.queues(devices: [1, 2, 3, 4], perDevice: 2, nodes: { $0 <= 2 ? 0 : 1 }),
      mapping: .perPackage, compressQueuesPerDevice: 1)
    #expect(mapping.compress[0] == [11, 21] && mapping.decompress[0] == [10, 20])
    #expect(mapping.compress[2] == [21, 11])
    #expect(mapping.compress[4] == [31, 41] && mapping.compress[7] == [41, 31])
  }

  @Test("without queues all lists are empty")
  func withoutQueuesAllListsAreEmpty() {
    let mapping = QueueMapping(
      topology: CPUTopology(nodes: 1, cpusPerNode: 2), queues: [], mapping: .perPackage,
      compressQueuesPerDevice: nil)
    #expect(mapping.compress == [[], []])
  }

  @Test("kernel's lists of numbers are read")
  func kernelsListsOfNumbersAreRead() {
    func numbers(_ text: String) -> [Int]? { CPUList(text, limit: 8192)?.numbers }
    #expect(numbers("0-3,8,10-11") == [0, 1, 2, 3, 8, 10, 11])
    #expect(numbers("") == [] && numbers("8191") == [8191] && numbers("2,1-3,2-2") == [1, 2, 3])
    for text in ["3-1", "x", "1,", ",1", "-1", "1-2-3", "8192", "0-4000000000", "1--2", "1 2"] {
      #expect(numbers(text) == nil, "\(text)")
    }
    // Every range of a text of a megabyte says the same 8192 numbers.
    let repeated = String(repeating: "0-8191,", count: 150_000) + "0"
    #expect(numbers(repeated)?.count == 8192)
  }

  /// The table of lists has a row for every number up to the largest.
  @Test("processors with numbers that none has are refused")
  func processorsWithNumbersThatNoneHasAreRefused() async {
    for id in [-1, 1 << 16] {
      await #expect(processExitsWith: .failure) { [id = id as Int] in
        _ = CPUTopology(cpus: [.init(id: id, node: 0, package: 0)])
      }
    }
  }

  @Test("every queue of a package has a place in the table")
  func everyQueueOfAPackageHasAPlaceInTheTable() {
    let topology = CPUTopology(nodes: 1, cpusPerNode: 1)
    let table = QueueTable(topology: topology)
    let queues = Self.queues(devices: [1, 3, 5, 7], perDevice: 8)
    table.publish(
      QueueMapping(
        topology: topology, queues: queues, mapping: .perPackage, compressQueuesPerDevice: nil))
    let list = table.list(.compress)
    #expect((0..<list.count).map { table.queue(list, at: $0) } == queues.map(\.index))
  }

  @Test("processors come in any order")
  func processorsComeInAnyOrder() {
    let cpus = [70, 2].map { CPUTopology.CPU(id: $0, node: 0, package: 0) }
    let topology = CPUTopology(cpus: cpus)
    #expect(topology.cpus.map(\.id) == [2, 70])
  }
}
