// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Which match rules a device follows is known within a family alone (Documentation/iaa-fixed-profile.md);
// what its named members make of a page is the error bar that no larger sample makes shorter.

import FixedDeflate

/// Sizes in the device's modes under the family's named members but one.
final class FamilyMeter {
  /// About so many pages are given to it, of full counts, too: members differ by a few percent of a
  /// page, and their sum is told by its ratio to what every page has.
  static let pages = 2048

  let members: [String]
  private let meters: [(member: String, meter: DeviceMeter)]
  private var sizes: [(Algorithm, Int)] = []

  /// A meter for these modes of the device under all members with other rules than `chosen`.
  init(_ algorithms: [Algorithm], besides chosen: MatchProfile) {
    let others = MatchProfile.named.filter { $0.profile != chosen }
    members = others.map(\.name)
    meters = others.map { ($0.name, DeviceMeter(algorithms, profile: $0.profile)) }
  }

  func measure(_ page: RawSpan, into found: inout [(FamilyMode, Int)]) {
    for (member, meter) in meters {
      sizes.removeAll(keepingCapacity: true)
      meter.measure(page, into: &sizes)
      for (algorithm, size) in sizes {
        found.append((FamilyMode(member: member, algorithm: algorithm), size))
      }
    }
  }
}
