// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The list on every fixture, as text and as JSON, against committed outputs. Record them anew with
// DEFLATE_IAA_RECORD=1 and read the difference.

import Foundation
import IAADevices
import Testing

@Suite struct DeviceListTests {
  @Test(
    "text equals the committed output",
    arguments: Listing.names)
  func textEqualsTheCommittedOutput(fixture: String) throws {
    let run = CommandRun("devices", on: MemoryFiles(try Listing(fixture)))
    #expect(run.code == (["no-devices", "dsa-only"].contains(fixture) ? 2 : 0))
    #expect(run.out.split(separator: "\n").allSatisfy { $0.count <= 80 })
    try expectGolden(run.transcript, "\(fixture).devices.txt")
  }

  @Test(
    "JSON equals the committed output",
    arguments: Listing.names)
  func jsonEqualsTheCommittedOutput(fixture: String) throws {
    let run = CommandRun("devices --json --idle", on: MemoryFiles(try Listing(fixture)))
    let object = try JSONSerialization.jsonObject(with: Data(run.out.utf8))
    #expect(object is [Any])
    try expectGolden(run.out, "\(fixture).idle.json")
  }

  @Test("example JSON equals the committed output")
  func exampleJSONEqualsTheCommittedOutput() throws {
    let run = CommandRun("devices --json", on: MemoryFiles(try Listing("example")))
    try expectGolden(run.out, "example.active.json")
  }

  @Test("verbose list shows DSA devices when asked")
  func verboseListShowsDSADevicesWhenAsked() throws {
    let run = CommandRun("devices -v --dsa", on: MemoryFiles(try Listing("generation2")))
    try expectGolden(run.transcript, "generation2.verbose.txt")
    #expect(run.out.contains("dsa1"))
  }

  /// A list that is read while the machine changes must end and stay well-formed, whenever it does.
  @Test("list survives a device vanishing at any read")
  func listSurvivesADeviceVanishingAtAnyRead() throws {
    var listing = try Listing("small")
    for reads in 0...150 {
      listing.vanishing = (reads, "/sys/bus/dsa/devices/iax1")
      let files = MemoryFiles(listing)
      let run = CommandRun("devices --json --idle", on: files)
      #expect((try? JSONSerialization.jsonObject(with: Data(run.out.utf8))) is [Any])
      #expect(CommandRun("devices -v", on: files).code == 0)
    }
  }

  /// Each attribute of one queue and its device, hidden in turn: nothing else may change by it.
  @Test("list survives every attribute being hidden")
  func listSurvivesEveryAttributeBeingHidden() throws {
    let listing = try Listing("small")
    let attributes = listing.entries.keys.filter { $0.hasPrefix("/sys/bus/dsa/devices/iax1/") }
    #expect(attributes.count > 60)
    for path in attributes.sorted() {
      var changed = listing
      changed.entries[path] = nil
      let files = MemoryFiles(changed)
      let run = CommandRun("devices --json --idle", on: files)
      #expect((try? JSONSerialization.jsonObject(with: Data(run.out.utf8))) is [Any], "\(path)")
      #expect(run.out.contains("\"dev\":\"iax3\""), "\(path)")
      #expect(CommandRun("devices", on: files).code == 0, "\(path)")
    }
  }

  @Test("no file of the host is read for another root")
  func noFileOfTheHostIsReadForAnotherRoot() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "iaa-empty-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let root = SystemRoot(folder.path)
    let facts = HostFacts(root)
    #expect(facts.commandLine == nil && facts.cpuFlags == nil && facts.release == nil)
    #expect(facts.credentials == nil)
    let doctor = CommandRun(["doctor"], on: root)
    #expect(doctor.code == 1)
    #expect(!doctor.out.contains("zswap              on"))
  }
}
