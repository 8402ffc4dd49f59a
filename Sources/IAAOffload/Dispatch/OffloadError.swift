// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What a caller can be told besides a result. Hardware trouble is not here as long as software may
// do the work: it shows in the report instead.

public import FixedDeflate
import SystemPackage

/// Why a job has no result.
public enum OffloadError: Error, Sendable, Hashable {
  /// The compressed stream is larger than the room for it: the driver's -E2BIG. Keep the input.
  case didNotFit
  /// The decompressed bytes are more than there is room for.
  case outputFull
  /// The compressed data is bad, by the software's judgement.
  case invalidData(DeflateError)
  /// The mode's table has no codeword for something in the data to be compressed, with its place there.
  case noCodeword(DeflateError)
  /// No queue can be used and the configuration allows nothing else; what is missing, one reason
  /// each.
  case hardwareUnavailable([String])
  /// The hardware failed the job and the configuration allows nothing else.
  case hardwareFailed(FallbackReason)
  /// zlib does not agree with the result.
  case crossCheckFailed
  /// The job was cancelled.
  case cancelled
}

extension OffloadError: CustomStringConvertible {
  /// One line.
  public var description: String {
    switch self {
    case .didNotFit: "compressed data does not fit"
    case .outputFull: "decompressed data does not fit"
    case .invalidData(let error): "invalid compressed data: \(error)"
    case .noCodeword(let error): "\(error)"
    case .hardwareUnavailable(let reasons):
      "no hardware path: " + reasons.joined(separator: "; ")
    case .hardwareFailed(let reason): "hardware failed: \(reason)"
    case .crossCheckFailed: "zlib disagrees with the result"
    case .cancelled: "cancelled"
    }
  }

  /// The errors as they are counted.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// See ``OffloadError``; the cases are the same without what they carry.
    case didNotFit, outputFull, invalidData, hardwareUnavailable, hardwareFailed
    /// See ``OffloadError``.
    case crossCheckFailed, cancelled, noCodeword
  }

  /// The error without what it carries.
  public var kind: Kind {
    switch self {
    case .didNotFit: .didNotFit
    case .outputFull: .outputFull
    case .invalidData: .invalidData
    case .hardwareUnavailable: .hardwareUnavailable
    case .hardwareFailed: .hardwareFailed
    case .crossCheckFailed: .crossCheckFailed
    case .cancelled: .cancelled
    case .noCodeword: .noCodeword
    }
  }
}

/// Why a job that hardware should have done was done in software.
public enum FallbackReason: Sendable, Hashable {
  /// No queue is open for this kind of job.
  case noQueue
  /// Every queue that was tried was full, after all retries.
  case queueFull
  /// The queue went away or refuses this process; the errno says how.
  case queueRefused(Int32)
  /// No completion within the limit.
  case timedOut
  /// The device's own watchdog.
  case watchdog
  /// A page fault again, after its page was touched.
  case pageFault
  /// The input is empty, which devices reject.
  case emptyInput
  /// Larger than the queues' maximum transfer size.
  case exceedsTransferSize
  /// A compression of more bytes than devices take in this mode: see
  /// ``/FixedDeflate/CompressionMode/maximumDeviceChunkSize``.
  case exceedsModeSize
  /// The device does not do this in the dispatcher's mode: it makes no dynamic blocks (``IAACapabilities``), or did not
  /// take the tables to decompress with.
  case unsupportedMode
  /// The device rejects the stream or the tables.
  case analytics(AnalyticsError)
  /// The device rejects the descriptor, or failed.
  case status(CompletionStatus)
  /// The compressed result does not decompress to the input.
  case verificationFailed
  /// The decompressed result does not have the CRC the device gave, or sizes do not make sense.
  case badResult
  /// zlib does not agree with the hardware's result.
  case crossCheckFailed
}

extension FallbackReason: CustomStringConvertible {
  /// One line.
  public var description: String {
    switch self {
    case .noQueue: "no queue"
    case .queueFull: "queue full"
    case .queueRefused(let code): "queue refused: \(Errno(rawValue: code))"
    case .timedOut: "timed out"
    case .watchdog: "device watchdog expired"
    case .pageFault: "page fault"
    case .emptyInput: "empty input"
    case .exceedsTransferSize: "larger than the maximum transfer size"
    case .exceedsModeSize: "larger than devices compress in this mode"
    case .unsupportedMode: "not done by the device in this mode"
    case .analytics(let error): "device: \(error)"
    case .status(let status): "device: \(status)"
    case .verificationFailed: "verification failed"
    case .badResult: "bad result"
    case .crossCheckFailed: "zlib disagrees"
    }
  }

  /// The reasons as they are counted.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// See ``FallbackReason``; the cases are the same without what they carry.
    case noQueue, queueFull, queueRefused, timedOut, watchdog, pageFault, emptyInput
    /// See ``FallbackReason``.
    case exceedsTransferSize, analytics, status, verificationFailed, badResult, crossCheckFailed
    /// See ``FallbackReason``.
    case exceedsModeSize, unsupportedMode
  }

  /// The reason without what it carries.
  public var kind: Kind {
    switch self {
    case .noQueue: .noQueue
    case .queueFull: .queueFull
    case .queueRefused: .queueRefused
    case .timedOut: .timedOut
    case .watchdog: .watchdog
    case .pageFault: .pageFault
    case .emptyInput: .emptyInput
    case .exceedsTransferSize: .exceedsTransferSize
    case .exceedsModeSize: .exceedsModeSize
    case .unsupportedMode: .unsupportedMode
    case .analytics: .analytics
    case .status: .status
    case .verificationFailed: .verificationFailed
    case .badResult: .badResult
    case .crossCheckFailed: .crossCheckFailed
    }
  }
}
