// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Kernels whose files say one thing and do another: what the doctor and the checks before a set-up
// make of each. Sources of the fixtures stand in their first lines, of the faults in facts, section 15.

import Foundation
import IAADevices
import SystemPackage
import Testing

/// Answers as told, whatever is asked.
struct FixedTrial: QueueTrial {
  let result: TrialResult
  func attempt(_ queue: WorkQueue, of device: Device) -> TrialResult { result }
}

/// A listing with changes.
func changed(_ fixture: String, _ changes: String) throws -> MemoryFiles {
  var listing = try Listing(fixture)
  try listing.read(changes)
  return MemoryFiles(listing, reacting: true)
}

/// A finding of the doctor's.
func finding(
  _ name: String, in files: MemoryFiles, for goal: Goal? = nil, trial: (any QueueTrial)? = nil
) throws -> Finding {
  let doctor = Doctor(files.root, for: goal, trial: trial)
  return try #require(doctor.examine().flatMap(\.findings).first { $0.name == name })
}

@Suite("A queue that is enabled is not yet one that works")
struct QueueTrialTests {
  @Test("files alone are no verdict: the report says that nothing was opened")
  func filesAlone() throws {
    let run = CommandRun("doctor -q", on: MemoryFiles(try Listing("example")))
    #expect(run.code == 0)
    #expect(run.out.contains("ready, as far as files tell"))
    #expect(run.out.contains("no queue was opened"))
  }

  @Test("a no-op that came back makes the verdict", arguments: [PortalKind.mapped, .written])
  func answered(kind: PortalKind) throws {
    let files = MemoryFiles(try Listing("example"))
    let trial = FixedTrial(result: .answered(kind))
    let run = CommandRun(["doctor"], on: files.root, trial: trial)
    #expect(run.code == 0)
    #expect(run.out.contains("Verdict: hardware path ready\n"))
    let word = kind.rawValue
    #expect(run.out.contains("a no-op went through: wq1.0 \(word), wq1.1 \(word)"))
  }

  static let failures: [(TrialResult, String, String)] = [
    (.closed(.notSupported), "shared virtual memory switched off on x86", "6.19 or later"),
    (.closed(.invalidArgument), "the IOMMU gives this process no PASID", "BIOS"),
    (.closed(.notPermitted), "denied, though the file's mode allows it", "--device /dev/iax/wq1.0"),
    (.closed(.resourceBusy), "taken by another process", "shared queue"),
    (.closed(.ioError), "opening /dev/iax/wq1.0", "dmesg"),
    (.refused(.invalidArgument), "takes no descriptor", "dmesg"),
    (.silent(.written), "did not answer within a second", "dmesg"),
  ]

  @Test("a queue that does not work is the first thing to fix", arguments: failures.indices)
  func failing(index: Int) throws {
    let (result, reason, remedy) = Self.failures[index]
    let trial = FixedTrial(result: result)
    let files = MemoryFiles(try Listing("example"))
    let run = CommandRun(["doctor", "-q"], on: files.root, trial: trial)
    #expect(run.code == 1)
    let text = run.out.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: " ")
    #expect(text.hasPrefix("Verdict: fix this first: queue trial"), "\(text)")
    #expect(text.contains(reason) && text.contains(remedy), "\(text)")
  }

  @Test(
    "kernels known to have switched shared virtual memory off are named when an open shows it",
    arguments: [
      ("6.18.5", "from 6.18.5 on"), ("6.18.7", "from 6.18.5 on"),
      ("6.17.0-22-generic", "from 6.17.0-22 on"), ("6.18.4", nil), ("6.17.0-20-generic", nil),
      ("6.19.0", nil),
    ])
  func namedKernels(release: String, known: String?) throws {
    let files = try changed(
      "example",
      "/proc/sys/kernel/osrelease = \(release)\n"
        + "/sys/class/iommu/dmar{0-1}/intel-iommu/ecap = 3ef9e86f050df")
    let found = try finding(
      "queue trial", in: files, trial: FixedTrial(result: .closed(.notSupported)))
    #expect(found.isBlocking)
    #expect(found.reason.contains("(") == (known != nil), "\(found.reason)")
    if let known { #expect(found.reason.contains(known)) }
    // The files of such a kernel say that all is well.
    #expect(CommandRun("doctor -q", on: files).code == 0)
  }
}

