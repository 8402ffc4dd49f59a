// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Configuration on a kernel that reacts: the writes are those of the documentation, in its order;
// what the kernel would refuse is found before the first; and whichever write fails, the machine is
// as it was.

import Foundation
import IAADevices
import Testing

@Suite struct ConfiguratorTests {
  static let devices = "/sys/bus/dsa/devices"
  static let drivers = "/sys/bus/dsa/drivers"

  func files(_ fixture: String, _ changes: String = "") throws -> MemoryFiles {
    var listing = try Listing(fixture)
    try listing.read(changes)
    return MemoryFiles(listing, reacting: true)
  }

  /// "value > path" as the documentation's `echo value > path`, with the bus's folder left out.
  func log(_ files: MemoryFiles) -> [String] {
    files.writes.map { "\($0.value) > \($0.path.replacing("/sys/bus/dsa/", with: ""))" }
  }

  /// What the documented example does for queue 3 of iax3, "configure the desired workqueues".
  @Test("queue is configured in the documented order")
  func queueIsConfiguredInTheDocumentedOrder() throws {
    let files = try files(
      "example",
      "/sys/bus/dsa/devices/iax3/wq3.0/size = 0\n"
        + "/sys/bus/dsa/devices/iax3/wq3.0/type = none\n/sys/bus/dsa/devices/iax3/clients = 0")
    let run = CommandRun(
      "configure --mode dedicated --size 128 --group 0 --priority 10 --type kernel "
        + "--name iaa_crypto --driver-name crypto --engines 0 iax3/wq3.3", on: files)
    #expect(run.code == 0, "\(run.err)")
    #expect(
      log(files) == [
        "wq3.0 > drivers/crypto/unbind",
        "iax3 > drivers/idxd/unbind",
        "1 > drivers/crypto/verify_compress",
        "sync > drivers/crypto/sync_mode",
        "dedicated > devices/iax3/wq3.3/mode",
        "128 > devices/iax3/wq3.3/size",
        "0 > devices/iax3/wq3.3/group_id",
        "10 > devices/iax3/wq3.3/priority",
        "kernel > devices/iax3/wq3.3/type",
        "iaa_crypto > devices/iax3/wq3.3/name",
        "crypto > devices/iax3/wq3.3/driver_name",
        "0 > devices/iax3/engine3.0/group_id",
        "iax3 > drivers/idxd/bind",
        "wq3.3 > drivers/crypto/bind",
      ])
  }

  /// The documented script: disable all, reload the module, configure all, enable all.
  @Test("default follows the documented script on several devices")
  func defaultFollowsTheDocumentedScriptOnSeveralDevices() throws {
    let files = try files("default-configuration")
    let run = CommandRun("configure --default", on: files)
    #expect(run.code == 0, "\(run.err)")
    #expect(run.modules == [.remove("iaa_crypto"), .insert("iaa_crypto")])
    var expected: [String] = []
    let ids = [1, 3, 5, 7]
    for id in ids {
      expected += ["wq\(id).0 > drivers/crypto/unbind", "iax\(id) > drivers/idxd/unbind"]
    }
    // The reload forgets them, and what they are by themselves differs between kernels.
    expected += ["1 > drivers/crypto/verify_compress", "sync > drivers/crypto/sync_mode"]
    for id in ids {
      let queue = "devices/iax\(id)/wq\(id).0"
      expected += [
        "dedicated > \(queue)/mode", "128 > \(queue)/size", "0 > \(queue)/group_id",
        "10 > \(queue)/priority", "kernel > \(queue)/type", "iaa_crypto > \(queue)/name",
        "crypto > \(queue)/driver_name", "0 > devices/iax\(id)/engine\(id).0/group_id",
      ]
    }
    for id in ids {
      expected += ["iax\(id) > drivers/idxd/bind", "wq\(id).0 > drivers/crypto/bind"]
    }
    #expect(log(files) == expected)
    #expect(run.out == ids.map { "iax\($0) enabled with wq\($0).0\n" }.joined())
  }

  /// The module comes back with its defaults, and captures its attributes at the first binding.
  @Test("reloading keeps the driver's attributes")
  func reloadingKeepsTheDriversAttributes() throws {
    let files = try files(
      "default-configuration",
      "/sys/bus/dsa/drivers/crypto/verify_compress = 0\n"
        + "/sys/bus/dsa/drivers/crypto/sync_mode = async_irq")
    let run = CommandRun("configure --default --dry-run", on: files)
    let lines = run.out.split(separator: "\n").map(String.init)
    let load = try #require(lines.firstIndex { $0.contains("modprobe iaa_crypto") }, "\(run.out)")
    #expect(
      lines[(load + 1)...].prefix(2) == [
        "put 0 /sys/bus/dsa/drivers/crypto/verify_compress",
        "put async_irq /sys/bus/dsa/drivers/crypto/sync_mode",
      ], "\(run.out)")
    // Four queues and four devices are disabled first.
    #expect(CommandRun("configure --default", on: files).code == 0)
    #expect(log(files).dropFirst(8).first == "0 > drivers/crypto/verify_compress")
    #expect(log(files).dropFirst(9).first == "async_irq > drivers/crypto/sync_mode")
  }

  /// The algorithm stays registered when the last queue goes, and cannot be registered twice.
  @Test("first kernel queue finds the module fresh")
  func firstKernelQueueFindsTheModuleFresh() throws {
    let files = try files("example")
    let reload = [ModuleCommand.remove("iaa_crypto"), .insert("iaa_crypto")]
    let alone = CommandRun("configure --size 64 --force iax3/wq3.0", on: files)
    #expect(alone.code == 0 && alone.modules == reload, "\(alone.err)")
    #expect(CommandRun("disable iax3", on: files).modules.isEmpty)
    let user = CommandRun("configure --user 1 iax5", on: files)
    #expect(user.code == 0 && user.modules.isEmpty, "\(user.err)")
    #expect(CommandRun("configure --default --no-enable iax3", on: files).code == 0)
    let enabled = CommandRun("enable iax3", on: files)
    #expect(enabled.code == 0 && enabled.modules == reload, "\(enabled.err)")
  }

  @Test("module is not reloaded while other devices hold it")
  func moduleIsNotReloadedWhileOtherDevicesHoldIt() throws {
    let files = try files("default-configuration")
    let refused = CommandRun("configure --default --reload iax1 iax3", on: files)
    #expect(refused.code == 1)
    #expect(refused.err.contains("cannot be reloaded while wq5.0, wq7.0 are bound to it"))
    #expect(CommandRun("disable --reload iax1 iax3 iax5", on: files).err.contains("wq7.0 is bound"))
    #expect(files.writes.isEmpty)
    let run = CommandRun("configure --default iax1 iax3", on: files)
    #expect(run.code == 0 && run.modules.isEmpty, "\(run.err)")
  }

  @Test("disable all takes each device's queues then the device")
  func disableAllTakesEachDevicesQueuesThenTheDevice() throws {
    let files = try files("example")
    let run = CommandRun("disable --all --force", on: files)
    #expect(run.code == 0, "\(run.err)")
    #expect(
      log(files) == [
        "wq1.0 > drivers/user/unbind", "wq1.1 > drivers/user/unbind", "iax1 > drivers/idxd/unbind",
        "wq3.0 > drivers/crypto/unbind", "iax3 > drivers/idxd/unbind",
        "iax7 > drivers/idxd/unbind",
      ])
  }

  @Test("enable takes the device then its queues")
  func enableTakesTheDeviceThenItsQueues() throws {
    let files = try files(
      "example",
      "/sys/bus/dsa/devices/iax*/state = disabled\n/sys/bus/dsa/devices/iax*/wq*/state = disabled")
    let run = CommandRun("enable --all", on: files)
    #expect(run.code == 0, "\(run.err)")
    #expect(
      log(files) == [
        "1 > drivers/crypto/verify_compress", "sync > drivers/crypto/sync_mode",
        "iax1 > drivers/idxd/bind", "wq1.0 > drivers/user/bind", "wq1.1 > drivers/user/bind",
        "iax3 > drivers/idxd/bind", "wq3.0 > drivers/crypto/bind",
        "iax7 > drivers/idxd/bind", "wq7.0 > drivers/user/bind",
      ])
  }

  @Test("user queues share every device")
  func userQueuesShareEveryDevice() throws {
    let files = try files("default-configuration")
    let run = CommandRun("configure --user 3", on: files)
    #expect(run.code == 0, "\(run.err)")
    let devices = SysfsTree(files.root).devices().filter { $0.kind == .iaa }
    for device in devices {
      let queues = device.queues.filter(\.isEnabled)
      #expect(queues.map(\.size.value) == [43, 43, 42])
      #expect(queues.allSatisfy { $0.mode.value == .shared && $0.threshold.value == $0.size.value })
      #expect(queues.allSatisfy { device.engines(serving: $0).count == 8 })
      #expect(queues.allSatisfy { $0.blockOnFault.value == 1 && $0.type.value == .user })
    }
  }

  /// The driver forgets a device's set-up when it is disabled; the other queue must come back.
  @Test("other queues of the device keep their set up")
  func otherQueuesOfTheDeviceKeepTheirSetUp() throws {
    let files = try files("example", "/sys/bus/dsa/devices/iax1/wq1.0/clients = 0")
    let before = try #require(SysfsTree(files.root).devices().first { "\($0.name)" == "iax1" })
    let run = CommandRun("configure --block-on-fault 1 iax1/wq1.1", on: files)
    #expect(run.code == 0, "\(run.err)")
    let after = try #require(SysfsTree(files.root).devices().first { "\($0.name)" == "iax1" })
    var expected = DeviceSettings(before)
    expected.queues[1]?.blockOnFault = 1
    #expect(DeviceSettings(after) == expected)
  }

  @Test(
    "mistakes are found before the first write",
    arguments: [
      ("--size 200 iax5", "add up to 200"),
      ("--size 9223372036854775807 iax1/wq1.1", "add up to 9223372036854775807"),
      ("--size 0 iax5", "size has to be 1 or more"),
      ("--threshold 200 iax5", "threshold has to be 1 to its size 128"),
      ("--mode dedicated --threshold 4 iax5", "a dedicated queue has no threshold"),
      ("--priority 16 iax5", "priority has to be 1 to 15"),
      ("--name a\u{7F} iax5", "--name takes 1 to 63 printable"),
      ("--driver-name crypto iax5", "a user queue's driver is user"),
      ("--type kernel --driver-name user iax5", "a kernel queue's driver is crypto or dmaengine"),
      ("--group 9 iax5", "iax5 has no group 9"),
      ("--engines 12 iax5", "iax5 has no engine 12"),
      ("--size 33 iax1/wq1.1", "add up to 129"),
      ("--size 8 iax1/wq1.1", "wq1.0 is in use by process 4242"),
      ("--size 8 iax9", "there is no device iax9"),
      ("--size 8 dsa0", "dsa0 is a DSA device"),
      ("--size 8 iax1/wq1.9", "iax1 has no queue wq1.9"),
      ("--user 9", "iax1 has 8 queues and 128 entries; --user takes 1 to 8 there"),
    ])
  func mistakesAreFoundBeforeTheFirstWrite(line: String, message: String) throws {
    let files = try files("example")
    let run = CommandRun("configure " + line, on: files)
    #expect(run.code == 1)
    #expect(run.err.ranges(of: message).count == 1, "\(run.err)")
    #expect(files.writes.isEmpty)
  }

  @Test("shared queues need scalable mode")
  func sharedQueuesNeedScalableMode() throws {
    let files = try files("legacy-iommu")
    let run = CommandRun("configure --user 1", on: files)
    #expect(run.code == 1)
    #expect(run.err.contains("scalable mode"))
    let user = CommandRun("configure --mode dedicated --type user iax1", on: files)
    #expect(user.err.contains("user queues need a PASID"))
    #expect(files.writes.isEmpty)
    // Dedicated kernel queues are what this mode allows.
    #expect(CommandRun("configure --default", on: files).code == 0)
  }

  @Test("queue without engine is refused")
  func queueWithoutEngineIsRefused() throws {
    let files = try files("example")
    let run = CommandRun("configure --group 1 --size 8 --engines 9 iax7/wq7.1", on: files)
    #expect(run.code == 1)
    let other = CommandRun("configure --group 1 --size 8 iax7/wq7.1", on: files)
    #expect(other.err.contains("group 1 has no engine"))
    #expect(files.writes.isEmpty)
  }

  @Test("compressed pages keep their queue")
  func compressedPagesKeepTheirQueue() throws {
    let files = try files("default-configuration", "/sys/module/iaa_crypto/refcnt = 2")
    let run = CommandRun("disable --all", on: files)
    #expect(run.code == 1)
    #expect(run.err.contains("iaa_crypto is in use (1 user), by zswap most likely"))
    #expect(files.writes.isEmpty)
    #expect(CommandRun("disable --all --force", on: files).code == 0)
  }

  /// While a queue is bound to it, iaa_crypto holds a reference to itself.
  @Test("driver's own reference is no user")
  func driversOwnReferenceIsNoUser() throws {
    let files = try files("default-configuration", "/sys/module/iaa_crypto/refcnt = 1")
    let finding = CommandRun("doctor", on: files).out
    #expect(finding.contains("iaa_crypto module  loaded, not in use"), "\(finding)")
    #expect(CommandRun("configure --user 1", on: files).code == 0)
  }

  @Test("missing driver files are found before the first write")
  func missingDriverFilesAreFoundBeforeTheFirstWrite() throws {
    let files = try files("example", "remove /sys/bus/dsa/drivers/user")
    let run = CommandRun("configure --user 1 iax5", on: files)
    #expect(run.code == 1)
    #expect(run.err.contains("/sys/bus/dsa/drivers/user/bind does not exist"))
    #expect(files.writes.isEmpty)
  }

  @Test("kernel's refusal is decoded")
  func kernelsRefusalIsDecoded() throws {
    let files = try files("example")
    // The check cannot know that the kernel wants another driver: make it differ.
    files.state.withLock { $0.entries["/sys/bus/dsa/devices/iax7/wq7.0/name"] = .text("") }
    let tree = SysfsTree(files.root)
    let device = try #require(tree.devices().first { "\($0.name)" == "iax7" })
    var plan = ConfigurationPlan()
    plan.steps = Configurator(Topology(files.root)).enable(
      device,
      {
        var s = DeviceSettings(device); s.enable(); return s
      }(),
      from: DeviceSettings(device))
    let error = #expect(throws: ExecutionError.self) {
      try PlanExecutor(root: files.root, modules: RecordingLoader()).run(plan, on: [device])
    }
    #expect(error?.status?.contains("the queue has no name") == true)
    #expect(error?.status?.contains("--name") == true)
  }
}
