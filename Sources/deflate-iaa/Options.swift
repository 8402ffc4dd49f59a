// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the command line comes to, once names of the program, GZIP and the order of options are
// settled. The rest of the command reads only this.

import FixedDeflate

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
  var suffixes = Suffixes(own: Suffixes.standard(for: .gzip), allFormats: false)
  /// Bytes per compressed block.
  var blockSize = ChunkLayout.defaultChunkSize
  /// Processors to keep busy.
  var processors = SystemCalls.processorCount
  /// bgzip's index is written beside the output.
  var writesIndex = false
  /// The part of the data asked for.
  var region: Region?
  /// What was written is decoded again before the input goes.
  var verifies = true

  /// Whether and how devices are used.
  var offload = OffloadOptions()

  /// What -p takes.
  static let processorCounts = 1...1024

  var isDecoding: Bool { operation != .compress }
  var isVerbose: Bool { verbosity == .verbose }
  var isQuiet: Bool { verbosity == .quiet }

  /// Settles the parsed arguments.
  ///
  /// - Throws: `UsageError` when a value is out of range.
  init(_ arguments: CommandArguments, program: ProgramName) throws(UsageError) {
    if arguments.list {
      operation = .list
    } else if arguments.test {
      operation = .test
    } else if arguments.decompress || program != .deflateIAA {
      operation = .decompress
    }
    if arguments.offset != nil || arguments.size != nil {
      guard !arguments.list, !arguments.test else {
        throw UsageError(message: "--offset and --size go with neither --list nor --test")
      }
      operation = .decompress
      region = Region(offset: arguments.offset ?? 0, size: arguments.size)
    }
    usesStandardOutput =
      region != nil || arguments.stdout || arguments.test || arguments.list || program == .zcat
    isForced = arguments.force
    keepsInput = arguments.keep
    isRecursive = arguments.recursive
    switch arguments.verbosity {
    case .quiet: verbosity = .quiet
    case .verbose: verbosity = .verbose
    case nil: verbosity = .normal
    }
    usesName = arguments.nameRule == .keep
    usesTime = arguments.nameRule.map { $0 == .keep } ?? !isDecoding
    format = arguments.format
    verifies = !arguments.noVerify
    let suffix =
      arguments.suffix.map { Array($0.utf8) } ?? Suffixes.standard(for: format ?? .gzip)
    guard Suffixes.isValid(suffix) else {
      throw UsageError(message: "invalid suffix '\(arguments.suffix ?? "")'")
    }
    suffixes = Suffixes(own: suffix, allFormats: isDecoding)
    if let processes = arguments.processes {
      guard Self.processorCounts.contains(processes) else {
        let range = Self.processorCounts
        throw UsageError(
          message: "\(processes) processes are not \(range.lowerBound) to \(range.upperBound)")
      }
      processors = processes
    }
    if let kibibytes = arguments.blocksize {
      let (size, overflow) = kibibytes.multipliedReportingOverflow(by: 1024)
      guard !overflow, ChunkLayout.chunkSizes.contains(size) else {
        let range = ChunkLayout.chunkSizes
        throw UsageError(
          message: "block size \(kibibytes) is not in "
            + "\(range.lowerBound / 1024) to \(range.upperBound / 1024) KiB")
      }
      blockSize = size
    }
    offload.path = arguments.path
    offload.syncMode = arguments.syncMode
    offload.verifyCompress = arguments.verifyCompress
    offload.isTraced = arguments.debug
    offload.showsStatistics = arguments.stats
    offload.root = arguments.root
    writesIndex = arguments.index
    if writesIndex {
      guard operation == .compress, !usesStandardOutput, (format ?? .gzip) == .gzip, !usesName,
        blockSize <= ChunkLayout.defaultChunkSize
      else {
        throw UsageError(
          message: "--index needs BGZF files as output: no -c, -d, -l, -t or -N, no other format, "
            + "and blocks of at most 63 KiB")
      }
    }
  }
}

/// The name the program was called by says what it does.
enum ProgramName: Sendable {
  case deflateIAA, gunzip, zcat

  init(_ path: FileName) {
    let name = path.base.bytes
    if name.suffix(6).elementsEqual("gunzip".utf8) {
      self = .gunzip
    } else if name.suffix(4).elementsEqual("zcat".utf8) {
      self = .zcat
    } else {
      self = .deflateIAA
    }
  }
}
