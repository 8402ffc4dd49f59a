// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Any bytes as a container, decoded in pieces of any size: what zlib says of it, what the whole in one piece gives,
// and what one call for a member gives.

import FixedDeflate
import TestSupport

final class StreamTarget: FuzzTarget {
  private static let capacity = DecoderTarget.capacity

  func check(_ input: [UInt8]) throws(FuzzFinding) {
    var choices = Choices(input)
    let format = choices.element([ContainerFormat.gzip, .zlib, .raw, .bgzf])
    let (mostPushed, mostPulled) = (choices.number(1...255), choices.number(1...65_535))
    let stream = choices.data
    let theirs = Zlib.inflateAllMembers(stream, format, maximumCount: Self.capacity)
    var generator = SeededGenerator(seed: UInt64(Zlib.crc32(stream)))
    let ours = StreamOutcome(stream, format, maximumCount: Self.capacity) {
      (generator.number(0...mostPushed), generator.number(0...mostPulled))
    }
    try demand(!ours.isStuck, "the decoder does not move")
    if theirs.verdict != .tooLong {
      try DecoderTarget.agree(theirs.verdict, ours.error?.kind)
      if ours.error == nil {
        try demand(ours.bytes == theirs.bytes, "other data than zlib's")
        try demand(Int(ours.inputCount) == theirs.consumed, "other size than zlib's")
      }
    }
    let whole = StreamOutcome(stream, format, maximumCount: Self.capacity)
    guard ours.bytes.count <= Self.capacity, whole.bytes.count <= Self.capacity else { return }
    try demand(
      whole.bytes == ours.bytes && whole.error == ours.error && whole.header == ours.header
        && whole.memberCount == ours.memberCount && whole.trailingData == ours.trailingData
        && whole.inputCount == ours.inputCount && whole.outputCount == ours.outputCount
        && whole.storedChecksum == ours.storedChecksum
        && whole.isMissingEndOfFile == ours.isMissingEndOfFile, "pieces show")
    if format == .gzip { try compareMember(stream, ours) }
  }

  private func compareMember(_ stream: [UInt8], _ ours: StreamOutcome) throws(FuzzFinding) {
    let member = Engine.decodeMember(stream, capacity: Self.capacity)
    if member.error == nil {
      try demand(ours.bytes.starts(with: member.bytes), "one member at once differs")
    } else if ours.memberCount == 0, let error = ours.error {
      try demand(member.error == error, "one member at once gives another error")
    }
  }
}
