// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The subcommands of deflate-iaa that look at devices and set them up. They are a library with one
// entry, so that the command calls it with its arguments and tests call it with a tree and a
// console of their own: no subcommand touches a global.

import ArgumentParser
package import IAADevices

/// The subcommands `deflate-iaa devices`, `doctor` and so on.
package enum DeviceCommands {
  static let all: [any ParsableCommand.Type] = [
    DevicesCommand.self, ConfigureCommand.self, EnableCommand.self, DisableCommand.self,
    DoctorCommand.self, AttributesCommand.self, StatsCommand.self,
    ZswapCommand.self, EstimateCommand.self, CalibrateCommand.self,
  ]

  /// The first words that name a subcommand.
  package static let names: Set<String> = Set(all.map { $0._commandName })

  /// The parser's own subcommand, which shows the help of another.
  package static let help = "help"

  /// The first words that are not a file's.
  package static let firstWords: Set<String> = names.union([help])

  /// A line for each subcommand: its name and what it does.
  package static var summary: String {
    let rows = all.map { ("  \($0._commandName)", $0.configuration.abstract) }
    return table(rows, width: 13)
  }

  /// Runs the subcommand named by the first of `arguments`.
  ///
  /// - Parameter arguments: the command line without the program's name.
  /// - Returns: the exit code: 0 when all went well, 1 for errors, wrong usage included, else what
  ///   the subcommand's help says.
  package static func run(arguments: [String]) -> Int32 {
    run(arguments: arguments, in: .live)
  }

  /// The same where `open` turns --root into a system.
  package static func run(
    arguments: [String], open: @escaping @Sendable (String) -> SystemRoot
  ) -> Int32 {
    run(arguments: arguments, in: CommandEnvironment(console: .standard, open: open))
  }

  /// The same with files, console and time of the caller's choice.
  package static func run(arguments: [String], in environment: CommandEnvironment) -> Int32 {
    let code = answer(arguments, in: environment)
    guard let loss = environment.console.loss() else { return code }
    environment.console.err("deflate-iaa: stdout: \(loss)\n")
    return ExitCode.failure.rawValue
  }

  private static func answer(_ arguments: [String], in environment: CommandEnvironment) -> Int32 {
    // The parser shows some help or other for a subcommand that it does not know.
    if arguments.count > 1, arguments[0] == help, !names.contains(arguments[1]),
      !arguments[1].hasPrefix("-")
    {
      let guess = SubcommandGuess(arguments[1], among: names).map { "; try \($0.suggestion)" }
      environment.console.err(
        "deflate-iaa: no subcommand '\(arguments[1])'\(guess ?? "")\n"
          + "deflate-iaa: try 'deflate-iaa --help'\n")
      return ExitCode.failure.rawValue
    }
    do {
      var command = try Root.parseAsRoot(JSONEdition.named(in: arguments))
      if var command = command as? any DeviceCommand {
        return try command.execute(in: environment)
      }
      // Only the parser's own help command is left; it answers by throwing.
      try command.run()
      return ExitCode.success.rawValue
    } catch let error where isOwn(error) {
      for line in "\(error)".split(separator: "\n") {
        environment.console.err("deflate-iaa: \(line)\n")
      }
      return ExitCode.failure.rawValue
    } catch {
      guard Root.exitCode(for: error).isSuccess else {
        let name = commandName(arguments).map { $0 + " " } ?? ""
        environment.console.err("deflate-iaa: \(Root.message(for: error))\n")
        environment.console.err("deflate-iaa: try 'deflate-iaa \(name)--help'\n")
        // As with gzip's options, wrong usage is an error like any other.
        return ExitCode.failure.rawValue
      }
      // Help that was asked for is not an error.
      environment.console.out(Root.fullMessage(for: error) + "\n")
      return ExitCode.success.rawValue
    }
  }

  /// The subcommand that a command line is for, with its own subcommand where it has some.
  private static func commandName(_ arguments: [String]) -> String? {
    guard let first = arguments.first,
      let command = all.first(where: { $0._commandName == first })
    else { return nil }
    let own = command.configuration.subcommands.map { $0._commandName }
    guard arguments.count > 1, own.contains(arguments[1]) else { return first }
    return first + " " + arguments[1]
  }

  /// Errors of this project, which say all there is to say; the others are the parser's.
  static func isOwn(_ error: any Error) -> Bool {
    error is CommandFailure || error is ConfigurationError || error is ExecutionError
      || error is KernelStatisticsError || error is ZswapError
  }

  struct Root: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        commandName: "deflate-iaa", abstract: "Compress with Intel IAA.", subcommands: all)
    }
  }
}

/// A subcommand that is given what it works with.
protocol DeviceCommand: ParsableCommand {
  /// Does the work.
  ///
  /// - Returns: the exit code.
  mutating func execute(in environment: CommandEnvironment) throws -> Int32
}

/// An error that is told to the user as it stands, with the program's name before it.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String
}
