// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The kernel's own use of the devices: iaa_crypto and zswap. Nothing here keeps user space from a
// queue, so nothing here blocks.

extension Doctor {
  static let cryptoPath = "/sys/bus/dsa/drivers/crypto"

  func cryptoModule() -> Finding {
    let name = "iaa_crypto module"
    if root.exists("/sys/module/iaa_crypto") || root.exists(Self.cryptoPath) {
      let users = topology.cryptoUsers ?? 0
      return .ok(name, users == 0 ? "loaded, not in use" : "loaded, \(users) users")
    }
    return .unknown(name, "not loaded; only the kernel's own use needs it")
  }

  func cryptoRegistration() -> Finding {
    let name = "/proc/crypto"
    guard let text = try? root.text("/proc/crypto") else {
      return .unknown(name, "\(root.locate("/proc/crypto")) cannot be read")
    }
    let isThere = text.split(separator: "\n").contains { line in
      let words = line.split(whereSeparator: \.isWhitespace)
      return words.count == 3 && (words[0] == "name" || words[0] == "driver")
        && words[2] == "deflate-iaa"
    }
    if isThere { return .ok(name, "deflate-iaa is registered") }
    return .unknown(
      name, "deflate-iaa is not registered: no queue is bound to iaa_crypto",
      remedy: devices.isEmpty ? nil : "for zswap, run: sudo deflate-iaa configure --default")
  }

  func driverAttributes() -> Finding {
    let name = "driver attributes"
    let attributes = DriverAttributes(root)
    guard let verify = attributes.verifyCompress.text, let sync = attributes.syncMode.text else {
      return .unknown(name, "verify_compress and sync_mode are not there to read")
    }
    if attributes.verifyCompress.value == nil || attributes.syncMode.value == nil {
      return .unknown(name, "unexpected values: verify_compress \(verify), sync_mode \(sync)")
    }
    return .ok(name, "verify_compress \(verify), sync_mode \(sync)")
  }

  func zswap() -> Finding {
    let name = "zswap"
    guard let enabled = try? root.line("/sys/module/zswap/parameters/enabled"),
      let compressor = try? root.line("/sys/module/zswap/parameters/compressor")
    else { return .unknown(name, "this kernel shows no zswap parameters") }
    let isOn = enabled == "Y" || enabled == "1"
    return .ok(name, "\(isOn ? "on" : "off"), compressor \(compressor)")
  }

  func kernelStatistics() -> Finding {
    let name = "kernel statistics"
    do {
      _ = try KernelStatistics(root)
      return .ok(name, "can be read")
    } catch {
      return .unknown(name, error.description)
    }
  }
}
