// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The truth about a job: where it ran, and why not elsewhere.

/// Where and how a job was done.
public struct JobReport: Sendable, Hashable {
  /// Who made the result.
  public enum Path: Sendable, Hashable {
    /// A device, or a model of one.
    case hardware
    /// The library's codec.
    case software
  }

  /// Who made the result.
  public internal(set) var path = Path.software
  /// The queue that made it, or the last one that was tried.
  public internal(set) var queue: QueueID?
  /// Descriptors that queues took for this job, verification not counted.
  public internal(set) var submissions = 0
  /// Submissions that queues refused because they were full.
  public internal(set) var retries = 0
  /// Why hardware did not do it; nil if it did, or was never meant to.
  public internal(set) var fallback: FallbackReason?
  /// Bytes of the result.
  public internal(set) var outputCount = 0
  /// The whole call, in nanoseconds.
  public internal(set) var nanoseconds: UInt64 = 0

  /// Whether the device's part took as long as the whole call, to the accuracy of a clock.
  var isWholeDelay = false

  package init() {}
}

/// What a job does.
public enum JobKind: Int, Sendable, Hashable, CaseIterable {
  /// Bytes to DEFLATE.
  case compress
  /// DEFLATE to bytes.
  case decompress
}
