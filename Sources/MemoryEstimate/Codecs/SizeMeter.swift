// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One page -> its sizes. Only sizes leave this room: the page's bytes and streams are overwritten by
// the next page's.

import FixedDeflate

/// Measures pages under one algorithm or several at once; one user at a time.
protocol SizeMeter: AnyObject {
  /// The algorithms measured.
  var algorithms: [Algorithm] { get }
  /// Appends the bytes that a page becomes under each; one that refuses it is left out.
  func measure(_ page: RawSpan, into sizes: inout [(Algorithm, Int)])
}

/// Sizes by one of the system's libraries.
final class SystemMeter: SizeMeter {
  let algorithms: [Algorithm]
  let version: String
  private var compressor: SystemCompressor

  /// A meter for pages of at most `capacity` bytes.
  ///
  /// - Throws: why the library cannot be used.
  init(_ algorithm: Algorithm, capacity: Int) throws(LibraryFailure) {
    let compressor = try SystemCompressor(algorithm, capacity: capacity)
    algorithms = [algorithm]
    version = compressor.version
    self.compressor = compressor
  }

  func measure(_ page: RawSpan, into sizes: inout [(Algorithm, Int)]) {
    if let size = compressor.size(of: page) { sizes.append((algorithms[0], size)) }
  }
}

/// Sizes in the device's modes, all from one search for matches.
final class DeviceMeter: SizeMeter {
  let algorithms: [Algorithm]
  private var sizer: StreamSizer

  init(_ algorithms: [Algorithm], profile: MatchProfile) {
    self.algorithms = algorithms
    sizer = StreamSizer(profile: profile)
  }

  func measure(_ page: RawSpan, into sizes: inout [(Algorithm, Int)]) {
    let found = sizer.measure(page)
    for algorithm in algorithms {
      switch algorithm {
      case .fixed: sizes.append((.fixed, found.fixed))
      case .canned: sizes.append((.canned, found.canned))
      case .dynamic: sizes.append((.dynamic, found.dynamic))
      default: break
      }
    }
  }
}

/// Sizes of the smallest fixed block, which takes a search of its own.
final class BestMeter: SizeMeter {
  let algorithms = [Algorithm.best]
  private var encoder = Encoder(mode: .fixed.best)

  func measure(_ page: RawSpan, into sizes: inout [(Algorithm, Int)]) {
    sizes.append((.best, encoder.compress(page).count))
  }
}
