// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The way of one operand: find it, refuse what gzip refuses, and hand it to the operation. The
// order of the checks is gzip 1.12's, because the order decides which message and which exit code
// a file with two faults gets.

import FixedDeflate
import IAAOffload
import ParallelGzip
import SystemPackage

/// Treats operands one after the other.
final class Processor {
  let options: Options
  let reporter = Reporter()
  /// The way to devices, found when the run begins.
  private(set) var offload = Offload.none
  /// Where the run's blocks were worked on.
  var blocks = BlockTally()
  /// What -l has shown so far.
  var totals = ListingTotals()
  /// The outputs that are whole and wait to be settled together.
  var waiting: Waiting
  /// The directory that the last operand was found in: those of a run lie mostly in one.
  private var lastDirectory: (name: FileName, directory: FileDirectory)?

  init(_ options: Options) {
    self.options = options
    waiting = Waiting(Self.waitingLimits(options))
    reporter.isQuiet = options.isQuiet
  }

  /// Treats all operands and returns the exit status.
  func run(_ operands: [FileName]) -> ExitStatus {
    guard MemoryLimit.hasRoom(for: options.leastMemory) else {
      reporter.fail(nil, "out of memory")
      return reporter.status
    }
    guard openOffload() else { return reporter.status }
    do throws(Stop) {
      if operands.isEmpty { try processStandardInput() }
      for operand in operands { try process(operand) }
      if options.operation == .list, operands.count > 1, !options.isQuiet { try listTotals() }
    } catch {
      // The reason has been reported.
    }
    // What is whole gets its place even when the run ends early. The reason has been reported.
    try? settleWaiting()
    if options.offload.showsStatistics { reporter.report(nil, offload.statistics(blocks)) }
    return reporter.status
  }

  /// Finds the way to devices; false when only they may do it and there is no way.
  private func openOffload() -> Bool {
    do {
      offload = try Offload.open(
        options.offload, blockSize: options.blockSize, mode: options.mode)
      if options.offload.isTraced, offload.dispatcher == nil, !options.isQuiet {
        reporter.note(nil, "--debug has nothing to trace: all is in software, \(offload.reason)")
      }
      return true
    } catch {
      reporter.fail(nil, "\(error)")
      let root = options.offload.root.map { " --root \($0)" } ?? ""
      reporter.note(nil, "'\(Reporter.programName) doctor\(root)' tells what to do")
      return false
    }
  }

  /// Counts where a file's blocks were worked on, and with -v says it.
  func reportPath(
    _ tally: BlockTally, of job: Job, idle: String, profile: ChosenProfile? = nil
  ) {
    blocks.add(tally)
    guard options.isVerbose else { return }
    // The rules of the blocks that were done in software, if any were asked for.
    let rules = profile.map { "; profile \($0.name)" } ?? ""
    reporter.report(job.file == nil ? nil : job.name, offload.describe(tally, idle: idle) + rules)
  }

  /// Treats one operand.
  private func process(_ operand: FileName) throws(Stop) {
    if operand.isStandardInput {
      // What comes there may take its time.
      try settleWaiting()
      return try processStandardInput()
    }
    guard let file = try open(operand, in: nil) else { return }
    if file.status.kind == .fifo, options.usesStandardOutput {
      SystemCalls.waitForWriter(file.descriptor)
    }
    try process(file)
  }

  /// Treats a file, or with -r a directory, that was opened.
  private func process(_ file: InputFile) throws(Stop) {
    if file.status.kind == .directory { return try processDirectory(file) }
    if !options.usesStandardOutput {
      file.removeTemporaryTwins()
      guard isReplaceable(file) else { return }
    }
    guard let target = targetName(of: file) else { return }
    if waiting.isDue(before: file.status.size, at: Clock.now) { try settleWaiting() }
    try run(Job(file, target: target), toStandardOutput: options.usesStandardOutput)
  }

