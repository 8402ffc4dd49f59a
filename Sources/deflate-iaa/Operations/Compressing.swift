// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Compression of one input: read, encode, write, decode what was written, and then change places.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import FixedDeflate
import ParallelGzip
import SystemPackage

extension Processor {
  /// Compresses one input.
  func compress(_ job: Job, toStandardOutput: Bool) throws(Stop) {
    if toStandardOutput {
      let sizes = try encode(job, to: .standardOutput, named: FileName("stdout"))
      reportRatio(sizes, of: job, placed: nil)
      return reportPath(
        sizes.tally, of: job, idle: "nothing to compress", profile: options.offload.profile)
    }
    guard let placement = try place(job.target, of: job) else { return }
    let sizes = try encode(job, to: placement.output.descriptor, named: job.target)
    if options.verifies { try verify(placement, holds: sizes) }
    try settle(placement, of: job, modificationTime: job.status.modificationTime) {
      (isPlaced: Bool) throws(Stop) in
      if isPlaced { self.removeStaleIndex(of: job, placement) }
      if isPlaced, let index = sizes.written.index { try self.writeIndex(index, of: job) }
      if isPlaced { self.reportRatio(sizes, of: job, placed: job.target) }
      self.reportPath(
        sizes.tally, of: job, idle: "nothing to compress", profile: self.options.offload.profile)
    }
  }

  /// Encodes everything.
  private func encode(
    _ job: Job, to output: FileDescriptor, named outputName: FileName
  ) throws(Stop) -> EncodedSizes {
    var configuration = GzipWriter.Configuration()
    configuration.format = options.outputFormat
    configuration.header = gzipHeader(for: job)
    configuration.chunkSize = options.blockSize
    configuration.mode = options.mode
    configuration.cutsByContent = options.cutsByContent
    configuration.recordsIndex = options.writesIndex
    configuration.computesChecksum = output != .standardOutput && options.verifies
    let coders = OffloadCoders(offload, profile: options.offload.profile?.rules ?? .iaaV1)
    let written: GzipWriter.Summary
    do throws(GzipError) {
      written = try GzipWriter.compress(
        from: GzipInput(job.descriptor), to: GzipOutput(output), configuration: configuration,
        processors: options.processors, coders: coders,
        progress: progress("compressed", \.inputCount))
    } catch {
      throw stop(error, reading: job.name, writing: outputName)
    }
    if let expected = job.expectedSize, expected != written.inputCount {
      reporter.note(job.name, "file size changed while it was compressed")
    }
    return EncodedSizes(
      configuration: configuration, written: written,
      overhead: containerOverhead(
        configuration.format,
        header: configuration.format == .bgzf ? GzipHeader.bgzfShape : configuration.header),
      tally: coders.tally)
  }

  /// What shows how far things are, by one of two counts; nil when nobody looks.
  func progress(
    _ step: String, _ count: KeyPath<GzipProgress, UInt64> & Sendable
  ) -> GzipProgress.Observer? {
    guard let progress = reporter.progress else { return nil }
    return { progress.update($0[keyPath: count], step) }
  }

  /// The header to write: name with -N, time unless -n.
  private func gzipHeader(for job: Job) -> GzipHeader {
    var header = GzipHeader()
    header.operatingSystem = GzipHeader.unix
    if options.usesName, let file = job.file { header.name = file.name.base.bytes }
    guard options.usesTime, job.hasOwnTime, options.outputFormat.hasMembers else {
      return header
    }
    // 0 in the header means that there is no time (RFC 1952 §2.3.1).
    if let time = UInt32(exactly: job.status.modificationTime.tv_sec), time != 0 {
      header.modificationTime = time
    } else {
      reporter.warn(job.name, "file timestamp does not fit into the gzip header")
    }
    return header
  }

  private func reportRatio(_ sizes: EncodedSizes, of job: Job, placed target: FileName?) {
    guard options.isVerbose else { return }
    let ratio = ratioText(
      compressed: Int64(sizes.written.outputCount) - Int64(sizes.overhead),
      uncompressed: Int64(sizes.written.inputCount))
    reportOutcome(ratio, of: job, placed: target)
  }

  /// The verbose line of both directions.
  func reportOutcome(_ ratio: String, of job: Job, placed target: FileName?) {
    guard job.file != nil else { return reporter.report(nil, ratio) }
    if let target {
      let verb = options.keepsInput ? "created" : "replaced with"
      reporter.report(job.name, "\(ratio) -- \(verb) ", target)
    } else {
      reporter.report(job.name, "\(ratio) -- written to ", FileName("stdout"))
    }
  }

  /// Reports what went wrong between input and output.
  func stop(
    _ error: GzipError, reading input: FileName, writing output: FileName
  ) -> Stop {
    switch error {
    case .reading(let error): reporter.fail(input, error)
    case .writing(let error): return reporter.writingFailed(output, error)
    case .decoding(let error): reporter.fail(input, describe(error))
    case .index(let error):
      reporter.fail(input.indexName, "not the file's index: \(describe(error))")
    case .readingIndex(let error): reporter.fail(input.indexName, error)
    case .indexTooLarge:
      reporter.fail(input.indexName, "is larger than any index of its file")
    case .notBGZF: reporter.fail(input, "is not BGZF, which --offset and --size need")
    case .refused(let reason): reporter.fail(input, reason)
    case .source, .sink, .cancelled, .noThread:
      preconditionFailure("no closures, no cancelling and no pushing here: \(error)")
    }
    return Stop()
  }
}

/// What was read and written, in bytes.
struct EncodedSizes {
  let configuration: GzipWriter.Configuration
  let written: GzipWriter.Summary
  /// Bytes of the output that gzip would not count as compressed data.
  let overhead: Int
  /// Where the chunks were compressed.
  let tally: BlockTally
}

extension GzipHeader {
  /// RFC 1952 §2.3.1: OS 3 is Unix.
  static let unix: UInt8 = 3

  /// A header with BGZF's extra field, for its length.
  static var bgzfShape: GzipHeader {
    var header = GzipHeader()
    header.extraField = [UInt8](repeating: 0, count: 6)
    return header
  }
}
