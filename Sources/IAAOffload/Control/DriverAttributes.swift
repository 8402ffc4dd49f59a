// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The attributes of the iaa_crypto driver, below /sys/bus/dsa/drivers/crypto.

/// How the driver waits for a job: poll, let the caller poll, or interrupt.
package enum DriverSyncMode: String, Sendable, Hashable, CaseIterable {
  case sync, async
  case asyncIRQ = "async_irq"
}

/// Both attributes as read.
package struct DriverAttributes: Sendable, Hashable {
  package static let folder = "/sys/bus/dsa/drivers/crypto"
  package static let verifyCompressPath = folder + "/verify_compress"
  package static let syncModePath = folder + "/sync_mode"

  /// 1: each compression is decompressed and compared; the default.
  package let verifyCompress: Attribute<Bool>
  /// `sync` is the default.
  package let syncMode: Attribute<DriverSyncMode>

  /// Reads them below `root`.
  package init(_ root: SystemRoot) {
    let read = Reader(root: root, path: Self.folder)
    verifyCompress = read.attribute("verify_compress") { text in
      switch text {
      case "1", "Y": true
      case "0", "N": false
      default: nil
      }
    }
    syncMode = read.name("sync_mode")
  }
}
