// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a chunk: the plain implementation's bits, a stream by other rules, and back again. One encoder
// lives through all inputs, so that what one leaves behind shows in the next.

import FixedDeflate
import TestSupport

/// The encoders that live on; libFuzzer calls from one thread.
private struct Encoders: ~Copyable {
  var standard = Encoder()
  var reference = Encoder(profile: Encoders.otherProfile)

  /// Rules that have no fast path.
  static var otherProfile: MatchProfile {
    var profile = MatchProfile.iaaV1
    profile.bucketDepth = 2
    return profile
  }
}

// SAFETY: only `fuzz` uses it, and libFuzzer calls that from one thread.
nonisolated(unsafe) private var encoders = Encoders()

/// libFuzzer's entry point.
@c(LLVMFuzzerTestOneInput)
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  // SAFETY: libFuzzer hands over `count` readable bytes for the length of the call.
  check(unsafe [UInt8](UnsafeBufferPointer(start: data, count: count)))
  return 0
}

private func check(_ input: [UInt8]) {
  let expected = PlainProfile().stream(input)
  // SAFETY: see `encoders`.
  let stream = unsafe Engine.encode(input, with: &encoders.standard)
  precondition(stream == expected, "not the plain implementation's bits")
  // SAFETY: see `encoders`.
  let other = unsafe Engine.encode(input, with: &encoders.reference)
  precondition((try? FixedStreamReader.read(other))?.bytes == input, "other data by other rules")
  precondition(stream.count <= Encoder.bound(input.count), "longer than the bound")

  guard let contents = try? FixedStreamReader.read(stream) else { fatalError("not a fixed stream") }
  precondition(contents.bytes == input && contents.consumed == stream.count, "other data")
  precondition(
    Engine.decode(stream, limit: .iaa, capacity: input.count)
      == Engine.Outcome(bytes: input, bits: contents.bits), "our decoder differs")

  // Too little room by an amount that the input chooses.
  let room = stream.count - 1 - Int(Zlib.crc32(input)) % stream.count
  let (result, bytes) = collectingOutputAlways(capacity: room) {
    (output: inout OutputRawSpan) throws(DeflateError) in
    try withRawSpan(input) { (span: RawSpan) throws(DeflateError) in
      // SAFETY: see `encoders`.
      try unsafe encoders.standard.compress(span, into: &output)
    }
  }
  guard case .failure(let error) = result, error.kind == .outputFull, bytes.isEmpty else {
    fatalError("too little room was not told")
  }
}
