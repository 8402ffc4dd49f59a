// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The truth about a job: where it ran, and why not elsewhere.

import IAADevices

/// Where and how a job was done.
public struct JobReport: Sendable, Hashable {
  /// Who made the result.
  public enum Path: Sendable, Hashable, CaseIterable {
    /// A device, or a model of one.
    case hardware
    /// The library's codec.
    case software
  }

  /// Of the whole call.
  var nanoseconds: UInt64 = 0
  /// How long the whole call took.
  public var duration: Duration { Duration(nanosecondCount: nanoseconds) }
  /// Bytes of the input that the result stands for. A decompression ends with its stream, whatever
  /// follows; of a device's this is what the device says.
  public internal(set) var inputCount = 0
  /// Bytes of the result.
  public internal(set) var outputCount = 0
  /// Why hardware did not do it; nil if it did, or was never meant to.
  public internal(set) var fallback: FallbackReason?
  /// Who made the result.
  public internal(set) var path = Path.software
  /// Whether the device's part took as long as the whole call, to the accuracy of a clock.
  var isWholeDelay = false

  // A report travels through several calls for every job, so it is kept small.
  private var device: Int16 = -1
  private var queueNumber: Int16 = 0
  private var submissionBits: UInt16 = 0
  private var retryBits: UInt16 = 0

  /// The queue that made it, or the last one that was tried.
  public internal(set) var queue: QueueID? {
    get { device < 0 ? nil : QueueID(device: Int(device), queue: Int(queueNumber)) }
    set {
      device = Int16(clamping: newValue?.device ?? -1)
      queueNumber = Int16(clamping: newValue?.queue ?? 0)
    }
  }

  /// Descriptors that queues took for this job, verification not counted.
  public internal(set) var submissions: Int {
    get { Int(submissionBits) }
    set { submissionBits = UInt16(clamping: newValue) }
  }

  /// Submissions that queues refused because they were full; 65,535 stands for as many or more.
  public internal(set) var retries: Int {
    get { Int(retryBits) }
    set { retryBits = UInt16(clamping: newValue) }
  }

  package init() {}
}

extension JobReport: CustomStringConvertible {
  /// One line: the sizes, where it ran, and why if that was not hardware.
  public var description: String {
    var text = "\(inputCount) to \(outputCount) bytes in \(path)"
    if let queue { text += path == .hardware ? " on \(queue)" : " after \(queue)" }
    if let fallback { text += ": \(fallback)" }
    return text + " (\(submissions) submissions, \(retries) retries, \(nanoseconds) ns)"
  }
}

/// What a job does.
public enum JobKind: Int, Sendable, Hashable, CaseIterable {
  /// Bytes to DEFLATE.
  case compress
  /// DEFLATE to bytes.
  case decompress
}
