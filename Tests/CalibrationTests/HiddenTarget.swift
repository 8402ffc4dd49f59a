// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Targets whose rules the calibrator is not told.

import Calibration
import FixedDeflate
import IAADevices
import Synchronization
import TestSupport

/// A target that follows a profile, faithfully or not.
final class HiddenTarget: CalibrationTarget {
  let name = "hidden"
  var maximumCount: Int { mode.maximumDeviceChunkSize }
  let mode: CompressionMode
  private let profile: MatchProfile
  private let other: MatchProfile?
  private let state: Mutex<(generator: SeededGenerator, asked: Int)>
  /// One answer of so many follows the other rules; 0 is none.
  private let noise: Int

  init(_ profile: MatchProfile, mode: CompressionMode = .fixed) {
    self.profile = profile
    self.mode = mode
    other = nil
    noise = 0
    state = Mutex((SeededGenerator(seed: 0), 0))
  }

  /// Follows now and then another profile.
  init(_ profile: MatchProfile, otherwise other: MatchProfile, oneIn noise: Int, seed: UInt64) {
    self.profile = profile
    mode = .fixed
    self.other = other
    self.noise = noise
    state = Mutex((SeededGenerator(seed: seed), 0))
  }

  var askedCount: Int { state.withLock { $0.asked } }

  func stream(_ input: [UInt8], position: BlockPosition) -> [UInt8] {
    let isNoise = state.withLock { state in
      state.asked += 1
      return noise > 0 && state.generator.number(1...noise) == 1
    }
    var encoder = Encoder(mode: mode, profile: isNoise ? other ?? profile : profile)
    return encoder.compress(input, position: position)
  }
}

extension MatchProfile {
  /// Whether it reproduces what is published of devices.
  var isPlausible: Bool {
    var encoder = Encoder(profile: self)
    var standard = Encoder()
    let t1 = Array(String(repeating: "Join us now and share the software ", count: 2).utf8)
    let t2 = Array(
      ("This document describes a compression method based on the DEFLATE"
        + "compression algorithm.  This document defines the application of the DEFLATE "
        + "algorithm to the IP Payload Compression Protocol.").utf8)
    return encoder.compress(t1) == standard.compress(t1)
      && encoder.compress(t2) == standard.compress(t2)
      && encoder.compress([UInt8](repeating: 0x2A, count: 4096)).count == 228
  }
}
