// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The .gzi index beside a BGZF file, as bgzip writes and reads it.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import FixedDeflate
import SystemPackage

extension FileName {
  /// The name of the index beside a compressed file.
  var indexName: FileName { FileName(bytes + Array(".gzi".utf8)) }
}

extension Processor {
  /// Writes the index of a file that is in place.
  func writeIndex(_ index: BGZFIndex, of job: Job) throws(Stop) {
    guard let placement = try place(job.target.indexName, of: job) else { return }
    let bytes = index.encoded
    do throws(TransferError) {
      try lend(bytes, 0..<bytes.count) { (bytes: RawSpan) throws(TransferError) in
        try deliver(bytes, to: placement.output.descriptor)
      }
    } catch {
      throw stop(error, reading: job.name, writing: placement.target)
    }
    try commit(placement, of: job, modificationTime: job.status.modificationTime)
  }

  /// The block in which a byte of a file's data is to be found: by the index beside the file, or
  /// where there is none by going through the blocks.
  ///
  /// - Throws: `TransferError.index` when the index is not the file's as far as it is needed.
  func block(
    holding dataOffset: UInt64, of input: SeekableInput
  ) throws(TransferError) -> BGZFIndex.Block {
    let index: BGZFIndex
    if let file = input.file, let stored = try storedIndex(of: file) {
      try confirm(stored, around: dataOffset, of: file, input)
      index = stored
    } else {
      index = try scan(input)
    }
    return index.block(holding: dataOffset) ?? .beginning
  }

  /// Seconds by which an index may be older than its file: bgzip writes its own first and then
  /// the file's last blocks.
  private static let indexLead = 10

  /// Reads the index beside a file; nil when there is none.
  private func storedIndex(of file: InputFile) throws(TransferError) -> BGZFIndex? {
    let opened: InputFile
    do {
      opened = try InputFile(file.name.indexName, followingLinks: true)
    } catch .noSuchFileOrDirectory {
      return nil
    } catch {
      throw .readingIndex(error)
    }
    switch opened.status.kind {
    case .regular: break
    case .directory: throw .readingIndex(.isDirectory)
    case .fifo, .other: throw .unfitIndex("is not a regular file")
    }
    guard !opened.status.isOlder(than: file.status, by: Self.indexLead) else {
      throw .unfitIndex(
        "is older than its file; make it anew with 'bgzip -r', remove it to do without, "
          + "or 'touch' it if it belongs")
    }
    let limit = BGZFIndex.maximumByteCount(fileSize: file.status.size)
    var bytes: [UInt8] = []
    do throws(TransferError) {
      try ByteSource(opened.descriptor).copyAll { (piece: RawSpan) throws(TransferError) in
        // It may grow while it is read.
        guard UInt64(bytes.count + piece.byteCount) <= limit else {
          throw .unfitIndex("is larger than any index of its file")
        }
        bytes += piece.copied
      }
    } catch .reading(let error) {
      throw .readingIndex(error)
    }
    return try lend(bytes, 0..<bytes.count) { (bytes: RawSpan) throws(TransferError) in
      do throws(DeflateError) {
        return try BGZFIndex(parsing: bytes)
      } catch {
        throw .index(error)
      }
    }
  }

  /// With no more bytes than these before a block, all blocks before it are gone through: there the
  /// index is proven right.
  private static let provenCount: UInt64 = 16 << 20

  /// Checks an index against the blocks that it speaks of, up to the one behind the block that holds
  /// the data: from the file's start where that is near, else from the block before.
  private func confirm(
    _ index: BGZFIndex, around dataOffset: UInt64, of file: InputFile, _ input: SeekableInput
  ) throws(TransferError) {
    guard let found = index.position(holding: dataOffset) else { return }
    let isNear = index.blocks[found].compressedOffset <= Self.provenCount
    let first = isNear ? 0 : found - 1
    var rest = index.blocks[first...min(found + 1, index.blocks.count - 1)]
    var kind = DeflateError.Kind.notInFormat
    if let start = rest.first, start.compressedOffset < file.status.size {
      try walk(input, from: start) { block in
        // An index may leave blocks out, but those that it has are where it says.
        guard let next = rest.first, block.compressedOffset >= next.compressedOffset else {
          return true
        }
        guard block == next else {
          if block.compressedOffset == next.compressedOffset { kind = .lengthMismatch }
          return false
        }
        rest.removeFirst()
        return !rest.isEmpty
      }
    }
    guard let wrong = rest.first else { return }
    let isCut = wrong.compressedOffset >= file.status.size
    throw .index(
      DeflateError(
        isCut ? .truncatedInput : kind, bitPosition: bitPosition(of: wrong.compressedOffset)))
  }

