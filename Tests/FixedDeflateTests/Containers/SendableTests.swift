// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Sendable is a promise of the compiler's; that it is kept for the types that own memory is tried by
// handing them from task to task.

import FixedDeflate
import Testing

/// Compiles for what may be sent.
private func send<Value: Sendable & ~Copyable>(_: borrowing Value) {}

@Suite("What may be sent to another task") struct SendableTests {
  @Test("values and errors, encoders and decoders")
  func conformances() {
    send(MatchProfile.iaaV1)
    send(GzipHeader())
    send(BGZFIndex())
    send(ChunkLayout())
    send(ContentChecksum(for: .gzip))
    send(CRC32())
    send(Adler32())
    send(DeflateError.Kind.outputFull)
    let error: any Error & Sendable = DeflateError(.outputFull, bitPosition: 0)
    send(error as? DeflateError ?? DeflateError(.truncatedInput, bitPosition: 0))
    send(Encoder())
    send(Decoder())
    send(ChunkEncoder())
    send(StreamEncoder())
    send(StreamDecoder(format: .gzip))
  }

  @Test("a stream begun in one task goes on in others")
  func handedOn() async throws {
    let parts = (0..<8).map { part in
      (0..<9000).map { UInt8(truncatingIfNeeded: $0 / (part + 1)) }
    }
    var pair = Pair()
    for part in parts {
      pair = try await goingOn(pair, with: part)
      #expect(pair.data == part)
    }
    #expect(try pair.finish())
  }
}

/// Both ends of a stream.
private struct Pair: ~Copyable, Sendable {
  var encoder = StreamEncoder(format: .gzip, chunkSize: 4096)
  var decoder = StreamDecoder(format: .gzip)
  /// What came of the last part.
  var data: [UInt8] = []

  /// Sends a part through, flushed.
  mutating func pass(_ part: [UInt8]) throws {
    var piece: [UInt8] = []
    data = []
    encoder.write(part, to: &piece)
    encoder.flush(to: &piece)
    _ = try decoder.decompress(piece.span, endOfInput: false) { bytes in
      for offset in 0..<bytes.byteCount { data.append(bytes.byte(at: offset)) }
    }
  }

  /// Whether both come to the end of one member.
  consuming func finish() throws -> Bool {
    var rest: [UInt8] = []
    encoder.finish(to: &rest)
    let progress = try decoder.decompress(rest.span, endOfInput: true) { _ in }
    let memberCount = decoder.memberCount
    return progress.state == .finished && memberCount == 1
  }
}

/// Whoever it is called from, this runs on the global executor.
@concurrent
private func goingOn(
  _ pair: consuming Pair, with part: [UInt8]
) async throws -> Pair {
  var pair = pair
  try pair.pass(part)
  return pair
}
