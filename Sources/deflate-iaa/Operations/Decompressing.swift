// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Decompression and test of one input. The format is told by gzip's magic, else by the name or
// --format; what is none of these passes through with -cf, as with zcat -f.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import FixedDeflate
import ParallelGzip
import SystemPackage

extension Processor {
  /// Decompresses one input.
  func decompress(_ job: Job, toStandardOutput: Bool) throws(Stop) {
    if let region = options.region { return try extract(region, of: job) }
    let source = ByteSource(GzipInput(job.descriptor))
    guard let format = try format(of: source, job, toStandardOutput: toStandardOutput) else {
      return try copy(source, job)
    }
    let coders = OffloadCoders(offload)
    let decoding = StreamDecoding(
      source, format: format, processors: options.processors, coders: coders,
      copiesTrailingData: toStandardOutput && options.isForced, canned: options.canned)
    guard try readHeader(decoding, format, job) else { return }
    if toStandardOutput {
      let isWhole = try decode(
        decoding, from: source, job, to: .standardOutput, named: FileName("stdout"))
      if isWhole {
        ratioReport(decoding, source, of: job, placed: nil)()
        reportPath(coders.tally, of: job, idle: Self.nothingToDecompress)
      }
      return
    }
    let target = restoredName(of: job, header: decoding.header)
    guard let placement = try place(target, of: job) else { return }
    let isWhole = try decode(
      decoding, from: source, job, to: placement.output.descriptor, named: target)
    guard isWhole else { return }
    let time = restoredTime(of: job, header: decoding.header)
    let report = ratioReport(decoding, source, of: job, placed: target)
    // What may have lost its end may be all there is of the rest.
    let keepsInput = decoding.isMissingEndOfFile
    try settle(placement, of: job, modificationTime: time, keepsInput: keepsInput) {
      [tally = coders.tally] (isPlaced: Bool) throws(Stop) in
      if isPlaced { self.removeStaleIndex(of: job, placement) }
      if isPlaced { report() }
      self.reportPath(tally, of: job, idle: Self.nothingToDecompress)
    }
  }

  /// Why devices had nothing to do.
  static let nothingToDecompress = "nothing to decompress"

  /// Decodes one input and keeps nothing.
  func test(_ job: Job) throws(Stop) {
    let source = ByteSource(GzipInput(job.descriptor))
    var tally: BlockTally?
    if let format = try format(of: source, job, toStandardOutput: true) {
      let coders = OffloadCoders(offload)
      let decoding = StreamDecoding(
        source, format: format, processors: options.processors, coders: coders,
        copiesTrailingData: options.isForced, canned: options.canned)
      guard try check(decoding, from: source, job) else { return }
      tally = coders.tally
    }
    if options.isVerbose { reporter.report(job.file == nil ? nil : job.name, " OK") }
    if let tally { reportPath(tally, of: job, idle: Self.nothingToDecompress) }
  }

  /// Decodes without output; whether all was good.
  func check(_ decoding: StreamDecoding, from source: ByteSource, _ job: Job) throws(Stop) -> Bool {
    do throws(GzipError) {
      try decoding.run(to: Sink(.nowhere, progress: progress("tested", \.inputCount)))
    } catch {
      let stop = stop(error, reading: job.name, writing: job.target)
      // Bad data is a finding about this file; the others still have to be looked at.
      if case .decoding = error { return false }
      throw stop
    }
    warn(ofWhatFollows: decoding, job)
    return true
  }

  /// The format of an input; nil when it is none and may pass through.
  func format(
    of source: ByteSource, _ job: Job, toStandardOutput: Bool
  ) throws(Stop) -> ContainerFormat? {
    if let format = options.format { return format }
    let magic: [UInt8]
    do {
      magic = try source.peek(GzipHeader.magic.count)
    } catch {
      throw stop(error, reading: job.name, writing: job.target)
    }
    if magic == GzipHeader.magic { return .gzip }
    if let format = Suffixes.format(of: job.name) { return format }
    return toStandardOutput && options.isForced && options.operation != .list ? nil : .gzip
  }

