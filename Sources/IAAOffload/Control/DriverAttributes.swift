// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The attributes of the iaa_crypto driver.

/// Both attributes as read.
package struct DriverAttributes: Sendable, Hashable {
  /// Where the driver has them, on the bus that kernels with iaa_crypto have.
  package static let folder = "/sys/bus/dsa/drivers/crypto"
  package static let verifyCompressPath = folder + "/verify_compress"
  package static let syncModePath = folder + "/sync_mode"

  /// 1: each compression is decompressed and compared; the default.
  package let verifyCompress: Attribute<Bool>
  /// `sync` is the default.
  package let syncMode: Attribute<Configuration.SyncMode>

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

extension Topology {
  /// The enabled kernel queues of all devices but these.
  package func cryptoQueues(besides devices: [Device] = []) -> [WorkQueue] {
    iaaDevices.filter { device in !devices.contains { $0.name == device.name } }
      .flatMap { $0.queues.filter { $0.isEnabled && $0.type.value == .kernel } }
  }

  /// How often iaa_crypto is used; nil where the kernel does not tell. It counts itself once while a
  /// queue is bound to it, so that its module stays.
  package var cryptoUsers: Int? {
    (try? root.line("/sys/module/iaa_crypto/refcnt")).flatMap { Int($0) }
      .map { max(0, $0 - (cryptoQueues().isEmpty ? 0 : 1)) }
  }
}
