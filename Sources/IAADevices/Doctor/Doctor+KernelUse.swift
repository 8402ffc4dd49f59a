// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The kernel's own use of the devices: iaa_crypto and zswap. Nothing here keeps user space from a
// queue, so nothing here blocks.

extension Doctor {
  func cryptoModule() -> Finding {
    let name = "iaa_crypto module"
    if root.hasCryptoDriver {
      let users = topology.cryptoUsers ?? 0
      return .ok(
        name,
        users == 0
          ? "loaded, not in use" : users == 1 ? "loaded, one user" : "loaded, \(users) users")
    }
    if let missing = missingCryptoDriver {
      return .nothing(name, "this kernel has none: \(missing)")
    }
    return .nothing(name, "not loaded; only the kernel's own use needs it")
  }

  /// zswap is on with a compressor of the device, a queue that works stands behind it, and pages can
  /// come.
  var zswapIsReady: Bool {
    zswapState.usesIAA && !topology.servingCryptoQueues.isEmpty && swap.names != []
      && root.registeredCompressors?.isEmpty != true
  }

  /// What the kernel has to be built with for zswap to compress with IAA.
  func zswapOptions() -> Finding {
    let name = "zswap options"
    if let missing = missingCryptoDriver {
      return .problem(
        name, "this kernel has no iaa_crypto: \(missing)",
        remedy: "boot a kernel that has it: Linux 6.8 or later, with CONFIG_ZSWAP and "
          + "CONFIG_CRYPTO_DEV_IAA_CRYPTO")
    }
    guard let options else {
      return root.hasCryptoDriver
        ? .ok(name, "iaa_crypto is there") : .unknown(name, "the kernel's options cannot be read")
    }
    if zswapState.isEnabled == nil, !options.isSet("ZSWAP") {
      return .problem(
        name, "CONFIG_ZSWAP is not set in \(options.source)",
        remedy: "boot a kernel with zswap")
    }
    return .ok(name, "iaa_crypto and zswap are in this kernel")
  }

  func kernelQueues() -> Finding {
    let name = "kernel queues"
    let bound = topology.cryptoQueues()
    let serving = topology.servingCryptoQueues
    func list(_ queues: [WorkQueue]) -> String {
      queues.map { "\($0.name)" }.joined(separator: ", ")
    }
    let idle = devices.flatMap { device in
      device.queues.filter { queue in
        bound.contains(queue) && !serving.contains(queue) && device.isEnabled
          && device.hasNoEngine(for: queue)
      }.map { (queue: $0, device: device) }
    }
    if !idle.isEmpty {
      let text =
        "no engine is in the group of \(list(idle.map(\.queue))), so \(idle.count == 1 ? "it" : "they") "
        + "can do nothing"
      let remedy = engaging(idle)
      return serving.isEmpty
        ? .problem(name, text, remedy: remedy) : .flaw(name, text, remedy: remedy)
    }
    if !serving.isEmpty {
      return .ok(name, "\(list(serving)) bound to iaa_crypto")
    }
    let stopped =
      names { device in
        !device.isEnabled && device.queues.contains { queue in bound.contains(queue) }
      } ?? ""
    let text =
      bound.isEmpty
      ? "no queue is bound to iaa_crypto"
      : stopped.isEmpty
        ? "\(list(bound)) has a driver other than iaa_crypto's, crypto"
        : "\(list(bound)) cannot work: \(stopped) \(bound.count == 1 ? "is" : "are") not enabled"
    guard goal.includesZswap, !devices.isEmpty else { return .nothing(name, text) }
    return .problem(name, text, remedy: firstKernelQueue)
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
    let bound = topology.cryptoQueues()
    let text = "deflate-iaa is not registered"
    guard goal.includesZswap, !devices.isEmpty else {
      return .nothing(name, text + (bound.isEmpty ? ": no queue is bound to iaa_crypto" : ""))
    }
    if bound.isEmpty {
      return .problem(
        name, text + ": no queue is bound to iaa_crypto", remedy: "see kernel queues first")
    }
    return .problem(
      name,
      text + ", although \(bound.count == 1 ? "a queue is" : "queues are") bound to iaa_crypto",
      remedy: "reload the module, which registers it; "
        + change(
          command("configure --default", devices.filter(isHeld)), of: devices.filter(isHeld),
          for: .kernel))
  }

  func driverAttributes() -> Finding {
    let name = "driver attributes"
    let attributes = DriverAttributes(root)
    guard let verify = attributes.verifyCompress.text, let sync = attributes.syncMode.text else {
      return root.hasCryptoDriver
        ? .unknown(name, "verify_compress and sync_mode are not there to read")
        : .nothing(name, "iaa_crypto is not loaded")
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
        ? .problem(name, text, remedy: "use a kernel with CONFIG_ZSWAP")
        : .nothing(name, text)
    }
    let text = "\(isOn ? "on" : "off"), compressor \(compressor)"
    if zswapState.usesIAA || !goal.includesZswap { return .ok(name, text) }
    // `zswap enable` wants the compressor registered, and that wants a queue that works.
    let missing =
      topology.servingCryptoQueues.isEmpty
      ? kernelQueues() : root.registersDeflateIAA == true ? nil : cryptoRegistration()
    return .problem(
      name, text,
      remedy: missing.map { missing in
        prerequisite(.kernel)
          ?? (missing.status == .problem ? "see \(missing.name) first" : missing.reason)
      } ?? "run: sudo deflate-iaa zswap enable")
  }

  func swapAreas() -> Finding {
    let name = "swap areas"
    let areas = swap
    guard let shortcoming = areas.shortcoming else {
      return areas.names == nil
        ? .unknown(name, "\(root.locate("/proc/swaps")) cannot be read")
        : .ok(name, (areas.names ?? []).joined(separator: ", "))
    }
    guard goal.includesZswap else {
      return areas.names == [] ? .nothing(name, "none is on") : .ok(name, shortcoming)
    }
    // Areas made later get lower priorities by themselves, and distributions give zram 100.
    let priority = areas.names == [] ? "" : "-p 32767 "
    let remedy =
      "make one"
      + (priority.isEmpty ? "" : ", which pages go to before they go to zram")
      + "; run: sudo fallocate -l 4G "
      + "/swapfile && sudo chmod 600 /swapfile && sudo mkswap /swapfile && sudo swapon \(priority)/swapfile"
    return areas.names == []
      ? .problem(name, shortcoming, remedy: remedy) : .flaw(name, shortcoming, remedy: remedy)
  }

  func zram() -> Finding {
    let name = "zram"
    let areas = ZramDevice.all(root)
    guard let first = areas.first else { return .nothing(name, "not in use") }
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
      if !root.hasCryptoDriver { return .nothing(name, error.description) }
      let parts = error.description.split(separator: "; run: ", maxSplits: 1).map(String.init)
      return .unknown(name, parts[0], remedy: parts.count > 1 ? "run: " + parts[1] : nil)
    }
  }
}
