// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The help of the whole command: gzip's half from the table of options, then the subcommands.

import DeviceCommands

/// The text of `--help`, for a terminal of eighty columns.
enum CommandHelp {
  static var text: String {
    let about = [
      "Compress or decompress files as gzip does, with the code of Intel IAA.",
      """
      Each FILE is replaced by one with the suffix .gz (with -d: without it). With no FILE, or when \
      FILE is -, standard input is read and standard output written. Called by a name ending in \
      gunzip it decompresses; in zcat, to standard output.
      """,
    ]
    return """
      Usage: \(Reporter.programName) [OPTION]... [FILE]...
             \(Reporter.programName) SUBCOMMAND [ARGUMENT]...

      \(about.map { lines(wrapped($0)) }.joined(separator: "\n"))
      \(CommandOption.Group.allCases.map(options).joined(separator: "\n"))
      Subcommands, as the first word only:
      \(DeviceCommands.summary)
      More: 'deflate-iaa help SUBCOMMAND', deflate-iaa(1) and deflate-iaa-devices(1).

      """
  }

  /// A heading, and the options below it.
  private static func options(of group: CommandOption.Group) -> String {
    let options = OptionTable.all.filter { $0.group == group }
    return lines([heading(of: group)] + options.flatMap(entry))
  }

  private static func heading(of group: CommandOption.Group) -> String {
    switch group {
    case .gzip: "Options of gzip:"
    case .own: "Options of this command alone:"
    case .device: "Options for the use of devices:"
    }
  }

  /// An option's names, and what it does in a column of its own: beside them where they leave room.
  private static func entry(of option: CommandOption) -> [String] {
    let column = String(repeating: " ", count: 26)
    let names = "  \(option.usage)"
    guard names.count < column.count - 1 else {
      return [names] + wrapped(option.help, indent: column)
    }
    return wrapped(option.help, indent: pad(names, column.count), hanging: column)
  }

  private static func lines(_ lines: [String]) -> String {
    lines.map { "\($0)\n" }.joined()
  }
}
