// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Every command line that is printed anywhere is one that the command takes.

import DeviceCommands
import Foundation
import IAADevices
import TestSupport
import Testing

@Suite("What is printed can be run")
struct PrintedLinesTests {
  static let subcommands = [
    "devices", "configure", "enable", "disable", "doctor", "attributes", "stats", "zswap status",
    "zswap enable", "zswap restore", "zswap exercise", "calibrate", "estimate",
  ]

  /// A page of the manual without its markup.
  private static func page() throws -> [String] {
    let file = Repository.root.appending(path: "Documentation/deflate-iaa-devices.1")
    return try String(contentsOf: file, encoding: .utf8)
      .replacingOccurrences(of: "\\-", with: "-").replacingOccurrences(of: "\\(aq", with: "'")
      .split(separator: "\n").map(String.init)
  }

  /// The lines of a section.
  private static func section(_ name: String) throws -> ArraySlice<String> {
    let lines = try page()
    let start = try #require(lines.firstIndex(of: ".SH " + name)) + 1
    return lines[start..<(lines[start...].firstIndex { $0.hasPrefix(".SH") } ?? lines.endIndex)]
  }

  /// Whether a command line is understood, whatever comes of it.
  private static func isUnderstood(_ words: [String]) throws -> Bool {
    let files = MemoryFiles(try Listing("example"), reacting: true)
    let run = CommandRun(words, on: files.root)
    return !run.err.contains("try 'deflate-iaa")
  }

  /// A command with what it cannot do without.
  private static func complete(_ command: String) -> [String] {
    let needed = [
      "configure": "iax1", "enable": "iax1", "disable": "iax1", "zswap exercise": "1",
      "estimate": "/dev/null",
    ]
    return (command + (needed[command].map { " " + $0 } ?? "")).split(separator: " ")
      .map(String.init)
  }

  @Test("the common options of the manual's page are taken by the commands it names, and no others")
  func commonOptions() throws {
    var options: [String] = []
    var seen = 0
    for line in try Self.section("COMMON OPTIONS") {
      if line.hasPrefix(".B") {
        options = line.matches(of: /-[-a-z]+/).map { String($0.0) }
      } else if line.hasPrefix("With "), !options.isEmpty {
        let names = line.dropFirst("With ".count).dropLast()
          .replacingOccurrences(of: " and ", with: ", ").components(separatedBy: ", ")
        for command in Self.subcommands {
          let isNamed = names == ["every command"] || names.contains(command)
          for option in options {
            let words =
              Self.complete(command) + [option] + (option == "--root" ? ["/"] : [])
            #expect(try Self.isUnderstood(words) == isNamed, "\(words)")
          }
        }
        #expect(names == ["every command"] || names.allSatisfy(Self.subcommands.contains))
        seen += options.count
        options = []
      }
    }
    #expect(seen == 6)
  }

  @Test("the examples of the manual's page are understood")
  func examples() throws {
    let lines = try Self.section("EXAMPLES").filter { $0.hasPrefix(".B ") }
      .map { String($0.dropFirst(3)) }
    #expect(lines.count >= 4)
    for line in lines { try Self.check(line) }
  }

  @Test("lines that help texts print are understood", arguments: subcommands + ["zswap"])
  func help(command: String) throws {
    let run = CommandRun(
      command.split(separator: " ").map(String.init) + ["--help"],
      on: MemoryFiles(try Listing("example")).root)
    #expect(run.code == 0)
    for match in run.out.matches(of: /['`]deflate-iaa ([^'`]+)['`]/) {
      try Self.check("deflate-iaa " + match.1.replacing("<subcommand>", with: "status"))
    }
  }

  @Test("the README's lines with subcommands are understood")
  func readme() throws {
    let text = try String(
      contentsOf: Repository.root.appending(path: "README.md"), encoding: .utf8)
    // In a block of lines or in the text between two backquotes.
    let lines = text.matches(of: /deflate-iaa ([a-z]+)[^`\n]*/)
      .filter { DeviceCommands.names.contains(String($0.1)) }.map { String($0.0) }
    #expect(!lines.isEmpty)
    for line in lines { try Self.check(line) }
  }

  /// A shell's line: the words of this program, up to what the shell or another program takes.
  private static func check(_ line: String) throws {
    let words = line.split(separator: " ").drop { $0 == "sudo" }
    #expect(words.first == "deflate-iaa", "\(line)")
    let own = words.dropFirst().prefix { !["|", ">", "#", "&&"].contains($0) }.map(String.init)
    #expect(try isUnderstood(own), "\(line)")
  }
}
