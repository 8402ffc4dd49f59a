// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import Glibc
import Testing

@testable import IAADevices
@testable import IAAModel
@testable import IAAOffload

/// From a tree of files to a result: discovery, opening, submission, completion.
@Suite struct SystemTests {
  /// An empty tree of its own, removed afterwards.
  struct Tree: ~Copyable {
    let path: String

    init() throws {
      var name = Array("/tmp/iaa-tree-XXXXXX".utf8CString)
      try #require(unsafe mkdtemp(&name) != nil)
      path = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { unsafe _ = system("rm -rf '\(path)'") }
  }

  static let bytes = Sample.bytes(4, count: 3000, seed: 8)

  @Test("mounted models are found opened and used")
  func mountedModelsAreFoundOpenedAndUsed() throws {
    let tree = try Tree()
    let root = SystemRoot(tree.path)
    let first = DeviceModel(
      .init(id: 1, queues: [.init(name: "one", size: 16), .init(mode: .dedicated, size: 8)]))
    let second = DeviceModel(.init(id: 4, queues: [.init(blocksOnFault: true)]))
    let firstMount = try first.mount(under: root)
    let secondMount = try second.mount(under: root)
    var configuration = Dispatcher.Configuration.patient
    configuration.path = .hardware
    configuration.mapping = .perPackage
    let dispatcher = try Dispatcher(configuration, root: root)
    #expect(dispatcher.openQueues.map(\.id.description) == ["wq1.0", "wq1.1", "wq4.0"])
    #expect(dispatcher.openQueues[0].name == "one" && dispatcher.openQueues[0].size == 16)
    #expect(dispatcher.openQueues[2].blocksOnFault)
    var used: Set<QueueID> = []
    for _ in 0..<12 {
      let (stream, report) = try dispatcher.compress(Self.bytes)
      #expect(stream == Sample.software(Self.bytes))
      if let queue = report.queue { used.insert(queue) }
    }
    #expect(used.count == 3)
    _ = consume firstMount
    _ = consume secondMount
  }

  @Test("tree follows the model and the dispatcher follows the tree")
  func treeFollowsTheModelAndTheDispatcherFollowsTheTree() throws {
    let tree = try Tree()
    let root = SystemRoot(tree.path)
    let model = DeviceModel(.init(id: 5))
    let mount = try model.mount(under: root)
    let dispatcher = try Dispatcher(.patient, root: root)
    #expect(dispatcher.isOperational)
    model.disableQueue(0)
    #expect(try root.line("/sys/bus/dsa/devices/iax5/wq5.0/state") == "disabled")
    #expect(!root.exists("/dev/iax/wq5.0"))
    dispatcher.refresh()
    #expect(!dispatcher.isOperational)
    #expect(try dispatcher.compress(Self.bytes).report.fallback == .noQueue)
    model.enableQueue(0)
    dispatcher.refresh()
    #expect(try dispatcher.compress(Self.bytes).report.path == .hardware)
    model.halt()
    #expect(try root.line("/sys/bus/dsa/devices/iax5/state") == "halted")
    dispatcher.refresh()
    #expect(!dispatcher.isOperational)
    _ = consume mount
  }

  @Test("hardware path names what is missing")
  func hardwarePathNamesWhatIsMissing() throws {
    let tree = try Tree()
    let source = SystemQueueSource(root: SystemRoot(tree.path), features: .none)
    var configuration = Dispatcher.Configuration.patient
    configuration.path = .hardware
    let error = #expect(throws: OffloadError.self) {
      try Dispatcher(configuration, source: source, topology: CPUTopology(nodes: 1, cpusPerNode: 1))
    }
    let text = try #require(error).description
    #expect(text.hasPrefix("no hardware path: no IAA device in \(tree.path)/sys/bus/dsa/devices"))
    #expect(text.hasSuffix("this processor has no MOVDIR64B, no ENQCMD"))
  }

  @Test("queue that no engine serves is not used")
  func queueThatNoEngineServesIsNotUsed() throws {
    let tree = try Tree()
    let root = SystemRoot(tree.path)
    let model = DeviceModel(.init(id: 1))
    let mount = try model.mount(under: root)
    try root.write("-1", to: "/sys/bus/dsa/devices/iax1/engine1.0/group_id")
    var configuration = Dispatcher.Configuration.patient
    configuration.path = .hardware
    let error = #expect(throws: OffloadError.self) { try Dispatcher(configuration, root: root) }
    #expect(try #require(error).description.contains("wq1.0: no engine in its group"))
    _ = consume mount
  }

