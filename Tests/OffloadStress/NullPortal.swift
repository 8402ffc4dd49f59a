// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A portal behind which nothing is done: every job is answered at once, in place. What remains is
// the dispatcher's own cost.

import CIAAShim.Device
import FixedDeflate
import IAADevices
package import IAAOffload
import Synchronization

/// Answers every descriptor with success.
@safe final class NullPortal: Portal {
  let kind = PortalKind.model
  private let resultCount: UInt32
  private let crc: UInt32

  init(resultCount: Int, crc: UInt32) {
    self.resultCount = UInt32(resultCount)
    self.crc = crc
  }

  func submit(_ descriptor: UnsafeRawPointer) -> Submission {
    // SAFETY: 64 readable bytes whose completion address is the slot's record, as the dispatcher
    // prepares them.
    let fields = unsafe descriptor.load(as: iax_hw_desc.self)
    guard
      let record = unsafe UnsafeMutableRawPointer(bitPattern: UInt(fields.completion_addr)),
      let output = unsafe UnsafeMutableRawPointer(bitPattern: UInt(fields.dst_addr))
    else { return .refused(errno: 22) }
    var answer = iax_completion_record()
    // No stream takes no bytes: who says so is not believed.
    answer.bytes_completed = fields.src1_size
    answer.output_size = resultCount
    answer.crc = crc
    unsafe record.storeBytes(of: answer, as: iax_completion_record.self)
    // A frame that the dispatcher takes for a stream's.
    if fields.opcode == UInt32(Opcode.compress.rawValue) {
      unsafe output.storeBytes(of: BlockHeader.fixed(isFinal: true), as: UInt8.self)
    }
    unsafe record.assumingMemoryBound(to: Atomic<UInt8>.self).pointee
      .store(CompletionStatus.success.rawValue, ordering: .releasing)
    return .accepted
  }

  func close() -> Bool { true }

  func abandonInChild() {}
}

/// One queue with nothing behind it.
struct NullQueueSource: QueueSource {
  let resultCount: Int
  let crc: UInt32

  func queues() -> [QueueDescription] {
    [
      QueueDescription(
        id: QueueID(device: 1, queue: 0), name: "null", mode: .dedicated, size: 128)
    ]
  }

  func open(_ queue: QueueDescription) throws(OpenFailure) -> any Portal {
    NullPortal(resultCount: resultCount, crc: crc)
  }

  func reasonsForNone() -> [String] { [] }
}

extension Dispatcher {
  /// A dispatcher whose every result is `resultCount` bytes of nothing, to measure what it costs; `crc`
  /// is what every record says, so that a verification may succeed.
  package static func overNothing(
    _ configuration: Dispatcher.Configuration, resultCount: Int, crc: UInt32 = 0
  ) throws(OffloadError) -> Dispatcher {
    try Dispatcher(
      configuration, source: NullQueueSource(resultCount: resultCount, crc: crc),
      topology: CPUTopology.read())
  }
}
