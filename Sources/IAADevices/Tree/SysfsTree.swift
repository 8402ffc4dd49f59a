// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Reads the dsa bus. Nothing here throws: a machine without the driver is an empty tree, and an
// attribute that cannot be read says so itself. A queue or device may vanish between two reads;
// what was read before stays, the rest reads as absent.

public import SystemPackage

/// The idxd driver's part of sysfs.
public struct SysfsTree: Sendable {
  /// Where the files are.
  public let root: SystemRoot
  /// The folder of all devices: /sys/bus/dsa/devices, or /sys/bus/iax/devices on kernels that
  /// gave IAA a bus of its own.
  public let devicesPath: String

  /// The buses that IAA devices have been on, the newer first.
  package static let buses = ["/sys/bus/dsa", "/sys/bus/iax"]

  /// The tree below `root`.
  public init(_ root: SystemRoot) {
    self.root = root
    let bus = Self.buses.first { root.exists($0 + "/devices") } ?? Self.buses[0]
    devicesPath = bus + "/devices"
  }

  /// The folder of a driver on the bus: "idxd", "user", "crypto" or "dmaengine".
  public func driverPath(_ driver: String) -> String {
    devicesPath.dropLast("devices".count) + "drivers/" + driver
  }

  /// Why the folder of devices cannot be listed; nil when it can.
  public var listingError: Errno? {
    do {
      _ = try root.files.names(in: devicesPath)
      return nil
    } catch { return error }
  }

  /// Whether there is a device of a kind: what costs the least to ask.
  public func hasDevice(of kind: DeviceKind) -> Bool {
    root.names(in: devicesPath).contains { DeviceName($0)?.kind == kind }
  }

  /// All devices, IAA and DSA, in the order accel-config lists them: by name, so "iax11" comes
  /// before "iax3", and DSA before IAA.
  public func devices() -> [Device] {
    let names = root.names(in: devicesPath).compactMap(DeviceName.init)
    // The driver's, so read once for all devices.
    let overrides = names.isEmpty ? false : overridesTrafficClasses
    return names.map { device($0, overridesTrafficClasses: overrides) }
  }

  /// One device; its attributes all read as absent when there is no such device.
  public func device(_ name: DeviceName) -> Device {
    device(name, overridesTrafficClasses: overridesTrafficClasses)
  }

  private func device(_ name: DeviceName, overridesTrafficClasses: Bool) -> Device {
    let path = "\(devicesPath)/\(name)"
    let parts = root.names(in: path).compactMap(PartName.init)
      .filter { $0.deviceID == name.id }
      .sorted { $0.index < $1.index }
    let read = Reader(root: root, path: path)
    return Device(
      name: name,
      path: path,
      pciAddress: pciAddress(path),
      state: read.name("state"),
      version: read.integer("version"),
      numaNode: read.integer("numa_node"),
      genCap: read.integer("gen_cap"),
      opCap: read.attribute("op_cap", OpcodeSet.init),
      iaaCap: read.integer("iaa_cap"),
      maxGroups: read.integer("max_groups"),
      maxQueues: read.integer("max_work_queues"),
      maxQueuesSize: read.integer("max_work_queues_size"),
      maxEngines: read.integer("max_engines"),
      maxTransferSize: read.integer("max_transfer_size"),
      maxBatchSize: read.integer("max_batch_size"),
      configurable: read.integer("configurable"),
      pasidEnabled: read.integer("pasid_enabled"),
      cdevMajor: read.integer("cdev_major"),
      clients: read.integer("clients"),
      commandStatus: read.integer("cmd_status"),
      errors: read.text("errors"),
      eventLogSize: read.integer("event_log_size"),
      readBufferLimit: read.integer("read_buffer_limit", formerly: "token_limit"),
      maxReadBuffers: read.integer("max_read_buffers", formerly: "max_tokens"),
      overridesTrafficClasses: overridesTrafficClasses,
      groups: parts.filter { $0.kind == .group }.map { group($0, in: path) },
      engines: parts.filter { $0.kind == .engine }.map { engine($0, in: path) },
      queues: parts.filter { $0.kind == .queue }.map { queue($0, in: path) })
  }

  /// The driver's parameter that lets traffic classes be set where they are fixed otherwise.
  private var overridesTrafficClasses: Bool {
    ["Y", "1"].contains((try? root.line("/sys/module/idxd/parameters/tc_override")) ?? "")
  }

