// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// How an output file takes its place, the same for both directions: ask whether it may, write it
// under a temporary name, and only when it is whole and on disk let the input go.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import SystemPackage

/// An output file that is being prepared.
struct Placement {
  let target: FileName
  let directory: FileDirectory
  let output: OutputFile
  /// The user agreed, or forced, that an existing file goes.
  let replacesExisting: Bool
}

extension Processor {
  /// Starts the output file; nil when it may not or cannot be made, which has then been said.
  func place(_ target: FileName) -> Placement? {
    do {
      guard !target.base.bytes.isEmpty else { throw Errno.isDirectory }
      let directory = try FileDirectory(target.directory)
      guard let replaces = try mayTakeName(target, in: directory) else { return nil }
      let output = try OutputFile(in: directory)
      return Placement(
        target: target, directory: directory, output: output, replacesExisting: replaces)
    } catch let error as Errno {
      reporter.fail(target, error)
    } catch {
      preconditionFailure("only Errno is thrown above")
    }
    return nil
  }

  /// Whether a name may be taken, and if so whether what has it then is replaced.
  private func mayTakeName(
    _ target: FileName, in directory: FileDirectory
  ) throws(Errno) -> Bool? {
    let existing: FileStatus
    do {
      existing = try SystemCalls.status(
        of: target.base, at: directory.descriptor, followingLinks: false)
    } catch .noSuchFileOrDirectory {
      // Should one appear in the meantime, -f still holds.
      return options.isForced
    }
    if !options.isForced {
      guard !Signals.isIgnored(SIGINT), Terminal.isTerminal(.standardInput) else {
        refuse(target)
        return nil
      }
      reporter.ask(target, " already exists; do you wish to overwrite (y or n)? ")
      guard Terminal.answersYes() else {
        reporter.warnDeclined()
        return nil
      }
    }
    if existing.kind == .directory { throw .isDirectory }
    return true
  }

  private func refuse(_ target: FileName) {
    reporter.warnAlways(target, "already exists; not overwritten")
  }

  /// Finishes the output file and removes the input.
  ///
  /// - Throws: `Stop` when the output could not be finished; it is then gone, and the input whole.
  /// - Returns: Whether the output is in place.
  func settle(
    _ placement: Placement, of job: Job, modificationTime: timespec
  ) throws(Stop) -> Bool {
    guard try commit(placement, of: job, modificationTime: modificationTime) else { return false }
    if !options.keepsInput, let file = job.file { removeInput(file, placement) }
    removeStaleIndex(of: job, placement)
    return true
  }

  /// Finishes the output file.
  ///
  /// - Throws: `Stop` when the output could not be finished; it is then gone.
  /// - Returns: Whether the output is in place.
  @discardableResult
  func commit(
    _ placement: Placement, of job: Job, modificationTime: timespec
  ) throws(Stop) -> Bool {
    do {
      try placement.output.setAttributes(from: job.status, modificationTime: modificationTime)
    } catch {
      reporter.warn(placement.target, error.description)
    }
    do {
      try placement.output.synchronize()
      try placement.output.commit(
        as: placement.target.base, replacing: placement.replacesExisting)
    } catch .fileExists where !placement.replacesExisting {
      refuse(placement.target)
      return false
    } catch {
      throw reporter.writingFailed(placement.target, error)
    }
    return true
  }

  /// Removes the input unless it is no longer what was read.
  private func removeInput(_ file: InputFile, _ placement: Placement) {
    guard file.name != placement.target else { return }
    guard file.isUnchanged(in: placement.directory) else {
      reporter.warn(file.name, "changed while it was read -- not removed")
      return
    }
    do {
      try file.remove(from: placement.directory)
    } catch {
      reporter.warn(file.name, error.description)
    }
  }
}
