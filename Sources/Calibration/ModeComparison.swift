// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The other modes. Matching comes before coding, so the rules found in fixed mode are those of every mode; what is
// left to see is how each mode codes the tokens. A difference there says nothing about the family, and is counted, not
// taken for the end: of the dynamic mode's code it is known that it is not the library's in every bit.

package import FixedDeflate
import IAADevices
import IAAOffload

/// What came of comparing a mode.
package struct ModeResult: Sendable {
  /// What stands in the way of a comparison, or did in the middle of one.
  package enum Ending: Sendable, Hashable {
    case complete
    /// The devices have no such mode.
    case notThere
    /// Why it was not gone on with.
    case stopped(String)
  }

  /// The mode's name, with its edition: "canned 2024".
  package let name: String
  package var ending = Ending.complete
  /// The queues that were asked.
  package internal(set) var queues: [String] = []
  /// Inputs that were compared, and their bytes.
  package internal(set) var comparedCount = 0
  package internal(set) var comparedBytes = 0
  /// How many of their streams are the same, and how many of the others have the same size.
  package internal(set) var sameCount = 0
  package internal(set) var sameSizeCount = 0
  /// The smallest input found whose streams differ, and both streams; nil while there is none that may be shown.
  package internal(set) var difference: ModeDifference?

  package init(_ mode: CompressionMode) { name = mode.calibrationName }
}

/// Where a target and the library part in a mode.
package struct ModeDifference: Sendable {
  package let input: [UInt8]
  package let stream: [UInt8]
  package let expected: [UInt8]
}

extension CompressionMode {
  /// The modes that are compared beside the fixed one.
  package static let calibrated: [CompressionMode] =
    CompressionTable.CannedEdition.allCases.map { .canned($0) } + [.dynamic]

  /// What a report calls a mode.
  var calibrationName: String {
    switch code {
    case .fixed: "fixed"
    case .dynamic: "dynamic"
    case .canned(let edition): "canned \(edition.rawValue)"
    case .table: "with a table"
    }
  }
}

extension ModeResult {
  /// Compares a target's streams in its mode with the library's by a member, all of them. Whatever keeps it from being
  /// done ends the mode.
  ///
  /// - Parameters:
  ///   - target: The target.
  ///   - comparison: The inputs; those of chunks that more follow are left out, since no driver asks for such.
  ///   - member: The rules.
  package mutating func compare(
    _ target: any CalibrationTarget, _ comparison: Comparison, by member: MatchProfile
  ) {
    guard ending == .complete else { return }
    queues.append(target.name)
    var encoder = Encoder(mode: target.mode, profile: member)
    var verifier = SoftwareVerifier(target.mode)
    do throws(CalibrationFailure) {
      for number in 0..<comparison.count {
        let item = comparison.item(number)
        guard item.position == .last else { continue }
        let stream = try target.stream(item.input, position: .last)
        let expected = encoder.compress(item.input)
        comparedCount += 1
        comparedBytes += item.input.count
        guard stream != expected else {
          sameCount += 1
          continue
        }
        // SAFETY: bytes have no padding.
        guard unsafe verifier.isStream(stream.span.bytes, of: item.input.span.bytes) else {
          throw CalibrationFailure(
            "\(target.name): the stream of \(item.name) does not stand for it")
        }
        if stream.count == expected.count { sameSizeCount += 1 }
        guard difference == nil, !comparison.isPrivate(number) else { continue }
        if let small = try Shrinker(target: target).difference(item.input, by: member) {
          difference = ModeDifference(
            input: small.input, stream: small.stream, expected: encoder.compress(small.input))
        }
      }
    } catch {
      ending = .stopped(error.description)
    }
  }
}

extension ModeResult {
  /// A line for the verdict.
  var line: String {
    let asked = "\(name): \(comparedCount) inputs of \(comparedBytes) bytes"
    switch ending {
    case .notThere: return "\(name): these devices have no such mode"
    case .stopped(let reason): return "\(name): STOPPED after \(comparedCount) inputs: \(reason)"
    case .complete where comparedCount == sameCount: return asked + ", every bit as the library's"
    case .complete:
      let other = comparedCount - sameCount - sameSizeCount
      return asked + ", \(sameCount) as the library's, \(sameSizeCount) of the same size, "
        + "\(other) of another"
    }
  }

  /// Lines for a report.
  var lines: [String] {
    let others = queues.isEmpty ? [] : ["  on " + queues.joined(separator: ", ")]
    let shown =
      difference.map { difference in
        [
          "  smallest differing input: \(CalibrationReport.hex(difference.input))",
          "  device:  \(CalibrationReport.hex(difference.stream))",
          "  library: \(CalibrationReport.hex(difference.expected))",
        ]
      } ?? []
    return [line] + others + shown
  }

  /// What a profile's file says.
  var json: JSON {
    let ended: String =
      switch ending {
      case .complete: "complete"
      case .notThere: "not there"
      case .stopped(let reason): reason
      }
    return .members([
      "mode": .string(name), "ending": .string(ended), "inputs": .integer(comparedCount),
      "bytes": .integer(comparedBytes), "same": .integer(sameCount),
      "sameSize": .integer(sameSizeCount), "queues": .array(queues.map { .string($0) }),
    ])
  }
}
