// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// sysfs with anything in its attributes: kernels have had bugs, virtual machines make devices up, and containers
// mount what they like. No subcommand may trap over it, and none that only looks may write.

import IAADevices
import SystemPackage

final class SysfsTarget: FuzzTarget {
  private static let commands = [
    "devices -v", "devices --json=3 -i", "devices --json=4", "doctor", "doctor --for zswap",
    "doctor --for user", "doctor --for all", "configure --default -n", "configure --user 2 -n",
    "configure --user-default -n", "configure iax1 -n --size 16 --mode shared --type user",
    "configure --save -", "configure --persist -n", "enable --all -n", "disable --all -n",
    "attributes", "stats", "zswap status", "doctor -q", "configure --all -n --mode dedicated",
  ].map { $0.split(separator: " ").map(String.init) }

  private static let values = [
    "", "0", "-1", "1", "64", "128", "65536", "4294967295", "4294967296", "9223372036854775807",
    "-9223372036854775808", "18446744073709551615", "0x", "0x0", "0xffffffffffffffff", "enabled",
    "disabled", "halted", "kernel", "user", "shared", "dedicated", "none", "Y", "N", "iax1",
    "wq1.0",
    "engine1.0", "1e9", "٣", "a\nb\nc", "00000000,00000000", "wq1.0 wq1.0 wq1.1", "\u{0}",
  ]
  private let listings: [(listing: Listing, paths: [String])] = Listing.names.map { name in
    let listing = Listing.committed(name)
    return (listing, listing.entries.keys.sorted())
  }

  func check(_ input: [UInt8]) throws(FuzzFinding) {
    var choices = Choices(input)
    var (listing, paths) = choices.element(listings)
    let command = choices.element(Self.commands)
    for _ in 0..<choices.number(0...7) {
      let path = paths[choices.number(0...65535) % paths.count]
      listing.entries[path] = entry(&choices)
    }
    let files = MemoryFiles(listing)
    let run = SubcommandRun(command, on: files)
    try demand(files.writes.isEmpty, "\(command) wrote: \(files.writes)")
    try demand(!run.out.isEmpty || !run.err.isEmpty, "\(command) says nothing")
  }

  private func entry(_ choices: inout Choices) -> Entry? {
    switch choices.number(0...9) {
    case 0: nil
    case 1: .directory
    case 2:
      .failing(
        choices.element([.permissionDenied, .ioError, .notSupported, .noSuchAddressOrDevice]))
    case 3: .link("../../" + text(choices.bytes(choices.number(0...12))))
    case 4: .writeOnly
    case 5: .text(text(choices.bytes(choices.number(0...40))))
    case 6: .text(String(repeating: text(choices.bytes(3)), count: choices.number(0...3000)))
    default: .text(choices.element(Self.values))
    }
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
