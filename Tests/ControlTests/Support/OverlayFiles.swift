// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One file with bytes that are no text, laid over a fixture: a compressed kernel configuration.

import FixedDeflate
import IAADevices
import SystemPackage

struct OverlayFiles: SystemFiles {
  let base: MemoryFiles
  let path: String
  let bytes: [UInt8]

  func read(_ path: String, limit: Int) throws(Errno) -> [UInt8] {
    if path == self.path { return bytes }
    return try base.read(path, limit: limit)
  }
  func write(_ bytes: [UInt8], to path: String) throws(Errno) { try base.write(bytes, to: path) }
  func replace(_ path: String, with bytes: [UInt8]) throws(Errno) {
    try base.replace(path, with: bytes)
  }
  func link(_ path: String, to target: String) throws(Errno) {
    try base.link(path, to: target)
  }
  func remove(_ path: String) throws(Errno) { try base.remove(path) }
  func names(in path: String) throws(Errno) -> [String] { try base.names(in: path) }
  func status(of path: String) throws(Errno) -> FileStatus { try base.status(of: path) }
  func target(ofLink path: String) throws(Errno) -> String { try base.target(ofLink: path) }
}

enum KernelOptionsFixture {
  /// All that user space needs, none of the rest, and noise around it.
  static let text =
    "#\n# Automatically generated\n" + String(repeating: "CONFIG_FILLER_OPTION=y\n", count: 4000)
    + [
      "IRQ_REMAP=y", "INTEL_IOMMU=y", "INTEL_IOMMU_SVM=y", "PCI_ATS=y", "PCI_PRI=y",
      "PCI_PASID=y", "INTEL_IDXD=m", "INTEL_IDXD_SVM=y",
    ].map { "CONFIG_" + $0 + "\n" }.joined() + "# CONFIG_ZSWAP is not set\n"

  static func gzip(_ text: String) -> [UInt8] {
    var encoder = StreamEncoder(format: .gzip)
    var bytes: [UInt8] = []
    let input = Array(text.utf8)
    // SAFETY: bytes have no padding; the sink copies what it is lent.
    unsafe encoder.write(input.span.bytes) { piece in bytes += copied(piece) }
    encoder.finish { piece in bytes += copied(piece) }
    return bytes
  }

  static func copied(_ piece: RawSpan) -> [UInt8] {
    (0..<piece.byteCount).map { index in
      // SAFETY: the index is within the span, and every bit pattern is a byte.
      unsafe piece.unsafeLoad(fromByteOffset: index, as: UInt8.self)
    }
  }
}
