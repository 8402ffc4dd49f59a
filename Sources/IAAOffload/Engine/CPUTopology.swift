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

  /// The machine that `root` describes: `/sys/devices/system` below it. Without that, as many
  /// processors as the process sees, on one node.
  public static func read(root: String = "") -> CPUTopology {
    let base = root + "/sys/devices/system"
    var nodeOfCPU: [Int: Int] = [:]
    for node in parseList(TextFile.read(base + "/node/online") ?? "") {
      for cpu in parseList(TextFile.read(base + "/node/node\(node)/cpulist") ?? "") {
        nodeOfCPU[cpu] = node
      }
    }
    var ids = parseList(TextFile.read(base + "/cpu/present") ?? "")
    if ids.isEmpty { ids = Array(0..<max(1, sysconf(Int32(_SC_NPROCESSORS_CONF)))) }
    return CPUTopology(
      cpus: ids.map { id in
        let package = TextFile.read(base + "/cpu/cpu\(id)/topology/physical_package_id")
        return CPU(id: id, node: nodeOfCPU[id] ?? 0, package: package.flatMap { Int($0) } ?? 0)
      })
  }

  /// Numbers and ranges as the kernel lists them: `0-3,8`.
  static func parseList(_ text: String) -> [Int] {
    text.split(separator: ",").flatMap { part -> [Int] in
      let ends = part.split(separator: "-").compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last, first <= last, numbers.contains(last)
      else {
        return []
      }
      return Array(first...last)
    }
  }
}

/// Small files of text.
enum TextFile {
  /// The contents without white space at the end; nil when the file cannot be read.
  static func read(_ path: String) -> String? {
    // SAFETY: the calls get buffers with their own counts.
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    let count = unsafe bytes.withUnsafeMutableBytes {
      unsafe Glibc.read(file, $0.baseAddress, $0.count)
    }
    guard count >= 0 else { return nil }
    var text = String(decoding: bytes[..<count], as: UTF8.self)
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  /// Replaces the contents; whether that worked.
  @discardableResult
  static func write(_ text: String, to path: String) -> Bool {
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { return false }
    defer { close(file) }
    let bytes = Array(text.utf8)
    let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
    return count == bytes.count
  }
}
