// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the doctor says to run is run, on a tree that reacts as the driver does.

import IAADevices
import Testing

@Suite("The doctor's commands do what they are given for")
struct RemedyTests {
  /// The commands of this program in a remedy.
  private static func commands(in remedy: String) -> [[String]] {
    remedy.matches(of: /sudo deflate-iaa ((?:configure|enable)[^;,()`\n]*)/).map {
      $0.1.split(separator: " ").map(String.init)
    }
  }

  private static let queue = "/sys/bus/dsa/devices/iax1/wq1.0"

  /// The finding, and what is wrong.
  static let symptoms: [(String, String)] = [
    ("device state", "/sys/bus/dsa/devices/iax3/state = disabled"),
    ("NUMA spread", ""),
    (
      "user queues",
      "remove /sys/bus/dsa/devices/iax7\n\(queue)/type = none\n"
        + "/sys/bus/dsa/devices/iax1/wq1.1/type = none"
    ),
    ("queue set-up", "\(queue)/driver_name ="),
    ("queue set-up", "\(queue)/name ="),
    ("queue set-up", "\(queue)/threshold = 0"),
    ("queue set-up", "\(queue)/threshold = 97"),
    ("queue set-up", "\(queue)/priority = 0"),
    ("queue set-up", "\(queue)/size = 0"),
    ("queue set-up", "\(queue)/size = 0\n/sys/bus/dsa/devices/iax1/wq1.1/size = 120"),
    ("queue set-up", "\(queue)/group_id = -1"),
    ("queue set-up", "\(queue)/group_id = -1\n/sys/bus/dsa/devices/iax1/engine*/group_id = 1"),
    ("queue set-up", "/sys/bus/dsa/devices/iax1/wq1.1/size = 64"),
    (
      "queue set-up",
      ["name =", "driver_name =", "size = 0", "threshold = 0", "priority = 0", "group_id = -1"]
        .map { "\(queue)/\($0)" }.joined(separator: "\n")
    ),
    ("engines per group", "/sys/bus/dsa/devices/iax1/engine1.*/group_id = -1"),
    ("engines per group", "/sys/bus/dsa/devices/iax1/engine1.7/group_id = -1"),
    ("block_on_fault", ""),
  ]

  /// Something else may be found then, but no longer this.
  @Test(
    "symptom goes with its remedy",
    arguments: symptoms.indices)
  func symptomGoesWithItsRemedy(index: Int) throws {
    let (name, change) = Self.symptoms[index]
    var listing = try Listing("example")
    try listing.read("/sys/bus/dsa/devices/*/clients = 0\n" + change)
    try listing.read("/sys/bus/dsa/devices/iax1/wq1.*/clients = 0")
    let files = MemoryFiles(listing, reacting: true)
    func finding() throws -> Finding {
      try #require(Doctor(files.root).examine().flatMap(\.findings).first { $0.name == name })
    }
    let before = try finding()
    #expect(before.status == .problem)
    let commands = Self.commands(in: try #require(before.remedy))
    #expect(!commands.isEmpty, "\(before)")
    for command in commands {
      let run = CommandRun(command, on: files.root)
      #expect(run.code == 0, "\(command): \(run.err)")
    }
    #expect(try finding().reason != before.reason)
  }

  @Test("kernel's default becomes ready by one command")
  func kernelsDefaultBecomesReadyByOneCommand() throws {
    var listing = try Listing("default-configuration")
    // udev's part.
    for device in [1, 3, 5, 7] { try listing.read("device 0666 /dev/iax/wq\(device).0") }
    let files = MemoryFiles(listing, reacting: true)
    let doctor = Doctor(files.root)
    guard case .fix(let finding) = doctor.verdict(doctor.examine()) else {
      Issue.record("the kernel holds all devices")
      return
    }
    for command in Self.commands(in: try #require(finding.remedy)) {
      let run = CommandRun(command, on: files.root)
      #expect(run.code == 0, "\(command): \(run.err)")
    }
    let after = Doctor(files.root)
    let queues = ["wq1.0", "wq3.0", "wq5.0", "wq7.0"]
    #expect(after.verdict(after.examine()) == .ready(.init(queues: queues)))
  }
}
