// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// accel-config's list with its options -d, -g, -q, -e, -D, -G, -Q and -E, byte for byte.

import Foundation
import IAADevices
import TestSupport
import Testing

@Suite struct AccelConfigSectionTests {
  /// Filters with the forms that 3.5.3 prints them in; with -g any form but its own makes it crash or
  /// print what is in other groups.
  static let combinations: [String] = {
    let filters = [
      "", "-d iax1", "-q iax1/wq1.0", "-q iax1/wq1.1", "-q iax1/wq1.5", "-e iax1/engine1.0",
      "-q iax1/wq1.0 -e iax1/engine1.1", "-d iax1 -q iax1/wq1.0", "-d iax1 -q iax3/wq3.0",
    ]
    let forms = ["", "-D", "-G", "-Q", "-E", "-GQ", "-QE", "-DGQE"]
    let all =
      filters.flatMap { filter in forms.map { "\(filter) \($0)" } }
      + ["-g iax1/group1.0", "-g iax1/group1.1 -G"]
    return all + all.map { $0 + " -i" }
  }()

  @Test(
    "list with options equals accel-config's",
    .needs(
      "accel-config 3.5.3 in a mount namespace of its own", isFound: AccelConfig.isAvailable),
    arguments: ["example", "default-configuration", "legacy-iommu"])
  func listWithOptionsEqualsAccelConfigs(fixture: String) throws {
    let tree = try Tree(Listing(fixture))
    for line in Self.combinations {
      let arguments = line.split(separator: " ").map(String.init)
      let theirs = try #require(AccelConfig.run(["list"] + arguments, on: tree))
      let ours = CommandRun(
        ["devices", "--json=3"] + arguments, on: SystemRoot(tree.folder.path))
      #expect((ours.code == 0) == (theirs.status == 0), "\(line): \(ours.err)")
      // It prints the heading before it finds that nothing matches.
      guard theirs.status == 0 else { continue }
      #expect(Self.withoutOpCap(ours.out) == theirs.output, "\(line)")
    }
  }

  static func withoutOpCap(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.contains("\"op_cap\":") }.joined(separator: "\n")
  }

  /// As 3.5.3 prints it, recorded: this holds without accel-config.
  @Test("headings are accel-config's")
  func headingsAreAccelConfigs() throws {
    let files = MemoryFiles(try Listing("example"))
    #expect(
      CommandRun("devices --json=3 -e iax3/engine3.0", on: files).out == """
        engines:
        device iax3:
        [
          {
            "dev":"engine3.0",
            "group_id":0
          }
        ]

        """)
    func heads(_ line: String) -> [String] {
      CommandRun("devices --json=3 " + line, on: files).out.split(separator: "\n")
        .filter { !$0.hasPrefix(" ") && $0 != "[" && $0 != "]" }.map(String.init)
    }
    #expect(heads("-G") == ["groups:"] + ["iax7", "iax3", "iax1", "dsa0"].map { "device \($0):" })
    #expect(heads("-D") == ["devices:"])
    #expect(
      heads("-Q -d iax1") == ["workqueues:", "device iax1:", "grouped workqueues:", "group id 0:"])
    #expect(
      heads("-E -d iax3") == [
        "engines:", "device iax3:", "grouped engines:", "group id 0:", "ungrouped engines:",
      ])
    #expect(
      heads("-g iax1/group1.0 -Q") == [
        "workqueues:", "device iax1:", "grouped workqueues:", "group id 0:",
      ])
  }

  @Test("--json takes a version with and without an equals sign")
  func jsonTakesAVersion() throws {
    let files = MemoryFiles(try Listing("generation2"))
    for version in ["3", "4"] {
      let joined = CommandRun("devices --json=\(version) -i", on: files)
      #expect(joined.code == 0)
      #expect(CommandRun("devices --json \(version) -i", on: files).out == joined.out)
      #expect(CommandRun("devices -i --json \(version)", on: files).out == joined.out)
    }
    #expect(CommandRun("devices --json iax2", on: files).out.contains("\"iax2\""))
    let wrong = CommandRun("devices --json=5", on: files)
    #expect(wrong.code == 1 && wrong.err.contains("it takes 3 or 4"), "\(wrong.err)")
    #expect(CommandRun("devices --help", on: files).out.contains("--json <3|4>"))
  }

  @Test(
    "forms that have no meaning are refused with what has",
    arguments: [
      ("-Q", "add --json"), ("--json -Q iax1", "names without an option"),
      ("--json -q iax1/wq1.0 -q iax3/wq3.0", "-q is taken once"),
      ("--json -q iax1/wq1.5", "-i shows what is disabled"),
      ("-q foo", "it takes a name such as iax1/wq1.0"), ("-g foo", "such as iax1/group1.0"),
      ("-e foo", "such as iax1/engine1.0"), ("-d foo", "it takes a name such as iax1"),
      ("foo", "it takes a device such as iax1 or a queue such as iax1/wq1.0"),
    ])
  func formsWithoutMeaningAreRefused(line: String, form: String) throws {
    let run = CommandRun("devices " + line, on: MemoryFiles(try Listing("example")))
    #expect(run.code == 1 && run.out.isEmpty && run.err.contains(form), "\(run.err)")
  }
}
