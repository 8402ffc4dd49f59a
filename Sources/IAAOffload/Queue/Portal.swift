// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The only place that submits to devices. Two kinds: mapped (instructions) and written (write(2), for
// kernels that refuse the mapping). Nothing above can tell them apart, nor from a model's.

import CIAAShim.Device
import Descriptors
import Glibc
import IAADevices
import Synchronization
import SystemPackage

/// Submits with MOVDIR64B (dedicated queues) or ENQCMD (shared queues).
@safe final class MappedPortal: Portal, @unchecked Sendable {
  // SAFETY: the fields are constants but `isOpen`; the page takes stores from any thread.
  private let page: UnsafeMutableRawPointer
  private let file: Int32
  private let isShared: Bool
  private let isOpen = Atomic(true)
  private let forkCount: Int

  let kind = PortalKind.mapped

  /// Maps the portal of an open queue file, which it then owns. The count of forks is the one from
  /// before the file was opened.
  ///
  /// - Throws: The errno of mmap; EPERM is what kernels say that refuse the mapping without
  ///   CAP_SYS_RAWIO. ENOTSUP where the processor lacks the instruction. The file stays open then.
  init(
    file: Int32, isShared: Bool, features: CPUFeatures, forkCount: Int
  ) throws(Errno) {
    guard isShared ? features.hasENQCMD : features.hasMOVDIR64B else {
      throw Errno(rawValue: ENOTSUP)
    }
    let page = unsafe mmap(nil, Page.size, PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, 0)
    guard let page = unsafe page, unsafe page != MAP_FAILED else { throw .current }
    unsafe self.page = page
    self.file = file
    self.isShared = isShared
    self.forkCount = forkCount
  }

  func submit(_ descriptor: UnsafeRawPointer) -> Submission {
    // Any 64-byte slot of the page is the same portal; spreading over them by the descriptor's
    // page needs no shared counter.
    let slot = (UInt(bitPattern: descriptor) >> 12) & 63
    // SAFETY: within the mapped page; `init` checked that the processor has the instruction.
    let portal = unsafe page + Int(slot) * 64
    ciaa_sfence()
    if isShared {
      return unsafe ciaa_enqcmd(portal, descriptor) == 0 ? .accepted : .busy
    }
    unsafe ciaa_movdir64b(portal, descriptor)
    return .accepted
  }

  @discardableResult
  func close() -> Bool {
    guard isOpen.exchange(false, ordering: .acquiringAndReleasing) else { return false }
    // SAFETY: mapped in `init`; nobody submits any more.
    _ = unsafe munmap(page, Page.size)
    _ = Glibc.close(file)
    return forkCount == ForkGuard.forkCount
  }

  func abandonInChild() {
    guard isOpen.exchange(false, ordering: .acquiringAndReleasing) else { return }
    _ = Glibc.close(file)
  }

  deinit { close() }
}

/// Submits by writing descriptors to the queue's file. The kernel checks them and submits for us.
@safe final class WrittenPortal: Portal {
  private let file: Int32
  private let isOpen = Atomic(true)
  private let forkCount: Int

  let kind = PortalKind.written

  /// Takes over an open queue file. The count of forks is the one from before it was opened.
  init(file: Int32, forkCount: Int) {
    self.file = file
    self.forkCount = forkCount
  }

  func submit(_ descriptor: UnsafeRawPointer) -> Submission {
    // SAFETY: 64 readable bytes, as the protocol demands.
    let written = unsafe write(file, descriptor, 64)
    if written == 64 { return .accepted }
    let code = written < 0 ? errno : EAGAIN
    return code == EAGAIN || code == EINTR || code == EBUSY ? .busy : .refused(errno: code)
  }

  @discardableResult
  func close() -> Bool {
    guard isOpen.exchange(false, ordering: .acquiringAndReleasing) else { return false }
    _ = Glibc.close(file)
    return forkCount == ForkGuard.forkCount
  }

  func abandonInChild() { close() }

  deinit { close() }
}
