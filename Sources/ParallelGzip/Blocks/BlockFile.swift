// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A file whose blocks are gone to, by its headers alone: no data is decoded here.

import FixedDeflate
import SystemPackage

/// A BGZF file, from a byte of it on; reads move nobody's position.
struct BlockFile: Sendable {
  let descriptor: FileDescriptor
  /// Bytes of the file before the first block.
  let start: UInt64
  let cancellation: GzipCancellation?

  /// Bytes from the first block to the file's end; the largest number where that is not known.
  var byteCount: UInt64 {
    guard let size = DescriptorIO.fileSize(descriptor) else { return .max }
    return size - min(start, size)
  }

  /// What stands from a byte on, counted from the first block.
  func source(at offset: UInt64) throws(GzipError) -> ByteSource {
    let (first, isTooLarge) = start.addingReportingOverflow(offset)
    guard !isTooLarge, Int64(exactly: first) != nil else { throw .reading(.invalidArgument) }
    return ByteSource(GzipInput(.file(descriptor, from: first)), cancellation: cancellation)
  }

  /// Goes from header to header and calls `body` with where each block begins, while it returns
  /// true. Each block's data count stands in its last four bytes.
  func walk(
    from first: BGZFIndex.Block, _ body: (BGZFIndex.Block) -> Bool
  ) throws(GzipError) {
    let source = try source(at: first.compressedOffset)
    var place = first
    var block = OwnedBytes(capacity: BGZFMember.maximumCount)
    while let member = try BGZFMember(nextIn: source), body(place) {
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

/// The position of a bit in the file, counted from a byte; the largest number where it is larger.
func bitPosition(of byte: UInt64, _ bit: Int = 0) -> Int {
  let (bits, isTooLarge) = Int(clamping: byte).multipliedReportingOverflow(by: 8)
  return isTooLarge || bits > Int.max - bit ? Int.max : bits + bit
}
