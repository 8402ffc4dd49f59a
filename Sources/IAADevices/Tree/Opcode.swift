// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The operations that this project knows, by the kernel header's numbers: a device says in `op_cap`
// which of them it does, and a descriptor asks for one.

/// What a descriptor asks for.
package enum Opcode: UInt8, Sendable, Hashable, CaseIterable {
  /// Nothing: the record is written.
  case noop = 0x00
  /// Waits for all earlier descriptors of the queue.
  case drain = 0x02
  /// Copies source 1.
  case memoryMove = 0x03
  /// DEFLATE to bytes.
  case decompress = 0x42
  /// Bytes to DEFLATE.
  case compress = 0x43
}