  /// The index as it is found by going from header to header.
  private func scan(_ input: SeekableInput) throws(TransferError) -> BGZFIndex {
    var index = BGZFIndex()
    // Those without data, as between files that were joined, take their place too.
    try walk(input, from: .beginning) { block in
      index.append(block)
      return true
    }
    return index
  }

  /// Goes from header to header and calls `body` with where each block begins, while it returns
  /// true. Each block's data count stands in its last four bytes.
  private func walk(
    _ input: SeekableInput, from start: BGZFIndex.Block, _ body: (BGZFIndex.Block) -> Bool
  ) throws(TransferError) {
    try input.seek(to: start)
    var place = start
    let source = ByteSource(input.descriptor)
    var block = OwnedBytes(capacity: ParallelDecoding.maximumMemberCount)
    while let member = try ParallelDecoding.nextMember(in: source), body(place) {
      block.removeAll()
      guard try source.take(member.byteCount, into: &block), block.count >= 4 else { return }
      let length = block.withBytes(from: block.count - 4) { $0.copied }
      // What an index says may be anything, up to the largest number.
      place = BGZFIndex.Block(
        compressedOffset: place.compressedOffset + UInt64(block.count),
        dataOffset: place.dataOffset &+ length.reversed().reduce(0) { $0 << 8 | UInt64($1) })
    }
  }
}

extension BGZFIndex.Block {
  /// Where a file begins.
  static let beginning = BGZFIndex.Block(compressedOffset: 0, dataOffset: 0)
}

extension Processor {
  /// Removes the index of a compressed file that took its place or that is gone.
  func removeStaleIndex(of job: Job, _ placement: Placement) {
    if options.operation == .compress {
      return removeStaleIndex(of: placement.target, in: placement.output.directory)
    }
    do throws(Errno) {
      _ = try SystemCalls.status(
        of: job.name.base, at: placement.output.directory.descriptor, followingLinks: false)
    } catch .noSuchFileOrDirectory {
      removeStaleIndex(of: job.name, in: placement.output.directory)
    } catch {
      // Whether the file is gone is not known: its index stays.
    }
  }

  /// Removes the index beside a compressed file that was put in place of another, or that is gone:
  /// it tells of bytes that are no longer there. Only what is an index by its form goes.
  func removeStaleIndex(of file: FileName, in directory: FileDirectory) {
    let name = file.indexName
    let isIndex: Bool
    do throws(Errno) {
      isIndex = try Self.isIndex(name.base, in: directory)
    } catch {
      // What cannot be opened was no index of ours; when it is not there, all is well.
      return
    }
    guard isIndex else { return }
    do {
      try SystemCalls.unlink(name.base, at: directory.descriptor)
      if options.isVerbose {
        reporter.report(name, " removed, the index of the file that was there")
      }
    } catch {
      reporter.warn(name, error.description)
    }
  }

  /// Whether a file is regular, no link, and as long as the number of blocks at its start says.
  private static func isIndex(_ name: FileName, in directory: FileDirectory) throws(Errno) -> Bool {
    let descriptor = try SystemCalls.open(
      name, at: directory.descriptor, flags: O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY)
    defer { try? SystemCalls.close(descriptor) }
    let status = try SystemCalls.status(of: descriptor)
    guard status.kind == .regular else { return false }
    var count = OwnedBytes(capacity: BGZFIndex.countByteCount)
    try count.withOutput { (output: inout OutputRawSpan) throws(Errno) in
      try SystemCalls.read(descriptor, into: &output)
    }
    return count.withBytes { BGZFIndex.isBeginning($0, ofFileOf: status.size) }
  }
}
