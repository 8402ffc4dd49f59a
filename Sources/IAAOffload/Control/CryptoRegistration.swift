// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Whether the kernel offers its compressor deflate-iaa, which it does while a queue is bound to the
// iaa_crypto driver.

extension SystemRoot {
  /// The kernel's list of algorithms.
  package static let cryptoPath = "/proc/crypto"

  /// Whether iaa_crypto is there: as a module, or built in, when only its driver's folder tells.
  package var hasCryptoDriver: Bool {
    exists("/sys/module/iaa_crypto") || exists(DriverAttributes.folder)
  }

  /// Compressors of the driver: fixed blocks; dynamic ones, on devices of generation 2 under Intel's
  /// patches; the canned code of other patches.
  package static let deviceCompressors = [
    "deflate-iaa", "deflate-iaa-dynamic", "deflate-iaa-canned",
  ]

  /// Those of them that the kernel lists, as an algorithm or as a driver; nil when its list cannot be
  /// read.
  package var registeredCompressors: [String]? {
    guard let text = try? text(Self.cryptoPath) else { return nil }
    let names = text.split(separator: "\n").compactMap { line -> String? in
      // "name         : deflate-iaa"
      let words = line.split(whereSeparator: \.isWhitespace)
      return words.count == 3 && (words[0] == "name" || words[0] == "driver")
        ? String(words[2]) : nil
    }
    return Self.deviceCompressors.filter(names.contains)
  }

  /// Whether the kernel lists `deflate-iaa`; nil when its list cannot be read.
  package var registersDeflateIAA: Bool? {
    registeredCompressors.map { $0.contains("deflate-iaa") }
  }
}
