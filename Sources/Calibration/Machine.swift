// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Whose rules were found: what tells one device, driver and microcode from another, and nothing that tells one
// user from another.

package import IAADevices

/// A machine's devices and what drives them, as far as the system tells.
package struct Machine: Sendable {
  /// A fact's name and value.
  package let facts: [(name: String, value: String)]
  /// Those of each device.
  package let devices: [(name: String, facts: [(name: String, value: String)])]

  /// Reads them.
  package init(_ root: SystemRoot) {
    let topology = Topology(root)
    let processor = (try? root.text("/proc/cpuinfo", limit: 1 << 14)) ?? ""
    let values: [(String, String?)] = [
      ("processor", Self.value(of: "model name", in: processor)),
      ("microcode", Self.value(of: "microcode", in: processor)),
      ("kernel", topology.facts.release),
      ("idxd version", try? root.line("/sys/module/idxd/version")),
      ("idxd srcversion", try? root.line("/sys/module/idxd/srcversion")),
    ]
    facts = values.compactMap { name, value in value.map { (name, $0) } }
    devices = topology.iaaDevices.map { device in
      let pci = device.pciAddress.map { "/sys/bus/pci/devices/\($0)/" }
      let values: [(String, String?)] = [
        ("pci device", pci.flatMap { try? root.line($0 + "device") }),
        ("pci revision", pci.flatMap { try? root.line($0 + "revision") }),
        ("version", device.version.text), ("gen_cap", device.genCap.text),
        ("iaa_cap", device.iaaCap.text),
      ]
      return ("\(device.name)", values.compactMap { name, value in value.map { (name, $0) } })
    }
  }

  private static func value(of key: String, in text: String) -> String? {
    for line in text.split(separator: "\n") {
      let pair = line.split(separator: ":", maxSplits: 1)
      guard pair.count == 2, pair[0].split(separator: "\t").first.map(String.init) == key else {
        continue
      }
      return pair[1].split(separator: " ").joined(separator: " ")
    }
    return nil
  }

  /// The facts as lines.
  package var text: String {
    let own = facts.map { "\($0.name): \($0.value)" }
    let others = devices.map { device in
      "\(device.name): " + device.facts.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
    }
    return (own + others).map { $0 + "\n" }.joined()
  }

  /// The facts as a member of a profile's evidence.
  package var json: JSON {
    func object(_ facts: [(name: String, value: String)]) -> JSON {
      .object(facts.map { JSON.Member(key: $0.name, value: .string($0.value)) })
    }
    var members = facts.map { JSON.Member(key: $0.name, value: .string($0.value)) }
    members.append(
      JSON.Member(
        key: "devices",
        value: .object(devices.map { JSON.Member(key: $0.name, value: object($0.facts)) })))
    return .object(members)
  }
}
