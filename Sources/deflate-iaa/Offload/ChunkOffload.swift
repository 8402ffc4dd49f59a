// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One chunk at a time, on a device where there is one. Either way its stream gives back the same
// data; a device's bits may differ in runs (Documentation/iaa-fixed-profile.md).

import FixedDeflate
import IAADevices
import IAAOffload
import ParallelGzip

/// Encodes the chunks of a container.
final class ChunkOffload: ChunkCoder {
  private let offload: Offload
  private let coders: OffloadCoders
  private let layout: ChunkLayout
  private let codec: CodecChunks
  private var tally = BlockTally()

  init(
    _ layout: ChunkLayout, _ offload: Offload, _ coders: OffloadCoders, profile: MatchProfile
  ) {
    self.offload = offload
    self.coders = coders
    self.layout = layout
    codec = CodecChunks(layout, profile: profile)
  }

  /// Why a chunk is left to the codec, if it is: its mode has no device, or no device takes so much in it.
  private func reasonForCodec(_ chunk: RawSpan) -> String? {
    var device = layout.mode
    device.tokens = .device
    let most = device.maximumDeviceChunkSize
    switch layout.mode.tokens {
    case .fewestBits: return "the smallest output (-9) is found in software only"
    case .device where chunk.byteCount <= most: return nil
    case .device, .longMatches: break
    }
    return "a block size above \(most / 1024) KiB, the most that devices compress in this mode: "
      + "-b \(most / 1024) is theirs"
  }

  func takeNote() -> (any WorkNote)? { tally.takeNote(for: coders) }

  func encode(
    _ chunk: RawSpan, isFirst: Bool, isLast: Bool, into output: inout OutputRawSpan
  ) throws(GzipError) -> ContentChecksum {
    // Devices reject empty input.
    let dispatcher = chunk.byteCount > 0 ? offload.dispatcher : nil
    let reason = dispatcher != nil ? reasonForCodec(chunk) : nil
    guard let dispatcher, reason == nil else {
      if let reason, offload.isStrict { throw .refused(reason) }
      if chunk.byteCount > 0 { tally.addSoftware(reason ?? "") }
      return codec.encode(chunk, isFirst: isFirst, isLast: isLast, into: &output)
    }
    var failure: OffloadError?
    do throws(DeflateError) {
      return try layout.write(chunk, isFirst: isFirst, isLast: isLast, into: &output) {
        (chunk: RawSpan, position: BlockPosition, output: inout OutputRawSpan) throws(DeflateError)
        in
        do throws(OffloadError) {
          tally.add(try dispatcher.compress(chunk, position: position, into: &output))
        } catch {
          failure = error
          throw DeflateError(.outputFull, bitPosition: 0)
        }
      }
    } catch {
      guard let failure else { preconditionFailure("a chunk's bound is too small: \(error)") }
      throw .refused("\(failure)")
    }
  }
}
