// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A model below a fixture tree: the sysfs files of its device, and device files that stand for it.
// Discovery, opening, submission and completion are then one path, and what happens to the model
// shows in the tree as it would on a live system.

public import IAADevices
import IAAOffload
public import SystemPackage

/// A model laid under a tree; taken away when this goes.
public struct ModelMount: ~Copyable, Sendable {
  private let model: DeviceModel
  private let paths: [String]

  fileprivate init(model: DeviceModel, paths: [String]) {
    self.model = model
    self.paths = paths
  }

  deinit {
    model.core.onChange.withLock { $0 = nil }
    for path in paths { MountedQueues.set(nil, at: path) }
  }
}

extension DeviceModel {
  /// Writes the device's sysfs files below a root and has its queues' files stand for it.
  ///
  /// - Parameter root: A tree that is not the live system; traps on that.
  /// - Returns: What keeps the model there.
  /// - Throws: The errno that a write failed with.
  public func mount(under root: SystemRoot) throws(Errno) -> ModelMount {
    precondition(!root.isLive, "a model cannot be laid over the live system")
    let tree = ModelTree(model: self, root: root)
    try tree.writeAll()
    let paths = configuration.queues.indices.map { root.locate(tree.deviceFile($0)) }
    for (queue, path) in paths.enumerated() {
      MountedQueues.set({ self.open(queue) }, at: path)
    }
    core.onChange.withLock {
      $0 = { [weak self] in
        if let self { try? ModelTree(model: self, root: root).writeStates() }
      }
    }
    return ModelMount(model: self, paths: paths)
  }
}

/// The files of a model's device.
struct ModelTree {
  let model: DeviceModel
  let root: SystemRoot

  private var id: Int { model.configuration.id }
  private var folder: String { "/sys/bus/dsa/devices/iax\(id)" }

  func deviceFile(_ queue: Int) -> String { "/dev/iax/wq\(id).\(queue)" }

  private func put(_ path: String, _ value: String) throws(Errno) {
    let bytes = Array((value + "\n").utf8)
    // A model does not outlive its process, so its files need not be safe on disk.
    if let files = root.files as? HostFiles {
      try files.put(bytes, at: path, isSynchronized: false)
    } else {
      try root.files.replace(path, with: bytes)
    }
  }

  func writeAll() throws(Errno) {
    let configuration = model.configuration
    let generation = configuration.capabilities.isEmpty ? "0x100" : "0x200"
    let attributes: KeyValuePairs = [
      "version": generation, "max_groups": "4", "max_work_queues": "8",
      "max_work_queues_size": "128", "max_engines": "8", "numa_node": "\(configuration.numaNode)",
      "max_transfer_size": "2147483648", "op_cap": Self.operations,
      "gen_cap": "0x71f10901f0105", "configurable": "1", "clients": "0", "pasid_enabled": "1",
      "cmd_status": "0x0", "cdev_major": "0",
      "errors": Array(repeating: "00000000", count: 8).joined(separator: ","),
    ]
    for (name, value) in attributes { try put("\(folder)/\(name)", value) }
    // The kernel shows it for devices of the second generation alone.
    if !configuration.capabilities.isEmpty {
      try put("\(folder)/iaa_cap", "0x\(configuration.capabilities.rawValue.hex)")
    }
    var engine = 0
    for (group, count) in configuration.engines.enumerated() {
      let engines = (engine..<engine + count).map { "engine\(id).\($0)" }
      for name in engines { try put("\(folder)/\(name)/group_id", "\(group)") }
      engine += count
      let queues = configuration.queues.indices.filter { configuration.queues[$0].group == group }
      let path = "\(folder)/group\(id).\(group)"
      try put("\(path)/engines", engines.joined(separator: " "))
      try put("\(path)/work_queues", queues.map { "wq\(id).\($0)" }.joined(separator: " "))
      try put("\(path)/traffic_class_a", "1")
      try put("\(path)/traffic_class_b", "1")
    }
    for (index, queue) in configuration.queues.enumerated() {
      let attributes: KeyValuePairs = [
        "mode": queue.mode.rawValue, "size": "\(queue.size)", "threshold": "\(queue.threshold)",
        "group_id": "\(queue.group)", "priority": "10", "type": "user", "name": queue.name,
        "driver_name": "user", "block_on_fault": queue.blocksOnFault ? "1" : "0",
        "max_transfer_size": "\(queue.maximumTransferSize)", "cdev_minor": "\(index)",
        "clients": "0", "ats_disable": "0",
      ]
      for (name, value) in attributes { try put("\(folder)/wq\(id).\(index)/\(name)", value) }
    }
    try writeStates()
  }

  /// What changes while a model works.
  func writeStates() throws(Errno) {
    try put("\(folder)/state", model.core.isHalted ? "halted" : "enabled")
    for index in model.configuration.queues.indices {
      let isEnabled = model.core.isEnabled(index)
      try put("\(folder)/wq\(id).\(index)/state", isEnabled ? "enabled" : "disabled")
      if isEnabled {
        try put(deviceFile(index), "")
      } else if root.exists(deviceFile(index)) {
        try root.files.remove(deviceFile(index))
      }
    }
  }

  /// The operations a model does, as `op_cap` lists them: bits by code, highest word first.
  private static var operations: String {
    var words = [UInt32](repeating: 0, count: 8)
    for opcode in Opcode.allCases {
      words[7 - Int(opcode.rawValue) / 32] |= 1 << (UInt32(opcode.rawValue) % 32)
    }
    return words.map { word in
      String(repeating: "0", count: 8 - word.hex.count) + word.hex
    }.joined(separator: ",")
  }
}
