// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// `deflate-iaa devices`: what is there and how it can be used from here.

import ArgumentParser
import IAAOffload

/// Options that every subcommand takes.
struct RootOption: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Read and write /sys, /proc, /dev, /boot and /run below this directory.", valueName: "dir"))
  var root = "/"
}

struct DevicesCommand: DeviceCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "devices",
      abstract: "List IAA devices, their queues and how each can be used.",
      discussion: """
        Exit code: 0 when a device is listed, 2 when there is none.
        """)
  }

  @OptionGroup var rootOption: RootOption

  @OptionGroup var filter: DeviceFilter

  @Option(
    help: ArgumentHelp(
      "Print what accel-config's list prints, plus op_cap: of its version =3, =4, or, without a value, "
        + "the one that knows all that is there.", valueName: "version"))
  var json: JSONEdition?

  @Flag(name: [.customShort("i"), .long], help: "Show disabled devices and queues in --json too.")
  var idle = false

  @Flag(help: "Show DSA devices too; --json always does.")
  var dsa = false

  @Flag(name: .shortAndLong, help: "Show capabilities, limits, unused queues and clients.")
  var verbose = false

  mutating func execute(in environment: CommandEnvironment) throws -> Int32 {
    let topology = Topology(environment.open(rootOption.root))
    let devices = try filter.applied(to: topology.devices)
    if let json {
      let list = AccelConfigList(idle ? .idle : .active, edition: json.edition(for: devices))
      environment.console.out(list.json(devices).pretty())
    } else {
      let report = DeviceReport(
        topology: topology, devices: devices, verbose: verbose,
        includesDSA: dsa || filter.isGiven)
      environment.console.out(report.text())
    }
    return topology.iaaDevices.isEmpty ? 2 : 0
  }
}

/// Which accel-config's list is printed.
enum JSONEdition: String, ExpressibleByArgument, CaseIterable {
  case third = "3"
  case fourth = "4"
  /// 4's where there is what 3 does not know.
  case auto

  func edition(for devices: [Device]) -> AccelConfigEdition {
    switch self {
    case .third: .third
    case .fourth: .fourth
    case .auto: AccelConfigEdition(for: devices)
    }
  }

  /// The command line with the edition named: the word behind a bare --json is a device, not its value.
  static func named(in arguments: [String]) -> [String] {
    guard arguments.first == DevicesCommand._commandName else { return arguments }
    return arguments.map { $0 == "--json" ? "--json=\(Self.auto.rawValue)" : $0 }
  }
}
