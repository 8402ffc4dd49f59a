// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// --offset and --size: part of a BGZF file's data, without decoding what stands before it.

import FixedDeflate
import SystemPackage

/// Part of the data of a file.
struct Region: Sendable {
  /// Bytes before it.
  var offset: UInt64 = 0
  /// Bytes in it; nil for all to the end.
  var size: UInt64?
}

/// A regular file whose blocks are gone to. Standard input begins where it stands, as for all who
/// read it, and has no index beside it: its name is not known.
struct SeekableInput {
  let descriptor: FileDescriptor
  /// The input when it has a name.
  let file: InputFile?
  /// Bytes of the file before the data.
  private let start: UInt64

  init(_ job: Job) throws(TransferError) {
    descriptor = job.descriptor
    file = job.file
    do {
      start = try SystemCalls.position(of: job.descriptor)
    } catch {
      throw .reading(error)
    }
  }

  /// Moves to where a block begins.
  func seek(to block: BGZFIndex.Block) throws(TransferError) {
    do throws(Errno) {
      let (offset, isTooLarge) = start.addingReportingOverflow(block.compressedOffset)
      guard !isTooLarge else { throw .invalidArgument }
      try SystemCalls.seek(descriptor, to: offset)
    } catch {
      throw .reading(error)
    }
  }
}

extension Processor {
  /// Writes a region of one file to standard output.
  func extract(_ region: Region, of job: Job) throws(Stop) {
    guard job.status.kind == .regular else {
      reporter.fail(job.name, "--offset and --size need a regular file")
      throw Stop()
    }
    do throws(TransferError) {
      if try copy(region, of: job) { return }
    } catch {
      throw stop(error, reading: job.name, writing: FileName("stdout"))
    }
    reporter.fail(job.name, "is not BGZF, which --offset and --size need")
    throw Stop()
  }

  /// Finds the region's block and writes from there; false when the file is not BGZF, or not as far
  /// as the region reaches.
  private func copy(_ region: Region, of job: Job) throws(TransferError) -> Bool {
    let file = try SeekableInput(job)
    guard try ParallelDecoding.nextMember(in: ByteSource(job.descriptor)) != nil else {
      return false
    }
    let block = try block(holding: region.offset, of: file)
    try file.seek(to: block)
    return try copy(region, of: job, from: block)
  }

  /// The position of a bit in the file, counted from a byte; the largest number where it is larger.
  func bitPosition(of byte: UInt64, _ bit: Int = 0) -> Int {
    let (bits, isTooLarge) = Int(clamping: byte).multipliedReportingOverflow(by: 8)
    return isTooLarge || bits > Int.max - bit ? Int.max : bits + bit
  }

  /// Decodes block after block until the region is written or the data ends; false when it goes on
  /// in another form.
  private func copy(
    _ region: Region, of job: Job, from start: BGZFIndex.Block
  ) throws(TransferError) -> Bool {
    let source = ByteSource(job.descriptor)
    var decoder = MemberDecoder(offload)
    var data = OwnedBytes(capacity: ParallelDecoding.maximumMemberCount)
    var block = OwnedBytes(capacity: ParallelDecoding.maximumMemberCount)
    var skipped = region.offset - start.dataOffset
    var left = region.size ?? .max
    var position = start.compressedOffset
    while left > 0, let member = try ParallelDecoding.nextMember(in: source) {
      block.removeAll()
      data.removeAll()
      guard try source.take(member.byteCount, into: &block) else {
        let end = bitPosition(of: position + UInt64(source.count))
        throw .decoding(DeflateError(.truncatedInput, bitPosition: end))
      }
      try block.withBytes { (block: RawSpan) throws(TransferError) in
        try data.withOutput { (output: inout OutputRawSpan) throws(TransferError) in
          do throws(TransferError) {
            _ = try decoder.decode(block, into: &output)
          } catch .decoding(let error) {
            throw .decoding(
              DeflateError(error.kind, bitPosition: bitPosition(of: position, error.bitPosition)))
          }
        }
      }
      position += UInt64(block.count)
      let from = min(skipped, UInt64(data.count))
      let count = min(left, UInt64(data.count) - from)
      try data.withBytes(from: Int(from)) { (bytes: RawSpan) throws(TransferError) in
        try deliver(bytes.extracting(first: Int(count)), to: .standardOutput)
      }
      skipped -= from
      left -= count
    }
    if left > 0, try !isEnd(source, at: position, of: job, after: start) { return false }
    reportPath(decoder.tally, of: job, idle: Self.nothingToDecompress)
    return true
  }

  /// Whether the data ends where no block follows, and not just the BGZF blocks.
  ///
  /// - Throws: `TransferError.decoding` where the file is cut off, `TransferError.index` where an
  ///   index says that a block begins and none does.
  private func isEnd(
    _ source: ByteSource, at position: UInt64, of job: Job, after start: BGZFIndex.Block
  ) throws(TransferError) -> Bool {
    let next = try source.peek(ParallelDecoding.headerCount)
    let isMember = next.starts(with: GzipHeader.magic)
    if isMember, next.count == ParallelDecoding.headerCount { return false }
    let error = DeflateError(
      isMember || next.isEmpty ? .truncatedInput : .notInFormat,
      bitPosition: bitPosition(of: position + UInt64(next.count)))
    // The first block of all has been seen: only an index leads to where none begins.
    if position == start.compressedOffset { throw .index(error) }
    if isMember { throw .decoding(error) }
    warnOfTrailingData(try source.classifyRest(), job)
    return true
  }
}
