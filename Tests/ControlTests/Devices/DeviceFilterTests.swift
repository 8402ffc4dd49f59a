// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What of the devices is listed, operations by name, and devices that no table knows.

import Foundation
import IAADevices
import Testing

@Suite struct DeviceFilterTests {
  @Test(
    "only what is named is listed, with what serves it",
    arguments: [
      ("iax1", ["iax1"], ["wq1.0", "wq1.1", "engine1.7"], ["iax3", "dsa0"]),
      ("dsa0", ["dsa0"], ["wq0.0"], ["iax1"]),
      ("wq1.1", ["iax1"], ["wq1.1", "group1.0", "engine1.0"], ["wq1.0", "iax3"]),
      ("iax3 wq1.0", ["iax1", "iax3"], ["wq1.0", "engine3.7"], ["wq1.1", "iax5"]),
      ("-d iax1", ["iax1"], [], []), ("-q iax1/wq1.1", ["iax1"], [], []),
      ("-g iax3/group3.0", ["iax3"], [], []), ("-e engine3.0", ["iax3"], [], []),
      ("iax3 -q wq1.0", ["iax1", "iax3"], [], []),
    ])
  func onlyWhatIsNamedIsListed(
    arguments: String, devices: [String], parts: [String], others: [String]
  ) throws {
    let files = MemoryFiles(try Listing("example"))
    // Names without an option leave JSON alone; accel-config's options are in AccelConfigSectionTests.
    if !arguments.contains("-") {
      let run = CommandRun("devices --json -i " + arguments, on: files)
      #expect(run.code == 0, "\(run.err)")
      guard case .array(let list) = try JSON(parsing: run.out) else { return }
      let names = list.compactMap { device -> String? in
        if case .string(let name) = device["dev"] { name } else { nil }
      }
      #expect(names == devices)
      for part in parts { #expect(run.out.contains("\"\(part)\""), "\(part)") }
      for other in others { #expect(!run.out.contains("\"\(other)\""), "\(other)") }
    }
    let text = CommandRun("devices -v " + arguments, on: files)
    #expect(text.code == 0 && devices.allSatisfy { text.out.contains($0 + "  ") }, "\(text.out)")
  }

  @Test(
    "names that are not there are errors",
    arguments: ["iax9", "dsa1", "iax1/wq1.9", "-q wq9.0", "-g iax1/group1.9", "-e dsa1/engine1.0"])
  func namesThatAreNotThereAreErrors(arguments: String) throws {
    let run = CommandRun("devices " + arguments, on: MemoryFiles(try Listing("example")))
    #expect(run.code == 1 && run.err.contains("there is no"), "\(run.err)")
    let wrong = CommandRun("devices -q group1.0", on: MemoryFiles(try Listing("example")))
    #expect(wrong.code == 1 && wrong.err.contains("-q takes a name such as iax1/wq1.0"))
  }

  @Test("entries used are the device's, whatever is shown, and unknown ones are not nothing")
  func entriesUsedAreTheDevices() throws {
    let files = MemoryFiles(try Listing("example"))
    for filter in ["", "iax1", "-q wq1.1", "-g group1.2", "-e engine1.0", "-q wq1.6"] {
      let out = CommandRun("devices " + filter, on: files).out
      #expect(out.contains("entries used 128 of 128"), "\(filter): \(out)")
    }
    var listing = try Listing("example")
    try listing.read("/sys/bus/dsa/devices/iax1/wq1.1/size = <EACCES>")
    #expect(CommandRun("devices iax1", on: MemoryFiles(listing)).out.contains("used 96 or more of"))
    try listing.read("/sys/bus/dsa/devices/iax1/wq*/size = <EACCES>")
    #expect(CommandRun("devices iax1", on: MemoryFiles(listing)).out.contains("entries used ? of"))
  }

  @Test(
    "what is asked for by name is shown, whatever it holds",
    arguments: [
      ("-q wq1.6", "    wq1.6  shared    none"), ("wq1.6", "    wq1.6  shared    none"),
      ("-g group1.2", "  group1.2  no engine\n"), ("-e engine3.5", "  engine3.5 is in no group\n"),
    ])
  func whatIsAskedForIsShown(filter: String, line: String) throws {
    let out = CommandRun("devices " + filter, on: MemoryFiles(try Listing("example"))).out
    #expect(out.contains(line) && !out.contains("not configured\n"), "\(out)")
  }

  @Test("operations and capabilities are named")
  func operationsAndCapabilitiesAreNamed() throws {
    let out = CommandRun("devices -v iax2", on: MemoryFiles(try Listing("restricted"))).out
    let words = out.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("noop drain memmove decompress compress crc64 0x45 0x47 zero"), "\(out)")
    #expect(words.contains("iaa_cap 0x1ff: dec_aecs_format_ver drop_init_bits"), "\(out)")
    #expect(words.contains("takes only noop drain memmove decompress compress"), "\(out)")
    #expect(words.contains("without ATS, without PRS"), "\(out)")
    #expect(words.contains("descriptors limited to 1/2"), "\(out)")
  }

  @Test("opcode names are those of the kernel's header, both ways")
  func opcodeNamesAreThoseOfTheKernelsHeader() throws {
    for (opcode, name) in OperationName.names {
      #expect(OperationName.opcode(name) == opcode && OperationName.text(opcode) == name)
    }
    let text = "00000000,00000000,00000000,00000000,00000000,007f331c,00000000,0000000d"
    let set = try #require(OpcodeSet(text))
    #expect(set.canonical.text == text && OpcodeSet(set.opcodes) == set)
  }

  /// 8086:fd2d since Linux 6.18; a number that no table has counts when idxd has taken the device.
  @Test(
    "IAA devices are known by their numbers, and by their driver",
    arguments: [
      ("0x0cfe", "", true), ("0x1216", "", true), ("0xb02d", "", true), ("0xfd2d", "", true),
      ("0x9999", "idxd", true), ("0x9999", "", false), ("0x9999", "qat_4xxx", false),
      ("0x0b25", "idxd", false), ("0x11fb", "idxd", false), ("0x1212", "idxd", false),
    ])
  func iaaDevicesAreKnownByTheirNumbers(id: String, driver: String, isFound: Bool) throws {
    var listing = try Listing("no-devices")
    let device = "/sys/bus/pci/devices/0000:6a:02.0"
    try listing.read("\(device)/vendor = 0x8086\n\(device)/device = \(id)")
    if !driver.isEmpty {
      try listing.read("\(device)/driver -> ../../../bus/pci/drivers/\(driver)")
    }
    let run = CommandRun("doctor", on: MemoryFiles(listing))
    #expect(run.out.contains("1 found: 0000:6a:02.0") == isFound, "\(run.out)")
    #expect(run.code == (isFound ? 1 : 2))
    // What the driver made a DSA device of is none, whatever its number.
    try listing.read("\(device)/dsa0/state = enabled")
    let other = CommandRun("doctor", on: MemoryFiles(listing)).out
    #expect(other.contains("1 found") == (isFound && driver.isEmpty))
  }
}
