// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Runs a subcommand with a tree, a console and modules of the test's own.

import DeviceCommands
import Foundation
import IAADevices
import Synchronization
import Testing

/// What a subcommand did.
struct CommandRun {
  let code: Int32
  let out: String
  let err: String
  let modules: [ModuleCommand]

  init(
    _ arguments: [String], on root: SystemRoot, pause: @escaping @Sendable (Int) -> Void = { _ in },
    trial: (any QueueTrial)? = nil
  ) {
    let out = Text()
    let err = Text()
    let loader = RecordingLoader()
    let environment = CommandEnvironment(
      console: Console(out: { out.append($0) }, err: { err.append($0) }),
      open: { _ in root }, modules: loader, pause: pause, trial: { _ in trial })
    code = DeviceCommands.run(arguments: arguments, in: environment)
    self.out = out.value
    self.err = err.value
    modules = loader.commands.withLock { $0 }
  }

  init(_ line: String, on files: MemoryFiles, pause: @escaping @Sendable (Int) -> Void = { _ in }) {
    self.init(line.split(separator: " ").map(String.init), on: files.root, pause: pause)
  }

  /// Output, messages and exit code in one text, for golden files.
  var transcript: String {
    out + (err.isEmpty ? "" : "--- messages\n" + err) + "--- exit code \(code)\n"
  }
}

final class Text: Sendable {
  private let text = Mutex("")
  var value: String { text.withLock { $0 } }
  func append(_ more: String) { text.withLock { $0 += more } }
}

final class RecordingLoader: ModuleLoader {
  let commands = Mutex<[ModuleCommand]>([])
  func run(_ command: ModuleCommand) throws(ModuleError) {
    commands.withLock { $0.append(command) }
  }
}

/// Compares with Golden/NAME; DEFLATE_IAA_RECORD=1 writes it instead.
func expectGolden(
  _ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Golden").appending(path: name)
  if ProcessInfo.processInfo.environment["DEFLATE_IAA_RECORD"] != nil {
    try Data(text.utf8).write(to: file)
    return
  }
  let expected = try String(contentsOf: file, encoding: .utf8)
  #expect(text == expected, "differs from Golden/\(name)", sourceLocation: sourceLocation)
}
