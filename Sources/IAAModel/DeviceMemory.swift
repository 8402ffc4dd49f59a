// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Memory as a device sees it: addresses that may not be there. The system copies for us and says
// where it had to stop, so a page that is missing becomes a page fault in a completion record and
// not a crash of the process that runs the model.

import CIAAShim.Device
import Glibc
import IAAOffload

/// Reads and writes of this process's memory by address.
@safe enum DeviceMemory {
  /// An address that could not be read or written.
  struct Fault: Error {
    let address: UInt64
  }

  /// Reads bytes.
  static func read(_ address: UInt64, count: Int) throws(Fault) -> [UInt8] {
    guard count > 0 else { return [] }
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      var done = 0
      while done < count {
        var local = unsafe iovec(
          iov_base: UnsafeMutableRawPointer(buffer.baseAddress)?.advanced(by: done),
          iov_len: count - done)
        // SAFETY: the remote address is data for the system, which checks it.
        var remote = unsafe iovec(
          iov_base: UnsafeMutableRawPointer(bitPattern: UInt(address) &+ UInt(done)),
          iov_len: count - done)
        let copied = unsafe process_vm_readv(getpid(), &local, 1, &remote, 1, 0)
        guard copied > 0 else { break }
        done += copied
      }
      initialized = done
    }
    guard bytes.count == count else { throw Fault(address: address &+ UInt64(bytes.count)) }
    return bytes
  }

  /// Writes bytes.
  static func write(_ bytes: Span<UInt8>, to address: UInt64) throws(Fault) {
    var done = 0
    while done < bytes.count {
      let copied = unsafe bytes.withUnsafeBufferPointer { buffer in
        var local = unsafe iovec(
          iov_base: UnsafeMutableRawPointer(mutating: buffer.baseAddress)?.advanced(by: done),
          iov_len: buffer.count - done)
        // SAFETY: as above.
        var remote = unsafe iovec(
          iov_base: UnsafeMutableRawPointer(bitPattern: UInt(address) &+ UInt(done)),
          iov_len: buffer.count - done)
        return unsafe process_vm_writev(getpid(), &local, 1, &remote, 1, 0)
      }
      guard copied > 0 else { throw Fault(address: address &+ UInt64(done)) }
      done += copied
    }
  }
}
