// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Subcommands with DEFLATE_IAA_MODEL: those that look at devices see the models that a compression
// would use. --root names another system, and what is the kernel's own has no models.

import DeviceCommands
import IAADevices
import IAAModel
import IAAOffload
import SystemPackage

/// Runs subcommands over device models.
enum ModelCommands {
  /// The subcommands that look at devices.
  private static let names: Set<String> = [
    "devices", "doctor", "configure", "enable", "disable", "calibrate",
  ]
  /// What stands in messages where a system's directory would.
  private static let place = "device-model"

  /// Runs a subcommand; `variable` is what DEFLATE_IAA_MODEL says, nil where it is not set.
  static func run(_ words: [String], variable: String?) -> Int32 {
    let reporter = Reporter()
    guard let variable, names.contains(words[0]) else {
      return DeviceCommands.run(arguments: words)
    }
    do throws(UsageError) {
      let models = try ModelSetup(parsing: variable).makeModels()
      let root = SystemRoot(place, files: ModelFiles())
      do throws(OffloadError) {
        let laid = try models.map { (model) throws(OffloadError) in try ModelBelow(root, model) }
        return withExtendedLifetime(laid) { run(words, root) }
      } catch {
        reporter.fail(nil, "\(error)")
      }
    } catch {
      reporter.fail(nil, error.message)
    }
    return reporter.status.rawValue
  }

  private static func run(_ words: [String], _ root: SystemRoot) -> Int32 {
    DeviceCommands.run(
      arguments: words,
      open: { path in
        guard FilePath(path) == "/" else { return SystemRoot(path) }
        Reporter.writeAside(
          "deflate-iaa: these are device models, as \(OffloadOptions.modelVariable) says")
        return root
      })
  }
}
