// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// `deflate-iaa devices`: what is there and how it can be used from here.

import ArgumentParser
import IAADevices

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
        With --json and one of -d, -g, -q, -e, -D, -G, -Q and -E the output is accel-config's for \
        that option: lines of headings with JSON between them. Devices and queues named without an \
        option leave it JSON throughout.

        Exit code: 0 when a device is listed, 2 when there is no IAA device.
        """)
  }

  @OptionGroup var rootOption: RootOption

  @OptionGroup var filter: DeviceFilter

  @Option(
    help: ArgumentHelp(
      "Print what accel-config's list prints, plus op_cap: its version 3's or 4's; without a value, "
        + "that which knows all that is there.", valueName: "3|4"),
    transform: accepting("3 or 4, for accel-config's version, or nothing"))
  var json: JSONEdition?

  @Flag(
    name: [.customShort("D"), .customLong("devices")],
    help: "With --json: as accel-config's -D, under a heading.")
  var showsDevices = false

  @Flag(
    name: [.customShort("G"), .customLong("groups")],
    help: "With --json: groups alone, as accel-config's -G, under headings.")
  var showsGroups = false

  @Flag(
    name: [.customShort("Q"), .customLong("workqueues")],
    help: "With --json: queues alone, as accel-config's -Q, under headings.")
  var showsQueues = false

  @Flag(
    name: [.customShort("E"), .customLong("engines")],
    help: "With --json: engines alone, as accel-config's -E, under headings.")
  var showsEngines = false

  @Flag(
    name: [.customShort("i"), .long],
    help: "With --json: disabled devices and queues, too; the text always has them.")
  var idle = false

  @Flag(help: "Show DSA devices too; --json always does.")
  var dsa = false

  @Flag(name: .shortAndLong, help: "Show capabilities, limits, unused queues and clients.")
  var verbose = false

  mutating func execute(in environment: CommandEnvironment) throws -> Int32 {
    let topology = Topology(environment.open(rootOption.root))
    if let json, !forms.isEmpty || filter.hasOptions {
      try printSections(json, topology.devices, environment.console)
      return found(topology.devices, topology)
    }
    let devices = try filter.applied(to: topology.devices)
    if let json {
      let list = AccelConfigList(idle ? .idle : .active, edition: json.edition(for: devices))
      environment.console.out(list.json(devices).pretty())
    } else {
      let report = DeviceReport(
        topology: topology, devices: devices, verbose: verbose,
        includesDSA: dsa || filter.isGiven, asked: filter.asked)
      environment.console.out(report.text())
    }
    return found(devices, topology)
  }

  /// 2 where there is no IAA device, unless others were asked for and are there.
  private func found(_ shown: [Device], _ topology: Topology) -> Int32 {
    topology.iaaDevices.isEmpty && !((dsa || filter.isGiven) && !shown.isEmpty) ? 2 : 0
  }

  /// accel-config's forms that are asked for.
  private var forms: Set<AccelConfigSections.Form> {
    let flags: [(Bool, AccelConfigSections.Form)] = [
      (showsDevices, .devices), (showsGroups, .groups), (showsQueues, .queues),
      (showsEngines, .engines),
    ]
    return Set(flags.filter(\.0).map(\.1))
  }

  mutating func validate() throws {
    if json == nil, !forms.isEmpty {
      throw ValidationError("-D, -G, -Q and -E choose what --json prints; add --json.")
    }
    if json != nil, !forms.isEmpty || filter.hasOptions, !filter.targets.isEmpty {
      throw ValidationError(
        "With --json use either names without an option (JSON alone) or accel-config's options "
          + "-d, -g, -q, -e, -D, -G, -Q, -E (its headings too).")
    }
  }

  /// Prints what accel-config prints for its options.
  private func printSections(_ json: JSONEdition, _ devices: [Device], _ console: Console) throws {
    let list = AccelConfigList(idle ? .idle : .active, edition: json.edition(for: devices))
    guard let text = try filter.sections(forms, of: devices).text(devices, by: list) else {
      throw CommandFailure(
        description: "what is named is disabled, or another option leaves it out; -i shows what is "
          + "disabled, too")
    }
    console.out(text)
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

  /// The command line with the edition named behind "=". The word behind a bare --json is its value
  /// when it is one of an edition, for no device is called so; else the parser would take a device for it.
  static func named(in arguments: [String]) -> [String] {
    guard arguments.first == DevicesCommand._commandName else { return arguments }
    var named: [String] = []
    for argument in arguments {
      if named.last == bare, Self(rawValue: argument) != nil {
        named[named.count - 1] = "--json=\(argument)"
      } else {
        named.append(argument == "--json" ? bare : argument)
      }
    }
    return named
  }

  private static let bare = "--json=\(Self.auto.rawValue)"
}
