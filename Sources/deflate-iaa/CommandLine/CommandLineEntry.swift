// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The start: arguments as bytes, the words that decide what kind of run it is, and the end.

import CProcess
import DeviceCommands
import ParallelGzip

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
    MemoryLimit.prepare()
    let arguments = processArguments()
    switch FirstWord(of: arguments) {
    case .subcommand(let words):
      let models = environmentVariable(OffloadOptions.modelVariable)
      let variable = models.map { String(decoding: $0.bytes, as: UTF8.self) }
      exit(ModelCommands.run(words, variable: variable))
    case .completion(let shell): exit(show(shell.script).rawValue)
    case .help: exit(show(CommandHelp.text).rawValue)
    case .mistaken(let name, let guess): exit(refuse(name, guess).rawValue)
    case .ordinary: exit(run(arguments).rawValue)
    }
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
    let reader = ArgumentReader(stopsAtOperand: environmentVariable("POSIXLY_CORRECT") != nil)
    let line = try reader.read(words)
    switch line.ending {
    case .help: return show(CommandHelp.text)
    case .version: return show(Version.line)
    case .license: return show(Version.line + Version.license)
    case nil: break
    }
    var options = try Options(OptionValues(granted + line.options), program: program)
    if let models = environmentVariable(OffloadOptions.modelVariable) {
      let text = String(decoding: models.bytes, as: UTF8.self)
      options.offload.models = try ModelSetup(parsing: text)
    }
    if variable != nil, !options.isQuiet {
      reporter.note(nil, "warning: the environment variable GZIP is obsolescent; use an alias")
    }
    return Processor(options).run(line.operands)
  }

  private static func show(_ text: String) -> ExitStatus {
    let reporter = Reporter()
    // A failure is in the status.
    try? reporter.print(Array(text.utf8))
    return reporter.status
  }

  /// Nothing is done where the first word is probably a subcommand's, written wrongly.
  private static func refuse(_ name: FileName, _ guess: SubcommandGuess) -> ExitStatus {
    let reporter = Reporter()
    reporter.fail(
      name,
      guess.isAccelConfig
        ? "no such file; for accel-config's command of this name use \(guess.suggestion)"
        : "no such file or subcommand; did you mean \(guess.suggestion)?")
    reporter.note(nil, "nothing was done")
    return reporter.status
  }
}

/// The arguments as bytes: `CommandLine.arguments` replaces what is not UTF-8. None when they cannot
/// be had, which is never a command line without words: that has the program's name.
private func processArguments() -> [FileName] {
  // SAFETY: both are argv, the second where the C library hands it to nobody but Swift.
  guard
    let argv = unsafe process_arguments() ?? (CommandLine.argc > 0 ? CommandLine.unsafeArgv : nil)
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
