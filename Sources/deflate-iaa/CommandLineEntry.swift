// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The start: arguments as bytes, the words that decide what kind of run it is, and the end.

import CIAAShim.Process
import DeviceCommands

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@main
enum CommandLineEntry {
  static func main() {
    StandardStreams.reserve()
    Signals.prepare()
    let arguments = processArguments()
    if let words = subcommand(arguments) { exit(DeviceCommands.run(arguments: words)) }
    exit(run(arguments).rawValue)
  }

  /// The command line of a subcommand; nil when it is gzip's. Only the first word names one, so
  /// that `./devices` and `-- devices` are files, and none under a name of gzip's: there they are
  /// files too, as a script written for gzip has it.
  private static func subcommand(_ arguments: [FileName]) -> [String]? {
    guard arguments.count > 1, ProgramName(arguments[0]) == .deflateIAA else { return nil }
    let words = arguments.dropFirst().map { String(decoding: $0.bytes, as: UTF8.self) }
    return DeviceCommands.names.contains(words[0]) ? words : nil
  }

  /// Runs a whole command line; its first element is the program's name.
  private static func run(_ arguments: [FileName]) -> ExitStatus {
    let reporter = Reporter()
    guard let name = arguments.first else {
      // Taken for an empty command line, whatever was asked for would be a copy of nothing.
      reporter.fail(nil, "the command line cannot be read")
      return reporter.status
    }
    do throws(UsageError) {
      return try compressOrDecompress(
        Array(arguments.dropFirst()), as: ProgramName(name), reporter)
    } catch {
      reporter.fail(nil, error.message)
      reporter.note(nil, "try '\(Reporter.programName) --help'")
    }
    return reporter.status
  }

  /// gzip's command line.
  private static func compressOrDecompress(
    _ words: [FileName], as program: ProgramName, _ reporter: Reporter
  ) throws(UsageError) -> ExitStatus {
    let variable = environmentVariable("GZIP").map { $0.bytes.isEmpty ? nil : $0 } ?? nil
    let granted = try variable.map(GzipVariable.options(in:)) ?? []
    let normalizer = ArgumentNormalizer(
      stopsAtOperand: environmentVariable("POSIXLY_CORRECT") != nil)
    let line = try normalizer.normalize(words)
    switch line.ending {
    case .help: return show(CommandArguments.helpMessage(columns: 80), reporter)
    case .version: return show(Version.line, reporter)
    case .license: return show(Version.line + Version.license, reporter)
    case nil: break
    }
    let given = granted + line.options
    var options = try Options(values(of: given), program: program)
    if let models = environmentVariable(OffloadOptions.modelVariable) {
      let text = String(decoding: models.bytes, as: UTF8.self)
      options.offload.models = try ModelSetup(parsing: text)
    }
    if variable != nil, !options.isQuiet {
      reporter.note(nil, "warning: the environment variable GZIP is obsolescent; use an alias")
    }
    return Processor(options).run(line.operands)
  }

  private static func values(of given: [GivenOption]) throws(UsageError) -> OptionValues {
    if let values = OptionValues(given) { return values }
    return try CommandArguments.values(of: given)
  }

  private static func show(_ text: String, _ reporter: Reporter) -> ExitStatus {
    // A failure is in the status.
    try? reporter.print(Array(text.utf8))
    return reporter.status
  }
}

/// The arguments as bytes: `CommandLine.arguments` replaces what is not UTF-8. None when they cannot
/// be had, which is never a command line without words: that has the program's name.
private func processArguments() -> [FileName] {
  // SAFETY: both are argv, the second where the C library hands it to nobody but Swift.
  guard let argv = unsafe iaa_arguments() ?? (CommandLine.argc > 0 ? CommandLine.unsafeArgv : nil)
  else { return [] }
  var words: [FileName] = []
  // SAFETY: argv ends with a null pointer, and the loop there.
  while let word = unsafe argv[words.count] {
    // SAFETY: each word ends with NUL and lives as long as the process.
    let bytes = unsafe UnsafeRawBufferPointer(start: word, count: strlen(word))
    words.append(unsafe FileName(bytes))
  }
  return words
}

/// A variable of the environment.
private func environmentVariable(_ name: String) -> FileName? {
  // SAFETY: getenv returns nil or a string ended by NUL; it is copied before anything can set it.
  guard let value = unsafe getenv(name) else { return nil }
  return unsafe FileName(UnsafeRawBufferPointer(start: value, count: strlen(value)))
}
