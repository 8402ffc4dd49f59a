// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Twenty questions: a probe is sent that splits the members left most evenly, and those that would have answered
// otherwise go. What no member explains is looked for farther out in the family, and if nothing is there it
// stays unexplained: a target is never forced into the family.

import FixedDeflate

/// Looks for the member of the family that a target is.
package struct Calibrator {
  /// How thorough it is.
  package struct Settings: Sendable {
    /// How often each probe is sent, at least 2: answers must be alike.
    package var repeats = 3
    /// How many probes made by the number are tried on the members that are left, before nothing tells them apart.
    package var generatedProbes = 448
    /// Members that the best probe is looked for with.
    package var sample = 96
    /// Inputs that are compared after the probes, on the first queue and in each mode.
    package var comparisons = 2000

    /// Inputs that are compared on each of so many queues but the first: a part of them, and not too few.
    package func comparisons(onOtherOf queues: Int) -> Int {
      min(comparisons, max(200, comparisons / queues))
    }

    package init() {}
  }

  let answers: ProbeAnswers
  let settings: Settings
  let target: any CalibrationTarget

  /// The probes that were sent, in order.
  package internal(set) var asked: [AskedProbe] = []
  /// Their numbers, and those of the streams. Short inputs come first: pages cost fifty times as much, so few
  /// members should come to be asked about them.
  var questions: [(probe: Int, answer: Int32, isShort: Bool)] = []
  /// The members that explain every answer.
  var left: [Int] = []
  /// Every member that was considered.
  var considered: [Int] = []
  /// How far out members have been looked for.
  var reach = 0
  /// Inputs that were compared, and their bytes.
  package internal(set) var comparedCount = 0
  package internal(set) var comparedBytes = 0

  /// Members that were considered.
  package var consideredCount: Int { considered.count }

  package init(
    answers: ProbeAnswers, settings: Settings = Settings(), target: any CalibrationTarget
  ) {
    self.answers = answers
    self.settings = settings
    self.target = target
  }

  /// Asks until one class of equal output is left, or no probe tells the rest apart.
  ///
  /// - Throws: `CalibrationFailure` when the target has no answer.
  package mutating func probe() throws(CalibrationFailure) -> Outcome {
    considered = answers.near
    left = considered
    for number in Probe.opening.indices {
      if let outcome = try ask(number) { return outcome }
    }
    return try narrow()
  }

  /// Goes on asking.
  mutating func narrow() throws(CalibrationFailure) -> Outcome {
    while let number = bestProbe() {
      if let outcome = try ask(number) { return outcome }
    }
    return .found(left.map { answers.members[$0] })
  }

  /// Sends a probe and drops the members that answer otherwise.
  ///
  /// - Returns: The outcome, if this settles it; nil while there are members.
  mutating func ask(_ number: Int) throws(CalibrationFailure) -> Outcome? {
    let probe = answers.probe(number)
    let stream = try target.stream(probe.input, position: .last)
    for _ in 1..<settings.repeats {
      guard try target.stream(probe.input, position: .last) == stream else {
        return .inconsistent(try inconsistency(probe))
      }
    }
    if let wrong = WrongStream(probe, stream) { return .wrong(wrong) }
    let answer = answers.number(stream, of: number)
    let isShort = probe.input.count <= 512
    let place = isShort ? questions.firstIndex { !$0.isShort } : nil
    questions.insert((number, answer, isShort), at: place ?? questions.endIndex)
    let before = left.count
    left = left.filter { answers.answer(number, by: $0) == answer }
    asked.append(AskedProbe(probe: probe, stream: stream, before: before, after: left.count))
    while left.isEmpty {
      guard widen() else { return .outside(try difference(probe, stream)) }
      asked[asked.count - 1].after = left.count
    }
    return nil
  }

  /// The probe that leaves the fewest members on average; nil when none tells them apart.
  private func bestProbe() -> Int? {
    guard left.count > 1 else { return nil }
    let step = max(1, left.count / settings.sample)
    let sample = stride(from: 0, to: left.count, by: step).map { left[$0] }
    let sent = Set(questions.map(\.probe))
    let standard = Probe.opening.count..<ProbeAnswers.standardCount
    let all = standard.lowerBound..<ProbeAnswers.standardCount + settings.generatedProbes
    for pool in [standard] + batches(of: all[standard.upperBound...]) {
      let costs = pool.filter { !sent.contains($0) }.map { ($0, cost(of: $0, sample)) }
      if let best = costs.min(by: { $0.1 < $1.1 }), best.1 < sample.count * sample.count {
        return best.0
      }
    }
    // What a sample does not show, all may.
    guard sample.count < left.count else { return nil }
    return all.first { !sent.contains($0) && cost(of: $0, left) < left.count * left.count }
  }

  private func batches(of numbers: Range<Int>) -> [Range<Int>] {
    stride(from: numbers.lowerBound, to: numbers.upperBound, by: 64).map {
      $0..<min($0 + 64, numbers.upperBound)
    }
  }

  /// The sum of the squares of the parts that a probe splits members into: the lower, the better.
  private func cost(of probe: Int, _ members: [Int]) -> Int {
    var parts: [Int32: Int] = [:]
    for member in members { parts[answers.answer(probe, by: member), default: 0] += 1 }
    return parts.values.reduce(0) { $0 + $1 * $1 }
  }

  /// How often a target deviates from itself, on one input.
  private func inconsistency(_ probe: Probe) throws(CalibrationFailure) -> Inconsistency {
    var counts: [[UInt8]: Int] = [:]
    let askedCount = 200
    for _ in 0..<askedCount {
      counts[try target.stream(probe.input, position: .last), default: 0] += 1
    }
    let streams = counts.sorted { ($1.value, $0.key.count) < ($0.value, $1.key.count) }
    return Inconsistency(
      probe: probe, streams: streams.map(\.key), askedCount: askedCount,
      deviatingCount: askedCount - streams[0].value)
  }
}

extension WrongStream {
  /// What is wrong with a stream, if anything is.
  init?(_ probe: Probe, _ stream: [UInt8]) {
    do throws(DeflateError) {
      let tokens = try stream.withBytes { (stream: RawSpan) throws(DeflateError) in
        try FixedBlockTokens(reading: stream, limit: probe.input.count)
      }
      if tokens.bytes == probe.input { return nil }
      self.init(probe: probe, stream: stream, reason: "it stands for other bytes")
    } catch {
      self.init(probe: probe, stream: stream, reason: "\(error)")
    }
  }
}
