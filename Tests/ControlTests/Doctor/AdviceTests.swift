// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the doctor advises is what the machine that it looks at would take, and its verdict is the thing
// to begin with.

import DeviceCommands
import Foundation
import IAADevices
import Testing

/// The report of a tree as one line of words.
private func text(_ run: CommandRun) -> String {
  (run.out + run.err).split(whereSeparator: \.isWhitespace).joined(separator: " ")
}

@Suite("Every remedy is one that the tree it is printed for would take")
struct AdviceOnFixturesTests {
  /// What comes before the commands and has to happen first, outside this tree or by itself.
  private static let conditions = [
    "when the processes", "on the node", "on the host", "another compressor",
  ]

  static let fixtures = Listing.names + Listing.machines

  /// The lines of a remedy, each without sudo.
  private static func lines(_ remedy: String) -> [String] {
    guard let run = remedy.firstRange(of: "run: ") else { return [] }
    return remedy[run.upperBound...].replacing("&&", with: "\n").split(separator: "\n").map {
      $0.split(separator: " ").drop { $0 == "sudo" }.joined(separator: " ")
    }
  }

  private static func changes(_ line: String) -> Bool {
    ["configure", "enable", "disable", "attributes", "zswap enable", "zswap restore"].contains {
      line.hasPrefix("deflate-iaa " + $0)
    }
  }

  @Test("as a dry run, and for real where nothing has to come first", arguments: fixtures)
  func accepted(fixture: String) throws {
    for goal in Goal.allCases {
      let doctor = Doctor(MemoryFiles(try Listing(fixture)).root, for: goal)
      for found in doctor.examine().flatMap(\.findings) {
        let lines = Self.lines(found.remedy ?? "").filter(Self.changes)
        let waits = Self.conditions.contains { found.remedy?.contains($0) == true }
        for line in lines {
          let words = line.split(separator: " ").dropFirst().map(String.init) + ["-n"]
          let run = CommandRun(words, on: MemoryFiles(try Listing(fixture), reacting: true).root)
          // What has to come first is refused until then, by its name.
          #expect(
            run.code == 0 || waits && run.err.contains(" in use "),
            "\(fixture) \(goal) \(found.name): \(line): \(run.err)")
          #expect(!run.err.contains("may crash"), "\(fixture) \(goal) \(found.name): \(line)")
        }
        // The simulated driver goes by what these fixtures hide, the type of a bound queue among it.
        if ["attributes-missing", "unreadable"].contains(fixture) { continue }
        if waits { continue }
        let files = MemoryFiles(try Listing(fixture), reacting: true)
        for line in lines {
          let words = line.split(separator: " ").dropFirst().map(String.init)
          let run = CommandRun(words, on: files.root)
          #expect(run.code == 0, "\(fixture) \(goal) \(found.name): \(line): \(run.err)")
        }
      }
    }
  }

  @Test("files that a remedy writes to are there", arguments: fixtures)
  func written(fixture: String) throws {
    let root = MemoryFiles(try Listing(fixture)).root
    for goal in Goal.allCases {
      for found in Doctor(root, for: goal).examine().flatMap(\.findings) {
        for match in (found.remedy ?? "").matches(of: /tee (\/(?:sys|proc)[^ \n;]*)/) {
          let folder = match.1.split(separator: "/").dropLast().joined(separator: "/")
          #expect(root.exists("/" + folder), "\(fixture) \(found.name): \(match.1)")
        }
      }
    }
  }

  @Test(
    "what a remedy refers to is a finding above it that has something to say", arguments: fixtures)
  func referred(fixture: String) throws {
    let root = MemoryFiles(try Listing(fixture)).root
    for goal in Goal.allCases {
      var above: [String] = []
      for found in Doctor(root, for: goal).examine().flatMap(\.findings) {
        if let match = found.remedy?.firstMatch(of: /see (.*) first$/) {
          #expect(above.contains(String(match.1)), "\(fixture) \(goal) \(found)")
        }
        if found.status == .problem { above.append(found.name) }
      }
    }
  }

  @Test("nothing on a read-only /sys is to be written from inside")
  func readOnly() throws {
    for goal in Goal.allCases {
      for found in Doctor(MemoryFiles(try Listing("pod")).root, for: goal).examine().flatMap(
        \.findings)
      where found.remedy?.contains("sudo ") == true {
        #expect(
          found.remedy?.hasPrefix("on the node, as /sys is read-only here: ") == true, "\(found)")
        #expect(found.isBlocking)
      }
    }
    // What the node's administrator sets up is no shortcoming of the pod.
    let run = CommandRun("doctor", on: MemoryFiles(try Listing("pod")))
    #expect(!run.out.contains("problem") && !run.out.contains("sudo "), "\(run.out)")
    #expect(text(run).contains("(the node's to change)"))
    let attributes = CommandRun("attributes --sync-mode async", on: MemoryFiles(try Listing("pod")))
    #expect(attributes.err.contains("On the host, as /sys is read-only here, in this order:"))
  }
}

