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

  /// Whether the kernel lists an algorithm or a driver of the name deflate-iaa; nil when its list cannot
  /// be read.
  package var registersDeflateIAA: Bool? {
    guard let text = try? text(Self.cryptoPath) else { return nil }
    return text.split(separator: "\n").contains { line in
      // "name         : deflate-iaa"
      let words = line.split(whereSeparator: \.isWhitespace)
      return words.count == 3 && (words[0] == "name" || words[0] == "driver")
        && words[2] == "deflate-iaa"
    }
  }
}
