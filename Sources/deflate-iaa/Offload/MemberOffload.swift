// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One gzip member at a time, on a device where there is one. The codec's verdict on bad data is the
// only one: whatever a device cannot do, or what does not fit the member's trailer, is done again.

import FixedDeflate
import IAADevices
import IAAOffload
import ParallelGzip

/// Decodes gzip members.
final class MemberOffload: MemberCoder {
  private let offload: Offload
  private let coders: OffloadCoders
  private let codec = CodecMembers()
  private var tally = BlockTally()

  /// The bytes of a stream that is one empty block with the fixed code: nothing for a device.
  private static let emptyStreamCount = 2

  init(_ offload: Offload, _ coders: OffloadCoders) {
    self.offload = offload
    self.coders = coders
  }

  func takeNote() -> (any WorkNote)? { tally.takeNote(for: coders) }

  func decode(
    _ member: RawSpan, into output: inout OutputRawSpan
  ) throws(GzipError) -> (byteCount: Int, checksum: CRC32) {
    let start = output.byteCount
    guard let dispatcher = offload.dispatcher else {
      let result = try codec.decode(member, into: &output)
      if output.byteCount > start { tally.addSoftware() }
      return result
    }
    var report: JobReport?
    var failure: OffloadError?
    var isEmpty = false
    do throws(DeflateError) {
      let result = try GzipHeader.readMember(
        member, headerCount: BGZFMember.headerCount, into: &output
      ) {
        (rest: RawSpan, output: inout OutputRawSpan) throws(DeflateError) in
        let stream = rest.extracting(droppingLast: min(GzipMember.trailerCount, rest.byteCount))
        isEmpty = stream.byteCount <= Self.emptyStreamCount
        if isEmpty { throw DeflateError(.truncatedInput, bitPosition: 0) }
        do throws(OffloadError) {
          let done = try dispatcher.decompress(stream, into: &output)
          report = done
          return done.inputCount
        } catch {
          failure = error
          throw DeflateError(.outputFull, bitPosition: 0)
        }
      }
      if let report { tally.add(report) }
      return result
    } catch {
      output.removeLast(output.byteCount - start)
    }
    let result = try codec.decode(member, into: &output)
    if isEmpty { return result }
    let reason = failure.map { "\($0)" } ?? "\(FallbackReason.badResult)"
    if offload.isStrict { throw .refused(reason) }
    tally.addSoftware(reason)
    return result
  }
}
