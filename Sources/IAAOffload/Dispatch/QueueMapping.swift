// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Which queues a processor's jobs go to: pure functions of the topology and the queues. The driver's
// rebalancing is as documented; the mapping by package is ours, after the newer kernels' idea.

import IAADevices

/// What a queue takes.
struct QueueRoles: OptionSet, Hashable {
  let rawValue: Int
  static let compress = Self(rawValue: 1)
  static let decompress = Self(rawValue: 2)
  static let both: Self = [.compress, .decompress]

  init(rawValue: Int) { self.rawValue = rawValue }
  init(_ kind: JobKind) { self = kind == .compress ? .compress : .decompress }
}

/// A queue as the mapping sees it.
struct MappedQueue: Hashable {
  var index: Int
  var id: QueueID
  var numaNode: Int
}

/// Lists of queue indices for each processor and kind of job.
struct QueueMapping: Hashable {
  /// By processor, in the topology's order.
  var compress: [[Int]]
  var decompress: [[Int]]

  func list(_ kind: JobKind, cpu: Int) -> [Int] {
    kind == .compress ? compress[cpu] : decompress[cpu]
  }

  init(
    topology: CPUTopology, queues: [MappedQueue], mapping: Dispatcher.Configuration.Mapping,
    compressQueuesPerDevice: Int?
  ) {
    let devices = Dictionary(grouping: queues, by: \.id.device).sorted { $0.key < $1.key }
      .map { $0.value.sorted { $0.id < $1.id } }
    let roles = devices.map { Self.roles($0, compressQueues: compressQueuesPerDevice) }
    let deviceOfCPU = Self.devices(of: topology, count: devices.count)
    func list(_ kind: JobKind, devices order: [Int]) -> [Int] {
      order.flatMap { device in
        zip(devices[device], roles[device]).filter { $0.1.contains(QueueRoles(kind)) }
          .map(\.0.index)
      }
    }
    let orders = topology.cpus.indices.map { position -> [Int] in
      guard let own = deviceOfCPU[position] else { return [] }
      switch mapping {
      case .perDevice: return [own]
      case .perPackage:
        let package = Self.devices(ofPackage: topology.cpus[position].package, topology, devices)
        let start = package.firstIndex(of: own) ?? position % package.count
        return Array(package[start...] + package[..<start])
      }
    }
    compress = orders.map { list(.compress, devices: $0) }
    decompress = orders.map { list(.decompress, devices: $0) }
  }

  /// The driver's walk: nodes in order, their processors in order, the next device every
  /// `cpus_per_iaa` processors; past the last device, the first.
  static func devices(of topology: CPUTopology, count: Int) -> [Int?] {
    guard count > 0 else { return topology.cpus.map { _ in nil } }
    let cpusPerDevice = cpusPerDevice(topology, deviceCount: count)
    var result = [Int?](repeating: nil, count: topology.cpus.count)
    let walk = topology.cpus.indices.sorted {
      (topology.cpus[$0].node, topology.cpus[$0].id) < (
        topology.cpus[$1].node, topology.cpus[$1].id
      )
    }
    for (step, position) in walk.enumerated() { result[position] = step / cpusPerDevice % count }
    return result
  }

  /// `cpus_per_iaa` = (nr_nodes × nr_cpus_per_node) / nr_iaa, at least 1.
  static func cpusPerDevice(_ topology: CPUTopology, deviceCount: Int) -> Int {
    let nodes = topology.nodes.count
    return max(1, nodes * (topology.cpus.count / nodes) / deviceCount)
  }

  /// Devices at the nodes of a package, by their order; all of them when there is none, or when
  /// nobody knows where they are.
  private static func devices(
    ofPackage package: Int, _ topology: CPUTopology, _ devices: [[MappedQueue]]
  ) -> [Int] {
    let nodes = Set(topology.cpus.filter { $0.package == package }.map(\.node))
    let local = devices.indices.filter { nodes.contains(devices[$0][0].numaNode) }
    return local.isEmpty ? Array(devices.indices) : local
  }

  /// The last queues of a device take compressions, the others decompressions, as the driver's
  /// g_comp_wqs_per_iaa does; without enough for both, all take both.
  private static func roles(_ queues: [MappedQueue], compressQueues: Int?) -> [QueueRoles] {
    guard let compressQueues, (1..<queues.count).contains(compressQueues) else {
      return queues.map { _ in .both }
    }
    let first = queues.count - compressQueues
    return queues.indices.map { $0 >= first ? .compress : .decompress }
  }
}
