// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What puts devices in the codec's place, and counts who did what for one file.

import FixedDeflate
import IAADevices
import ParallelGzip
import Threading

/// Coders over the way to devices.
final class OffloadCoders: Coders {
  private let offload: Offload
  private let counted = Locked(BlockTally())

  /// The rules of what is compressed in software.
  private let profile: MatchProfile

  /// Makes coders for one file.
  init(_ offload: Offload, profile: MatchProfile = .iaaV1) {
    self.offload = offload
    self.profile = profile
  }

  /// Where what was handed over was worked on; what the codec did in order counts once.
  var tally: BlockTally { counted.withLock { $0 } }

  /// Why a stream is left to the codec.
  private static let notForDevices = "not in pieces that a device can decompress alone"

  // A device wants streams from their first byte.
  var takesWholeBodies: Bool { offload.dispatcher != nil }
  var isStrict: Bool { offload.isStrict }

  func noteSerialWork() throws(GzipError) {
    if isStrict { throw .refused(Self.notForDevices) }
    counted.withLock { tally in
      if tally.software[Self.notForDevices] == nil { tally.addSoftware(Self.notForDevices) }
    }
  }

  func makeChunkCoder(_ layout: ChunkLayout) -> any ChunkCoder {
    ChunkOffload(layout, offload, self, profile: profile)
  }

  func makeMemberCoder() -> any MemberCoder { MemberOffload(offload, self) }

  func makeCannedCoder() -> (any CannedCoder)? {
    offload.dispatcher.map { CannedOffload($0, self) }
  }

  func makePieceCoder(outputLimit: Int) -> any PieceCoder {
    PieceOffload(offload, self, outputLimit: outputLimit)
  }

  /// A batch's tally, which counts when the batch is handed over.
  struct Note: WorkNote {
    let tally: BlockTally
    let coders: OffloadCoders

    func count() { coders.counted.withLock { $0.add(tally) } }
  }
}

extension BlockTally {
  /// Takes what has been counted so far as a note, and begins anew.
  mutating func takeNote(for coders: OffloadCoders) -> OffloadCoders.Note {
    defer { self = BlockTally() }
    return OffloadCoders.Note(tally: self, coders: coders)
  }
}
