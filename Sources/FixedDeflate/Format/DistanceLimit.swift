// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

/// How far back a distance may reach.
public enum DistanceLimit: Sendable, Hashable, CaseIterable {
  /// 4096 bytes, an IAA device's history: farther is a bad distance, as on the device.
  case iaa
  /// 32,768 bytes, all that DEFLATE can express.
  case rfc1951

  /// The largest distance, in bytes.
  public var maximumDistance: Int {
    switch self {
    case .iaa: MatchProfile.iaaV1.historySize
    case .rfc1951: DistanceAlphabet.distances.upperBound
    }
  }
}