  func group(_ name: PartName, in device: String) -> EngineGroup {
    let path = "\(device)/\(name)"
    let read = Reader(root: root, path: path)
    return EngineGroup(
      name: name,
      path: path,
      engines: read.parts("engines", .engine),
      queues: read.parts("work_queues", .queue),
      trafficClassA: read.integer("traffic_class_a"),
      trafficClassB: read.integer("traffic_class_b"),
      descProgressLimit: read.integer("desc_progress_limit"),
      batchProgressLimit: read.integer("batch_progress_limit"),
      readBuffersReserved: read.integer("read_buffers_reserved", formerly: "tokens_reserved"),
      useReadBufferLimit: read.integer("use_read_buffer_limit", formerly: "use_token_limit"),
      readBuffersAllowed: read.integer("read_buffers_allowed", formerly: "tokens_allowed"))
  }

  func engine(_ name: PartName, in device: String) -> DeviceEngine {
    let path = "\(device)/\(name)"
    return DeviceEngine(
      name: name, path: path, groupID: Reader(root: root, path: path).integer("group_id"))
  }

  func queue(_ name: PartName, in device: String) -> WorkQueue {
    let path = "\(device)/\(name)"
    let read = Reader(root: root, path: path)
    return WorkQueue(
      name: name,
      path: path,
      mode: read.name("mode"),
      type: read.name("type"),
      state: read.name("state"),
      size: read.integer("size"),
      threshold: read.integer("threshold"),
      priority: read.integer("priority"),
      groupID: read.integer("group_id"),
      blockOnFault: read.integer("block_on_fault"),
      label: read.text("name"),
      driverName: read.text("driver_name"),
      boundDriver: lastComponent(ofLink: path + "/driver"),
      maxTransferSize: read.integer("max_transfer_size"),
      maxBatchSize: read.integer("max_batch_size"),
      clients: read.integer("clients"),
      cdevMinor: read.integer("cdev_minor"),
      atsDisable: read.integer("ats_disable"),
      prsDisable: read.integer("prs_disable"),
      enqcmdsRetries: read.integer("enqcmds_retries"),
      occupancy: read.integer("occupancy"),
      opConfig: read.attribute("op_config", OpcodeSet.init),
      clientProcesses: clientProcesses(of: name, path))
  }

  /// wq1.0/iax!wq1.0/file0/pid and its siblings.
  func clientProcesses(of name: PartName, _ path: String) -> [Int] {
    for kind in DeviceKind.allCases {
      let folder = "\(path)/\(kind.rawValue)!\(name)"
      let files = root.names(in: folder).filter { $0.hasPrefix("file") }
      if files.isEmpty { continue }
      return files.compactMap { (try? root.line("\(folder)/\($0)/pid")).flatMap { Int($0) } }
    }
    return []
  }

  /// Every device's folder is a link that ends in "…/0000:6a:02.0/iax1".
  func pciAddress(_ path: String) -> String? {
    guard let target = try? root.files.target(ofLink: path) else { return nil }
    return target.split(separator: "/").dropLast().last.map(String.init)
  }

  func lastComponent(ofLink path: String) -> String? {
    guard let target = try? root.files.target(ofLink: path) else { return nil }
    return target.split(separator: "/").last.map(String.init)
  }
}

/// Reads the attributes of one folder.
struct Reader {
  let root: SystemRoot
  let path: String

  func attribute<Value>(
    _ name: String, _ parse: (String) -> Value?
  ) -> Attribute<Value> {
    do {
      let text = try root.line("\(path)/\(name)")
      return Attribute(text: text, value: parse(text))
    } catch {
      return Attribute(error: error)
    }
  }

  func text(_ name: String) -> Attribute<String> { attribute(name) { $0 } }

  func integer(_ name: String) -> Attribute<Int> { attribute(name, parseInteger) }

  /// An attribute that older kernels know under another name.
  func integer(_ name: String, formerly old: String) -> Attribute<Int> {
    let attribute = integer(name)
    return attribute.isAbsent ? integer(old) : attribute
  }

  func name<Value: RawRepresentable<String>>(_ name: String) -> Attribute<Value> {
    attribute(name, Value.init)
  }

  /// A list such as "engine1.0 engine1.1".
  func parts(_ name: String, _ kind: PartName.Kind) -> Attribute<[Int]> {
    attribute(name) { text in
      let names = text.split(separator: " ").map { PartName($0) }
      guard names.allSatisfy({ $0?.kind == kind }) else { return nil }
      return names.compactMap { $0?.index }
    }
  }
}
