// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import IAADevices

/// What a kernel's release decides about pages that are not simply compressed.
package struct KernelPolicy: Sendable, Hashable {
  private let version: KernelVersion

  /// The policy of a release as `uname -r` prints it; nil where it does not begin with two numbers.
  package init?(release: String) {
    guard let version = KernelVersion(release: release) else { return nil }
    self.version = version
  }

  /// That of the newest kernel known here.
  package static let newest = KernelPolicy(version: KernelVersion(6, 18))

  private init(version: KernelVersion) { self.version = version }

  /// Major and minor number, "6.18" say.
  package var series: String { version.numbers.prefix(2).map(String.init).joined(separator: ".") }

  /// Whether zswap keeps a page of one word over and over as that word. Since 6.12 the swap core
  /// keeps pages of zeros as a bit each, and zswap compresses other words like any page.
  package var zswapKeepsSameFilled: Bool { version < KernelVersion(6, 12) }

  /// Whether zswap keeps a page that does not shrink as it is, for a page of its pool; before 6.18 it
  /// rejects it, and the page goes to the swap device.
  package var zswapKeepsIncompressible: Bool { version >= KernelVersion(6, 18) }
}
