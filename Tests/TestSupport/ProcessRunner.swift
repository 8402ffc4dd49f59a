// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Runs other programs on bytes. Input and output go through files, because a pipe that nobody
// drains blocks both sides.

public import Foundation

/// A directory of its own that is removed with everything in it.
public final class TemporaryDirectory: Sendable {
  /// The directory.
  public let url: URL

  /// Makes an empty directory below the system's temporary one.
  ///
  /// - Throws: what the file system reports.
  public init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("deflate-iaa-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Writes a file of this name, and the directories that it is in.
  ///
  /// - Throws: what the file system reports.
  /// - Returns: where it is.
  @discardableResult
  public func write(_ bytes: [UInt8], to name: String) throws -> URL {
    let file = url.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file
  }

  /// The bytes of the file of this name.
  ///
  /// - Throws: what the file system reports.
  public func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: url.appendingPathComponent(name)))
  }
}

/// What a program did.
public struct ProcessResult: Sendable {
  /// The exit status, or the signal's number when a signal ended it.
  public let status: Int32
  /// Whether a signal ended it.
  public let wasSignalled: Bool
  /// Standard output.
  public let output: [UInt8]
  /// Standard error as text.
  public let errorText: String
}

/// Finds and runs programs.
public enum ProcessRunner {
  /// The first executable of this name in PATH.
  public static func path(of name: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// Runs a program to its end.
  ///
  /// - Parameters:
  ///   - executable: the program's path.
  ///   - arguments: its arguments, without the program's name.
  ///   - input: standard input.
  ///   - environment: the whole environment; nil hands on this process's.
  ///   - directory: the working directory; nil keeps this process's.
  /// - Returns: status and output.
  /// - Throws: when the program cannot be started.
  public static func run(
    _ executable: String, _ arguments: [String] = [], input: [UInt8] = [],
    environment: [String: String]? = nil, directory: URL? = nil
  ) throws -> ProcessResult {
    let files = try TemporaryDirectory()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    if let environment { process.environment = environment }
    if let directory { process.currentDirectoryURL = directory }
    let output = try files.write([], to: "output")
    let errors = try files.write([], to: "errors")
    let inputHandle = try FileHandle(forReadingFrom: try files.write(input, to: "input"))
    let outputHandle = try FileHandle(forWritingTo: output)
    let errorHandle = try FileHandle(forWritingTo: errors)
    process.standardInput = inputHandle
    process.standardOutput = outputHandle
    process.standardError = errorHandle
    try process.run()
    process.waitUntilExit()
    for handle in [inputHandle, outputHandle, errorHandle] { try handle.close() }
    return ProcessResult(
      status: process.terminationStatus,
      wasSignalled: process.terminationReason == .uncaughtSignal,
      output: try files.read("output"),
      errorText: String(decoding: try files.read("errors"), as: UTF8.self))
  }
}