  @Test("a queue that takes no codec's operations is not used, and it is told why")
  func queueWithoutACodecsOperationsIsNotUsed() throws {
    let tree = try Tree()
    let root = SystemRoot(tree.path)
    let first = try DeviceModel(.init(id: 1)).mount(under: root)
    let second = try DeviceModel(.init(id: 4)).mount(under: root)
    // Bits 0 and 3: a no-op and a copy.
    let denied = "00000000,00000000,00000000,00000000,00000000,00000000,00000000,00000009"
    try root.write(denied, to: "/sys/bus/dsa/devices/iax1/op_cap")
    var configuration = Dispatcher.Configuration.patient
    configuration.path = .hardware
    let dispatcher = try Dispatcher(configuration, root: root)
    #expect(dispatcher.openQueues.map(\.id.device) == [4])
    for _ in 0..<8 { #expect(try dispatcher.compress(Self.bytes).report.path == .hardware) }
    try root.write(denied, to: "/sys/bus/dsa/devices/iax4/op_cap")
    dispatcher.refresh()
    #expect(!dispatcher.isOperational)
    #expect(
      dispatcher.reasonsForNoQueue.prefix(2) == [
        "wq1.0: it takes no compress, no decompress", "wq4.0: it takes no compress, no decompress",
      ])
    _ = consume first
    _ = consume second
  }

  @Test("a file that is no device is not opened")
  func fileThatIsNoDeviceIsNotOpened() throws {
    let tree = try Tree()
    let root = SystemRoot(tree.path)
    let model = DeviceModel(.init(id: 1))
    do { _ = try model.mount(under: root) }
    // The files are still there; nothing stands behind them any more.
    var configuration = Dispatcher.Configuration.patient
    configuration.path = .hardware
    let error = #expect(throws: OffloadError.self) { try Dispatcher(configuration, root: root) }
    guard case .hardwareUnavailable(let reasons)? = error else { return }
    #expect(reasons.first == "/dev/iax/wq1.0 is not a device")
    // Whatever else is wrong: without these a device could not be used either.
    let missing = CPUFeatures.current.missing
    #expect(reasons.count == (missing.isEmpty ? 1 : 2))
    for name in missing { #expect(reasons.last?.contains("no \(name)") == true) }
  }

  @Test("processors are read from the tree")
  func processorsAreReadFromTheTree() throws {
    let tree = try Tree()
    let base = tree.path + "/sys/devices/system"
    unsafe #expect(system("mkdir -p '\(base)'") == 0)
    var files = [
      "node/online": "0-1", "node/node0/cpulist": "0-1", "node/node1/cpulist": "2-3",
      "cpu/present": "0-3",
    ]
    for cpu in 0..<4 { files["cpu/cpu\(cpu)/topology/physical_package_id"] = "\(cpu / 2 + 5)" }
    for (name, text) in files {
      try HostFiles(root: base).replace("/" + name, with: Array((text + "\n").utf8))
    }
    let topology = CPUTopology.read(root: tree.path)
    #expect(topology.cpus.map(\.node) == [0, 0, 1, 1])
    #expect(topology.cpus.map(\.package) == [5, 5, 6, 6])
    #expect(CPUTopology.read(root: "/nowhere").cpus.count >= 1)
  }

  @Test("pipes and lists beyond any kernel's are passed over where processors are listed")
  func oddListsOfProcessors() throws {
    let tree = try Tree()
    let base = tree.path + "/sys/devices/system"
    unsafe #expect(system("mkdir -p '\(base)/node' '\(base)/cpu'") == 0)
    unsafe #expect(mkfifo(base + "/node/online", 0o600) == 0)
    let files = HostFiles(root: tree.path)
    let few = CPUTopology.read(root: tree.path)
    #expect(!few.cpus.isEmpty && few.nodes == [0])
    for text in ["0-4000000000", String(repeating: "0-65535,", count: 8000) + "1", "a"] {
      try files.replace("/sys/devices/system/cpu/present", with: Array(text.utf8))
      let machine = CPUList.Machine(SystemRoot(tree.path))
      #expect(machine.topology == few)
      #expect(
        machine.problems == ["\(base)/cpu/present is no list of numbers below 8192"])
    }
  }

  @Test("configuration chooses queues")
  func configurationChoosesQueues() throws {
    let models = [1, 3].map {
      DeviceModel(.init(id: $0, numaNode: $0, queues: [.init(), .init()]))
    }
    func open(_ change: (inout Dispatcher.Configuration) -> Void) throws -> [String] {
      var configuration = Dispatcher.Configuration.patient
      change(&configuration)
      return try Dispatcher(configuration, models: models).openQueues.map(\.id.description)
    }
    #expect(try open { $0.devices = [3] } == ["wq3.0", "wq3.1"])
    #expect(try open { $0.numaNodes = [1] } == ["wq1.0", "wq1.1"])
    #expect(try open { $0.queues = [QueueID(device: 1, queue: 1)] } == ["wq1.1"])
  }
}
