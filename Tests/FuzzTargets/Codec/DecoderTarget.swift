// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Any bytes as a raw DEFLATE stream, with zlib as the judge: the same verdict, reason and data, whatever build
// decodes and however the output is had.

import FixedDeflate
import TestSupport

final class DecoderTarget: FuzzTarget {
  static let capacity = 1 << 16
  static let builds = CPUKind.allCases.filter { $0 <= .current }

  private let source = GuardedMemory(capacity: 1 << 20)
  private let room = GuardedMemory(capacity: DecoderTarget.capacity)
  private let far = builds.map { Box(Decoder(limit: .rfc1951, cpu: $0)) }
  private let near = builds.map { Box(Decoder(limit: .iaa, cpu: $0)) }

  func check(_ stream: [UInt8]) throws(FuzzFinding) {
    guard stream.count <= source.capacity, let newest = far.last else { return }
    let theirs = Zlib.inflate(stream, maximumCount: Self.capacity)
    let ours = decode(stream, Self.capacity, by: newest)
    try Self.agree(theirs, ours)

    let growing = Engine.decodeGrowing(stream, maximumCount: Self.capacity)
    try demand(growing.error == ours.error && growing.bits == ours.bits, "growing differs")

    // The narrow limit only ever refuses more, and only for that reason.
    let narrow = decode(stream, Self.capacity, by: near[near.count - 1])
    try demand(
      narrow == ours
        || narrow.error?.kind == .distanceTooFar && ours.bytes.starts(with: narrow.bytes),
      "the limits differ in more than distance")

    let less = Int(Zlib.crc32(stream)) % (ours.bytes.count + 1)
    let cut = decode(stream, less, by: newest)
    try demand(
      ours.bytes.starts(with: cut.bytes) && (cut.error != nil || cut == ours),
      "too little room gives other data")
    for (index, build) in Self.builds.enumerated().dropLast() {
      try demand(
        decode(stream, Self.capacity, by: far[index]) == ours
          && decode(stream, Self.capacity, by: near[index]) == narrow
          && decode(stream, less, by: far[index]) == cut, "the build \(build) differs")
    }
  }

  private func decode(_ stream: [UInt8], _ capacity: Int, by decoder: Box<Decoder>)
    -> Engine.Outcome
  {
    let (outcome, bytes) = room.collect(capacity) {
      (output: inout OutputRawSpan) throws(DeflateError) in
      try source.lend(stream) { (input: RawSpan) throws(DeflateError) in
        try decoder.value.decompress(input, into: &output).bits
      }
    }
    switch outcome {
    case .success(let bits): return Engine.Outcome(bytes: bytes, bits: bits)
    case .failure(let error): return Engine.Outcome(bytes: bytes, error: error)
    }
  }

  /// Whether zlib and we say the same of a raw stream.
  private static func agree(
    _ theirs: Zlib.Inflated, _ ours: Engine.Outcome
  ) throws(FuzzFinding) {
    try agree(theirs.verdict, ours.error?.kind)
    guard ours.error == nil else { return }
    try demand(ours.bytes == theirs.bytes, "other data than zlib's")
    try demand((ours.bits + 7) / 8 == theirs.consumed, "other size than zlib's")
  }

  /// Whether both take the data, or both refuse it for reasons that are the same.
  static func agree(
    _ theirs: Zlib.Verdict, _ ours: DeflateError.Kind?
  ) throws(FuzzFinding) {
    switch (Zlib.kind(theirs), ours) {
    case (nil, nil): try demand(theirs == .accepted, "unknown verdict: \(theirs)")
    case (let theirKind?, let ourKind?):
      try demand(
        theirKind == ourKind || Zlib.mayDiffer(theirKind, ourKind),
        "zlib says \(theirKind), we say \(ourKind)")
    default:
      throw FuzzFinding("zlib says \(theirs), we say \(ours.map { "\($0)" } ?? "accepted")")
    }
  }
}
