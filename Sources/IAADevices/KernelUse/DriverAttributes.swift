// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The attributes of the iaa_crypto driver. Which there are and what they are by themselves differs
// between its versions (facts, section 12), so nothing here takes a value for granted.

/// The attributes as read.
package struct DriverAttributes: Sendable, Hashable {
  /// The attributes by the driver's names, in the order that they are shown and set in.
  package enum Name: String, Sendable, Hashable, CaseIterable {
    case verifyCompress = "verify_compress"
    case syncMode = "sync_mode"
    /// In Intel's series of 2025 and after.
    case compressQueuesPerDevice = "g_comp_wqs_per_iaa"
    /// In Intel's series of 2025 and after.
    case distributeCompressions = "distribute_comps"
    /// In Intel's series of 2025 and after.
    case distributeDecompressions = "distribute_decomps"

    /// Where it is.
    package var path: String { "\(DriverAttributes.folder)/\(rawValue)" }

    /// Its option of `deflate-iaa attributes`, without the dashes.
    package var option: String { rawValue.replacing("_", with: "-") }
  }

  /// Where the driver has them, on the bus that kernels with iaa_crypto have.
  package static let folder = "/sys/bus/dsa/drivers/crypto"

  /// Each attribute's text.
  package let texts: [Name: Attribute<String>]
  /// Whether each compression is decompressed and compared.
  package let verifyCompress: Attribute<Bool>
  /// How jobs are waited for.
  package let syncMode: Attribute<SyncMode>

  /// Reads them below `root`.
  package init(_ root: SystemRoot) {
    let read = Reader(root: root, path: Self.folder)
    var texts: [Name: Attribute<String>] = [:]
    for name in Name.allCases { texts[name] = read.text(name.rawValue) }
    self.texts = texts
    verifyCompress = Self.flag(texts[.verifyCompress])
    syncMode = Self.parsed(texts[.syncMode], SyncMode.init)
  }

  /// Whether this driver has the attribute.
  package func has(_ name: Name) -> Bool { texts[name]?.isAbsent == false }

  /// A switch as kernels write it.
  package func flag(_ name: Name) -> Attribute<Bool> { Self.flag(texts[name]) }

  /// A number.
  package func number(_ name: Name) -> Attribute<Int> { Self.parsed(texts[name], parseInteger) }

  /// Writes that set every attribute to what it is: the module forgets them when it is removed.
  package var kept: [PlanStep] {
    Name.allCases.compactMap { name in
      guard let text = texts[name]?.text, !text.isEmpty else { return nil }
      return PlanStep(action: .write(value: text, path: name.path))
    }
  }

  /// Those that can be read and make sense, as options of `deflate-iaa attributes`.
  package var arguments: [String] {
    Name.allCases.compactMap { name in
      let value: String? =
        switch name {
        case .syncMode: syncMode.value?.rawValue
        case .compressQueuesPerDevice: number(name).value.flatMap { $0 < 0 ? nil : String($0) }
        default: flag(name).value.map { $0 ? "1" : "0" }
        }
      return value.map { "--\(name.option) \($0)" }
    }
  }

  private static func flag(_ text: Attribute<String>?) -> Attribute<Bool> {
    parsed(text) { text in
      switch text {
      case "1", "Y": true
      case "0", "N": false
      default: nil
      }
    }
  }

  private static func parsed<Value>(
    _ text: Attribute<String>?, _ parse: (String) -> Value?
  ) -> Attribute<Value> {
    guard let text, let value = text.text else {
      return Attribute(error: text?.error ?? .noSuchFileOrDirectory)
    }
    return Attribute(text: value, value: parse(value))
  }
}

extension Topology {
  /// The enabled kernel queues of all devices but these.
  package func cryptoQueues(besides devices: [Device] = []) -> [WorkQueue] {
    iaaDevices.filter { device in !devices.contains { $0.name == device.name } }
      .flatMap { $0.queues.filter(\.servesKernel) }
  }

  /// Those of them that can do work: bound to iaa_crypto, on a device that runs, with an engine, and free to compress
  /// and decompress.
  package var servingCryptoQueues: [WorkQueue] {
    iaaDevices.filter(\.isEnabled).flatMap { device in
      device.queues.filter { queue in
        let driver = queue.boundDriver ?? queue.driverName.value ?? ""
        return queue.servesKernel
          && (driver.isEmpty || driver == "crypto")
          && !device.hasNoEngine(for: queue)
          && queue.lackingOperations(on: device).isEmpty
      }
    }
  }

  /// Why nothing that zswap gives to deflate-iaa can be compressed; nil where a queue is there for it,
  /// and where the bus cannot be read.
  package var kernelQueueFault: String? {
    if tree.listingError != nil || !servingCryptoQueues.isEmpty { return nil }
    let bound = cryptoQueues().map { "\($0.name)" }.joined(separator: ", ")
    return bound.isEmpty
      ? "no queue is bound to iaa_crypto, so nothing is compressed by IAA"
      : "\(bound) cannot work (`deflate-iaa doctor --for zswap` tells why), so nothing is compressed "
        + "by IAA"
  }

  /// How often iaa_crypto is used; nil where the kernel does not tell. It counts itself once while a
  /// queue is bound to it, so that its module stays.
  package var cryptoUsers: Int? {
    (try? root.line("/sys/module/iaa_crypto/refcnt")).flatMap { Int($0) }
      .map { max(0, $0 - (cryptoQueues().isEmpty ? 0 : 1)) }
  }
}
