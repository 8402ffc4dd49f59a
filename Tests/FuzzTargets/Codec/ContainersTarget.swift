// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Chunks into containers: zlib and we read back what was written, whatever the pieces in which it came.

import FixedDeflate
import TestSupport

final class ContainersTarget: FuzzTarget {
  func check(_ input: [UInt8]) throws(FuzzFinding) {
    var choices = Choices(input)
    let format = choices.element(ContainerFormat.allCases)
    // BGZF has no fields of its own.
    let fields = format == .bgzf ? 0 : choices.byte()
    let chunkSize = choices.element([4096, 65_280, 5000, 16_384])
    let pieceSize = choices.number(1...5000)
    let chunk = ChunkShape.chunk(&choices, maximumCount: 20_000)
    var header = GzipHeader()
    // Fields from the input's first bytes; a name or comment must not hold a zero.
    if fields & 1 != 0 { header.name = chunk.prefix(9).filter { $0 != 0 } }
    if fields & 2 != 0 { header.extraField = Array(chunk.prefix(70)) }
    if fields & 4 != 0 { header.comment = chunk.suffix(5).filter { $0 != 0 } }
    header.hasHeaderChecksum = fields & 8 != 0
    header.modificationTime = Zlib.crc32(chunk)
    let stream = Engine.contain(
      chunk, format, chunkSize: chunkSize, header: header, pieceSize: pieceSize)
    let theirs = Zlib.inflateAllMembers(stream, format, maximumCount: chunk.count)
    try demand(theirs.verdict == .accepted && theirs.bytes == chunk, "zlib reads other data")
    let ours = StreamOutcome(stream, format)
    try demand(ours.error == nil && ours.bytes == chunk, "our decoder differs")
    try demand(!ours.isMissingEndOfFile, "the end-of-file marker is missed")
    if format == .gzip {
      try demand(
        ours.header?.name == header.name && ours.header?.extraField == header.extraField
          && ours.header?.comment == header.comment, "a field of the header comes back otherwise")
    }
  }
}
