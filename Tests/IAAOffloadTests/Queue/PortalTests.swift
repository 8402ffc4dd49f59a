// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import CIAAShim.Device
import FixedDeflate
import Glibc
import SystemPackage
import Testing
import Threading

@testable import IAADevices
@testable import IAAModel
@testable import IAAOffload

@Suite struct PortalTests {
  /// A file of a page, with no name, that stands for a queue's file.
  static func pageFile() throws -> Int32 {
    var name = Array("/tmp/iaa-portal-XXXXXX".utf8CString)
    let file = unsafe mkstemp(&name)
    try #require(file >= 0)
    unsafe unlink(name)
    ftruncate(file, 4096)
    return file
  }

  @Test(
    "mapped portal stores the descriptor whole",
    .enabled(if: CPUFeatures.current.hasMOVDIR64B, "this processor has no MOVDIR64B"))
  func mappedPortalStoresTheDescriptorWhole() throws {
    let file = try Self.pageFile()
    let copy = dup(file)
    defer { close(copy) }
    let portal = try MappedPortal(
      file: file, isShared: false, features: .current, forkCount: 0)
    let slot = JobSlot(destinationCapacity: 4096)
    // Its descriptor's address keeps nothing alive.
    defer { withExtendedLifetime(slot) {} }
    slot.prepare(
      DescriptorFields(
        opcode: .compress, flags: .withState, operationFlags: 0x6, source: 0x1111, sourceCount: 77,
        destination: 0x2222, destinationCapacity: 99, state: 0x3333, stateCount: 1568))
    #expect(unsafe portal.submit(slot.descriptor) == .accepted)
    let expected = unsafe Array(UnsafeRawBufferPointer(start: slot.descriptor, count: 64))
    let offset = (UInt(bitPattern: unsafe slot.descriptor) >> 12 & 63) * 64
    var page = [UInt8](repeating: 0, count: 4096)
    unsafe #expect(pread(copy, &page, 4096, 0) == 4096)
    #expect(Array(page[Int(offset)..<Int(offset) + 64]) == expected)
    #expect(page.filter { $0 != 0 }.count == expected.filter { $0 != 0 }.count)
    portal.close()
  }

  @Test("mapped portal is refused without its instruction")
  func mappedPortalIsRefusedWithoutItsInstruction() throws {
    let file = try Self.pageFile()
    defer { close(file) }
    for isShared in [false, true] {
      #expect(throws: Errno(rawValue: ENOTSUP)) {
        try MappedPortal(file: file, isShared: isShared, features: .none, forkCount: 0)
      }
    }
  }

  @Test("mapping that the system refuses is reported")
  func mappingThatTheSystemRefusesIsReported() {
    let features = CPUFeatures(hasMOVDIR64B: true, hasENQCMD: true, hasWAITPKG: true)
    let file = unsafe open("/dev/null", O_RDONLY)
    defer { close(file) }
    #expect(throws: Errno.self) {
      try MappedPortal(file: file, isShared: false, features: features, forkCount: 0)
    }
  }

  @Test("written portal hands over sixty four bytes and says when full")
  func writtenPortalHandsOverSixtyFourBytesAndSaysWhenFull() throws {
    var ends: [Int32] = [0, 0]
    unsafe #expect(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    let portal = WrittenPortal(file: ends[0], forkCount: 0)
    let slot = JobSlot(destinationCapacity: 4096)
    // Its descriptor's address keeps nothing alive.
    defer { withExtendedLifetime(slot) {} }
    slot.prepare(
      DescriptorFields(
        opcode: .noop, flags: .withoutState, operationFlags: 0, source: 0, sourceCount: 0,
        destination: 0, destinationCapacity: 0))
    #expect(unsafe portal.submit(slot.descriptor) == .accepted)
    var bytes = [UInt8](repeating: 0, count: 100)
    unsafe #expect(read(ends[1], &bytes, 100) == 64)
    let expected = unsafe Array(UnsafeRawBufferPointer(start: slot.descriptor, count: 64))
    #expect(Array(bytes[..<64]) == expected)
    var last = Submission.accepted
    for _ in 0..<100_000 where last == .accepted { last = unsafe portal.submit(slot.descriptor) }
    #expect(last == .busy)
    // Also for a child of another test that has it too.
    shutdown(ends[1], Int32(SHUT_RDWR))
    close(ends[1])
    let isRefused = withoutBrokenPipeSignal {
      if case .refused = unsafe portal.submit(slot.descriptor) { true } else { false }
    }
    #expect(isRefused, "a queue that is gone takes descriptors")
    portal.close()
  }

  /// Runs `body` with SIGPIPE kept from this thread alone: ignored in the process, it would be ignored
  /// in all programs that other tests start.
  private func withoutBrokenPipeSignal<Result>(_ body: () -> Result) -> Result {
    var signals = sigset_t()
    var moment = timespec()
    // SAFETY: all three are whole values that outlive the calls.
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGPIPE)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    let result = body()
    unsafe sigtimedwait(&signals, nil, &moment)
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    return result
  }

  /// A model behind a socket, as the kernel's write(2) path is: the whole dispatcher over it.
  @Test("dispatcher works over a written portal")
  func dispatcherWorksOverAWrittenPortal() throws {
    let source = SocketQueueSource(model: DeviceModel(.init(execution: .inPlace)))
    let dispatcher = try Dispatcher(
      .patient, source: source, topology: CPUTopology(nodes: 1, cpusPerNode: 1))
    let bytes = Sample.bytes(1, count: 3000, seed: 6)
    #expect(dispatcher.portalKind(of: QueueID(device: 1, queue: 0)) == .written)
    let (stream, report) = try dispatcher.compress(bytes)
    #expect(stream == Sample.software(bytes) && report.path == .hardware)
    #expect(try dispatcher.decompress(stream, room: 3000).bytes == bytes)
  }

  @Test("written portal that nobody answers is not used")
  func writtenPortalThatNobodyAnswersIsNotUsed() throws {
    let source = SocketQueueSource(model: nil)
    var configuration = Dispatcher.Configuration.patient
    configuration.path = .hardware
    configuration.waitLimit = WaitLimit(polls: .max, time: .milliseconds(50))
    let error = #expect(throws: OffloadError.self) {
      try Dispatcher(configuration, source: source, topology: CPUTopology(nodes: 1, cpusPerNode: 1))
    }
    guard case .hardwareUnavailable(let reasons)? = error else { return }
    #expect(reasons == ["socket takes no descriptors from this process"])
  }
}

/// One queue that takes descriptors through a socket.
struct SocketQueueSource: QueueSource {
  let model: DeviceModel?

  func queues() -> [QueueDescription] {
    [
      QueueDescription(
        id: QueueID(device: 1, queue: 0), name: "written", mode: .shared, size: 16, threshold: 16,
        path: "socket")
    ]
  }

  func open(_ queue: QueueDescription) throws(OpenFailure) -> any Portal {
    var ends: [Int32] = [0, 0]
    guard unsafe socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0 else {
      throw OpenFailure(reason: "no sockets")
    }
    let receiver = ends[1]
    let portal = model?.open(0)
    SystemThread {
      // 64-byte aligned, as a page is.
      let page = MappedMemory(byteCount: 4096)
      defer { withExtendedLifetime(page) {} }
      while unsafe read(receiver, page.base, 64) == 64 {
        if let portal { unsafe _ = portal.submit(page.base) }
      }
      portal?.close()
      close(receiver)
    }.detach()
    return WrittenPortal(file: ends[0], forkCount: ForkGuard.forkCount)
  }

  func reasonsForNone() -> [String] { ["no socket"] }
}
