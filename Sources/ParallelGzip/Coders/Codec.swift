// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The codec as coders.

package import FixedDeflate

/// Makes coders that are the codec.
package final class Codec: Coders {
  package static let shared = Codec()

  package var takesWholeBodies: Bool { false }
  package var isStrict: Bool { false }
  package func noteSerialWork() {}

  package func makeChunkCoder(_ layout: ChunkLayout) -> any ChunkCoder { CodecChunks(layout) }
  package func makeMemberCoder() -> any MemberCoder { CodecMembers() }
  package func makeCannedCoder() -> (any CannedCoder)? { nil }
  package func makePieceCoder(outputLimit: Int) -> any PieceCoder {
    CodecPieces(outputLimit: outputLimit)
  }
}

/// Encodes chunks.
package final class CodecChunks: ChunkCoder {
  private var encoder: ChunkEncoder

  package init(_ layout: ChunkLayout, profile: MatchProfile = .iaaV1) {
    precondition(layout.mode.codesAll(of: profile), "the table lacks codewords that data may need")
    encoder = ChunkEncoder(layout: layout, profile: profile)
  }

  package func encode(
    _ chunk: RawSpan, isFirst: Bool, isLast: Bool, into output: inout OutputRawSpan
  ) -> ContentChecksum {
    do throws(DeflateError) {
      return try encoder.encode(chunk, isFirst: isFirst, isLast: isLast, into: &output)
    } catch {
      preconditionFailure("a chunk's bound is too small: \(error)")
    }
  }

  package func takeNote() -> (any WorkNote)? { nil }
}

/// Decodes members.
package final class CodecMembers: MemberCoder {
  private var decoder = Decoder(limit: .rfc1951)

  package init() {}

  package func decode(
    _ member: RawSpan, into output: inout OutputRawSpan
  ) throws(GzipError) -> (byteCount: Int, checksum: CRC32) {
    do throws(DeflateError) {
      return try decoder.decompressGzipMember(
        member, headerCount: BGZFMember.headerCount, into: &output)
    } catch {
      throw .decoding(error)
    }
  }

  package func takeNote() -> (any WorkNote)? { nil }
}

/// Decodes pieces.
package final class CodecPieces: PieceCoder {
  private let outputLimit: Int
  private var decoder = PieceDecoder()

  package init(outputLimit: Int) { self.outputLimit = outputLimit }

  package func decode(_ piece: StreamPiece) {
    piece.failure = nil
    piece.note = nil
    piece.extent = piece.input.withBytes { input in
      decoder.decode(input, into: &piece.output, maximumCount: outputLimit)
    }
  }
}
