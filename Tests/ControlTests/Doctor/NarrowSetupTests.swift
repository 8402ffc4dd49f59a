// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Set-ups that stand, look right and do not do what is wanted.

import IAADevices
import Testing

@Suite("Set-ups that look right and are not")
struct NarrowSetupTests {
  /// A no-op and a copy, and nothing of a codec: bits 0 and 3.
  static let denied =
    "00000000,00000000,00000000,00000000,00000000,00000000,00000000,00000009"

  @Test("a queue that may not compress and decompress is not usable, and the remedy gives it back")
  func restrictedUserQueue() throws {
    let files = MemoryFiles(try Listing("restricted"), reacting: true)
    let all = CommandRun("doctor --for user", on: files)
    for queue in ["wq2.0", "wq2.1"] {
      files.state.withLock {
        $0.entries["/sys/bus/dsa/devices/iax2/\(queue)/op_config"] = .text(Self.denied)
      }
    }
    #expect(all.out.contains("nothing is denied that a codec needs"))
    let topology = Topology(files.root)
    let device = try #require(topology.iaaDevices.first)
    #expect(
      topology.access(to: device.queues[0], of: device)
        == .unusable("it takes no compress, no decompress"))
    let found = try finding("queue operations", in: files, for: .user)
    #expect(found.isBlocking)
    let remedy = try #require(found.remedy)
    #expect(remedy.contains("configure --op-config all iax2/wq2.0"), "\(remedy)")
    #expect(CommandRun("doctor -q --for user", on: files).code == 1)
    #expect(CommandRun("configure --op-config all iax2/wq2.0 iax2/wq2.1", on: files).code == 0)
    #expect(try finding("queue operations", in: files, for: .user).status == .ok)
  }

  @Test("such a queue of the kernel's serves nothing")
  func restrictedKernelQueue() throws {
    let files = try changed(
      "zswap-in-use",
      [1, 3, 5, 7].map { "/sys/bus/dsa/devices/iax\($0)/wq\($0).0/op_config = \(Self.denied)" }
        .joined(separator: "\n"))
    #expect(Topology(files.root).servingCryptoQueues.isEmpty)
    #expect(CommandRun("doctor -q --for zswap", on: files).code == 1)
    #expect(try finding("queue operations", in: files, for: .zswap).isBlocking)
  }

  @Test("user queues that stand enabled are not ready where the IOMMU is in legacy mode")
  func legacyIOMMU() throws {
    let files = try changed(
      "linux-6.17",
      """
      /sys/bus/dsa/devices/iax1/state = enabled
      /sys/bus/dsa/devices/iax1/wq1.0/state = enabled
      /sys/bus/dsa/devices/iax1/wq1.0/type = user
      """)
    let run = CommandRun("doctor --for user", on: files)
    #expect(run.code == 1)
    #expect(run.out.contains("Verdict: fix this first: command line"), "\(run.out)")
    let list = CommandRun("devices", on: files).out.split(whereSeparator: \.isWhitespace)
    #expect(list.joined(separator: " ").contains("dedicated queues, of the kernel's only."))
  }

  @Test("an IOMMU without 5-level tables is not a matter of the BIOS")
  func fiveLevels() throws {
    let doctor = Doctor(
      try changed(
        "linux-6.17",
        """
        /proc/cmdline = root=/dev/sda2 intel_iommu=on,sm_on
        /proc/cpuinfo = flags : enqcmd movdir64b waitpkg la57
        /sys/class/iommu/dmar*/intel-iommu/cap = 9ed008c40780466
        """
      ).root, for: .user)
    let findings = doctor.examine().flatMap(\.findings)
    let paging = try #require(findings.first { $0.name == "5-level paging" })
    let mode = try #require(findings.first { $0.name == "IOMMU mode" })
    #expect(paging.status == .problem)
    #expect(mode.remedy == "see 5-level paging first", "\(mode)")
  }

  @Test("swap that is made beside zram's is used before it")
  func swapBesideZram() throws {
    let heading = "Filename Type Size Used Priority"
    let zram = try changed(
      "zswap-in-use", "/proc/swaps = \(heading)\\n/dev/zram0 partition 8388604 0 100")
    #expect(
      try finding("swap areas", in: zram, for: .zswap).remedy?.hasSuffix(
        "swapon -p 32767 /swapfile") == true)
    let none = try changed("zswap-in-use", "/proc/swaps = \(heading)")
    #expect(
      try finding("swap areas", in: none, for: .zswap).remedy?.hasSuffix("swapon /swapfile") == true
    )
  }

  @Test("who asks for user space is not told to enable a queue of the kernel's")
  func kernelQueueIsNoHelp() throws {
    let files = try changed(
      "halted",
      """
      /sys/bus/dsa/devices/iax3/wq3.0/type = kernel
      /sys/bus/dsa/devices/iax3/wq3.0/driver_name = crypto
      /sys/bus/dsa/devices/iax3/wq3.0/mode = dedicated
      """)
    let user = try finding("device state", in: files, for: .user).remedy ?? ""
    #expect(user.contains("sudo deflate-iaa enable") && !user.contains("iax3"), "\(user)")
    let all = try finding("device state", in: files, for: .all).remedy ?? ""
    #expect(all.contains("iax3"), "\(all)")
  }

  @Test("containers are started with the device files, pods ask for the plugin's resource")
  func containers() throws {
    let docker = try changed(
      "example",
      """
      remove /dev/iax
      /.dockerenv = -
      """)
    let files = try finding("container", in: docker, for: .user)
    #expect(files.remedy?.hasPrefix("start the container with --device /dev/iax/wq1.0") == true)
    let pod = try changed(
      "default-configuration",
      "/proc/self/mounts = overlay / overlay rw 0 0\\nsysfs /sys sysfs ro,nosuid 0 0\\n"
        + "/dev/sda1 /dev/termination-log ext4 rw 0 0")
    let holders = try finding("holders", in: pod, for: .user)
    #expect(
      holders.remedy?.contains(
        "and then the pod's resources have to ask for iaa.intel.com/wq-user-shared: ") == true,
      "\(holders)")
    let dry = CommandRun("configure -n --user 1", on: pod)
    #expect(dry.code == 0 && dry.err.contains("/sys is read-only here"), "\(dry.err)")
  }

  @Test("enable --all passes over what is halted")
  func enableAllBesideHalted() throws {
    let files = MemoryFiles(try Listing("halted"), reacting: true)
    let run = CommandRun("enable --all", on: files)
    #expect(run.code == 0 && run.err.contains("iax1 is halted; passed over"), "\(run.err)")
    #expect(run.out.contains("iax3 enabled"))
  }

  @Test("DSA devices that are asked for are found where there is no IAA device")
  func dsaAlone() throws {
    let files = MemoryFiles(try Listing("dsa-only"))
    #expect(CommandRun("devices", on: files).code == 2)
    #expect(CommandRun("devices --dsa", on: files).code == 0)
    #expect(CommandRun("devices --dsa", on: MemoryFiles(try Listing("no-devices"))).code == 2)
  }

  @Test("what could not be loaded again is neither saved nor kept")
  func unreadableSetup() throws {
    let files = MemoryFiles(try Listing("unreadable"))
    for line in ["configure --save -", "configure --persist"] {
      let run = CommandRun(line, on: files)
      #expect(run.code == 1 && run.out.isEmpty)
      #expect(run.err.contains("could not be loaded again: wq3.0: \"type\""), "\(run.err)")
    }
    #expect(files.writes.isEmpty)
  }

  @Test("a queue bound to crypto counts for the kernel, though its type cannot be read")
  func unreadableType() throws {
    let files = try changed(
      "default-configuration", "/sys/bus/dsa/devices/iax1/wq1.0/type = <EACCES>")
    #expect(Topology(files.root).cryptoQueues().contains { "\($0.name)" == "wq1.0" })
  }
}