@Suite("A verdict is what to begin with")
struct VerdictTests {
  @Test("a kernel queue whose group has no engine is not ready for zswap")
  func noEngine() throws {
    let files = MemoryFiles(try Listing("no-engine"), reacting: true)
    let run = CommandRun("doctor -q --for zswap", on: files)
    #expect(run.code == 1)
    #expect(run.out.hasPrefix("Verdict: fix this first: kernel queues\n"), "\(run.out)")
    #expect(text(run).contains("no engine is in the group of wq1.0, so it can do nothing"))
    #expect(text(run).contains("--group 0 --engines all iax1/wq1.0"))
    // It is the driver's only queue, and in use.
    #expect(text(run).contains("swapoff -a && sudo swapon -a"))
    let status = CommandRun("zswap status", on: files)
    #expect(text(status).contains("so by IAA. But wq1.0 cannot work"), "\(status.out)")
    #expect(CommandRun("zswap enable", on: files).err.contains("wq1.0 cannot work"))
  }

  @Test("neither is one of a device that does not run, nor one of another driver's")
  func notServing() throws {
    for change in [
      "/sys/bus/dsa/devices/iax*/state = halted",
      "/sys/bus/dsa/devices/iax*/wq*.0/driver -> ../../../../../bus/dsa/drivers/dmaengine",
      "/proc/crypto = name : lzo",
    ] {
      let run = CommandRun("doctor -q --for zswap", on: try changed("zswap-in-use", change))
      #expect(run.code == 1, "\(change): \(run.out)")
    }
  }

  @Test("zswap without a swap area is not ready, and its verdict is of files only")
  func swap() throws {
    let without = try changed("zswap-in-use", "/proc/swaps = Filename Type Size Used Priority")
    let run = CommandRun("doctor -q", on: without)
    #expect(run.code == 1 && run.out.hasPrefix("Verdict: fix this first: swap areas"), "\(run.out)")
    for line in ["doctor -q --for zswap", "doctor -q"] {
      let ready = CommandRun(line, on: MemoryFiles(try Listing("zswap-in-use")))
      #expect(ready.code == 0)
      #expect(ready.out.hasPrefix("Verdict: hardware path ready, as far as files tell\n"))
    }
  }

