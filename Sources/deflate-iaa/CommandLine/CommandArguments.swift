// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The options as ArgumentParser declares them: it writes the help text and says what is wrong with a
// value. The names come from OptionTable.

import ArgumentParser
import FixedDeflate
import IAAOffload

/// The command line of compression, decompression, test and list.
struct CommandArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: Reporter.programName,
    abstract: "Compress or decompress files as gzip does, with the code of Intel IAA.",
    usage: "\(Reporter.programName) [OPTION]... [FILE]...",
    discussion: """
      Each FILE is replaced by one with the suffix .gz (with -d: without it). With no FILE, or when \
      FILE is -, standard input is read and standard output written. Called by a name ending in \
      gunzip it decompresses; in zcat, to standard output.
      """,
    helpNames: [])

  @Flag(name: OptionTable.ascii.name, help: "Taken for gzip's sake; as there, nothing is changed.")
  var ascii = false
  @Flag(name: OptionTable.stdout.name, help: "Write to standard output; keep input files.")
  var stdout = false
  @Flag(name: OptionTable.decompress.name, help: "Decompress.")
  var decompress = false
  @Flag(
    name: OptionTable.force.name,
    help: "Overwrite output files, compress links; with -dc copy unknown data as it is.")
  var force = false
  @Flag(name: OptionTable.help.name, help: "Show this help and exit.")
  var help = false
  @Flag(name: OptionTable.keep.name, help: "Keep input files.")
  var keep = false
  @Flag(name: OptionTable.list.name, help: "List what compressed files hold.")
  var list = false
  @Flag(name: OptionTable.license.name, help: "Show the license and exit.")
  var license = false
  @Flag(exclusivity: .chooseLast)
  var nameRule: OptionValues.NameRule?
  @Flag(exclusivity: .chooseLast)
  var verbosity: OptionValues.Verbosity?
  @Flag(name: OptionTable.recursive.name, help: "Enter directories.")
  var recursive = false
  @Option(
    name: OptionTable.suffix.name, parsing: .unconditional,
    help: ArgumentHelp("Use this suffix on compressed files.", valueName: "SUF"))
  var suffix: String?
  @Flag(name: OptionTable.test.name, help: "Test compressed files.")
  var test = false
  @Flag(name: OptionTable.version.name, help: "Show the version and exit.")
  var version = false
  @Flag(
    name: OptionTable.fast.name,
    help: "-1 to -9 are taken for gzip's sake: there is one level, the device's.")
  var fast = false
  @Flag(name: OptionTable.best.name, help: "The same level.")
  var best = false
  @Flag(
    name: OptionTable.rsyncable.name,
    help: "End blocks where the data says so, so that a change moves few of them.")
  var rsyncable = false
  @Flag(
    name: OptionTable.synchronous.name,
    help: "Put each output file on disk by itself, also with -k.")
  var synchronous = false
  @Option(
    name: OptionTable.format.name, parsing: .unconditional,
    help: ArgumentHelp(
      "gzip (the default), bgzf, zlib or raw; the suffix is .gz, .gz, .zz or .deflate.",
      valueName: "FORMAT"))
  var format: ContainerFormat?
  @Option(
    name: OptionTable.blocksize.name, parsing: .unconditional,
    help: ArgumentHelp(
      "Compress blocks of 4 to 2048 KiB, for bgzf of at most 63. Unless given, 63.75 KiB.",
      valueName: "KIB"))
  var blocksize: Int?
  @Flag(
    name: OptionTable.index.name,
    help: "Write BGZF, and bgzip's index, FILE.gz.gzi, beside each file compressed.")
  var index = false
  @Option(
    name: OptionTable.offset.name, parsing: .unconditional,
    help: ArgumentHelp(
      "Write a BGZF file's data from this byte on to standard output, through its index if there "
        + "is one.", valueName: "N"))
  var offset: UInt64?
  @Option(
    name: OptionTable.size.name, parsing: .unconditional,
    help: ArgumentHelp("Write no more than so many bytes of it.", valueName: "N"))
  var size: UInt64?
  @Option(
    name: OptionTable.processes.name, parsing: .unconditional,
    help: ArgumentHelp("Use this many processors. Unless given, all allowed.", valueName: "N"))
  var processes: Int?
  @Flag(
    name: OptionTable.noVerify.name,
    help: "Do not decode what was compressed before the input file is removed.")
  var noVerify = false

  @Option(
    name: OptionTable.path.name, parsing: .unconditional,
    help: ArgumentHelp(
      "Where blocks are worked on: by IAA devices as far as they can (auto, the default), by them "
        + "or not at all (hardware), or in software.", valueName: "PATH"))
  var path: Configuration.Path?
  @Option(
    name: OptionTable.syncMode.name, parsing: .unconditional,
    help: ArgumentHelp(
      "How devices are waited for: polling (sync, the default), letting others run (async), or "
        + "sleeping between polls (async_irq).", valueName: "MODE"))
  var syncMode: Configuration.SyncMode?
  @Option(
    name: OptionTable.verifyCompress.name, parsing: .unconditional,
    help: ArgumentHelp(
      "Whether a device decompresses what it compressed (1, the default).", valueName: "0|1"))
  var verifyCompress: VerifyCompress?
  @Flag(
    name: OptionTable.debug.name,
    help: "Trace every submission to a device and its completion, as the kernel's driver does.")
  var debug = false
  @Flag(
    name: OptionTable.stats.name,
    help: "After the run, write the statistics that the kernel's driver keeps, of this run.")
  var stats = false
  @Option(
    name: OptionTable.root.name, parsing: .unconditional,
    help: ArgumentHelp("Look for devices below DIR instead of /.", valueName: "DIR"))
  var root: String?

  /// The values of a command line.
  ///
  /// - Throws: `UsageError` for a value that its option cannot have.
  static func values(of options: [GivenOption]) throws(UsageError) -> OptionValues {
    let words = options.flatMap { given in
      given.option.map { $0.words(value: given.value) } ?? []
    }
    do {
      return try parse(words).values
    } catch {
      throw UsageError(message: message(for: error))
    }
  }

  private var values: OptionValues {
    var values = OptionValues()
    values.stdout = stdout
    values.decompress = decompress
    values.force = force
    values.keep = keep
    values.list = list
    values.nameRule = nameRule
    values.verbosity = verbosity
    values.recursive = recursive
    values.suffix = suffix
    values.test = test
    values.rsyncable = rsyncable
    values.synchronous = synchronous
    values.format = format
    values.blocksize = blocksize
    values.index = index
    values.offset = offset
    values.size = size
    values.processes = processes
    values.noVerify = noVerify
    values.path = path
    values.syncMode = syncMode
    values.verifyCompress = verifyCompress
    values.debug = debug
    values.stats = stats
    values.root = root
    return values
  }
}

extension OptionValues.NameRule: EnumerableFlag {
  static func name(for rule: Self) -> NameSpecification {
    rule == .omit ? OptionTable.noName.name : OptionTable.name.name
  }

  static func help(for rule: Self) -> ArgumentHelp? {
    rule == .omit
      ? "Neither store nor restore name and time."
      : "Store or restore name and time. Without it, the time alone is stored."
  }
}

extension OptionValues.Verbosity: EnumerableFlag {
  static func name(for verbosity: Self) -> NameSpecification {
    verbosity == .quiet ? OptionTable.quiet.name : OptionTable.verbose.name
  }

  static func help(for verbosity: Self) -> ArgumentHelp? {
    verbosity == .quiet ? "No warnings." : "Say what is done with each file, where and why there."
  }
}

extension ContainerFormat: ExpressibleByArgument {
  /// The names `--format` takes.
  public init?(argument: String) {
    switch argument {
    case "gzip": self = .gzip
    case "bgzf": self = .bgzf
    case "zlib": self = .zlib
    case "raw": self = .raw
    default: return nil
    }
  }
}
