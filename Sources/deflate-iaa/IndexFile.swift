// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The .gzi index beside a BGZF file, as bgzip writes and reads it.

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

  /// Reads the index beside a file, or finds the blocks when there is none.
  func index(of file: InputFile) throws(TransferError) -> BGZFIndex {
    let opened: InputFile
    do {
      opened = try InputFile(file.name.indexName, followingLinks: true)
    } catch .noSuchFileOrDirectory {
      return try scan(file)
    } catch {
      throw .readingIndex(error)
    }
    var bytes: [UInt8] = []
    do throws(TransferError) {
      try ByteSource(opened.descriptor).copyAll { (piece: RawSpan) throws(TransferError) in
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

  /// Goes from header to header; each block's data count stands in its last four bytes.
  private func scan(_ file: InputFile) throws(TransferError) -> BGZFIndex {
    var index = BGZFIndex()
    let source = ByteSource(file.descriptor)
    var block = OwnedBytes(capacity: ParallelDecoding.maximumMemberCount)
    while let member = try ParallelDecoding.nextMember(in: source) {
      block.removeAll()
      guard try source.take(member.byteCount, into: &block), block.count >= 4 else { break }
      let length = block.withBytes(from: block.count - 4) { $0.copied }
      let dataCount = length.reversed().reduce(0) { $0 << 8 | Int($1) }
      // Those without data, as between files that were joined, take their place too.
      index.append(compressedCount: block.count, dataCount: dataCount)
    }
    return index
  }
}
