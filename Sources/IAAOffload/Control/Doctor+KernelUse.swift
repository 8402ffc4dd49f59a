// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The kernel's own use of the devices: iaa_crypto and zswap. Nothing here keeps user space from a
// queue, so nothing here blocks.

extension Doctor {
  func cryptoModule() -> Finding {
    let name = "iaa_crypto module"
    if root.exists("/sys/module/iaa_crypto") || root.exists(DriverAttributes.folder) {
      let users = topology.cryptoUsers ?? 0
      return .ok(name, users == 0 ? "loaded, not in use" : "loaded, \(users) users")
    }
    return .unknown(name, "not loaded; only the kernel's own use needs it")
  }

  func cryptoRegistration() -> Finding {
    let name = SystemRoot.cryptoPath
    guard let isThere = root.registersDeflateIAA else {
      return .unknown(name, "\(root.locate(name)) cannot be read")
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
    guard let enabled = try? root.line(Zswap.folder + "/enabled"),
      let compressor = try? root.line(Zswap.folder + "/compressor")
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
