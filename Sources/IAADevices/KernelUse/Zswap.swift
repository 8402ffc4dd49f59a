// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// zswap's settings, the sequence for making it use the device (facts, section 16), and the way back.
// Kernels differ in their parameters (the newest have neither zpool nor same_filled_pages_enabled), so
// what is not there is skipped and named.

import SystemPackage

/// Why zswap could not be set up.
package struct ZswapError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Settings had been written, and all are as before.
  var isUndone = false
  package let description: String
}

/// zswap on one machine.
package struct Zswap {
  package static let folder = "/sys/module/zswap/parameters"
  static let swappiness = "/proc/sys/vm/swappiness"
  static let hugePages = "/sys/kernel/mm/transparent_hugepage/enabled"
  static let overcommit = "/proc/sys/vm/overcommit_memory"
  /// Gone after a reboot, as the settings themselves are.
  package static let savedPath = "/run/deflate-iaa/zswap.saved"

  /// A value to write.
  package struct Setting: Sendable, Hashable {
    package let path: String
    package let value: String
  }

  /// A setting that was written or skipped.
  package enum Outcome: Sendable, Hashable {
    case written(Setting)
    case absent(String)
  }

  let root: SystemRoot

  /// zswap below `root`.
  package init(_ root: SystemRoot) { self.root = root }

  /// How it stands at one moment.
  package struct State: Sendable, Hashable {
    /// Whether it is on; nil where the kernel shows no zswap.
    package let isEnabled: Bool?
    /// What it compresses with.
    package let compressor: String?

    /// Whether it is on, and compresses with the device.
    package var usesIAA: Bool { isEnabled == true && isOnDevice }

    /// Whether its compressor is one of the device's.
    package var isOnDevice: Bool { compressor.map(SystemRoot.deviceCompressors.contains) == true }
  }

  /// How it stands now.
  package var state: State {
    State(
      isEnabled: (try? root.line(Self.folder + "/enabled")).map { $0 == "Y" || $0 == "1" },
      compressor: try? root.line(Self.folder + "/compressor"))
  }

  /// Commands after which none of zswap's pages is compressed with the device any more: another
  /// compressor for those that come, the others read back. `restore` is one of them only where
  /// `enable` has saved another compressor.
  package var release: [String] {
    var commands: [String] = []
    if state.isOnDevice {
      let compressor = (try? savedSettings())?.first { $0.path == Self.folder + "/compressor" }
      if let compressor, !SystemRoot.deviceCompressors.contains(compressor.value) {
        commands.append("sudo deflate-iaa zswap restore")
      } else {
        commands.append(
          "echo \(root.softwareCompressor) | sudo tee \(root.locate(Self.folder))/compressor")
      }
    }
    return commands + ["sudo swapoff -a && sudo swapon -a"]
  }

  /// How far `enable` goes.
  package enum Extent: Sendable, Hashable {
    /// What makes zswap compress with the device: the compressor, the pool's allocator, on.
    case compressor
    /// The kernel's page for a test as well: half of memory for the pool, swappiness, no huge pages,
    /// overcommitment.
    case documentedTest
    /// The page's first edition, which turns same-filled pages off too.
    case firstEdition
  }

  /// What `enable` writes, in order. zsmalloc is what newer kernels have without asking.
  package static func sequence(
    _ extent: Extent = .compressor, compressor: String = "deflate-iaa"
  ) -> [Setting] {
    func parameter(_ name: String, _ value: String) -> Setting {
      Setting(path: "\(folder)/\(name)", value: value)
    }
    let isTest = extent != .compressor
    return [parameter("enabled", "0")] + (isTest ? [parameter("max_pool_percent", "50")] : [])
      + [
        parameter("compressor", compressor), parameter("zpool", "zsmalloc"),
        parameter("enabled", "1"),
      ] + (extent == .firstEdition ? [parameter("same_filled_pages_enabled", "0")] : [])
      + (isTest
        ? [
          Setting(path: swappiness, value: "100"), Setting(path: hugePages, value: "never"),
          Setting(path: overcommit, value: "1"),
        ] : [])
  }

  /// Every parameter of the module, in ascending order, with its value or why there is none.
  package var parameters: [(name: String, value: Attribute<String>)] {
    let reader = Reader(root: root, path: Self.folder)
    return root.names(in: Self.folder).map { ($0, reader.text($0)) }
  }

  /// The present value in the form that can be written back.
  func current(_ path: String) throws(Errno) -> String {
    let text = try root.line(path)
    // "always [madvise] never": the one in brackets is in force.
    if let open = text.firstIndex(of: "["), let close = text[open...].firstIndex(of: "]") {
      return String(text[text.index(after: open)..<close])
    }
    return text
  }

  /// Writes the settings and keeps the previous ones for `restore`.
  ///
  /// - Parameters:
  ///   - extent: how far to go.
  ///   - compressor: one of `SystemRoot.deviceCompressors`.
  ///   - force: whether to go on when the compressor is not registered.
  /// - Returns: what was done, in order.
  /// - Throws: what kept it from being done; everything written is then written back.
  package func enable(
    _ extent: Extent, compressor: String, force: Bool
  ) throws(ZswapError) -> [Outcome] {
    try check(compressor: compressor, force: force)
    return try set(Self.sequence(extent, compressor: compressor))
  }

  /// Finds what `enable` refuses before it writes.
  package func check(compressor: String, force: Bool) throws(ZswapError) {
    guard root.exists(Self.folder) else {
      throw ZswapError(description: "this kernel has no zswap (CONFIG_ZSWAP)")
    }
    let registered = root.registeredCompressors ?? []
    if registered.isEmpty, let missing = root.missingCryptoDriver {
      throw ZswapError(description: "this kernel has no iaa_crypto: \(missing)")
    }
    if !force, !registered.contains(compressor) {
      throw ZswapError(
        description: "\(compressor) is not in \(root.locate(SystemRoot.cryptoPath)): "
          + (registered.isEmpty
            ? "bind a queue to iaa_crypto first with `deflate-iaa configure --default`"
            : "this kernel has \(registered.joined(separator: ", "))")
          + ", or add --force")
    }
  }

  private func set(_ settings: [Setting]) throws(ZswapError) -> [Outcome] {
    let (present, outcomes) = try split(settings)
    var saved: [Setting] = []
    for path in Set(present.map(\.path)).sorted() {
      do {
        saved.append(Setting(path: path, value: try current(path)))
      } catch {
        throw ZswapError(description: "cannot read \(root.locate(path)): \(error.description)")
      }
    }
    // A second `enable` must not save what the first one wrote, only what that did not touch.
    let isFirst = !root.exists(Self.savedPath)
    let before = isFirst ? [] : try savedSettings()
    try save(
      before + saved.filter { setting in !before.contains { $0.path == setting.path } })
    do throws(ZswapError) {
      try write(present, previous: saved)
    } catch {
      if error.isUndone {
        if isFirst { try? root.files.remove(Self.savedPath) } else { try save(before) }
      }
      throw error
    }
    return outcomes
  }

  /// Puts the settings saved by `enable` back.
  ///
  /// - Returns: what was done, in order.
  /// - Throws: what kept it from being done; the saved settings are then kept.
  package func restore() throws(ZswapError) -> [Outcome] {
    let outcomes = try split(try restoreSequence())
    try write(outcomes.present, previous: [])
    do {
      try root.files.remove(Self.savedPath)
    } catch {
      throw ZswapError(
        description: "settings are back, but \(root.locate(Self.savedPath)) could not be removed: "
          + error.description)
    }
    return outcomes.all
  }

  /// What `enable` saved.
  private func savedSettings() throws(ZswapError) -> [Setting] {
    let text: String
    do {
      text = try root.text(Self.savedPath)
    } catch {
      throw ZswapError(
        description: error == .noSuchFileOrDirectory
          ? "nothing to restore: `deflate-iaa zswap enable` has saved no settings since boot"
          : "\(root.locate(Self.savedPath)): \(error.description)")
    }
    return text.split(separator: "\n").compactMap { line -> Setting? in
      let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
      return parts.count == 2 ? Setting(path: parts[0], value: parts[1]) : nil
    }
  }

  /// zswap off, everything else, then `enabled` as it was.
  package func restoreSequence() throws(ZswapError) -> [Setting] {
    let settings = try savedSettings()
    // The file may have been edited: only what `enable` writes is ever restored.
    let known = Set(Self.sequence(.firstEdition).map(\.path))
    let enabled = Self.folder + "/enabled"
    return [Setting(path: enabled, value: "0")]
      + settings.filter { known.contains($0.path) && $0.path != enabled }
      + settings.filter { $0.path == enabled }
  }

  func split(_ settings: [Setting]) throws(ZswapError) -> (present: [Setting], all: [Outcome]) {
    let outcomes = settings.map { setting in
      root.exists(setting.path) ? Outcome.written(setting) : .absent(setting.path)
    }
    let present = outcomes.compactMap { outcome in
      if case .written(let setting) = outcome { setting } else { nil }
    }
    return (present, outcomes)
  }

  func save(_ settings: [Setting]) throws(ZswapError) {
    let text = settings.map { "\($0.path) \($0.value)\n" }.joined()
    do {
      try root.files.replace(Self.savedPath, with: Array(text.utf8))
    } catch {
      throw ZswapError(
        description: "cannot save the present settings to \(root.locate(Self.savedPath)): "
          + error.description + (PlanExecutor.hint(error).map { "; \($0)" } ?? ""))
    }
  }

  func write(_ settings: [Setting], previous: [Setting]) throws(ZswapError) {
    for setting in settings {
      do {
        try root.write(setting.value, to: setting.path)
      } catch {
        let failed = previous.filter { (try? root.write($0.value, to: $0.path)) == nil }
        throw ZswapError(
          isUndone: !previous.isEmpty && failed.isEmpty,
          description: "cannot write \"\(setting.value)\" to \(root.locate(setting.path)): "
            + error.description + (PlanExecutor.hint(error).map { "; \($0)" } ?? "")
            + (previous.isEmpty
              ? ""
              : failed.isEmpty
                ? "; all settings are as before"
                : "; not put back: "
                  + failed.map { root.locate($0.path) }.joined(separator: ", ")))
      }
    }
  }
}
