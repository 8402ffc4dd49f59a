// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

/// What a kernel's release decides about pages that are not simply compressed.
package struct KernelPolicy: Sendable, Hashable {
  /// Major and minor number, "6.18" say.
  package let major: Int
  package let minor: Int

  /// The policy of a release as `uname -r` prints it; nil where it does not begin with two numbers.
  package init?(release: some StringProtocol) {
    let numbers = release.split(separator: ".", maxSplits: 2).prefix(2)
      .map { $0.prefix(while: \.isNumber) }.compactMap { Int($0) }
    guard numbers.count == 2 else { return nil }
    (major, minor) = (numbers[0], numbers[1])
  }

  /// That of the newest kernel known here, 6.18.
  package static let newest = KernelPolicy(major: 6, minor: 18)

  private init(major: Int, minor: Int) {
    self.major = major
    self.minor = minor
  }

  private func isSince(_ major: Int, _ minor: Int) -> Bool {
    (self.major, self.minor) >= (major, minor)
  }

  /// Whether zswap keeps a page of one word over and over as that word. Since 6.12 the swap core
  /// keeps pages of zeros as a bit each, and zswap compresses other words like any page.
  package var zswapKeepsSameFilled: Bool { !isSince(6, 12) }

  /// Whether zswap keeps a page that does not shrink as it is, for a page of its pool; before 6.18 it
  /// rejects it, and the page goes to the swap device.
  package var zswapKeepsIncompressible: Bool { isSince(6, 18) }
}
