// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The running kernel's build options: /proc/config.gz where the kernel carries them, else the file
// that distributors put beside it. The gzip form is read with this project's own decoder.

import FixedDeflate
import SystemPackage

/// The options that are set to y or m.
struct KernelOptions {
  /// What user-space queues need, of the list in facts, section 14.
  static let needed = [
    "IRQ_REMAP", "INTEL_IOMMU", "INTEL_IOMMU_SVM", "PCI_ATS", "PCI_PRI", "PCI_PASID",
    "INTEL_IDXD", "INTEL_IDXD_SVM",
  ]
  /// What the kernel's own use needs beside those.
  static let forKernelUse = ["CRYPTO_DEV_IAA_CRYPTO", "CRYPTO_DEV_IAA_CRYPTO_STATS", "ZSWAP"]

  /// What spares words on the command line: the IOMMU and its scalable mode without being asked.
  static let defaults = ["INTEL_IOMMU_DEFAULT_ON", "INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON"]

  /// Configurations have a few hundred KiB.
  static let sizeLimit = 8 << 20

  /// The file they were read from.
  let source: String
  let set: Set<String>

  /// Reads them; nil when there is neither file, or none that makes sense.
  init?(_ root: SystemRoot, release: String?) {
    let packed = "/proc/config.gz"
    if let bytes = try? root.files.read(packed, limit: Self.sizeLimit),
      let text = Self.decompressed(bytes)
    {
      self.init(text: text, source: root.locate(packed))
      return
    }
    // A release is a file name's part; anything else is not looked up.
    guard let release, !release.contains("/"),
      let bytes = try? root.files.read("/boot/config-" + release, limit: Self.sizeLimit)
    else { return nil }
    self.init(text: bytes, source: root.locate("/boot/config-" + release))
  }

  init(text: [UInt8], source: String) {
    self.source = source
    var set: Set<String> = []
    let wanted = Set(Self.needed + Self.forKernelUse + Self.defaults)
    for line in text.split(separator: UInt8(ascii: "\n")) where line.starts(with: "CONFIG_".utf8) {
      let pair = line.dropFirst("CONFIG_".utf8.count).split(separator: UInt8(ascii: "="))
      guard pair.count == 2, pair[1].elementsEqual("y".utf8) || pair[1].elementsEqual("m".utf8)
      else { continue }
      let option = String(decoding: pair[0], as: UTF8.self)
      if wanted.contains(option) { set.insert(option) }
    }
    self.set = set
  }

  func isSet(_ option: String) -> Bool { set.contains(option) }

  static func decompressed(_ bytes: [UInt8]) -> [UInt8]? {
    try? Gzip.decompress(bytes, maximumCount: sizeLimit)
  }
}
