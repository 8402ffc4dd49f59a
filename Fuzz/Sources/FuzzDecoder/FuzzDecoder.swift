// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a raw DEFLATE stream, with zlib as the judge. Stops on a different verdict, reason
// or data, and when the library's own ways to decode disagree.

import FixedDeflate
import TestSupport

private let capacity = 1 << 16

/// libFuzzer's entry point.
@c(LLVMFuzzerTestOneInput)
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  // SAFETY: libFuzzer hands over `count` readable bytes for the length of the call.
  check(unsafe [UInt8](UnsafeBufferPointer(start: data, count: count)))
  return 0
}

/// The same bytes as a stream without a header: pieces and the whole have to agree, and nothing may trap.
private func checkCanned(_ stream: [UInt8]) {
  for edition in CompressionTable.CannedEdition.allCases {
    var decoder = TableDecoder(table: .canned(edition), limit: .iaa)
    let (whole, wholeBytes) = collectingOutputAlways(capacity: capacity) {
      (output: inout OutputRawSpan) throws(DeflateError) in
      try withRawSpan(stream) { (input: RawSpan) throws(DeflateError) in
        try decoder.decompress(input, into: &output).bytes
      }
    }
    var pieces = StreamDecoder(canned: edition)
    var (bytes, start, failure, isDone) = ([UInt8](), 0, DeflateError?.none, false)
    while !isDone, failure == nil, bytes.count <= capacity {
      let piece = Array(stream[start..<min(start + 37, stream.count)])
      let (outcome, some) = collectingOutputAlways(capacity: 1000) {
        (output: inout OutputRawSpan) throws(DeflateError) in
        try withRawSpan(piece) { (input: RawSpan) throws(DeflateError) in
          try pieces.decompress(
            input, endOfInput: start + piece.count == stream.count, into: &output)
        }
      }
      bytes += some
      switch outcome {
      case .success(let progress):
        start += progress.consumed
        isDone = progress.state == .finished
      case .failure(let error): failure = error
      }
    }
    // Behind the first stream others may follow, so the pieces may give more.
    precondition(
      bytes.starts(with: wholeBytes.prefix(bytes.count)), "pieces differ from the whole")
    if case .failure(let error) = whole, error.kind != .outputFull {
      precondition(failure == error || bytes.count > capacity, "pieces fail otherwise")
    }
  }
}

private func check(_ stream: [UInt8]) {
  let theirs = Zlib.inflate(stream, maximumCount: capacity)
  let ours = Engine.decode(stream, capacity: capacity)
  switch (Zlib.kind(theirs.verdict), ours.error?.kind) {
  case (nil, nil):
    guard theirs.verdict == .accepted else { fatalError("unknown verdict: \(theirs.verdict)") }
    precondition(ours.bytes == theirs.bytes, "other data than zlib's")
    precondition((ours.bits + 7) / 8 == theirs.consumed, "other size than zlib's")
  case (let theirKind?, let ourKind?):
    precondition(
      theirKind == ourKind || Zlib.mayDiffer(theirKind, ourKind),
      "zlib says \(theirKind), we say \(ourKind)")
  case (let theirKind, let ourKind):
    fatalError("zlib says \(String(describing: theirKind)), we say \(String(describing: ourKind))")
  }

  let growing = Engine.decodeGrowing(stream, maximumCount: capacity)
  precondition(growing.error == ours.error && growing.bits == ours.bits, "growing differs")

  checkCanned(stream)

  // The narrow limit only ever refuses more, and only for that reason.
  let narrow = Engine.decode(stream, limit: .iaa, capacity: capacity)
  precondition(
    narrow == ours
      || narrow.error?.kind == .distanceTooFar
        && ours.bytes.starts(with: narrow.bytes),
    "the limits differ in more than distance")

  guard ours.error?.kind != .outputFull else { return }
  var generator = SeededGenerator(seed: UInt64(Zlib.crc32(stream)))
  let pieces = StreamOutcome(stream, .raw, maximumCount: capacity) {
    (generator.number(0...40), generator.number(0...300))
  }
  precondition(!pieces.isStuck, "the streaming decoder does not move")
  precondition(pieces.error == ours.error && pieces.bytes == ours.bytes, "pieces differ")
}
