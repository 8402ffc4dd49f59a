// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The IAA devices on the PCI bus: those that are known by their numbers, and whatever else of Intel's the
// idxd driver has taken, for a kernel may know devices that this table does not.

/// The IAA devices on the PCI bus.
package struct PCIDevices: Sendable {
  /// A kind of device with a number of its own.
  struct Kind {
    let id: String
    let platforms: String
  }

  /// Intel's IAA devices: `idxd_pci_tbl` in the driver's init.c and the numbers in its registers.h. 0cfe
  /// is PCI_DEVICE_ID_INTEL_IAX_SPR0; 1216, b02d and fd2d are IAA_DMR, IAA_PTL and IAA_WCL, the last
  /// since Linux 6.18 (c937969a, "Add a new IAA device ID for Wildcat Lake family platforms").
  static let kinds = [
    Kind(id: "0cfe", platforms: "Sapphire, Emerald and Granite Rapids, Sierra Forest"),
    Kind(id: "1216", platforms: "Diamond Rapids"),
    Kind(id: "b02d", platforms: "Panther Lake"),
    Kind(id: "fd2d", platforms: "Wildcat Lake"),
  ]
  /// The same driver's other devices: DSA_SPR0, DSA_GNRD and DSA_DMR.
  static let otherIDs: Set<String> = ["0x0b25", "0x11fb", "0x1212"]
  static let path = "/sys/bus/pci/devices"

  /// "8086:0cfe, 8086:1216, …".
  static var knownIDs: String { kinds.map { "8086:" + $0.id }.joined(separator: ", ") }

  /// Their addresses, "0000:6a:02.0"; nil when the bus cannot be read.
  package let addresses: [String]?
  /// The driver each is bound to, by address.
  package let drivers: [String: String]

  init(_ root: SystemRoot) {
    guard let names = try? root.files.names(in: Self.path) else {
      addresses = nil
      drivers = [:]
      return
    }
    var found: [String] = []
    var drivers: [String: String] = [:]
    for name in names where (try? root.line("\(Self.path)/\(name)/vendor")) == "0x8086" {
      guard let id = try? root.line("\(Self.path)/\(name)/device"), !Self.otherIDs.contains(id)
      else { continue }
      let driver = (try? root.files.target(ofLink: "\(Self.path)/\(name)/driver"))
        .flatMap { $0.split(separator: "/").last.map(String.init) }
      let isKnown = Self.kinds.contains { "0x" + $0.id == id }
      guard isKnown || driver == "idxd" && !Self.isDSA(root, name) else { continue }
      found.append(name)
      drivers[name] = driver
    }
    addresses = found
    self.drivers = drivers
  }

  /// Whether the driver made a DSA device of it: its folder then holds a dsaN.
  private static func isDSA(_ root: SystemRoot, _ address: String) -> Bool {
    root.names(in: "\(path)/\(address)").contains { DeviceName($0)?.kind == .dsa }
  }
}
