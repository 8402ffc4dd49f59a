// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Which processors there are and where: what queues are spread over.

import Glibc

/// The processors of a machine.
public struct CPUTopology: Sendable, Hashable {
  /// A logical processor.
  public struct CPU: Sendable, Hashable {
    /// Its number.
    public var id: Int
    /// Its memory node.
    public var node: Int
    /// Its package (socket).
    public var package: Int

    /// Creates a processor.
    public init(id: Int, node: Int, package: Int) {
      self.id = id
      self.node = node
      self.package = package
    }
  }

  /// Numbers that a processor can have, more than any kernel gives out.
  static let numbers = 0..<1 << 16
  /// Processors that a kernel can be built for (the largest CONFIG_NR_CPUS of Linux).
  static let cpuLimit = 8192
  /// Memory nodes that a kernel can be built for (CONFIG_NODES_SHIFT of at most 10).
  static let nodeLimit = 1024

  /// All processors, by number.
  public let cpus: [CPU]

  /// Creates a topology. Traps without processors, and on numbers outside 0…65,535.
  public init(cpus: [CPU]) {
    precondition(!cpus.isEmpty, "no processors")
    precondition(cpus.allSatisfy { Self.numbers.contains($0.id) }, "processor outside 0...65,535")
    self.cpus = cpus.sorted { $0.id < $1.id }
  }

  /// Processors in order over nodes of equal size, one package a node.
  public init(nodes: Int, cpusPerNode: Int) {
    self.init(
      cpus: (0..<nodes * cpusPerNode).map {
        CPU(id: $0, node: $0 / cpusPerNode, package: $0 / cpusPerNode)
      })
  }

  /// Memory nodes that have processors, in order.
  public var nodes: [Int] { Set(cpus.map(\.node)).sorted() }

  /// The machine that `root` describes: `/sys/devices/system` below it. Without that, or where its
  /// lists are none that a kernel writes, as many processors as the process sees, on one node.
  public static func read(root: String = "") -> CPUTopology {
    CPUList.Machine(SystemRoot(root.isEmpty ? "/" : root)).topology
  }
}

/// Lists of numbers as the kernel writes them: `0-3,8`.
struct CPUList {
  /// The numbers, in ascending order, each once.
  let numbers: [Int]

  /// Parses a list; nil when it is none, or has a number of `limit` or more. Time and memory are in
  /// proportion to the text and to `limit`, however often its ranges repeat each other.
  init?(_ text: String, limit: Int) {
    var ranges: [ClosedRange<Int>] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: text.isEmpty) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1], first <= last,
        0 <= first, last < limit
      else { return nil }
      ranges.append(first...last)
    }
    var numbers: [Int] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      let start = max(range.lowerBound, (numbers.last ?? -1) + 1)
      if start <= range.upperBound { numbers += start...range.upperBound }
    }
    self.numbers = numbers
  }

  /// The processors of a tree, and what of their lists makes no sense.
  struct Machine {
    let topology: CPUTopology
    /// One reason for each list that was not taken.
    private(set) var problems: [String] = []

    init(_ root: SystemRoot) {
      let base = "/sys/devices/system"
      var problems: [String] = []
      func list(_ path: String, _ limit: Int) -> [Int] {
        // Ranges of two digits for all of them are less than a page; single ones 40 kB.
        guard let text = try? root.text(path, limit: 1 << 16).trimmingWhitespace()
        else { return [] }
        if let list = CPUList(text, limit: limit) { return list.numbers }
        problems.append("\(root.locate(path)) is no list of numbers below \(limit)")
        return []
      }
      var nodeOfCPU: [Int: Int] = [:]
      for node in list("\(base)/node/online", CPUTopology.nodeLimit) {
        for cpu in list("\(base)/node/node\(node)/cpulist", CPUTopology.cpuLimit) {
          nodeOfCPU[cpu] = node
        }
      }
      var ids = list("\(base)/cpu/present", CPUTopology.cpuLimit)
      if ids.isEmpty { ids = Array(0..<max(1, sysconf(Int32(_SC_NPROCESSORS_CONF)))) }
      topology = CPUTopology(
        cpus: ids.map { id in
          let package = try? root.line("\(base)/cpu/cpu\(id)/topology/physical_package_id")
          return CPUTopology.CPU(
            id: id, node: nodeOfCPU[id] ?? 0, package: package.flatMap { Int($0) } ?? 0)
        })
      self.problems = problems
    }
  }
}
