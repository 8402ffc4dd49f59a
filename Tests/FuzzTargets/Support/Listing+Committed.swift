// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

extension Listing {
  /// One of the committed listings; traps where there is none of that name, or it cannot be read.
  static func committed(_ name: String) -> Listing {
    do { return try Listing(name) } catch { preconditionFailure("\(name): \(error)") }
  }
}
