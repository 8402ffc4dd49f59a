// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// How a queue can be used depends on the kernel, the CPU, the process and the queue; each of them
// is varied alone.

import IAADevices
import Testing

@Suite struct QueueAccessTests {
  func access(_ changes: String, queue: String = "wq1.0") throws -> QueueAccess {
    var listing = try Listing("example")
    try listing.read(changes)
    let topology = Topology(MemoryFiles(listing).root)
    let device = try #require(
      topology.iaaDevices.first { $0.queues.contains { "\($0.name)" == queue } })
    let found = try #require(device.queues.first { "\($0.name)" == queue })
    return topology.access(to: found, of: device)
  }

  static let rawIO = "CapEff:\t0000000000020000"
  static func status(_ capabilities: String, groups: String = "0 1000") -> String {
    "/proc/self/status = Uid:\\t1000\\t1000\\t1000\\t1000\\nGid:\\t1000\\t1000\\t1000\\t1000"
      + "\\nGroups:\\t\(groups)\\n\(capabilities)"
  }

  @Test("new kernels take descriptors by write")
  func newKernelsTakeDescriptorsByWrite() throws {
    #expect(try access("").word == "written")
  }

  @Test("raw IO capability maps the portal")
  func rawIOCapabilityMapsThePortal() throws {
    #expect(try access(Self.status(Self.rawIO)) == .mapped("by CAP_SYS_RAWIO, ENQCMD"))
  }

  /// An older series may have taken the change of 6.9.1, and newer devices may be without the erratum.
  @Test(
    "older kernels map the portal or take writes",
    arguments: ["6.9.0", "6.8.12", "5.18.0-rc1"])
  func olderKernelsMapThePortalOrTakeWrites(release: String) throws {
    let found = try access("/proc/sys/kernel/osrelease = \(release)")
    #expect(found.word == "mapped or written" && found.reason.contains("ENQCMD"))
  }

  @Test("generation 2 on new kernels is the kernel's to decide")
  func generation2IsTheKernelsToDecide() throws {
    #expect(
      try access("/sys/bus/dsa/devices/iax1/version = 0x200")
        == .either("ENQCMD or write(2): the kernel decides"))
  }

  @Test("older kernel needs the CPU instruction")
  func olderKernelNeedsTheCPUInstruction() throws {
    let changes = """
      /proc/sys/kernel/osrelease = 6.5
      /proc/cpuinfo = flags : movdir64b
      """
    #expect(try access(changes) == .unusable("this CPU has no ENQCMD"))
    #expect(try access(changes, queue: "wq1.1").reason.hasPrefix("MOVDIR64B, or write(2)"))
  }

  @Test("permission is that of the file")
  func permissionIsThatOfTheFile() throws {
    let stranger = Self.status("CapEff:\t0", groups: "1000")
    #expect(try access(stranger) == .unusable("no permission to open /dev/iax/wq1.0"))
    #expect(try access(stranger + "\ndevice 0666 /dev/iax/wq1.0").isUsable)
    // CAP_DAC_OVERRIDE
    #expect(try access(Self.status("CapEff:\t2", groups: "1000")).isUsable)
  }

  @Test("missing device file is named")
  func missingDeviceFileIsNamed() throws {
    #expect(
      try access("remove /dev/iax/wq1.0") == .unusable("/dev/iax/wq1.0 is missing"))
  }

  @Test("dedicated queue takes one client")
  func dedicatedQueueTakesOneClient() throws {
    let taken = "/sys/bus/dsa/devices/iax1/wq1.1/clients = 1"
    #expect(try !access(taken, queue: "wq1.1").isUsable)
    #expect(try access("", queue: "wq1.1").isUsable)
  }

  @Test("kernel queue is for the kernel")
  func kernelQueueIsForTheKernel() throws {
    #expect(try access("", queue: "wq3.0").word == "kernel only")
  }

  @Test("queue without engine is not usable")
  func queueWithoutEngineIsNotUsable() throws {
    #expect(
      try access("/sys/bus/dsa/devices/iax1/engine1.*/group_id = 1")
        == .unusable("no engine in its group"))
  }

  @Test(
    "a queue is usable where the tree tells nothing of its engines",
    arguments: [
      "remove /sys/bus/dsa/devices/iax1/engine1.*",
      "remove /sys/bus/dsa/devices/iax1/engine1.*/group_id",
      "remove /sys/bus/dsa/devices/iax1/wq1.0/group_id",
    ])
  func untoldEngines(_ change: String) throws { #expect(try access(change).isUsable) }

  @Test("halted device is not usable")
  func haltedDeviceIsNotUsable() throws {
    #expect(
      try access("/sys/bus/dsa/devices/iax1/state = halted") == .unusable("the device is halted"))
  }

  @Test(
    "IOMMU mode follows the kernel's page",
    arguments: [
      ("root=/dev/sda iommu=off", "1", IOMMUMode.none),
      ("intel_iommu=off", "1", .legacy),
      ("intel_iommu=on,sm_on", "1", .scalable),
      ("quiet", "1", .scalable),
      ("intel_iommu=on", "0", .legacy),
      ("intel_iommu=on,sm_on", "0", .legacy),
    ])
  func iommuModeFollowsTheKernelsPage(line: String, pasid: String, mode: IOMMUMode) throws {
    var listing = try Listing("example")
    try listing.read(
      "/proc/cmdline = \(line)\n/sys/bus/dsa/devices/*/pasid_enabled = \(pasid)")
    let finding = Topology(MemoryFiles(listing).root).iommu
    #expect(finding.mode == mode)
    #expect(finding.mode.queueModes == (mode == .scalable ? [.shared, .dedicated] : [.dedicated]))
  }
}
