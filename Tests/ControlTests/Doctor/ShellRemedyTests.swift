// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the doctor prints behind "run:" is copied into a shell. So a shell reads every such text, as
// printed, and those that change the boot loader or udev are run with programs that note how they were
// called.

import Foundation
import Glibc
import IAADevices
import SystemPackage
import TestSupport
import Testing

@Suite("A shell takes what the doctor says to run")
struct ShellRemedyTests {
  /// The commands of a report, each as it was printed without its margin.
  static func commands(in report: String) -> [String] {
    var blocks: [(margin: Int, lines: [String])] = []
    var isOpen = false
    for line in report.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      let text = line.drop { $0 == " " }
      let indent = line.count - text.count
      if text.hasPrefix("-> ") {
        blocks.append((indent + 3, [String(text.dropFirst(3))]))
        isOpen = true
      } else if isOpen, !text.isEmpty, indent >= blocks[blocks.count - 1].margin {
        blocks[blocks.count - 1].lines.append(String(text))
      } else {
        isOpen = false
      }
    }
    return blocks.compactMap { block in
      let text = block.lines.joined(separator: "\n")
      guard let run = text.firstRange(of: /run:[ \n]/) else { return nil }
      return String(text[run.upperBound...])
    }
  }

  /// The reports of all fixtures for all goals, with whatever keeps queues from working.
  static let reports = Result { try makeReports() }

  private static func makeReports() throws -> [String] {
    let systems = [
      "", "ID=debian", "ID=rhel", "ID=rhcos\\nID_LIKE=\"rhel fedora\"", "ID=opensuse-leap",
      "ID=arch",
    ]
    let changes =
      ["", "/proc/cmdline = quiet iommu=off intel_iommu=igfx_off", "device 0600 /dev/iax/wq1.0"]
      + DoctorTests.symptoms.map(\.1)
    var reports: [String] = []
    for name in Listing.names + Listing.machines {
      for goal in [Goal.all, .user] {
        let files = MemoryFiles(try Listing(name))
        reports.append(CommandRun("doctor --for \(goal)", on: files).out)
        let trial = FixedTrial(result: .closed(.ioError))
        let run = CommandRun(["doctor", "--for", "\(goal)"], on: files.root, trial: trial)
        reports.append(run.out)
      }
    }
    for system in systems {
      for change in changes where system.isEmpty || change.contains("cmdline") {
        let files = try changed("legacy-iommu", "/etc/os-release = \(system)\n" + change)
        reports.append(CommandRun("doctor", on: files).out)
        guard system.isEmpty else { continue }
        reports.append(CommandRun("doctor", on: try changed("example", change)).out)
      }
    }
    return reports
  }

  /// Programs that a remedy may begin with.
  static let programs: Set<String> = [
    "sudo", "echo", "deflate-iaa", "grep", "kubectl",
    #"rule='SUBSYSTEM=="dsa",KERNEL=="iax/wq*",GROUP="iaa",MODE="0660"'"#,
  ]

  @Test("every command of every report is read by a shell, and begins with a program that is known")
  func everyCommand() throws {
    let reports = try Self.reports.get()
    for line in reports.flatMap({ $0.split(separator: "\n") }) {
      #expect(line.count <= 80, "\(line)")
    }
    let commands = Set(reports.flatMap(Self.commands))
    #expect(commands.count >= 35)
    for command in commands {
      let result = try ProcessRunner.run("/bin/sh", ["-n", "-c", command])
      #expect(result.status == 0, "\(command): \(result.errorText)")
      let plain = command.replacing("\\\n", with: " ")
      let starts = plain.split(separator: #/\n|; |&& |\| /#).map { part in
        String(part.drop { $0 == " " }.prefix { $0 != " " })
      }
      #expect(starts.allSatisfy(Self.programs.contains), "\(starts)")
    }
  }

  @Test("this program's own commands in reports are understood by it")
  func ownCommands() throws {
    let own = Set(try Self.reports.get().flatMap(Self.commands)).flatMap { command in
      command.replacing("\\\n", with: " ").matches(of: /deflate-iaa ([^;|&\n]+)/).map {
        $0.1.split(separator: " ").map(String.init)
      }
    }
    #expect(own.count > 20)
    for words in own {
      let run = CommandRun(words, on: MemoryFiles(try Listing("example"), reacting: true).root)
      #expect(!run.err.contains("try 'deflate-iaa"), "\(words): \(run.err)")
    }
  }

  /// Runs a command with programs that write their arguments, one call a line.
  static func calls(_ command: String, of programs: [String]) throws -> [String] {
    let folder = try TemporaryDirectory()
    for name in programs + ["sudo"] {
      let body =
        name == "sudo"
        ? "exec \"$@\"" : name == "tee" ? "echo \"tee $*: $(cat)\"" : "echo \"\(name) $*\""
      let file = try folder.write(Array("#!/bin/sh\n\(body)\n".utf8), to: name)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    }
    let result = try ProcessRunner.run(
      "/bin/sh", ["-e", "-c", command],
      environment: ["PATH": "\(folder.url.path):/usr/bin:/bin", "USER": "someone"])
    #expect(result.status == 0, "\(command): \(result.errorText)")
    return String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// os-release, command line, what is said, what is run.
  static let systems: [(String, String, String, String?)] = [
    (
      "ID=debian", "quiet intel_iommu=on", "put intel_iommu=on,sm_on in place of intel_iommu=on",
      "update-grub "
    ),
    (
      "ID=ubuntu\\nID_LIKE=debian", "quiet", "add intel_iommu=on,sm_on to GRUB_CMDLINE_LINUX",
      "update-grub "
    ),
    (
      "ID=\"rhel\"\\nID_LIKE=\"fedora\"", "intel_iommu=on", "reboot",
      "grubby --update-kernel=ALL --args=intel_iommu=on,sm_on"
    ),
    (
      "ID=fedora", "iommu=off quiet", "reboot",
      "grubby --update-kernel=ALL --remove-args=iommu=off --args=intel_iommu=on,sm_on"
    ),
    (
      "ID=fedora\\nVARIANT_ID=coreos", "intel_iommu=igfx_off", "reboot",
      "rpm-ostree kargs --delete-if-present=intel_iommu=igfx_off "
        + "--append-if-missing=intel_iommu=on,sm_on,igfx_off"
    ),
    (
      "ID=rhcos\\nID_LIKE=\"rhel fedora\"", "quiet", "a MachineConfig whose kernelArguments are",
      nil
    ),
    (
      "ID=\"opensuse-leap\"\\nID_LIKE=\"suse opensuse\"", "quiet", "GRUB_CMDLINE_LINUX",
      "grub2-mkconfig -o /boot/grub2/grub.cfg"
    ),
    ("ID=arch", "quiet", "GRUB_CMDLINE_LINUX", "grub-mkconfig -o /boot/grub/grub.cfg"),
    ("ID=plan9", "quiet", "by the tool of the machine's boot loader", nil),
  ]

  @Test("the boot loader's own tool is named and called right", arguments: systems.indices)
  func bootLoader(index: Int) throws {
    let (system, line, said, call) = Self.systems[index]
    let ostree = system.contains("coreos") ? "/run/ostree-booted =\n" : ""
    let files = try changed(
      "legacy-iommu", "\(ostree)/etc/os-release = \(system)\n/proc/cmdline = \(line)")
    let report = CommandRun("doctor -q", on: files).out
    let text = report.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: " ")
    #expect(text.contains(said), "\(text)")
    let commands = Self.commands(in: report)
    guard let call else {
      #expect(commands.isEmpty)
      return
    }
    let tools = ["update-grub", "grubby", "rpm-ostree", "grub2-mkconfig", "grub-mkconfig"]
    #expect(try commands.flatMap { try Self.calls($0, of: tools) } == [call])
  }

  @Test("the udev rule is whole, its group is there first, and it matches the driver's names")
  func udev() throws {
    let files = try changed("example", "device 0600 /dev/iax/wq1.{0-1}")
    let commands = Self.commands(in: CommandRun("doctor -q", on: files).out)
    let calls = try commands.flatMap {
      try Self.calls($0, of: ["groupadd", "usermod", "udevadm", "tee"])
    }
    let rule = #"SUBSYSTEM=="dsa",KERNEL=="iax/wq*",GROUP="iaa",MODE="0660""#
    #expect(
      calls == [
        "groupadd -rf iaa", "usermod -aG iaa someone",
        "tee /etc/udev/rules.d/60-iaa.rules: \(rule)", "udevadm control --reload",
        "udevadm trigger",
      ])
    let pattern = try #require(rule.firstMatch(of: /KERNEL=="([^"]*)"/)).1
    // udev matches with fnmatch(3) against the driver's name, "iax!wq1.0" with the mark read as a slash.
    #expect(unsafe fnmatch(String(pattern), "iax/wq1.0", 0) == 0)
    #expect(unsafe fnmatch(String(pattern), "dsa/wq0.0", 0) != 0)
    #expect(unsafe fnmatch("wq*", "iax/wq1.0", 0) != 0)
    // udev's own reader, where it is installed and knows how to verify.
    if let udevadm = ProcessRunner.path(of: "udevadm") {
      let folder = try TemporaryDirectory()
      let file = try folder.write(Array((rule + "\n").utf8), to: "60-iaa.rules")
      let result = try ProcessRunner.run(udevadm, ["verify", "--resolve-names=never", file.path])
      let output = String(decoding: result.output, as: UTF8.self) + result.errorText
      #expect(result.status == 0 || output.contains("Unknown"), "\(output)")
    }
  }
}