@Suite("The IOMMU is asked where pasid_enabled does not tell")
struct ScalableModeTests {
  static let capable = "/sys/class/iommu/dmar{0-1}/intel-iommu/"
  static let release = "/proc/sys/kernel/osrelease = 6.17.1"
  static let options =
    "CONFIG_INTEL_IOMMU_DEFAULT_ON=y\\nCONFIG_INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON=y"

  func mode(_ changes: String) throws -> IOMMUFinding {
    Topology(try changed("linux-6.17", changes).root).iommu
  }

  @Test("from 6.16 a pasid_enabled of 1 proves nothing; before it does")
  func versions() throws {
    #expect(try mode("").mode == .legacy)
    #expect(try mode("").evidence.contains("since Linux 6.16 pasid_enabled says nothing"))
    #expect(try mode("/proc/sys/kernel/osrelease = 6.15.9").mode == .scalable)
    #expect(try mode("/proc/sys/kernel/osrelease = 6.16.0").mode != .scalable)
  }

  @Test(
    "sm_on, a kernel built for it and sm_off count",
    arguments: [
      ("/proc/cmdline = intel_iommu=on,sm_on", IOMMUMode.scalable),
      ("/proc/cmdline = intel_iommu=sm_on", .scalable),
      ("/boot/config-6.17.0-14-generic = \(options)", .scalable),
      ("/boot/config-6.17.0-14-generic = \(options)\n/proc/cmdline = intel_iommu=sm_off", .legacy),
      ("remove /boot/config-6.17.0-14-generic", .unknown),
      (
        "remove /sys/class/iommu\n/sys/class/iommu = <directory>\n"
          + "/proc/cmdline = intel_iommu=on,sm_on", .legacy
      ),
    ])
  func asked(changes: String, mode: IOMMUMode) throws {
    #expect(try self.mode(changes).mode == mode)
  }

  @Test("a unit without the bits is named with what it lacks, asked for or not")
  func registers() throws {
    let on = "/proc/cmdline = intel_iommu=on,sm_on\n"
    // A real unit's: scalable mode, and no PASID.
    let without = try mode(on + "\(Self.capable)ecap = 3ee9e86f050df")
    #expect(without.mode == .legacy)
    #expect(without.evidence == "dmar0 has no PASID (ecap PASID)")
    // Skylake's knows neither.
    let old = try mode(on + "\(Self.capable)ecap = f020df")
    #expect(old.evidence == "dmar0 has no scalable mode (ecap SMTS), no PASID (ecap PASID)")
    // Five-level page tables need FL5LP.
    let four = try mode(on + "\(Self.capable)cap = 9ed008c40780466")
    #expect(four.evidence == "dmar0 has no 5-level page tables (cap FL5LP)")
    #expect(
      try mode("/proc/cmdline = intel_iommu=on,sm_on no5lvl\n\(Self.capable)cap = 9ed008c40780466")
        .mode == .scalable)
  }

  @Test("only the units before the devices count where the bus tells which they are")
  func serving() throws {
    let changes = """
      /proc/cmdline = intel_iommu=on,sm_on
      /sys/class/iommu/dmar0/intel-iommu/ecap = f020df
      """
    #expect(try mode(changes).mode == .scalable)
    let behind = try mode(
      changes + "\n/sys/bus/dsa/devices/iax1 -> ../../../devices/pci0000:6a/0000:6a:02.0/iax1"
        + "\n/sys/bus/pci/devices/0000:6a:02.0/iommu -> ../../virtual/iommu/dmar0")
    #expect(behind.mode == .legacy)
  }

  @Test("configure --user takes nothing from the kernel where user queues cannot work")
  func configureUser() throws {
    let files = try changed("linux-6.17", "")
    let run = CommandRun("configure --user 1", on: files)
    #expect(run.code == 1)
    #expect(run.err.contains("no intel_iommu=on,sm_on on the kernel command line"), "\(run.err)")
    #expect(files.writes.isEmpty)
    let ready = try changed("linux-6.17", "/proc/cmdline = intel_iommu=on,sm_on")
    #expect(CommandRun("configure --user 1", on: ready).code == 0)
  }
}

