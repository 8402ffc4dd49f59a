// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The one table of options: gzip's in the order in which its own help has them, then the others. What
// is not here is no option, and nothing else has to be changed for a new one but the manual's page,
// which a test holds against the table.

import FixedDeflate
import IAADevices
import IAAOffload

/// Every option of the command.
enum OptionTable {
  static let all = [
    CommandOption(
      letter: "a", words: ["ascii"], effect: .ignored,
      help: "Taken for gzip's sake; as there, nothing is changed."),
    CommandOption(
      letter: "c", words: ["stdout", "to-stdout"], effect: .set { $0.stdout = true },
      help: "Write to standard output; keep input files."),
    CommandOption(
      letter: "d", words: ["decompress", "uncompress"], effect: .set { $0.decompress = true },
      help: "Decompress."),
    CommandOption(
      letter: "f", words: ["force"], effect: .set { $0.force = true },
      help: "Overwrite output files, compress links; with -dc copy unknown data as it is."),
    CommandOption(
      letter: "h", words: ["help"], effect: .end(.help), help: "Show this help and exit."),
    CommandOption(
      letter: "k", words: ["keep"], effect: .set { $0.keep = true }, help: "Keep input files."),
    CommandOption(
      letter: "l", words: ["list"], effect: .set { $0.list = true },
      help: "List what compressed files hold."),
    CommandOption(
      letter: "L", words: ["license"], effect: .end(.license), help: "Show the license and exit."),
    CommandOption(
      letter: "n", words: ["no-name"], isAllowedInVariable: true,
      effect: .set { $0.nameRule = .omit }, help: "Neither store nor restore name and time."),
    CommandOption(
      letter: "N", words: ["name"], isAllowedInVariable: true,
      effect: .set { $0.nameRule = .keep },
      help: "Store or restore name and time. Without it, the time alone is stored."),
    CommandOption(
      letter: "q", words: ["quiet", "silent"], isAllowedInVariable: true,
      effect: .set { $0.verbosity = .quiet }, help: "No warnings."),
    CommandOption(
      letter: "r", words: ["recursive"], effect: .set { $0.recursive = true },
      help: "Enter directories."),
    suffix,
    CommandOption(
      letter: "t", words: ["test"], effect: .set { $0.test = true }, help: "Test compressed files."),
    CommandOption(
      letter: "v", words: ["verbose"], isAllowedInVariable: true,
      effect: .set { $0.verbosity = .verbose },
      help: "Say what is done with each file, where and why there."),
    CommandOption(
      letter: "V", words: ["version"], effect: .end(.version), help: "Show the version and exit."),
    CommandOption(
      letter: "1", words: ["fast"], isAllowedInVariable: true, effect: .set { $0.best = false },
      help: "-1 to -8 are one level, the device's."),
    CommandOption(
      letter: "9", words: ["best"], isAllowedInVariable: true,
      effect: .set { $0.best = true },
      help: "The smallest output in the mode's code, which takes many times as long."),
    CommandOption(
      letter: nil, words: ["rsyncable"], isAllowedInVariable: true,
      effect: .set { $0.rsyncable = true },
      help: "End blocks where the data says so, so that a change moves few of them."),
    CommandOption(
      letter: nil, words: ["synchronous"], isAllowedInVariable: true,
      effect: .set { $0.synchronous = true },
      help: "Put each output file on disk by itself, also with -k."),

    CommandOption(
      letter: nil, words: ["format"], group: .own,
      effect: .take(ValueKind("FORMAT", .words { ContainerFormat.allCases.map(\.name) })) {
        assign(ContainerFormat(name: $1), to: &$0.format)
      },
      help: "gzip (the default), bgzf, zlib or raw; the suffix is .gz, .gz, .zz or .deflate."),
    CommandOption(
      letter: "b", words: ["blocksize"], group: .own,
      effect: .take(ValueKind("KIB", .number(blockSizes))) { assign(Int($1), to: &$0.blocksize) },
      help: "Compress blocks of 4 to 2048 KiB, for bgzf of at most 63. Unless given, 63.75 KiB, "
        + "of dynamic mode 128 KiB but in bgzf."),
    CommandOption(
      letter: nil, words: ["mode"], group: .own,
      effect: .take(ValueKind("MODE", .words { OptionValues.ModeName.allCases.map(\.rawValue) })) {
        assign(OptionValues.ModeName(rawValue: $1), to: &$0.mode)
      },
      help: "Code blocks as the device's fixed mode does (fixed, the default), each in a code of "
        + "its own, a quarter smaller (dynamic), or in tables that the reader must be told, too "
        + "(canned, with --format raw only)."),
    CommandOption(
      letter: nil, words: ["edition"], group: .own,
      effect: .take(
        ValueKind(
          "YEAR", .words { CompressionTable.CannedEdition.allCases.map { "\($0.rawValue)" } })
      ) {
        assign(Int($1).flatMap { CompressionTable.CannedEdition(rawValue: $0) }, to: &$0.edition)
      },
      help: "Which canned tables: 2023, or 2024, the default."),
    CommandOption(
      letter: "i", words: ["index"], group: .own, effect: .set { $0.index = true },
      help: "Write BGZF, and bgzip's index, FILE.gz.gzi, beside each file compressed."),
    CommandOption(
      letter: nil, words: ["offset"], group: .own,
      effect: .take(ValueKind("N", .number(0...UInt64.max))) {
        assign(UInt64($1), to: &$0.offset)
      },
      help: "Write a BGZF file's data from this byte on to standard output, through its index if "
        + "there is one."),
    CommandOption(
      letter: nil, words: ["size"], group: .own,
      effect: .take(ValueKind("N", .number(0...UInt64.max))) { assign(UInt64($1), to: &$0.size) },
      help: "Write no more than so many bytes of it."),
    CommandOption(
      letter: "p", words: ["processes"], group: .own,
      effect: .take(ValueKind("N", .number(1...1024))) { assign(Int($1), to: &$0.processes) },
      help: "Use this many processors, 1 to 1024. Unless given, all allowed."),
    CommandOption(
      letter: nil, words: ["no-verify"], group: .own, effect: .set { $0.noVerify = true },
      help: "Do not decode what was compressed before the input file is removed."),
    CommandOption(
      letter: nil, words: ["profile"], group: .own,
      effect: .take(ValueKind("NAME|FILE", .file)) { assign($1, to: &$0.profile) },
      help: "Look for matches by these rules in software: iaa-v1 (the default), iaa-pair-first or "
        + "another name, or a profile's file."),

    CommandOption(
      letter: nil, words: ["path"], group: .device,
      effect: .take(
        ValueKind("PATH", .words { Dispatcher.Configuration.Path.allCases.map(\.rawValue) })
      ) {
        assign(Dispatcher.Configuration.Path(rawValue: $1), to: &$0.path)
      },
      help: "Where blocks are worked on: by IAA devices as far as they can (auto, the default), by "
        + "them or not at all (hardware), or in software (software)."),
    CommandOption(
      letter: nil, words: ["sync-mode"], group: .device,
      effect: .take(
        ValueKind("MODE", .words { Dispatcher.Configuration.SyncMode.allCases.map(\.rawValue) })
      ) {
        assign(Dispatcher.Configuration.SyncMode(rawValue: $1), to: &$0.syncMode)
      },
      help: "How devices are waited for: polling (sync, the default), letting others run (async), "
        + "or sleeping between polls (async_irq)."),
    CommandOption(
      letter: nil, words: ["verify-compress"], group: .device,
      effect: .take(ValueKind("0|1", .words { VerifyCompress.allCases.map(\.rawValue) })) {
        assign(VerifyCompress(rawValue: $1), to: &$0.verifyCompress)
      },
      help: "Whether a device decompresses what it compressed: 1, the default, or 0."),
    CommandOption(
      letter: nil, words: ["debug"], group: .device, effect: .set { $0.debug = true },
      help: "Trace every submission to a device and its completion, as the kernel's driver does."),
    CommandOption(
      letter: nil, words: ["stats"], group: .device, effect: .set { $0.stats = true },
      help: "After the run, write the statistics that the kernel's driver keeps, of this run."),
    CommandOption(
      letter: nil, words: ["root"], group: .device,
      effect: .take(ValueKind("DIR", .directory)) { assign($1, to: &$0.root) },
      help: "Look for devices below DIR instead of /."),
  ]

  /// Of several suffixes gzip looks at the last alone, so any is taken here.
  static let suffix = CommandOption(
    letter: "S", words: ["suffix"],
    effect: .take(ValueKind("SUF", .suffix(Suffixes.lengths))) { assign($1, to: &$0.suffix) },
    help: "Use this suffix on compressed files.")

  /// The library's range, in KiB.
  private static let blockSizes: ClosedRange<UInt64> = {
    let sizes = ChunkLayout.chunkSizes
    return UInt64(sizes.lowerBound / 1024)...UInt64(sizes.upperBound / 1024)
  }()

  /// Compression levels between -1 and -9: taken, and without an effect of their own.
  static let middleLevels: ClosedRange<Character> = "2"..."8"
}

/// Puts a value in place; false when there is none.
private func assign<Value>(_ value: Value?, to place: inout Value?) -> Bool {
  place = value
  return value != nil
}

extension ContainerFormat {
  /// The format's name as `--format` takes it.
  fileprivate var name: String {
    switch self {
    case .gzip: "gzip"
    case .bgzf: "bgzf"
    case .zlib: "zlib"
    case .raw: "raw"
    }
  }

  fileprivate init?(name: String) {
    guard let format = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = format
  }
}
