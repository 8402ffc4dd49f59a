// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Where the kernel's iaa_crypto driver keeps its statistics, or why it keeps none: debugfs may not be
// mounted, the kernel built without them, the module not loaded, the reader not root, the kernel locked
// down. Whoever is told the wrong one of these looks in the wrong place.

import SystemPackage

extension SystemRoot {
  /// The kernel's folder for debugging.
  package static let debugFolder = "/sys/kernel/debug"

  /// The folder's names below `debugFolder`: the code of every version of the driver has the first
  /// (facts, section 13), the kernel's documentation the second.
  package static let statisticsNames = ["iaa_crypto", "iaa-crypto"]

  /// The folder of the driver's statistics.
  ///
  /// - Returns: its path on a live system.
  /// - Throws: why there is none, in words for the user.
  package func statisticsFolder() throws(KernelStatisticsError) -> String {
    var failures: [Errno] = []
    for name in Self.statisticsNames {
      do {
        let path = "\(Self.debugFolder)/\(name)"
        _ = try files.names(in: path)
        return path
      } catch {
        failures.append(error)
      }
    }
    // What cannot be looked into may well be there; that is the cause to be told.
    let refused = failures.firstIndex { $0 != .noSuchFileOrDirectory }
    let path = "\(Self.debugFolder)/\(Self.statisticsNames[refused ?? 0])"
    throw statisticsFailure(path, refused.map { failures[$0] } ?? .noSuchFileOrDirectory)
  }

  /// Why the driver's statistics at `path` cannot be had.
  func statisticsFailure(_ path: String, _ error: Errno) -> KernelStatisticsError {
    let shown = locate(path)
    switch error {
    case .noSuchFileOrDirectory: return KernelStatisticsError(description: missingStatistics)
    case .notPermitted where isLockedDown:
      return KernelStatisticsError(
        description: "\(shown) is closed: the kernel is locked down, as Secure Boot makes it")
    case .permissionDenied, .notPermitted:
      return KernelStatisticsError(description: "only root may read \(shown)")
    default: return KernelStatisticsError(description: "\(shown): \(error.description)")
    }
  }

  /// Why there is no folder: the first of module, debugfs and build option that is missing.
  private var missingStatistics: String {
    if !hasCryptoDriver {
      return "iaa_crypto is not loaded, so it keeps no statistics"
    }
    let debug = locate(Self.debugFolder)
    // The kernel makes the mount point itself.
    if !exists(Self.debugFolder) { return "\(debug) is missing: the kernel has no debugfs" }
    // The mount point is an empty folder, and debugfs never is: the kernel has files of its own there.
    if names(in: Self.debugFolder).isEmpty {
      return "debugfs is not mounted; run: sudo mount -t debugfs none \(shellQuoted(debug))"
    }
    let option = "CONFIG_CRYPTO_DEV_IAA_CRYPTO_STATS"
    let none = "\(debug) has no \(Self.statisticsNames.joined(separator: " or "))"
    guard let options = KernelOptions(self, release: HostFacts(self).release) else {
      return "\(none): the kernel was built without \(option) most likely"
    }
    return options.isSet("CRYPTO_DEV_IAA_CRYPTO_STATS")
      ? "\(none), although \(options.source) sets \(option): the kernel that runs is another one, or "
        + "the driver could not make it (see the kernel's log)"
      : "\(none): the kernel was built without \(option) (\(options.source))"
  }

  /// Whether the kernel refuses even root what could change it: "none [integrity] confidentiality".
  private var isLockedDown: Bool {
    guard let text = try? line("/sys/kernel/security/lockdown") else { return false }
    return text.contains("[") && !text.contains("[none]")
  }
}