  private func processStandardInput() throws(Stop) {
    guard !options.writesIndex else {
      reporter.fail(FileName("stdin"), "--index needs a file, to put the index beside")
      throw Stop()
    }
    let stream: FileDescriptor = options.isDecoding ? .standardInput : .standardOutput
    if !options.isForced, options.operation != .list, Terminal.isTerminal(stream) {
      reporter.fail(
        nil,
        options.isDecoding
          ? "compressed data is not read from a terminal; use -f to force decompression"
          : "compressed data is not written to a terminal; use -f to force compression")
      throw Stop()
    }
    let status: FileSnapshot
    do throws(Errno) {
      if StandardStreams.isClosed(.standardInput) { throw Errno.badFileDescriptor }
      status = try SystemCalls.status(of: .standardInput)
    } catch {
      reporter.fail(FileName("standard input"), error)
      throw Stop()
    }
    try run(Job(standardInput: status), toStandardOutput: true)
  }

  private func run(_ job: Job, toStandardOutput: Bool) throws(Stop) {
    if !options.isQuiet, !options.offload.isTraced, Terminal.ownsStandardError,
      !(toStandardOutput && Terminal.isTerminal(.standardOutput))
    {
      reporter.progress = Progress(name: job.name, size: job.expectedSize)
    }
    defer {
      reporter.progress?.erase()
      reporter.progress = nil
    }
    switch options.operation {
    case .compress: try compress(job, toStandardOutput: toStandardOutput)
    case .decompress: try decompress(job, toStandardOutput: toStandardOutput)
    case .test: try test(job)
    case .list: try list(job)
    }
  }

  /// Opens an operand, or what is found in a directory; when it is to be decoded and does not exist,
  /// the names with a suffix. Nil when none can be opened, which has then been said.
  private func open(_ name: FileName, in directory: FileDirectory?) throws(Stop) -> InputFile? {
    var failed = name
    var failure: Errno
    switch try openExactly(name, in: directory) {
    case .success(let file): return file
    case .failure(let error): failure = error
    }
    let suffixes = options.suffixes
    if failure == .noSuchFileOrDirectory, options.isDecoding,
      suffixes.suffixLength(in: name) == nil
    {
      let alternatives = suffixes.alternatives(to: name)
      failed = alternatives[0]
      search: for alternative in alternatives {
        switch try openExactly(alternative, in: directory) {
        case .success(let file): return file
        case .failure(.noSuchFileOrDirectory): continue
        case .failure(let error):
          (failed, failure) = (alternative, error)
          break search
        }
      }
    }
    reporter.fail(failed, failure)
    return nil
  }

  /// Opens a file as a run finds it that settles each file at once.
  private func openExactly(
    _ name: FileName, in directory: FileDirectory?
  ) throws(Stop) -> Result<InputFile, Errno> {
    let first = try withDescriptors { () throws(Errno) in try find(name, in: directory) }
    let isAwaited =
      switch first {
      case .success(let file):
        waiting.awaits(file.status.identity) || file.waitingName.map(waiting.awaits) ?? false
      // The name may be one that an output is about to get.
      case .failure: !waiting.isEmpty
      }
    guard isAwaited else { return first }
    try settleWaiting()
    return try withDescriptors { () throws(Errno) in try find(name, in: directory) }
  }

  /// Opens a file where it was found, or an operand. Where something is going to take the file's
  /// place the directory is opened first and stays open: all that is done happens in that one,
  /// whatever its path leads to by then.
  private func find(
    _ name: FileName, in directory: FileDirectory?
  ) throws(Errno) -> InputFile {
    let follows = options.usesStandardOutput || options.isForced
    if let directory {
      return try InputFile(name, in: directory, followingLinks: follows)
    }
    // A path that ends with a slash is a directory's, and nothing takes its place.
    if options.usesStandardOutput || name.base.bytes.isEmpty {
      return try InputFile(name, followingLinks: follows)
    }
    let path = name.directory
    if let last = lastDirectory, last.name == path {
      return try InputFile(name, in: last.directory, followingLinks: follows)
    }
    let opened = try FileDirectory(path)
    lastDirectory = (path, opened)
    return try InputFile(name, in: opened, followingLinks: follows)
  }

