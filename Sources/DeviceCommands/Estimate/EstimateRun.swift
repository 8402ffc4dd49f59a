// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One estimate, or one after the other: what is opened, looked at, printed and written.

import IAADevices
import MemoryEstimate
import ParallelGzip
import SplitMix

struct EstimateRun {
  let command: EstimateCommand
  let profile: ProfileChoice
  let root: SystemRoot
  let environment: CommandEnvironment
  let interruption: Interruption

  /// The exit code of what SIGINT ended, as a shell has it; what was seen is printed nevertheless.
  private static let interrupted: Int32 = 130

  /// What one look gave.
  private struct Look {
    let estimate: Estimate
    let worth: Worth
    let notes: [String]
  }

  /// Estimates once.
  func once() throws -> Int32 {
    let found = try look(isAgain: false)
    let (estimate, worth, notes) = (found.estimate, found.worth, found.notes)
    let console = environment.console
    if command.json {
      console.out(
        EstimateData.json(estimate, worth, notes: notes, explains: command.explain).pretty())
    } else if command.tsv {
      console.out(EstimateData.tsv(estimate))
    } else {
      console.out(EstimateText.report(estimate, worth, notes: notes, explains: command.explain))
    }
    if let html = command.html {
      try write(EstimatePage.html(estimate, worth, notes: notes), to: html)
    }
    if let prometheus = command.prometheus {
      try write(EstimateData.metrics(estimate), to: prometheus)
    }
    return estimate.isPartial || interruption.isAsked ? Self.interrupted : 0
  }

  /// Estimates every so many seconds, a line of JSON each time. A process that ends is named in the line's
  /// notes and left out; when nothing is left, so does this. An interruption prints what was seen.
  func again(every seconds: Int, count: Int) throws -> Int32 {
    for number in 1...count {
      let isAgain = number > 1
      let found = try look(isAgain: isAgain)
      guard !found.estimate.sources.isEmpty || !isAgain || command.system || !command.cgroup.isEmpty
      else {
        environment.console.err(
          "deflate-iaa: nothing is left to look at: all processes have ended\n")
        return 0
      }
      let wasStopped = interruption.isAsked
      if !wasStopped || found.estimate.total.sampled > 0 {
        let line = EstimateData.json(
          found.estimate, found.worth, notes: found.notes, explains: command.explain,
          time: WallClock.now
        ).compact()
        environment.console.out(line + "\n")
      }
      // A collector's file keeps the last whole figures.
      if let prometheus = command.prometheus, !wasStopped {
        try write(EstimateData.metrics(found.estimate), to: prometheus)
      }
      if environment.console.loss() != nil { return 1 }
      if number == count { break }
      wait(seconds)
      if interruption.isAsked { return Self.interrupted }
    }
    return interruption.isAsked ? Self.interrupted : 0
  }

  /// Waits so many seconds, or until it is interrupted; returns for how many tenths of a second.
  @discardableResult
  private func wait(_ seconds: Int) -> Int {
    var tenths = 0
    while tenths < seconds * 10, !interruption.isAsked {
      environment.pause(100)
      tenths += 1
    }
    return tenths
  }

  /// Writes a file for people, in which names are as on the terminal.
  private func write(_ text: String, to file: String) throws {
    do {
      try HostFiles.write(Array(text.unescapedText.utf8), to: file)
    } catch {
      throw CommandFailure(description: "\(file): \(error)")
    }
  }

  /// Opens the sources and looks at their pages.
  private func look(isAgain: Bool) throws -> Look {
    let release = command.kernel ?? (try? root.line("/proc/sys/kernel/osrelease")) ?? ""
    let policy = KernelPolicy(release: release) ?? .newest
    var random = SystemRandomNumberGenerator()
    var options = EstimateOptions(seed: command.seed ?? random.next(), kernel: policy)
    options.pageSize = command.pageSize * 1024
    options.sample = Int(command.sample)
    if let count = command.processes { options.processors = Processors(count: count) }
    options.profile = (profile.name, profile.rules)
    // What a device was asked for needs no error bar of guesses.
    options.spreads = !profile.isFile
    var generator = SplitMix64(state: options.seed)
    let opened = try EstimateSources(
      command: command, root: root, isAgain: isAgain, goesOn: { !interruption.isAsked }
    ).open(using: &generator)
    // Before pages are looked at, which takes their idle marks away.
    let worth = Worth(
      cold: coldShare(opened, using: &generator), swapRate: Double(command.swapRate) * 1e6,
      pressure: MemoryPressure(groups: opened.groups, root))
    let meter = ProgressMeter(
      isShown: environment.console.isErrorTerminal && command.every == nil, environment.console)
    let stop = interruption
    let estimate = Estimator.estimate(
      opened.sources, options, using: &generator, clock: ThreadClock.now
    ) { done, all in
      meter.show(done, of: all)
      return !stop.isAsked
    }
    meter.clear()
    return Look(estimate: estimate, worth: worth, notes: opened.notes)
  }

  private func coldShare(
    _ opened: EstimateSources.Opened, using random: inout some RandomNumberGenerator
  ) -> ColdShare {
    if let cold = command.cold, let share = EstimateCommand.share(cold) {
      return ColdShare(share: share, origin: "as told")
    }
    var failure = ""
    if let tracking = command.trackingTime {
      do throws(IdleTracking.Failure) {
        return try IdleTracking(root).measure(
          opened.processes, using: &random, wait: { wait(tracking) })
      } catch {
        failure = "; idle pages could not be tracked: \(error)"
      }
    }
    let found =
      ColdShare.measured(
        processes: opened.processes.map(\.id), groups: opened.groups, isSystem: command.system, root
      )
      ?? ColdShare(share: 0.3, origin: "assumed; --cold says otherwise")
    return ColdShare(share: found.share, origin: found.origin + failure)
  }
}
