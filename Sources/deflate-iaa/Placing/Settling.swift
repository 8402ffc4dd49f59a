// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The last steps of outputs that are whole, many at a time: their data goes to disk, then they get
// their names, then the names go to disk, and only then the inputs go. Until the first name is given
// whatever ends the process leaves all inputs and nothing else; from then on signals wait.

import IAAOffload
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import SystemPackage

/// The outputs that wait for the disk together.
typealias Waiting = RemovalBatch<WholeOutput>

/// An output that is whole and has all but its name.
struct WholeOutput {
  /// What is said, or done, of a file once it is known whether its output is in place.
  typealias Ending = (_ isPlaced: Bool) throws(Stop) -> Void

  let placement: Placement
  /// The input that goes when the output is in place.
  let input: InputFile?
  let ending: Ending

  /// What has become of it.
  enum Fate {
    /// Its data is where it must be for a name to be given.
    case stored
    /// In place; the input is there still, or there is none to go.
    case placed
    case replacedInput
    /// In place, and the input left where it is, as it is not what was read.
    case inputChanged
    /// In place, and the input could not be removed.
    case inputStays(Errno)
    /// Another file has the name.
    case nameTaken
    /// The input is whole, and where no name was given the output is gone.
    case failed(Errno)
  }
}

extension Processor {
  /// Hands over an output that is whole. The input, which must have been read to its end, is closed
  /// and goes, unless it is kept.
  /// `ending` is called when it is known whether the output is in place, which may be when files
  /// behind it have been treated.
  ///
  /// - Throws: `Stop` when an output, this one or one that waited for it, could not be finished; it is
  ///   then gone, and its input whole.
  func settle(
    _ placement: Placement, of job: Job, modificationTime: timespec, keepsInput: Bool = false,
    ending: @escaping WholeOutput.Ending
  ) throws(Stop) {
    guard let input = job.file, let name = input.waitingName else {
      preconditionFailure("\(job.name) was not found in a directory")
    }
    setAttributes(of: placement, from: input, modificationTime)
    input.close()
    let removesInput = !options.keepsInput && !keepsInput && name != placement.name
    let output = WholeOutput(
      placement: placement, input: removesInput ? input : nil, ending: ending)
    guard removesInput else { return try settle([output]) }
    let written = try? SystemCalls.status(of: placement.output.descriptor)
    waiting.add(
      Waiting.Item(
        element: output, byteCount: written?.size ?? 0,
        device: placement.output.directory.identity.device, input: input.status.identity,
        names: [name, placement.name]),
      at: Clock.now)
    if waiting.isDue(at: Clock.now) { try settleWaiting() }
  }

  /// Finishes an output beside a job's own, at once.
  ///
  /// - Throws: `Stop` when the output could not be finished; it is then gone.
  func commit(
    _ placement: Placement, of job: Job, modificationTime: timespec
  ) throws(Stop) {
    if let input = job.file { setAttributes(of: placement, from: input, modificationTime) }
    try settle([WholeOutput(placement: placement, input: nil, ending: { _ in })])
  }

  /// Settles all outputs that wait.
  func settleWaiting() throws(Stop) {
    try settle(waiting.take())
  }

  private func setAttributes(
    of placement: Placement, from input: InputFile, _ modificationTime: timespec
  ) {
    do {
      try placement.output.setAttributes(
        input.attributes.get(), modificationTime: modificationTime)
    } catch {
      reporter.warn(placement.target, error.description)
    }
  }

  private func settle(_ outputs: [WholeOutput]) throws(Stop) {
    guard !outputs.isEmpty else { return }
    // Asked for one after the other, each file's data would be waited for alone.
    if outputs.count > 1 { for output in outputs { output.startWriting() } }
    var fates = outputs.map { $0.store(reaching: depth) }
    Signals.undisturbed { temporaries in
      for index in outputs.indices { outputs[index].takeName(&fates[index], &temporaries) }
      if depth == .disk { synchronizeDirectories(of: outputs, &fates) }
      for index in outputs.indices { outputs[index].removeInput(&fates[index]) }
    }
    var stop: Stop?
    for (output, fate) in zip(outputs, fates) {
      do throws(Stop) {
        try tell(fate, of: output)
      } catch {
        stop = error
      }
    }
    if let stop { throw stop }
  }

  /// How far outputs must have got before they have a name: where inputs stay there is nothing to
  /// lose by a crash, and they are left to the kernel as gzip leaves them.
  private var depth: WholeOutput.Depth {
    options.keepsInput && !options.isSynchronous ? .kernel : .disk
  }

  /// Brings the new names to disk, once for each directory.
  private func synchronizeDirectories(
    of outputs: [WholeOutput], _ fates: inout [WholeOutput.Fate]
  ) {
    var results: [FileIdentity: Result<Void, Errno>] = [:]
    for index in outputs.indices {
      guard case .placed = fates[index] else { continue }
      let output = outputs[index].placement.output
      let result =
        results[output.directory.identity]
        ?? Result { () throws(Errno) in
          try output.directory.synchronize(with: output.descriptor)
        }
      results[output.directory.identity] = result
      if case .failure(let error) = result { fates[index] = .failed(error) }
    }
  }

  private func tell(_ fate: WholeOutput.Fate, of output: WholeOutput) throws(Stop) {
    if let leftover = output.placement.output.leftover {
      let name = output.placement.target.replacingBase(with: leftover.name)
      reporter.warn(name, "the temporary name stays: \(leftover.error)")
    }
    switch fate {
    case .stored: preconditionFailure("\(output.placement.target) has been forgotten")
    case .failed(let error): throw reporter.writingFailed(output.placement.target, error)
    case .nameTaken:
      refuse(output.placement.target)
      return try output.ending(false)
    case .inputChanged:
      reporter.warn(output.input?.name, "changed while it was read -- not removed")
    case .inputStays(let error): reporter.warn(output.input?.name, error.description)
    case .placed, .replacedInput: break
    }
    try output.ending(true)
  }
}

extension WholeOutput {
  /// Where data must have arrived.
  enum Depth {
    /// The kernel has it, and has not complained.
    case kernel
    case disk
  }

  fileprivate func startWriting() { SystemCalls.startWriting(placement.output.descriptor) }

  fileprivate func store(reaching depth: Depth) -> Fate {
    do {
      switch depth {
      case .kernel: try SystemCalls.flush(placement.output.descriptor)
      case .disk: try placement.output.synchronize()
      }
      return .stored
    } catch {
      return .failed(error)
    }
  }

  fileprivate func takeName(_ fate: inout Fate, _ temporaries: inout Signals.Temporaries) {
    guard case .stored = fate else { return }
    do {
      try placement.output.take(
        placement.target.base, replacing: placement.replacesExisting, &temporaries)
      fate = .placed
    } catch .fileExists where !placement.replacesExisting {
      fate = .nameTaken
    } catch {
      fate = .failed(error)
    }
  }

  fileprivate func removeInput(_ fate: inout Fate) {
    guard case .placed = fate, let input else { return }
    do {
      fate = try input.remove() ? .replacedInput : .inputChanged
    } catch {
      fate = .inputStays(error)
    }
  }
}
