// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the command line comes to, once names of the program, GZIP and the order of options are
// settled. The rest of the command reads only this.

import FixedDeflate
import ParallelGzip

/// What to do, and how.
struct Options: Sendable {
  /// What is done with each file.
  enum Operation: Sendable {
    case compress, decompress, test, list
  }

  /// How much is said.
  enum Verbosity: Sendable {
    case quiet, normal, verbose
  }

  var operation = Operation.compress
  /// Nothing but standard output is written, and inputs are kept.
  var usesStandardOutput = false
  var isForced = false
  var keepsInput = false
  var isRecursive = false
  var verbosity = Verbosity.normal
  /// The original name is stored, or restored.
  var usesName = false
  /// The time is stored, or restored.
  var usesTime = true
  /// The format asked for by `--format`.
  var format: ContainerFormat?
  /// The format written by compression.
  var outputFormat = ContainerFormat.gzip
  var suffixes = Suffixes(own: Suffixes.standard(for: .gzip), allFormats: false)
  /// How blocks are coded.
  var mode = CompressionMode.fixed
  /// The tables that raw streams are read with.
  var canned: CompressionTable.CannedEdition? {
    if case .canned(let edition) = mode.code { edition } else { nil }
  }
  /// Bytes per compressed block.
  var blockSize = ChunkLayout.defaultChunkSize
  /// The same of dynamic blocks, each of which has a header: larger ones are smaller in sum, where the format takes
  /// them and statistics do not change.
  static let dynamicBlockSize = 128 << 10
  /// Blocks end where the data says so.
  var cutsByContent = false
  /// Processors to keep busy.
  var processors = Processors()
  /// bgzip's index is written beside the output.
  var writesIndex = false
  /// The part of the data asked for.
  var region: Region?
  /// Each output is put on disk by itself, also where its input stays.
  var isSynchronous = false
  /// What was written is decoded again before the input goes.
  var verifies = true

  /// Whether and how devices are used.
  var offload = OffloadOptions()

  /// Bytes that the work on a file takes at least: by one thread, whose batch of blocks may be large.
  var leastMemory: Int { (4 << 20) + 4 * blockSize }

  var isDecoding: Bool { operation != .compress }
  var isVerbose: Bool { verbosity == .verbose }
  var isQuiet: Bool { verbosity == .quiet }

  /// Settles the values of the options.
  ///
  /// - Throws: `UsageError` for values that do not go together, or a suffix that gzip would refuse.
  init(_ values: OptionValues, program: ProgramName) throws(UsageError) {
    if values.list {
      operation = .list
    } else if values.test {
      operation = .test
    } else if values.decompress || program == .gunzip || program == .zcat {
      operation = .decompress
    }
    if values.offset != nil || values.size != nil {
      guard !values.list, !values.test else {
        throw UsageError(message: "--offset and --size go with neither --list nor --test")
      }
      operation = .decompress
      region = Region(offset: values.offset ?? 0, size: values.size)
    }
    usesStandardOutput =
      region != nil || values.stdout || values.test || values.list || program == .zcat
    isForced = values.force
    keepsInput = values.keep
    isRecursive = values.recursive
    switch values.verbosity {
    case .quiet: verbosity = .quiet
    case .verbose: verbosity = .verbose
    case nil: verbosity = .normal
    }
    usesName = values.nameRule == .keep
    usesTime = values.nameRule.map { $0 == .keep } ?? !isDecoding
    format = values.format
    isSynchronous = values.synchronous
    verifies = !values.noVerify
    let suffix =
      values.suffix.map { Array($0.utf8) } ?? Suffixes.standard(for: format ?? .gzip)
    guard Suffixes.lengths.contains(suffix.count) else {
      throw UsageError(invalid: values.suffix ?? "", for: OptionTable.suffix)
    }
    suffixes = Suffixes(own: suffix, allFormats: isDecoding)
    switch values.mode {
    case .fixed, nil: mode = .fixed
    case .dynamic: mode = .dynamic
    case .canned: mode = .canned(values.edition ?? .newest)
    }
    guard values.edition == nil || canned != nil else {
      throw UsageError(message: "--edition goes with --mode canned alone")
    }
    guard canned == nil || format == .raw else {
      throw UsageError(
        message: "--mode canned needs --format raw: no reader of other formats knows its codes")
    }
    processors = values.processes.map { Processors(count: $0) } ?? processors
    cutsByContent = values.rsyncable
    offload.path = values.path
    offload.profile = try values.profile.map { (text) throws(UsageError) in
      try ChosenProfile(text, of: "--profile")
    }
    offload.syncMode = values.syncMode
    offload.verifyCompress = values.verifyCompress
    offload.isTraced = values.debug
    offload.showsStatistics = values.stats
    offload.root = values.root
    writesIndex = values.index
    // Who reads files of that name counts on BGZF.
    let isNamedBGZF = operation == .compress && suffix == Suffixes.bgzf
    outputFormat = format ?? (writesIndex || isNamedBGZF ? .bgzf : .gzip)
    let usualBlockSize =
      mode.code == .dynamic && outputFormat != .bgzf ? Self.dynamicBlockSize : blockSize
    blockSize = values.blocksize.map { $0 * 1024 } ?? usualBlockSize
    // What no device makes, none has to read.
    if blockSize > mode.maximumDeviceChunkSize { mode = mode.longMatches }
    if values.best == true { mode = mode.best }
    if writesIndex {
      guard operation == .compress, !usesStandardOutput, outputFormat == .bgzf else {
        throw UsageError(
          message: "--index needs BGZF files as output: no -c, -d, -l or -t, and no other format")
      }
    }
    if operation == .compress, outputFormat == .bgzf {
      guard blockSize <= ChunkLayout.defaultChunkSize else {
        throw UsageError(message: "BGZF has blocks of at most 63 KiB: -b 63 or less")
      }
      guard !usesName else { throw UsageError(message: "BGZF has no names: no -N") }
    }
  }
}

/// The name the program was called by says what it does.
enum ProgramName: Sendable {
  case deflateIAA, gzip, gunzip, zcat

  init(_ path: FileName) {
    let name = path.base.bytes
    if name.suffix(6).elementsEqual("gunzip".utf8) {
      self = .gunzip
    } else if name.suffix(4).elementsEqual("zcat".utf8) {
      self = .zcat
    } else if name.suffix(4).elementsEqual("gzip".utf8) {
      self = .gzip
    } else {
      self = .deflateIAA
    }
  }
}
