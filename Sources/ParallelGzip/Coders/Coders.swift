// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Who compresses chunks, and decodes members and pieces. As a rule that is the codec; a program can
// put something else in its place whose streams give back the same data, a device say, and have notes of
// who did what carried along and counted in order.

package import FixedDeflate

/// Makes coders for the workers of a run.
package protocol Coders: AnyObject, Sendable {
  /// Whether pieces are wanted from a body's very first byte on, and by one worker alone as well.
  var takesWholeBodies: Bool { get }
  /// Whether what only the stream's own decoder can do must not be done.
  var isStrict: Bool { get }
  /// Called by the thread that the coder is for, as the two below.
  func makeChunkCoder(_ layout: ChunkLayout) -> any ChunkCoder
  func makeMemberCoder() -> any MemberCoder
  /// `outputLimit` is the most bytes of data in a piece.
  func makePieceCoder(outputLimit: Int) -> any PieceCoder
  /// Who decodes streams in canned tables; nil where that is the stream's own decoder.
  func makeCannedCoder() -> (any CannedCoder)?
  /// The stream's own decoder has data: called more than once, by one thread at a time.
  ///
  /// - Throws: `GzipError.refused` when it must not.
  func noteSerialWork() throws(GzipError)
}

/// What a coder has to say of a batch.
package protocol WorkNote: Sendable {
  /// Counts it; called when the batch is handed over, in order, by one thread at a time.
  func count()
}

/// Encodes the chunks of a container, for one worker.
package protocol ChunkCoder: AnyObject {
  /// Appends a chunk's piece of the container; `ChunkLayout.bound` bytes always suffice.
  ///
  /// - Returns: The check of the chunk's data.
  /// - Throws: `GzipError.refused`; nothing was appended.
  func encode(
    _ chunk: RawSpan, isFirst: Bool, isLast: Bool, into output: inout OutputRawSpan
  ) throws(GzipError) -> ContentChecksum
  /// What is to be noted of the chunks since it was asked last.
  func takeNote() -> (any WorkNote)?
}

/// Decodes gzip members, for one worker.
package protocol MemberCoder: AnyObject {
  /// Decodes the member that `member` is, whose header is a `BGZFMember`'s, and appends its data.
  ///
  /// - Returns: The bytes that the member takes, and the CRC-32 of its data.
  /// - Throws: `GzipError.decoding`, with positions from the member's start, and
  ///   `GzipError.refused`. What was appended before stays.
  func decode(
    _ member: RawSpan, into output: inout OutputRawSpan
  ) throws(GzipError) -> (byteCount: Int, checksum: CRC32)
  /// What is to be noted of the members since it was asked last.
  func takeNote() -> (any WorkNote)?
}

/// Decodes pieces of streams, for one worker.
package protocol PieceCoder: AnyObject {
  /// Decodes a piece, as a guess that a block begins with it: sets its output, extent, failure and
  /// note, and leaves its input as it is.
  func decode(_ piece: StreamPiece)
}

/// Decodes streams in canned tables, of which several stand one behind the other and none says where it ends.
package protocol CannedCoder: AnyObject {
  /// Decodes the stream that `input` begins with.
  ///
  /// - Returns: The bytes that it takes; nil where there is none, or not the whole of it, or it cannot be decoded
  ///   here. Then nothing was appended.
  func decode(_ input: RawSpan, into output: inout OwnedBytes, maximumCount: Int) -> Int?
  /// Why a stream was not decoded here last; nil where none was refused.
  var refusal: String? { get }
  /// What is to be noted of the streams since it was asked last.
  func takeNote() -> (any WorkNote)?
}
