// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The doctor on every fixture, and each symptom alone: one change to a healthy machine must turn
// the verdict to that change.

import Foundation
import IAADevices
import Testing

@Suite struct DoctorTests {
  @Test(
    "report equals the committed output",
    arguments: Listing.names + Listing.machines)
  func reportEqualsTheCommittedOutput(fixture: String) throws {
    let run = CommandRun("doctor", on: MemoryFiles(try Listing(fixture)))
    #expect(run.out.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(!run.out.contains("\u{1B}"))
    try expectGolden(run.transcript, "\(fixture).doctor.txt")
  }

  @Test("exit code tells ready, fix and no device")
  func exitCodeTellsReadyFixAndNoDevice() throws {
    #expect(CommandRun("doctor -q", on: MemoryFiles(try Listing("example"))).code == 0)
    #expect(
      CommandRun("doctor -q", on: MemoryFiles(try Listing("default-configuration"))).code == 1)
    #expect(CommandRun("doctor -q", on: MemoryFiles(try Listing("no-devices"))).code == 2)
    #expect(CommandRun("doctor -q", on: MemoryFiles(try Listing("dsa-only"))).code == 2)
  }

  func finding(_ name: String, _ changes: String, fixture: String = "example") throws -> Finding {
    var listing = try Listing(fixture)
    try listing.read(changes)
    let sections = Doctor(MemoryFiles(listing).root).examine()
    return try #require(sections.flatMap(\.findings).first { $0.name == name })
  }

  /// name, change, and a word that the reason or remedy must contain.
  static let symptoms: [(String, String, String)] = [
    ("CPU instructions", "/proc/cpuinfo = flags : movdir64b", "no enqcmd"),
    ("kernel version", "remove /sys/bus/dsa\n/proc/sys/kernel/osrelease = 5.17.3", "5.18"),
    (
      "kernel options", "/boot/config-6.9.1-example = CONFIG_INTEL_IDXD=m",
      "CONFIG_INTEL_IOMMU_SVM"
    ),
    ("command line", "/proc/cmdline = iommu=off", "iommu=off"),
    ("command line", "/proc/cmdline = intel_iommu=off", "intel_iommu=off"),
    ("idxd module", "/sys/module/idxd/parameters/sva = N", "sva=1"),
    ("VFIO", "/sys/bus/pci/devices/0000:6a:02.0/driver -> ../drivers/vfio-pci", "vfio-pci"),
    ("halted devices", "/sys/bus/dsa/devices/iax3/state = halted", "0000:6f:02.0/reset"),
    ("device state", "/sys/bus/dsa/devices/iax3/state = disabled", "iax3"),
    ("last command", "/sys/bus/dsa/devices/iax3/cmd_status = 0x80110000", "scalable"),
    ("last command", "/sys/bus/dsa/devices/iax3/cmd_status = 0x80200000", "driver"),
    ("last command", "/sys/bus/dsa/devices/iax3/cmd_status = 0x14", "sizes"),
    ("hardware errors", "/sys/bus/dsa/devices/iax7/errors = 00000000,00000001", "iax7"),
    ("PASID", "/sys/bus/dsa/devices/iax7/pasid_enabled = 0", "iax7"),
    ("operations", "/sys/bus/dsa/devices/iax7/op_cap = 00000000,0000000d", "iax7"),
    ("NUMA spread", "", "node 1"),
    ("queue set-up", "/sys/bus/dsa/devices/iax1/wq1.0/driver_name =", "--driver-name user"),
    ("queue set-up", "/sys/bus/dsa/devices/iax1/wq1.0/name =", "--name"),
    ("queue set-up", "/sys/bus/dsa/devices/iax1/wq1.0/threshold = 0", "--threshold"),
    ("queue set-up", "/sys/bus/dsa/devices/iax1/wq1.0/threshold = 97", "--threshold"),
    ("queue set-up", "/sys/bus/dsa/devices/iax1/wq1.0/priority = 0", "--priority"),
    ("queue set-up", "/sys/bus/dsa/devices/iax1/wq1.0/size = 0", "--size"),
    ("queue set-up", "/sys/bus/dsa/devices/iax1/wq1.1/size = 64", "add up to 160"),
    (
      "queue set-up", "/sys/bus/dsa/devices/iax1/wq1.{2-3}/size = 9223372036854775807",
      "add up to 9223372036854775807"
    ),
    ("engines per group", "/sys/bus/dsa/devices/iax1/engine1.*/group_id = -1", "no engine serves"),
    ("engines per group", "/sys/bus/dsa/devices/iax1/engine1.7/group_id = -1", "7 of 8 engines"),
    ("block_on_fault", "", "wq1.1"),
    ("max_transfer_size", "/sys/bus/dsa/devices/iax1/wq1.0/max_transfer_size = 16384", "16384"),
    ("device files", "device 0600 /dev/iax/wq1.0", "setfacl"),
    ("device files", "remove /dev/iax/wq1.0", "udevadm"),
    (
      "busy queues", "/sys/bus/dsa/devices/iax1/wq1.1/clients = 1", "wq1.1 is dedicated and open"
    ),
    ("container", "remove /dev/iax", "udevadm trigger"),
    ("container", "remove /sys/bus/dsa", "/sys/bus/dsa"),
  ]

  @Test(
    "every symptom is found with its remedy",
    arguments: symptoms.indices)
  func everySymptomIsFoundWithItsRemedy(index: Int) throws {
    let (name, change, word) = Self.symptoms[index]
    let finding = try finding(name, change)
    #expect(finding.status == .problem, "\(name): \(finding.reason)")
    let text = finding.reason + " " + (finding.remedy ?? "")
    #expect(text.contains(word), "\(text)")
    #expect(finding.remedy != nil)
  }

  @Test("five level paging is named only when there is no PASID")
  func fiveLevelPagingIsNamedOnlyWhenThereIsNoPASID() throws {
    let name = "5-level paging"
    let without = "/sys/bus/dsa/devices/*/pasid_enabled = 0"
    #expect(try finding(name, without + "\n/proc/cmdline = quiet").status == .unknown)
    #expect(try finding(name, "").status == .ok)
    #expect(try finding(name, without).remedy?.contains("no5lvl") == true)
    #expect(
      try finding(name, without + "\n/proc/cmdline = intel_iommu=on,sm_on no5lvl").status == .ok)
  }

  @Test("kernel options are read from the compressed file first")
  func kernelOptionsAreReadFromTheCompressedFileFirst() throws {
    var listing = try Listing("example")
    try listing.read("remove /boot/config-6.9.1-example")
    let text = KernelOptionsFixture.text
    let root = SystemRoot(
      "/",
      files: OverlayFiles(
        base: MemoryFiles(listing), path: "/proc/config.gz", bytes: KernelOptionsFixture.gzip(text))
    )
    let finding = Doctor(root).examine().flatMap(\.findings).first { $0.name == "kernel options" }
    #expect(finding?.status == .ok)
    let zswap = Doctor(root, for: .zswap).examine().flatMap(\.findings)
      .first { $0.name == "zswap options" }
    #expect(zswap?.status == .ok)
  }

  @Test("damaged compressed options are unknown not wrong")
  func damagedCompressedOptionsAreUnknownNotWrong() throws {
    var listing = try Listing("example")
    try listing.read("remove /boot/config-6.9.1-example")
    var bytes = KernelOptionsFixture.gzip(KernelOptionsFixture.text)
    bytes.removeLast(20)
    let root = SystemRoot(
      "/", files: OverlayFiles(base: MemoryFiles(listing), path: "/proc/config.gz", bytes: bytes))
    let finding = Doctor(root).examine().flatMap(\.findings).first { $0.name == "kernel options" }
    #expect(finding?.status == .unknown)
  }

  /// The first blocking finding is the verdict, whatever comes after it.
  @Test("verdict is the first thing that blocks")
  func verdictIsTheFirstThingThatBlocks() throws {
    let doctor = Doctor(MemoryFiles(try Listing("legacy-iommu")).root)
    let sections = doctor.examine()
    let first = sections.flatMap(\.findings).first(where: \.isBlocking)
    #expect(doctor.verdict(sections) == .fix(try #require(first)))
    #expect(first?.name == "command line")
  }

  @Test("no file is asked for again and again")
  func noFileIsAskedForAgainAndAgain() throws {
    for name in ["example", "default-configuration"] {
      let files = CountingFiles(MemoryFiles(try Listing(name)))
      _ = CommandRun(["doctor"], on: SystemRoot("/", files: files))
      #expect(files.counts.count > 100)
      let most = try #require(files.counts.max { $0.value < $1.value })
      #expect(most.value <= 4, "\(name): \(most)")
      #expect(files.counts.keys.allSatisfy { !$0.hasPrefix("write") && !$0.hasPrefix("replace") })
    }
  }
}
