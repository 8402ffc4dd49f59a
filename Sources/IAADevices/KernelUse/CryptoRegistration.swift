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

  /// Why there can be no iaa_crypto; nil where it is, or where it may be loaded for all that is known.
  func missingCryptoDriver(_ options: KernelOptions?, _ facts: HostFacts) -> String? {
    if hasCryptoDriver { return nil }
    if let options {
      return options.isSet("CRYPTO_DEV_IAA_CRYPTO")
        ? nil : "CONFIG_CRYPTO_DEV_IAA_CRYPTO is not set in \(options.source)"
    }
    // iaa_crypto came with Linux 6.8.
    guard let kernel = facts.kernel, kernel < KernelVersion(6, 8) else { return nil }
    return "it came with Linux 6.8, and this is \(facts.release ?? "\(kernel)")"
  }

  /// The same, read anew.
  package var missingCryptoDriver: String? {
    if hasCryptoDriver { return nil }
    let facts = HostFacts(self)
    return missingCryptoDriver(KernelOptions(self, release: facts.release), facts)
  }

  /// Compressors of the driver: fixed blocks; dynamic ones, on devices of generation 2 under Intel's
  /// patches; the canned code of other patches.
  package static let deviceCompressors = [
    "deflate-iaa", "deflate-iaa-dynamic", "deflate-iaa-canned",
  ]

  /// A compressor in software that the kernel has at hand.
  var softwareCompressor: String {
    let names = algorithms ?? []
    return ["lzo", "lzo-rle", "zstd", "lz4"].first(where: names.contains) ?? "lzo"
  }

  /// Those of them that the kernel lists, as an algorithm or as a driver; nil when its list cannot be
  /// read.
  package var registeredCompressors: [String]? {
    algorithms.map { names in Self.deviceCompressors.filter(names.contains) }
  }

  /// The names and drivers in the kernel's list; nil when it cannot be read.
  private var algorithms: [String]? {
    guard let text = try? text(Self.cryptoPath) else { return nil }
    return text.split(separator: "\n").compactMap { line -> String? in
      // "name         : deflate-iaa"
      let words = line.split(whereSeparator: \.isWhitespace)
      return words.count == 3 && (words[0] == "name" || words[0] == "driver")
        ? String(words[2]) : nil
    }
  }

  /// Whether the kernel lists `deflate-iaa`; nil when its list cannot be read.
  package var registersDeflateIAA: Bool? {
    registeredCompressors.map { $0.contains("deflate-iaa") }
  }
}
