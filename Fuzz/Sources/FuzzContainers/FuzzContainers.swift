// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// gzip and zlib both ways. The first byte chooses: decode the rest as a container in pieces of
// random size, with zlib as the judge; or encode it into one and let zlib read that.

import FixedDeflate
import TestSupport

private let capacity = 1 << 16

/// libFuzzer's entry point.
@c(LLVMFuzzerTestOneInput)
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  // SAFETY: libFuzzer hands over `count` readable bytes for the length of the call.
  let bytes = unsafe [UInt8](UnsafeBufferPointer(start: data, count: count))
  guard let choice = bytes.first else { return 0 }
  let rest = Array(bytes.dropFirst())
  switch choice % 5 {
  case 0: decode(rest, .gzip)
  case 1: decode(rest, .zlib)
  case 2: encode(rest, .gzip, choice: Int(choice / 5))
  case 3: encode(rest, .bgzf, choice: Int(choice / 5))
  default: encode(rest, .zlib, choice: Int(choice / 5))
  }
  return 0
}

private func decode(_ stream: [UInt8], _ format: ContainerFormat) {
  let theirs = Zlib.inflateAllMembers(stream, format, maximumCount: capacity)
  var generator = SeededGenerator(seed: UInt64(Zlib.crc32(stream)))
  let ours = StreamOutcome(stream, format, maximumCount: capacity) {
    (generator.number(0...60), generator.number(0...400))
  }
  precondition(!ours.isStuck, "the decoder does not move")
  switch (Zlib.kind(theirs.verdict), ours.error?.kind) {
  case (.outputFull, _): break
  case (nil, nil):
    guard theirs.verdict == .accepted else { fatalError("unknown verdict: \(theirs.verdict)") }
    precondition(ours.bytes == theirs.bytes, "other data than zlib's")
    precondition(Int(ours.inputCount) == theirs.consumed, "other size than zlib's")
  case (let theirKind?, let ourKind?):
    precondition(
      theirKind == ourKind || Zlib.mayDiffer(theirKind, ourKind),
      "zlib says \(theirKind), we say \(ourKind)")
  case (let theirKind, let ourKind):
    fatalError("zlib says \(String(describing: theirKind)), we say \(String(describing: ourKind))")
  }

  let whole = StreamOutcome(stream, format, maximumCount: capacity)
  if ours.bytes.count <= capacity, whole.bytes.count <= capacity {
    precondition(whole.bytes == ours.bytes && whole.error == ours.error, "pieces show")
    precondition(whole.header == ours.header, "pieces show in the header")
  }
  if format == .gzip {
    let member = Engine.decodeMember(stream, capacity: capacity)
    if member.error == nil {
      precondition(ours.bytes.starts(with: member.bytes), "one member at once differs")
    } else if ours.memberCount == 0, let error = ours.error, ours.bytes.count <= capacity {
      precondition(member.error == error, "one member at once gives another error")
    }
  }
}

private func encode(_ input: [UInt8], _ format: ContainerFormat, choice: Int) {
  var header = GzipHeader()
  // Fields from the input's first bytes; a name or comment must not hold a zero. BGZF has none.
  let choice = format == .bgzf ? choice & 16 : choice
  if choice & 1 != 0 { header.name = input.prefix(9).filter { $0 != 0 } }
  if choice & 2 != 0 { header.extraField = Array(input.prefix(70)) }
  if choice & 4 != 0 { header.comment = input.suffix(5).filter { $0 != 0 } }
  header.hasHeaderChecksum = choice & 8 != 0
  header.modificationTime = Zlib.crc32(input)
  let chunkSize = choice & 16 != 0 ? 4096 : 65_280
  let stream = Engine.contain(
    input, format, chunkSize: chunkSize, header: header, pieceSize: 1 + choice * 100)
  let theirs = Zlib.inflateAllMembers(stream, format, maximumCount: input.count)
  precondition(theirs.verdict == .accepted && theirs.bytes == input, "zlib reads other data")
  let ours = StreamOutcome(stream, format)
  precondition(ours.error == nil && ours.bytes == input, "our decoder differs")
}
