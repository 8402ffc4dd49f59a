// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Everything the user reads goes through here: messages to standard error with the program's name
// and the file's, tables to standard output. Each message is one write, so that lines of several
// processes do not mix. Names are written as the bytes they are.

import SystemPackage

/// The message that ends the run at once, as gzip ends it: its text is already written.
struct Stop: Error {}

/// Writes messages and keeps the exit status.
final class Reporter {
  static let programName = "deflate-iaa"

  private(set) var status = ExitStatus.success
  /// No warnings are written; they still count.
  var isQuiet = false
  /// A progress line that must be taken away before anything else is written.
  var progress: Progress?

  /// A file was left alone or done with a doubt.
  func warn(_ name: FileName?, _ text: String) {
    status.warn()
    if !isQuiet { note(name, text) }
  }

  /// A file was left alone, and the user hears of it even with -q, as from gzip.
  func warnAlways(_ name: FileName, _ text: String) {
    status.warn()
    note(name, text)
  }

  /// The answer to a question was no.
  func warnDeclined() {
    status.warn()
    write(Array("\tnot overwritten\n".utf8))
  }

  /// A file could not be done.
  func fail(_ name: FileName?, _ text: String) {
    status.fail()
    note(name, text)
  }

  /// A file could not be done, for the kernel's reason.
  func fail(_ name: FileName?, _ error: Errno) {
    fail(name, error.description)
  }

  /// Writes a message without touching the exit status.
  func note(_ name: FileName?, _ text: String) {
    var line = Array("\(Self.programName): ".utf8)
    if let name { line += name.bytes + Array(": ".utf8) }
    write(line + Array("\(text)\n".utf8))
  }

  /// Writes `NAME:<tab>TEXT`, the form of the verbose lines, with a second name behind when given.
  func report(_ name: FileName?, _ text: String, _ target: FileName? = nil) {
    var line: [UInt8] = []
    if let name { line += name.bytes + Array(":\t".utf8) }
    line += Array(text.utf8)
    if let target { line += target.bytes }
    write(line + [UInt8(ascii: "\n")])
  }

  /// Asks a question without ending the line.
  func ask(_ name: FileName, _ text: String) {
    write(Array("\(Self.programName): ".utf8) + name.bytes + Array(text.utf8))
  }

  /// Writes to standard output.
  func print(_ bytes: [UInt8]) throws(Stop) {
    do {
      // SAFETY: bytes have no padding.
      try SystemCalls.write(unsafe bytes.span.bytes, to: .standardOutput)
    } catch {
      throw writingFailed(FileName("stdout"), error)
    }
  }

  /// What to do when output cannot be written: a pipe whose reader has gone ends the process as
  /// the signal would, unless the caller ignores that signal; all else is an error.
  func writingFailed(_ name: FileName, _ error: Errno) -> Stop {
    if error == .brokenPipe { Signals.dieOfBrokenPipe() }
    fail(name, error)
    return Stop()
  }

  /// Writes a line to standard error from any thread; there is no progress line then.
  static func writeAside(_ text: String) {
    let line = Array("\(text)\n".utf8)
    // SAFETY: bytes have no padding. Nobody can be told that standard error does not work.
    try? SystemCalls.write(unsafe line.span.bytes, to: .standardError)
  }

  private func write(_ line: [UInt8]) {
    progress?.erase()
    do {
      // SAFETY: bytes have no padding.
      try SystemCalls.write(unsafe line.span.bytes, to: .standardError)
    } catch .brokenPipe {
      Signals.dieOfBrokenPipe()
    } catch {
      // Nobody can be told that standard error does not work.
    }
  }
}
