// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Every code a completion record can carry, with a name. A code that is not here still has a
// number in the messages: hardware may be newer than this table.

import IAADevices

/// The status byte of a completion record, bits 0…5; bit 7 marks a fault of a write.
public struct CompletionStatus: RawRepresentable, Sendable, Hashable {
  /// The code.
  public let rawValue: UInt8

  /// Creates a status of any code.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Not completed yet.
  public static let inProgress = Self(rawValue: 0x00)
  /// Done.
  public static let success = Self(rawValue: 0x01)
  /// A page was not there and the queue does not block on faults.
  public static let pageFault = Self(rawValue: 0x03)
  /// A page fault whose page request was invalid.
  public static let pageFaultInvalidRequest = Self(rawValue: 0x04)
  /// See the analytics error.
  public static let analyticsError = Self(rawValue: 0x0A)
  /// A decompression's output does not fit.
  public static let outputOverflow = Self(rawValue: 0x0B)
  /// The device does not do this operation.
  public static let unsupportedOpcode = Self(rawValue: 0x10)
  /// A flag is reserved or does not fit the operation.
  public static let invalidFlags = Self(rawValue: 0x11)
  /// A reserved field is not zero.
  public static let nonZeroReserved = Self(rawValue: 0x12)
  /// A size is zero or above the maximum transfer size.
  public static let invalidSize = Self(rawValue: 0x13)
  /// Buffers overlap.
  public static let overlappingBuffers = Self(rawValue: 0x16)
  /// The interrupt handle is invalid.
  public static let invalidInterruptHandle = Self(rawValue: 0x19)
  /// The completion record's address is not on a 64-byte boundary.
  public static let misalignedCompletionRecord = Self(rawValue: 0x1B)
  /// The AECS is not on a 32-byte boundary.
  public static let misalignedAECS = Self(rawValue: 0x1C)
  /// The privilege bit is set where it must not be.
  public static let privilege = Self(rawValue: 0x1D)
  /// An unsupported request or completer abort on the bus.
  public static let hardwareError = Self(rawValue: 0x20)
  /// A time-out in the hardware or a translation that failed.
  public static let hardwareTimeout = Self(rawValue: 0x22)
  /// The device's own watchdog ended the operation.
  public static let watchdog = Self(rawValue: 0x24)
  /// A compression or decompression flag is invalid.
  public static let invalidCompressionFlag = Self(rawValue: 0x30)

  /// Codes and what they mean.
  package static let names: [UInt8: String] = [
    0x00: "in progress", 0x01: "success", 0x03: "page fault",
    0x04: "page fault, invalid page request", 0x0A: "analytics error", 0x0B: "output overflow",
    0x10: "unsupported operation", 0x11: "invalid flags", 0x12: "reserved field not zero",
    0x13: "invalid size", 0x16: "overlapping buffers", 0x19: "invalid interrupt handle",
    0x1A: "completion record address translation failed",
    0x1B: "completion record misaligned", 0x1C: "AECS misaligned", 0x1D: "privilege violation",
    0x1E: "traffic class conflict", 0x1F: "page fault in drain or readback",
    0x20: "hardware error (UR or CA)", 0x21: "readback timeout",
    0x22: "hardware timeout or translation failure", 0x23: "page request timeout",
    0x24: "watchdog expired", 0x28: "invalid PASID", 0x29: "inter-domain error 0x29",
    0x2A: "inter-domain error 0x2a", 0x2B: "inter-domain error 0x2b",
    0x2C: "inter-domain error 0x2c", 0x2D: "inter-domain error 0x2d",
    0x2E: "inter-domain error 0x2e", 0x30: "invalid compression flag",
    0x31: "invalid filter flag", 0x32: "invalid input size", 0x33: "invalid number of elements",
    0x34: "invalid source 1 width", 0x35: "invalid inverted output",
  ]
}

extension CompletionStatus: CustomStringConvertible {
  /// The code's meaning, or its number when it has no name.
  public var description: String { Self.names[rawValue] ?? "status 0x\(rawValue.hex)" }
}

/// The error code of a completion record whose status is an analytics error.
public struct AnalyticsError: RawRepresentable, Sendable, Hashable {
  /// The code.
  public let rawValue: UInt8

  /// Creates an error of any code.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The output of a compression does not fit: the driver's -E2BIG.
  public static let outputTooSmall = Self(rawValue: 0x19)

  /// Codes and what they mean.
  package static let names: [UInt8: String] = [
    1: "header too big, or the input ended in it", 2: "bad code length code",
    3: "first literal/length code is a repeat", 4: "first distance code is a repeat",
    5: "no literal/length code", 6: "wrong number of literal/length codes",
    7: "wrong number of distance codes", 8: "bad code length code lengths",
    9: "bad literal/length code lengths", 10: "bad distance code lengths",
    11: "bad literal/length codeword", 12: "bad distance codeword", 13: "block type 3",
    14: "stored block length and its complement differ",
    15: "end-of-block expected, not the last token", 16: "length 0 or above 258",
    17: "distance 0 or beyond the history buffer", 18: "distance before the start",
    19: "no forward progress", 20: "bad PRLE format", 21: "bad output width", 22: "invalid AECS",
    23: "source 1 too short", 24: "source 2 too short", 25: "output buffer too small",
    26: "distance spans mini-blocks", 27: "length spans mini-blocks",
    28: "bad mini-block size", 29: "zero-compression verify failed",
    30: "no codeword for a symbol of the input", 31: "PRLE width above 32",
    32: "too few elements", 33: "too many elements", 34: "bad zero-compression header",
    35: "more than 286 literal/length codes", 36: "more than 30 distance codes",
  ]
}

extension AnalyticsError: CustomStringConvertible {
  /// The code's meaning, or its number when it has no name.
  public var description: String { Self.names[rawValue] ?? "analytics error \(rawValue)" }
}

extension FixedWidthInteger {
  /// Lower-case hexadecimal digits.
  package var hex: String { String(self, radix: 16) }
}