@Suite("A version is a number; what is there counts")
struct VersionTests {
  @Test("Red Hat's 5.14 with its devices at work is ready")
  func redHat() throws {
    let files = MemoryFiles(try Listing("rhel"))
    #expect(try finding("kernel version", in: files).status == .ok)
    #expect(CommandRun("doctor -q", on: files).code == 0)
  }

  @Test("an old number is a problem only where no driver shows devices")
  func oldNumber() throws {
    let bare = "remove /sys/bus/dsa\nremove /sys/module/idxd\n"
    func version(_ release: String) throws -> Finding {
      let files = try changed("example", bare + "/proc/sys/kernel/osrelease = \(release)")
      return try finding("kernel version", in: files)
    }
    #expect(try version("5.10.0-30-amd64").isBlocking)
    #expect(try version("5.14.0-427.26.1.el9_4.x86_64").status == .unknown)
    #expect(try version("6.12.1").status == .ok)
  }

  @Test("whether a portal is mapped is said only where it is known")
  func mapping() throws {
    func access(_ changes: String) throws -> QueueAccess {
      let topology = Topology(try changed("example", changes).root)
      let device = try #require(topology.iaaDevices.first)
      return topology.access(to: device.queues[0], of: device)
    }
    // Mainline from 6.9.1 on, generation 1: write(2).
    #expect(try access("").word == "written")
    // Older numbers may have taken the change; newer devices may or may not have the erratum.
    #expect(try access("/proc/sys/kernel/osrelease = 6.8.0-45-generic").word == "mapped or written")
    #expect(
      try access("/proc/sys/kernel/osrelease = 5.14.0-427.26.1.el9_4.x86_64").word
        == "mapped or written")
    #expect(try access("/sys/bus/dsa/devices/iax1/version = 0x200").word == "mapped or written")
    #expect(try access("remove /proc/sys/kernel/osrelease").word == "mapped or written")
  }
}

@Suite("Kernels that crash when a device is disabled")
struct TeardownTests {
  static let affected = "/proc/sys/kernel/osrelease = 6.12.80"

  @Test(
    "the doctor names them, where a device has no event log",
    arguments: [
      ("6.12.80", true), ("6.12.91-amd64", true), ("6.12.79", false), ("6.13.0", false),
      ("6.8.0-45-generic", true), ("6.8.12", false), ("6.18.21", false),
    ])
  func named(release: String, isNamed: Bool) throws {
    let files = try changed("example", "/proc/sys/kernel/osrelease = \(release)")
    let found = try finding("disabling", in: files)
    #expect((found.status == .problem) == isNamed, "\(found)")
    // No finding of this kind keeps a queue from being used.
    #expect(!found.isBlocking)
    let second = try changed("generation2", "/proc/sys/kernel/osrelease = \(release)")
    #expect(try finding("disabling", in: second).status == .ok)
  }

  @Test(
    "what disables a device there wants --force, in a dry run too",
    arguments: ["disable iax7", "disable --all", "configure --user 1 iax7", "configure --default"])
  func refused(line: String) throws {
    let free =
      "\n/sys/bus/dsa/devices/iax*/clients = 0\n/sys/bus/dsa/devices/iax1/wq1.*/clients = 0"
    let files = try changed("example", Self.affected + free)
    let run = CommandRun(line, on: files)
    #expect(run.code == 1)
    #expect(run.err.contains("may crash this kernel") && run.err.contains("--force"), "\(run.err)")
    #expect(files.writes.isEmpty)
    let dry = CommandRun(line + " -n", on: files)
    #expect(dry.code == 1 && dry.err == run.err && dry.out.isEmpty)
    for line in [line + " -n --force", line + " --force"] {
      let forced = CommandRun(line, on: files)
      #expect(forced.code == 0 && forced.err.contains("may crash this kernel"), "\(forced.err)")
    }
    // Elsewhere nobody is bothered.
    #expect(CommandRun(line, on: try changed("example", free)).code == 0)
  }

  @Test("a queue alone may go: the device stays")
  func queueAlone() throws {
    let files = try changed(
      "example", Self.affected + "\n/sys/bus/dsa/devices/iax1/wq1.1/clients = 0")
    // Its neighbour is in use, and is left alone.
    let run = CommandRun("disable iax1/wq1.1", on: files)
    #expect(run.code == 0, "\(run.err)")
    #expect(CommandRun("disable iax1/wq1.0", on: files).err.contains("wq1.0 is in use"))
  }
}
