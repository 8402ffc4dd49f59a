// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Names on the bus are what everything else hangs on, so the odd ones are tried first.

import IAADevices
import Testing

@Suite struct NameTests {
  @Test(
    "device names round trip",
    arguments: ["iax1", "dsa0", "iax123"])
  func deviceNamesRoundTrip(name: String) {
    #expect(DeviceName(name)?.description == name)
  }

  @Test(
    "other names are not devices",
    arguments: ["iax", "iax-1", "iax1.0", "wq1.0", "iaa1", "iax１", "", "dsa0x"])
  func otherNamesAreNotDevices(name: String) {
    #expect(DeviceName(name) == nil)
  }

  @Test(
    "part names round trip",
    arguments: ["wq1.0", "group12.3", "engine7.11"])
  func partNamesRoundTrip(name: String) {
    #expect(PartName(name)?.description == name)
  }

  @Test(
    "other names are not parts",
    arguments: ["wq1", "wq1.", "wq.0", "wq1.0.0", "queue1.0", "wq1.-1"])
  func otherNamesAreNotParts(name: String) {
    #expect(PartName(name) == nil)
  }

  @Test("opcode set reads the kernel's word order")
  func opcodeSetReadsTheKernelsWordOrder() {
    let set = OpcodeSet("00000000,00000000,00000000,00000000,00000000,007f331c,00000000,0000000d")
    // NOOP, DRAIN, MEMMOVE and the analytics operations of a generation 1 device.
    let expected: [UInt8] =
      [0, 2, 3, 0x42, 0x43, 0x44, 0x48, 0x49, 0x4C, 0x4D] + Array(0x50...0x56)
    #expect((0...255).filter { set?.contains(UInt8($0)) == true }.map { UInt8($0) } == expected)
    #expect(OpcodeSet("junk") == nil)
  }
}
