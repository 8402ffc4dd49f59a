// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Every write of a plan is made to fail in turn, on several devices: afterwards the machine is as
// it was, or the message says what is not.

import IAADevices
import Testing

@Suite struct RollbackTests {
  static let commands = [
    "configure --user 2 --force", "configure --default --force",
    "configure --size 64 --force iax1/wq1.0", "disable --all --force", "enable --all",
  ]

  @Test(
    "any failing write leaves the machine as it was",
    arguments: commands)
  func anyFailingWriteLeavesTheMachineAsItWas(command: String) throws {
    // iax5 is off and bare, the others run: all that a plan may start from. For enabling, iax1 is
    // set up and off, and of iax3 only the queue is off.
    var listing = try Listing("small")
    if command.hasPrefix("enable") {
      try listing.read(
        """
        /sys/bus/dsa/devices/iax1/state = disabled
        /sys/bus/dsa/devices/iax1/wq*/state = disabled
        /sys/bus/dsa/devices/iax3/wq*/state = disabled
        """)
    }
    let original = Self.settings(MemoryFiles(listing).root)
    let dry = MemoryFiles(listing, reacting: true)
    #expect(CommandRun(command, on: dry).code == 0, "\(command)")
    let count = dry.writes.count
    #expect(count > 0)
    for number in 0..<count {
      let files = MemoryFiles(listing, reacting: true)
      files.fail(writes: [number])
      let run = CommandRun(command, on: files)
      #expect(run.code == 1)
      #expect(run.err.contains("cannot write"), "\(run.err)")
      #expect(Self.settings(files.root) == original, "write \(number): \(run.err)")
      // Restoring reloads nothing, so a reload is what may remain.
      let remains = run.err.split(separator: "\n").filter { $0.contains("remains:") }
      #expect(remains.allSatisfy { $0.contains("was reloaded") }, "\(run.err)")
      let isUntouched = number == 0 && remains.isEmpty
      // The driver's attributes, which a reload forgets, are no device's.
      let hasTouched = dry.writes[..<number].contains {
        !$0.path.contains("/drivers/crypto/")
          || $0.path.hasSuffix("bind")
      }
      #expect(
        run.err.contains("rolled back") == hasTouched
          && run.err.contains("nothing had been changed") == isUntouched, "\(run.err)")
    }
  }

  @Test("what cannot be taken back is named")
  func whatCannotBeTakenBackIsNamed() throws {
    let listing = try Listing("small")
    let files = MemoryFiles(listing, reacting: true)
    let dry = MemoryFiles(listing, reacting: true)
    #expect(CommandRun("configure --user 1 --force iax1", on: dry).code == 0)
    // The device cannot be enabled, neither forwards nor on the way back.
    let bind = try #require(
      dry.writes.firstIndex { $0.value == "iax1" && $0.path.hasSuffix("/bind") })
    files.fail(writes: Set(bind..<200))
    let run = CommandRun("configure --user 1 --force iax1", on: files)
    #expect(run.code == 1)
    #expect(run.err.contains("remains: iax1 is disabled"), "\(run.err)")
    #expect(run.err.contains("remains: wq1.0 is disabled"), "\(run.err)")
    #expect(!run.err.contains("rolled back"))
  }

  static func settings(_ root: SystemRoot) -> [DeviceSettings] {
    SysfsTree(root).devices().map { DeviceSettings($0) }
  }
}
