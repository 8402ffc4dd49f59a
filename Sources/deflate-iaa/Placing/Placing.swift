// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// How an output file gets its place, the same for both directions: ask whether it may, write it
// without a name, and only when it is whole and on disk let the input go.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import SystemPackage

/// An output file that is being prepared.
struct Placement {
  let target: FileName
  let output: OutputFile
  /// The user agreed, or forced, that an existing file goes.
  let replacesExisting: Bool

  /// The name it is to have in its directory.
  var name: Waiting.Name {
    Waiting.Name(directory: output.directory.identity, base: target.base)
  }
}

extension Processor {
  /// Starts an output file of a job that has a file, in the directory that the file was found in;
  /// nil when it may not or cannot be made, which has then been said.
  func place(_ target: FileName, of job: Job) throws(Stop) -> Placement? {
    guard let input = job.file, let home = input.directory else {
      preconditionFailure("\(job.name) was not found in a directory")
    }
    let path = FileName(target.bytes.dropFirst(input.name.bytes.count - input.base.bytes.count))
    guard !path.base.bytes.isEmpty else {
      reporter.fail(target, Errno.isDirectory)
      return nil
    }
    // -S may have brought a slash in.
    let directory = try opening(target) { () throws(Errno) in
      path.base == path ? home : try FileDirectory(path.directory, at: home.descriptor)
    }
    guard let directory else { return nil }
    let name = Waiting.Name(directory: directory.identity, base: path.base)
    if waiting.awaits(name) || !waiting.isOn(directory.identity.device) { try settleWaiting() }
    guard let replaces = try mayTakeName(target, in: directory) else { return nil }
    guard let output = try opening(target, { () throws(Errno) in try OutputFile(in: directory) })
    else { return nil }
    return Placement(target: target, output: output, replacesExisting: replaces)
  }

  /// Whether a name may be taken, and if so whether what has it then is replaced.
  private func mayTakeName(
    _ target: FileName, in directory: FileDirectory
  ) throws(Stop) -> Bool? {
    let existing: FileSnapshot
    do {
      existing = try SystemCalls.status(
        of: target.base, at: directory.descriptor, followingLinks: false)
    } catch .noSuchFileOrDirectory {
      // Should one appear in the meantime, -f still holds.
      return options.isForced
    } catch {
      reporter.fail(target, error)
      return nil
    }
    if !options.isForced {
      guard !Signals.isIgnored(SIGINT), Terminal.isTerminal(.standardInput) else {
        refuse(target)
        return nil
      }
      // The answer may take its time.
      try settleWaiting()
      reporter.ask(target, " already exists; do you wish to overwrite (y or n)? ")
      guard Terminal.answersYes() else {
        reporter.warnDeclined()
        return nil
      }
    }
    guard existing.kind != .directory else {
      reporter.fail(target, Errno.isDirectory)
      return nil
    }
    return true
  }

  func refuse(_ target: FileName) {
    reporter.warnAlways(target, "already exists; not overwritten")
  }

  /// Runs what opens or makes a file; nil when that fails, which has then been said.
  private func opening<Value>(
    _ name: FileName, _ body: () throws(Errno) -> Value
  ) throws(Stop) -> Value? {
    switch try withDescriptors(body) {
    case .success(let value): return value
    case .failure(let error):
      reporter.fail(name, error)
      return nil
    }
  }

  /// Runs what needs descriptors. Where there are none left, those of the outputs that wait are
  /// freed, and more asked for, before it is tried again.
  func withDescriptors<Value>(
    _ body: () throws(Errno) -> Value
  ) throws(Stop) -> Result<Value, Errno> {
    let first = Result { () throws(Errno) in try body() }
    guard case .failure(.tooManyOpenFiles) = first else { return first }
    let hasFreed = !waiting.isEmpty
    try settleWaiting()
    guard SystemCalls.raiseDescriptorLimit() || hasFreed else { return first }
    return Result { () throws(Errno) in try body() }
  }
}
