// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Tests speak to the command as users do: through a shell. A script names the program under test
// "$GZ", so that the same script runs with the system's gzip.

import Foundation
import Synchronization
import Testing

/// A program that a script calls as "$GZ".
enum Program: String, Sendable {
  case gzip = "/usr/bin/gzip"
  case ours

  var path: String {
    self == .gzip ? rawValue : Self.built.path
  }

  /// The command lies beside the test program that runs now.
  static let built: URL = {
    let test = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let beside = test.deletingLastPathComponent().appendingPathComponent("deflate-iaa")
    if FileManager.default.isExecutableFile(atPath: beside.path) { return beside }
    return Bundle.main.bundleURL.appendingPathComponent("deflate-iaa")
  }()
}

/// What a script left behind.
struct Outcome: Sendable {
  /// The exit code, or 128 and the signal as shells count.
  let status: Int32
  let output: Data
  let messages: String

  var text: String { String(decoding: output, as: UTF8.self) }
}

/// A folder that goes when the test is over.
final class Folder: Sendable {
  let url: URL

  /// An empty folder.
  init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("deflate-iaa-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
  }

  deinit {
    // A folder that a test took the rights from may stay.
    try? FileManager.default.removeItem(at: url)
  }

  var path: String { url.path }

  /// Folders that all tests share.
  private static let shared = Mutex<[Folder]>([])

  /// Has the folder removed when the tests are over: what is `static` is never deinitialised.
  func removeAtExit() {
    let isFirst = Self.shared.withLock { shared in
      shared.append(self)
      return shared.count == 1
    }
    if isFirst {
      atexit {
        Folder.shared.withLock {
          for folder in $0 { try? FileManager.default.removeItem(at: folder.url) }
        }
      }
    }
  }

  /// Runs a script in the folder; standard input is empty.
  @discardableResult
  func run(_ script: String, _ program: Program = .ours) throws -> Outcome {
    try runProgram(
      "/bin/bash", ["-c", script], in: path,
      environment: [
        "GZ": program.path, "TZ": "UTC", "LC_ALL": "C", "TMPDIR": NSTemporaryDirectory(),
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin:/usr/sbin:/sbin",
      ])
  }

  /// The names in the folder, sorted.
  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}

/// Runs a program to its end.
func runProgram(
  _ program: String, _ arguments: [String], in folder: String = "/",
  environment: [String: String]? = nil
) throws -> Outcome {
  let base = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  let (output, messages) = (base.path + ".out", base.path + ".err")
  defer {
    try? FileManager.default.removeItem(atPath: output)
    try? FileManager.default.removeItem(atPath: messages)
  }
  for path in [output, messages] {
    try #require(FileManager.default.createFile(atPath: path, contents: nil))
  }
  let process = Process()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  process.currentDirectoryURL = URL(fileURLWithPath: folder)
  if let environment { process.environment = environment }
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
  process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: messages))
  try SignalDefaults.run(process)
  process.waitUntilExit()
  let isSignal = process.terminationReason == .uncaughtSignal
  return Outcome(
    status: process.terminationStatus + (isSignal ? 128 : 0),
    output: try Data(contentsOf: URL(fileURLWithPath: output)),
    messages: String(
      decoding: try Data(contentsOf: URL(fileURLWithPath: messages)), as: UTF8.self))
}

/// Starts programs with the signals' default actions: `nohup` and a shell's `&` have some ignored, and what is
/// ignored stays so in every program that follows.
private enum SignalDefaults {
  private static let lock = Mutex(())

  static func run(_ process: Process) throws {
    try lock.withLock { _ in
      let before = [SIGHUP, SIGINT, SIGQUIT].map { ($0, signal($0, SIG_DFL)) }
      defer { for (number, action) in before { signal(number, action) } }
      try process.run()
    }
  }
}

/// Whether a script succeeds on this machine.
func machineCan(_ script: String) -> Bool {
  (try? runProgram("/bin/bash", ["-c", script]).status) == 0
}

/// The behaviour compared with is GNU gzip 1.12's; other versions differ in places.
let hasGzip112 = machineCan("/usr/bin/gzip --version | grep -q '^gzip 1\\.12$'")
