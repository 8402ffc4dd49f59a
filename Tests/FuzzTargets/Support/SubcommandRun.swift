// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Runs subcommands on trees in memory: nothing of the machine is read or written.

import DeviceCommands
import IAADevices
import Synchronization
import SystemPackage

/// What a subcommand did.
struct SubcommandRun {
  let code: Int32
  let out: String
  let err: String

  /// Times that a subcommand may wait; then its output is closed, or it would go on forever.
  private static let mostPauses = 20

  init(_ arguments: [String], on files: MemoryFiles) {
    let texts = Mutex((out: "", err: ""))
    let pauses = Mutex(0)
    let root = files.root
    let environment = CommandEnvironment(
      console: Console(
        out: { more in texts.withLock { $0.out += more } },
        err: { more in texts.withLock { $0.err += more } },
        loss: { pauses.withLock { $0 > Self.mostPauses } ? .brokenPipe : nil }),
      open: { _ in root }, modules: NoModules(), pause: { _ in pauses.withLock { $0 += 1 } },
      trial: { _ in nil })
    code = DeviceCommands.run(arguments: arguments, in: environment)
    (out, err) = texts.withLock { $0 }
  }
}

private struct NoModules: ModuleLoader {
  func run(_ command: ModuleCommand) throws(ModuleError) {}
}
