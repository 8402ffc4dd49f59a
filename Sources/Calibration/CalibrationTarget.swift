// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What is calibrated: anything that makes streams of inputs. A device through the dispatcher is one.

package import FixedDeflate
package import IAADevices
package import IAAOffload

/// What could not be done, for people.
package struct CalibrationFailure: Error, Sendable, Hashable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// A compressor whose rules are looked for. Matching comes before coding, so that a mode with other codes has the
/// same rules; to compare its streams as well, a target of that mode is asked.
package protocol CalibrationTarget: Sendable {
  /// What it is called: a queue's name.
  var name: String { get }
  /// The mode of its streams; fixed unless it says otherwise, which is what probes need.
  var mode: CompressionMode { get }
  /// The most bytes that it takes at once.
  var maximumCount: Int { get }

  /// The stream of a chunk in the target's mode.
  ///
  /// - Throws: `CalibrationFailure` when there is none.
  func stream(_ input: [UInt8], position: BlockPosition) throws(CalibrationFailure) -> [UInt8]
}

extension CalibrationTarget {
  package var mode: CompressionMode { .fixed }
}

/// One queue of a device, through the dispatcher and never in software.
package struct QueueTarget: CalibrationTarget {
  package let name: String
  package let maximumCount: Int
  package var mode: CompressionMode { dispatcher.configuration.mode }
  private let dispatcher: Dispatcher

  /// Opens a queue below a system, in a mode of devices.
  ///
  /// - Throws: `OffloadError` when it cannot be used.
  package init(
    _ queue: QueueDescription, mode: CompressionMode = .fixed, root: SystemRoot
  ) throws(OffloadError) {
    var configuration = Dispatcher.Configuration()
    configuration.mode = mode
    configuration.path = .hardware
    configuration.queues = [queue.id]
    configuration.chunkSize = Encoder.maximumChunkSize
    // Every answer is taken apart here, also one that is wrong.
    configuration.verifyCompress = .off
    configuration.submissionRetries = 100_000
    configuration.waitLimit = WaitLimit(polls: .max, time: .seconds(10))
    dispatcher = try Dispatcher(configuration, root: root)
    name = "\(queue.id)"
    maximumCount = min(queue.maximumTransferSize, mode.maximumDeviceChunkSize)
  }

  package func stream(
    _ input: [UInt8], position: BlockPosition
  ) throws(CalibrationFailure) -> [UInt8] {
    do throws(OffloadError) {
      return try input.withBytes { (input: RawSpan) throws(OffloadError) in
        try makeBytes(capacity: Encoder.bound(input.byteCount, position: position, mode: mode)) {
          (output: inout OutputRawSpan) throws(OffloadError) in
          _ = try dispatcher.compress(input, position: position, into: &output)
        }
      }
    } catch {
      throw CalibrationFailure("\(name), \(input.count) bytes: \(error)")
    }
  }
}