  /// Enters a directory, with -r.
  private func processDirectory(_ opened: InputFile) throws(Stop) {
    guard options.isRecursive else {
      reporter.warn(opened.name, "is a directory -- ignored")
      return
    }
    let directory = FileDirectory(opened)
    // What is going to go would be listed, and be gone when it is opened.
    if waiting.touches(directory.identity) { try settleWaiting() }
    let entries: [FileName]
    switch try withDescriptors({ () throws(Errno) in try directory.entries() }) {
    case .success(let names): entries = names
    case .failure(let error):
      reporter.fail(opened.name, error)
      return
    }
    let indexes = options.operation == .compress ? Set(entries.map(\.indexName)) : []
    for entry in entries {
      let name = opened.name.appending(entry)
      if TemporaryName.matches(entry) {
        if options.isVerbose { reporter.note(name, "is a temporary file -- ignored") }
      } else if indexes.contains(entry) {
        if options.isVerbose {
          reporter.note(name, "is the index of the file beside it -- ignored")
        }
      } else if name.bytes.count >= FileName.maximumCount {
        // The kernel takes no longer paths, and a tree that goes deeper has no end for us either.
        reporter.fail(name, Errno.fileNameTooLong)
      } else if let file = try open(name, in: directory) {
        try process(file)
      }
    }
  }

  /// How long outputs may wait for each other.
  private static func waitingLimits(_ options: Options) -> Waiting.Limits {
    // An index is made when its file is in place.
    if options.isSynchronous || options.writesIndex { return .single }
    var limits = Waiting.Limits()
    // Most of the descriptors are for those who need more than one.
    limits.files = min(limits.files, max(1, SystemCalls.descriptorLimit / 4))
    return limits
  }

  /// Whether a file may be replaced by its output.
  private func isReplaceable(_ file: InputFile) -> Bool {
    let status = file.status
    let reason: String? =
      if status.kind != .file {
        "is neither a directory nor a regular file -- ignored"
      } else if status.access.permissions & 0o4000 != 0 {
        "is set-user-ID on execution -- ignored"
      } else if status.access.permissions & 0o2000 != 0 {
        "is set-group-ID on execution -- ignored"
      } else if !options.isForced, status.access.permissions & 0o1000 != 0 {
        "has the sticky bit set -- ignored"
      } else if !options.isForced, status.linkCount > 1 {
        "has \(status.linkCount - 1) other link\(status.linkCount > 2 ? "s" : "") -- ignored"
      } else {
        nil
      }
    if let reason { reporter.warn(file.name, reason) }
    return reason == nil
  }

  /// The name of the output, or nil when the file is to be left alone.
  private func targetName(of file: InputFile) -> FileName? {
    let suffixes = options.suffixes
    let name = file.name
    // With -r, files that are obviously not meant are passed over in silence.
    let says = options.isVerbose || !(options.isRecursive || options.isQuiet)
    switch options.operation {
    case .compress:
      if options.usesStandardOutput { return FileName("stdout") }
      if let length = suffixes.suffixLength(in: name), !options.isForced {
        let suffix = String(decoding: name.bytes.suffix(length), as: UTF8.self)
        if says { reporter.note(name, "already has \(suffix) suffix -- unchanged") }
        return nil
      }
      return suffixes.compressedName(of: name)
    case .decompress where options.usesStandardOutput:
      return FileName("stdout")
    case .decompress, .test, .list:
      if let target = suffixes.decompressedName(of: name) { return target }
      if !options.isRecursive, options.operation != .decompress { return name }
      if says { reporter.warn(name, "unknown suffix -- ignored") }
      return nil
    }
  }
}
