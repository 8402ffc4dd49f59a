// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// From block to block with their data.

import FixedDeflate

/// Decodes blocks one after the other, from one on.
final class BlockCursor {
  let source: ByteSource
  private let coder: any MemberCoder
  /// The block that it began with.
  private let start: BGZFIndex.Block
  private var block = OwnedBytes(capacity: BGZFMember.maximumCount)
  /// The data of the block that it stands at, and where that begins in the data.
  private(set) var data = OwnedBytes(capacity: BGZFMember.maximumCount)
  private(set) var dataOffset: UInt64
  /// Where the next block begins, in bytes from the first of all.
  private(set) var compressedOffset: UInt64

  init(_ file: BlockFile, at start: BGZFIndex.Block, _ coders: any Coders) throws(GzipError) {
    source = try file.source(at: start.compressedOffset)
    coder = coders.makeMemberCoder()
    self.start = start
    (dataOffset, compressedOffset) = (start.dataOffset, start.compressedOffset)
  }

  /// Where the next block's data begins.
  var dataEnd: UInt64 { dataOffset &+ UInt64(data.count) }

  /// Takes the place of blocks that somebody else took from the source and decoded.
  func pass(_ members: StreamDecoder.PassedMembers) {
    dataOffset = dataEnd &+ members.outputCount
    data.removeAll()
    compressedOffset += members.inputCount
  }

  /// Decodes the next block; false when what is next is none.
  ///
  /// - Throws: `GzipError.decoding` with the position in the file.
  func next() throws(GzipError) -> Bool {
    dataOffset = dataEnd
    data.removeAll()
    guard let member = try BGZFMember(nextIn: source) else { return false }
    block.removeAll()
    guard try source.take(member.byteCount, into: &block) else {
      let end = bitPosition(of: compressedOffset + UInt64(source.count))
      throw .decoding(DeflateError(.truncatedInput, bitPosition: end))
    }
    let taken = try block.withBytes { (block: RawSpan) throws(GzipError) in
      try data.withOutput { (output: inout OutputRawSpan) throws(GzipError) in
        do throws(GzipError) {
          return try coder.decode(block, into: &output).byteCount
        } catch .decoding(let error) {
          let position = bitPosition(of: compressedOffset, error.bitPosition)
          throw .decoding(DeflateError(error.kind, bitPosition: position))
        }
      }
    }
    guard taken == block.count else {
      // The block says that it is longer than its member; what stands behind that is no block.
      let end = bitPosition(of: compressedOffset + UInt64(taken))
      throw .decoding(DeflateError(.notInFormat, bitPosition: end))
    }
    coder.takeNote()?.count()
    compressedOffset += UInt64(block.count)
    return true
  }

  /// What follows the last block, where the data ends and not just the BGZF blocks.
  ///
  /// - Throws: `GzipError.decoding` where the file is cut off, `GzipError.index` where an index says
  ///   that a block begins and none does, `GzipError.notBGZF` where data goes on in another form.
  func rest() throws(GzipError) -> StreamDecoder.TrailingData {
    let next = try source.peek(BGZFMember.headerCount)
    let isMember = next.starts(with: GzipHeader.magic)
    if isMember, next.count == BGZFMember.headerCount { throw .notBGZF }
    let error = DeflateError(
      isMember || next.isEmpty ? .truncatedInput : .notInFormat,
      bitPosition: bitPosition(of: compressedOffset + UInt64(next.count)))
    // The first block of all has been seen: only an index leads to where none begins.
    if compressedOffset == start.compressedOffset { throw .index(error) }
    if isMember { throw .decoding(error) }
    return try source.classifyRest()
  }
}