  @Test(
    "a kernel without iaa_crypto is the verdict for zswap, and no command that needs it follows")
  func noDriver() throws {
    for goal in ["zswap", "all"] {
      let run = CommandRun("doctor --for \(goal)", on: MemoryFiles(try Listing("rhel")))
      #expect(text(run).contains("Verdict: fix this first: zswap options"), "\(run.out)")
      #expect(text(run).contains("CONFIG_CRYPTO_DEV_IAA_CRYPTO is not set in /boot/config-5.14.0"))
      #expect(!run.out.contains("configure --default") && !run.out.contains("zswap enable"))
    }
    let user = try finding("zswap options", in: MemoryFiles(try Listing("rhel")), for: .user)
    #expect(user.status == .aside && user.reason.contains("is not set"))
    let files = MemoryFiles(try Listing("rhel"), reacting: true)
    for line in [
      "configure --default", "configure --default -n", "zswap enable",
      "attributes --sync-mode async",
    ] {
      let run = CommandRun(line, on: files)
      #expect(
        run.code == 1 && run.err.contains("this kernel has no iaa_crypto"), "\(line): \(run.err)")
      #expect(run.err.split(separator: "\n").count == 1 && !run.err.contains("--force"))
    }
    #expect(files.writes.isEmpty)
  }

  @Test(
    "where disabling may crash the kernel, another kernel comes first and nothing contradicts it")
  func teardown() throws {
    let files = MemoryFiles(try Listing("linux-6.12.80"))
    let run = CommandRun("doctor --for user", on: files)
    #expect(run.code == 1)
    #expect(text(run).contains("Verdict: fix this first: disabling may crash the kernel"))
    #expect(
      text(run).contains("boot another kernel (6.18.21 or later, or one of 6.12 up to 6.12.79)"))
    #expect(!run.out.contains("configure --"), "\(run.out)")
    // What needs no disabling is done: a device that is off may be set up.
    let free = try changed("linux-6.12.80", "/sys/bus/dsa/devices/iax7/state = disabled")
    let found = try finding("holders", in: free, for: .user)
    #expect(found.remedy?.hasSuffix("configure --user 1 iax7") == true, "\(found)")
    #expect(!(try finding("disabling", in: free, for: .user)).isBlocking)
    // zswap has its queues already.
    #expect(
      CommandRun("doctor -q --for zswap", on: files).out.hasPrefix(
        "Verdict: fix this first: zswap\n"))
  }

  @Test("the known faults are told in words, with the commits behind them")
  func faultsInWords() throws {
    for release in ["6.12.80", "6.8.0-45-generic"] {
      let found = try finding(
        "disabling", in: try changed("example", "/proc/sys/kernel/osrelease = \(release)"))
      #expect(
        found.reason.contains(
          /without asking whether there is one|does not ask whether there is one/))
      #expect(found.reason.contains("(52d2edea)") && !found.reason.contains("took commit"))
    }
  }

  @Test("a queue that a process uses is changed when the process has ended")
  func busy() throws {
    let found = try finding("block_on_fault", in: MemoryFiles(try Listing("example")), for: .user)
    #expect(
      found.remedy
        == "when the processes that use wq1.0 (4242) have ended, run: sudo deflate-iaa configure "
        + "--block-on-fault 1 iax1/wq1.1")
    let free = try changed("example", "/sys/bus/dsa/devices/iax1/wq1.*/clients = 0")
    #expect(try finding("block_on_fault", in: free, for: .user).remedy?.hasPrefix("run: ") == true)
  }

  @Test("all that have a fault are named, in the reason and in the commands")
  func allAreNamed() throws {
    let off =
      "/sys/bus/dsa/devices/iax3/state = disabled\n/sys/bus/dsa/devices/iax7/state = disabled\n"
      + "/sys/bus/dsa/devices/iax*/wq*/clients = 0\n"
    func remedy(_ name: String, _ changes: String, for goal: Goal = .user) throws -> String {
      let found = try finding(name, in: try changed("example", changes), for: goal)
      return found.reason + " | " + (found.remedy ?? "")
    }
    let state = try remedy("device state", off, for: .all)
    #expect(state.contains("disabled: iax3, iax5, iax7"))
    #expect(
      state.contains("enable iax3 iax7\nsudo deflate-iaa configure --user 1 iax5"), "\(state)")
    // The queue of iax3 is the kernel's.
    let user = try remedy("device state", off)
    #expect(user.contains("enable iax7\nsudo deflate-iaa configure --user 1 iax5"), "\(user)")
    let halted = try remedy("halted devices", "/sys/bus/dsa/devices/iax*/state = halted")
    for address in ["6a", "6f", "e7", "ec"] {
      #expect(halted.contains("0000:\(address):02.0/reset"))
    }
    let command = try remedy("last command", "/sys/bus/dsa/devices/iax*/cmd_status = 0x14")
    #expect(command.contains("iax1: 0x14") && command.contains("iax3/cmd_status"))
    let blocks = try remedy(
      "block_on_fault", off + "/sys/bus/dsa/devices/iax*/wq*.0/block_on_fault = 0")
    #expect(blocks.contains("--block-on-fault 1 iax1/wq1.0 iax1/wq1.1 iax7/wq7.0"), "\(blocks)")
    let queues = try remedy(
      "user queues",
      off + "/sys/bus/dsa/devices/iax1/wq1.{0-1}/state = disabled")
    #expect(queues.contains("enable iax1/wq1.0 iax1/wq1.1 iax7/wq7.0"), "\(queues)")
    let setup = try remedy(
      "queue set-up", off + "/sys/bus/dsa/devices/iax1/wq1.{0-1}/name =")
    #expect(setup.contains("wq1.0: it has no name; wq1.1: it has no name"), "\(setup)")
    let vfio = try remedy(
      "VFIO",
      "/sys/bus/pci/devices/0000:6a:02.0/driver -> ../drivers/vfio-pci\n"
        + "/sys/bus/pci/devices/0000:ec:02.0/driver -> ../drivers/vfio-pci")
    #expect(vfio.contains("echo 0000:6a:02.0") && vfio.contains("echo 0000:ec:02.0"), "\(vfio)")
  }

  @Test("a limit of transfers is set by configure, which keeps the rest of the queue")
  func transferSize() throws {
    let change =
      "/sys/bus/dsa/devices/iax1/wq1.*/clients = 0\n/sys/bus/dsa/devices/iax1/wq1.1/max_transfer_size = 4096"
    let files = try changed("example", change)
    let found = try finding("max_transfer_size", in: files, for: .user)
    #expect(
      found.remedy == "run: sudo deflate-iaa configure --max-transfer-size 2097152 iax1/wq1.1")
    #expect(CommandRun("configure --max-transfer-size 2097152 iax1/wq1.1", on: files).code == 0)
    #expect(try finding("max_transfer_size", in: files, for: .user).status == .ok)
  }
}
