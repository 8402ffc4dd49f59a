// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The kernel's own use of the devices: iaa_crypto and zswap. Nothing here keeps user space from a
// queue, so nothing here blocks.

extension Doctor {
  func cryptoModule() -> Finding {
    let name = "iaa_crypto module"
    if root.hasCryptoDriver {
      let users = topology.cryptoUsers ?? 0
      return .ok(name, users == 0 ? "loaded, not in use" : "loaded, \(users) users")
    }
    return .unknown(name, "not loaded; only the kernel's own use needs it")
  }

  /// zswap is on with a compressor of the device, and a queue stands behind it.
  var zswapIsReady: Bool { zswapState.usesIAA && !topology.cryptoQueues().isEmpty }

  /// The way to a queue for the kernel that leaves user space its devices; nil without any to take.
  private var firstKernelQueue: String? {
    let free = devices.filter { device in
      !device.queues.contains { $0.type.value == .user }
    }
    let command = "run: sudo deflate-iaa configure --default"
    if free.count == devices.count { return devices.isEmpty ? nil : command }
    if free.isEmpty { return goal == .zswap ? command : nil }
    return command + " " + free.map { "\($0.name)" }.joined(separator: " ")
  }

  func kernelQueues() -> Finding {
    let name = "kernel queues"
    let queues = topology.cryptoQueues()
    if !queues.isEmpty {
      return .ok(name, "\(queues.map { "\($0.name)" }.joined(separator: ", ")) bound to iaa_crypto")
    }
    let text = "no queue is bound to iaa_crypto"
    guard goal.includesZswap, let last = devices.last else { return .unknown(name, text) }
    return .problem(
      name, text,
      remedy: firstKernelQueue ?? "every device serves user space, so one has to be taken; "
        + "run: sudo deflate-iaa configure --default \(last.name)")
  }

  func cryptoRegistration() -> Finding {
    let name = SystemRoot.cryptoPath
    guard let names = root.registeredCompressors else {
      return .unknown(name, "\(root.locate(name)) cannot be read")
    }
    if !names.isEmpty {
      return .ok(
        name, names.joined(separator: ", ") + (names.count == 1 ? " is" : " are") + " registered")
    }
    let text = "deflate-iaa is not registered: no queue is bound to iaa_crypto"
    guard goal.includesZswap, let remedy = firstKernelQueue else {
      return .unknown(name, text)
    }
    return .problem(name, text, remedy: remedy)
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
    guard let isOn = zswapState.isEnabled, let compressor = zswapState.compressor else {
      let text = "this kernel shows no zswap parameters"
      return goal.includesZswap
        ? .problem(name, text, remedy: "use a kernel with CONFIG_ZSWAP") : .unknown(name, text)
    }
    let text = "\(isOn ? "on" : "off"), compressor \(compressor)"
    if zswapState.usesIAA || !goal.includesZswap { return .ok(name, text) }
    return .problem(name, text, remedy: "run: sudo deflate-iaa zswap enable")
  }

  func swapAreas() -> Finding {
    let name = "swap areas"
    let areas = SwapAreas(root)
    guard let shortcoming = areas.shortcoming else {
      return areas.names == nil
        ? .unknown(name, "\(root.locate("/proc/swaps")) cannot be read")
        : .ok(name, (areas.names ?? []).joined(separator: ", "))
    }
    guard goal.includesZswap else { return .ok(name, shortcoming) }
    let remedy =
      "make one, as far from zram as a file is; run: sudo fallocate -l 4G /swapfile && "
      + "sudo chmod 600 /swapfile && sudo mkswap /swapfile && sudo swapon /swapfile"
    return areas.names == []
      ? .problem(name, shortcoming, remedy: remedy) : .flaw(name, shortcoming, remedy: remedy)
  }

  func zram() -> Finding {
    let name = "zram"
    let areas = ZramDevice.all(root)
    guard let first = areas.first else { return .ok(name, "not in use") }
    return .ok(
      name,
      "\(first.name) compresses with \(first.algorithm ?? "what cannot be read"); "
        + ZramDevice.advice(areas))
  }

  func kernelStatistics() -> Finding {
    let name = "kernel statistics"
    do {
      _ = try KernelStatistics(root)
      return .ok(name, "can be read")
    } catch {
      // What the finder says to run is a remedy here.
      let parts = error.description.split(separator: "; run: ", maxSplits: 1).map(String.init)
      return .unknown(name, parts[0], remedy: parts.count > 1 ? "run: " + parts[1] : nil)
    }
  }
}
