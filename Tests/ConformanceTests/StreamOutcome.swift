// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The streaming decoder driven in pieces of any size, with a watch for calls that do nothing.

import FixedDeflate
import TestSupport

/// A streaming decode and what the decoder reports at its end.
struct StreamOutcome {
  var bytes: [UInt8] = []
  var error: DeflateError?
  var consumed = 0
  var state = StreamDecoder.State.needsInput
  var header: GzipHeader?
  var memberCount = 0
  var trailingData = StreamDecoder.TrailingData.none
  var inputCount: UInt64 = 0
  var outputCount: UInt64 = 0
  var storedChecksum: UInt32?
  var isMissingEndOfFile = false
  /// A call that neither took, gave nor ended: the decoder would hang its caller.
  var isStuck = false

  /// Pushes pieces and pulls pieces whose sizes `sizes` gives anew for each call.
  init(
    _ stream: [UInt8], _ format: ContainerFormat, limit: DistanceLimit = .rfc1951,
    maximumCount: Int = 1 << 24, sizes: () -> (push: Int, pull: Int) = { (.max, 1 << 16) }
  ) {
    var decoder = StreamDecoder(format: format, limit: limit)
    while state != .finished, error == nil, bytes.count <= maximumCount {
      let (push, pull) = sizes()
      let end = consumed + min(push, stream.count - consumed)
      let (result, piece) = collectingOutputAlways(capacity: pull) {
        (output: inout OutputRawSpan) throws(DeflateError) in
        try withRawSpan(stream) { (input: RawSpan) throws(DeflateError) in
          try decoder.decompress(
            input.extracting(consumed..<end), endOfInput: end == stream.count, into: &output)
        }
      }
      bytes += piece
      switch result {
      case .success(let progress):
        let isIdle = progress.consumed == 0 && piece.isEmpty && progress.state != .finished
        consumed += progress.consumed
        state = progress.state
        let hadRoom = pull > 0 || progress.state == .needsInput
        if isIdle, hadRoom, end == stream.count || progress.consumed < end - consumed {
          isStuck = true
          return
        }
      case .failure(let failure): error = failure
      }
    }
    header = decoder.header
    memberCount = decoder.memberCount
    trailingData = decoder.trailingData
    inputCount = decoder.inputCount
    outputCount = decoder.outputCount
    storedChecksum = decoder.storedChecksum
    isMissingEndOfFile = decoder.isMissingEndOfFile
  }
}
