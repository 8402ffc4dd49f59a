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

  @Flag(help: "Print what accel-config's list prints, plus op_cap.")
  var json = false

  @Flag(name: [.customShort("i"), .long], help: "Show disabled devices and queues in --json too.")
  var idle = false

  @Flag(help: "Show DSA devices too; --json always does.")
  var dsa = false

  @Flag(name: .shortAndLong, help: "Show capabilities, limits, unused queues and clients.")
  var verbose = false

  mutating func execute(in environment: CommandEnvironment) throws -> Int32 {
    let topology = Topology(environment.open(rootOption.root))
    if json {
      let list = AccelConfigList(idle ? .idle : .active)
      environment.console.out(list.json(topology.devices).pretty())
    } else {
      let report = DeviceReport(topology: topology, verbose: verbose, includesDSA: dsa)
      environment.console.out(report.text())
    }
    return topology.iaaDevices.isEmpty ? 2 : 0
  }
}