  /// gzip: reads the first header; whether the file may be decoded.
  private func readHeader(
    _ decoding: StreamDecoding, _ format: ContainerFormat, _ job: Job
  ) throws(Stop) -> Bool {
    guard format.hasMembers else { return true }
    do {
      try decoding.readHeader()
      return true
    } catch {
      return try skip(error, job, writing: job.target)
    }
  }

  /// Decodes everything; whether the data was good.
  private func decode(
    _ decoding: StreamDecoding, from source: ByteSource, _ job: Job, to output: FileDescriptor,
    named name: FileName
  ) throws(Stop) -> Bool {
    do throws(GzipError) {
      try decoding.run(
        to: Sink(GzipOutput(output), progress: progress("decompressed", \.inputCount)))
    } catch {
      return try skip(error, job, writing: name)
    }
    warn(ofWhatFollows: decoding, job)
    return true
  }

  /// Passes an input through unchanged.
  private func copy(_ source: ByteSource, _ job: Job) throws(Stop) {
    do throws(GzipError) {
      try source.copyAll { (bytes: RawSpan) throws(GzipError) in
        try GzipOutput(.standardOutput).write(bytes)
      }
    } catch {
      throw stop(error, reading: job.name, writing: FileName("stdout"))
    }
    if options.isVerbose {
      reportOutcome(ratioText(compressed: 0, uncompressed: 0), of: job, placed: nil)
    }
  }

  /// Reports a failure. As with gzip, a file that is not in the format is passed over and damaged
  /// data ends the run.
  private func skip(
    _ error: GzipError, _ job: Job, writing name: FileName
  ) throws(Stop) -> Bool {
    let stop = stop(error, reading: job.name, writing: name)
    guard case .decoding(let error) = error, error.isAboutHeader else { throw stop }
    return false
  }

  /// What a good stream's end leaves to say.
  private func warn(ofWhatFollows decoding: StreamDecoding, _ job: Job) {
    if decoding.isMissingEndOfFile {
      reporter.warn(job.name, "the BGZF end-of-file marker is missing; the file may be cut off")
    }
    warnOfTrailingData(decoding.trailingData, job)
  }

  /// gzip 1.12: garbage is warned of, zeros only with -v.
  func warnOfTrailingData(_ data: StreamDecoder.TrailingData, _ job: Job) {
    switch data {
    case .none: break
    case .zeros where !options.isVerbose: break
    case .zeros: reporter.warn(job.name, "decompression OK, trailing zero bytes ignored")
    case .garbage: reporter.warn(job.name, "decompression OK, trailing garbage ignored")
    }
  }

  /// With -N the stored name's last component takes the place of the input's.
  func restoredName(of job: Job, header: GzipHeader?) -> FileName {
    guard options.usesName, let name = header?.name else { return job.target }
    return job.target.replacingBase(with: FileName(name).base)
  }

  /// With -N the stored time, if there is one, else the input's; a pipe has none.
  func restoredTime(of job: Job, header: GzipHeader?) -> timespec {
    guard options.usesTime, let time = header?.modificationTime, time != 0 else {
      return job.hasOwnTime ? job.status.modificationTime : timespec()
    }
    return timespec(tv_sec: Int(time), tv_nsec: 0)
  }

  /// Prepares to report the ratio: what it is computed from is too large to wait for that.
  private func ratioReport(
    _ decoding: StreamDecoding, _ source: ByteSource, of job: Job, placed target: FileName?
  ) -> () -> Void {
    guard options.isVerbose, job.file != nil else { return {} }
    let ratio = ratioText(
      compressed: Int64(source.totalCount) - Int64(decoding.overhead),
      uncompressed: Int64(decoding.outputCount))
    return { self.reportOutcome(ratio, of: job, placed: target) }
  }
}
