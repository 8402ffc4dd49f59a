// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Pages of our own. Everything a device writes to lies in such pages, never in a caller's buffer:
// a device that answers after the wait was given up must find memory that nobody else uses.

import Glibc
import IAADevices
import Synchronization

/// Anonymous pages with one owner, resident from the start.
@safe final class MappedMemory: @unchecked Sendable {
  // SAFETY: Sendable since both fields are constants; who may use the bytes when is the business
  // of the job that holds them.
  let base: UnsafeMutableRawPointer
  let byteCount: Int

  /// Maps at least `byteCount` bytes, rounded up to pages. Traps when the system has none left, as
  /// any allocation does.
  init(byteCount: Int) {
    let rounded = max(1, (byteCount + Page.size - 1) / Page.size) * Page.size
    let base = unsafe mmap(
      nil, rounded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0)
    guard let base = unsafe base, unsafe base != MAP_FAILED else {
      preconditionFailure("out of memory: \(rounded) bytes")
    }
    unsafe self.base = base
    self.byteCount = rounded
  }

  deinit {
    // SAFETY: mapped in `init` with this size; the last reference is gone.
    _ = unsafe munmap(base, byteCount)
  }
}

/// Touching pages: a queue that does not block on faults reports one for every page that is not there.
extension Page {
  /// Reads a byte of every page of a buffer. Nothing but the read: the optimiser keeps atomic loads.
  static func touchForReading(_ start: UnsafeRawPointer, count: Int) {
    guard count > 0 else { return }
    var address = UInt(bitPattern: start)
    let end = address + UInt(count)
    while address < end {
      // SAFETY: the address lies in the caller's buffer.
      if let byte = unsafe UnsafePointer<Atomic<UInt8>>(bitPattern: address) {
        _ = unsafe byte.pointee.load(ordering: .relaxed)
      }
      address = (address & ~UInt(size - 1)) + UInt(size)
    }
  }

  /// Writes a byte of every page of a buffer whose contents do not matter.
  static func touchForWriting(_ start: UnsafeMutableRawPointer, count: Int) {
    guard count > 0 else { return }
    var address = UInt(bitPattern: start)
    let end = address + UInt(count)
    while address < end {
      // SAFETY: the address lies in the caller's buffer.
      if let byte = unsafe UnsafePointer<Atomic<UInt8>>(bitPattern: address) {
        unsafe byte.pointee.store(0, ordering: .relaxed)
      }
      address = (address & ~UInt(size - 1)) + UInt(size)
    }
  }
}
