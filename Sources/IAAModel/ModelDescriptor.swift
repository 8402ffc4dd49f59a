// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A descriptor as it arrives, and the checks a device makes before it touches memory.

import CIAAShim.Device
import FixedDeflate
import IAADevices
import IAAOffload

/// The 64 bytes of a descriptor, taken apart.
struct ModelDescriptor: Sendable {
  var pasid: UInt32
  var reserved: UInt32
  var isPrivileged: Bool
  var flags: DescriptorFlags
  var opcode: UInt8
  var completionAddress: UInt64
  var source: UInt64
  var destination: UInt64
  var sourceCount: Int
  var interruptHandle: UInt16
  var operationFlags: UInt16
  var source2: UInt64
  var destinationCapacity: Int
  var source2Count: Int
  var filterFlags: UInt32
  var inputCount: UInt32

  init(at pointer: UnsafeRawPointer) {
    // SAFETY: the caller vouches for 64 bytes.
    let fields = unsafe pointer.loadUnaligned(as: iax_hw_desc.self)
    pasid = fields.pasid
    reserved = fields.rsvd
    isPrivileged = fields.priv != 0
    flags = DescriptorFlags(rawValue: fields.flags)
    opcode = UInt8(truncatingIfNeeded: fields.opcode)
    completionAddress = fields.completion_addr
    source = fields.src1_addr
    destination = fields.dst_addr
    sourceCount = Int(fields.src1_size)
    interruptHandle = fields.int_handle
    operationFlags = fields.compr_flags
    source2 = fields.src2_addr
    destinationCapacity = Int(fields.max_dst_size)
    source2Count = Int(fields.src2_size)
    filterFlags = fields.filter_flags
    inputCount = fields.num_inputs
  }

  /// Whether the record can be written at all.
  var hasUsableRecord: Bool {
    flags.contains(.completionRecordAddressValid) && completionAddress != 0
      && completionAddress % 64 == 0
  }

  var suppressesOutput: Bool {
    opcode == Opcode.decompress.rawValue
      && DecompressFlags(rawValue: operationFlags).contains(.suppressOutput)
  }

  /// What is wrong with the descriptor, in the order operation, flags, reserved fields, alignment,
  /// sizes, overlap. No published order is known (facts, section 7): tests make one mistake at a
  /// time.
  func check(
    _ queue: DeviceModel.Queue, _ capabilities: IAACapabilities
  ) throws(ModelFailure) -> Opcode {
    guard let opcode = Opcode(rawValue: opcode) else { throw .status(.unsupportedOpcode) }
    guard !isPrivileged else { throw .status(.privilege) }
    try checkFlags(opcode, queue)
    guard reserved == 0, filterFlags == 0, inputCount == 0 else {
      throw .status(.nonZeroReserved)
    }
    // Interrupt handle 0 is the only one a user process has.
    guard interruptHandle == 0 else { throw .status(.invalidInterruptHandle) }
    switch opcode {
    case .noop, .drain: try checkNoBuffers()
    case .memoryMove:
      try checkSizes(queue)
      guard operationFlags == 0, source2 == 0, source2Count == 0 else {
        throw .status(.nonZeroReserved)
      }
    case .compress: try checkCompress(queue, capabilities)
    case .decompress: try checkDecompress(queue, capabilities)
    }
    return opcode
  }

  private func checkFlags(
    _ opcode: Opcode, _ queue: DeviceModel.Queue
  ) throws(ModelFailure) {
    var allowed: DescriptorFlags = [
      .completionRecordAddressValid, .requestCompletionRecord, .requestInterrupt, .cacheControl,
    ]
    if queue.blocksOnFault { allowed.insert(.blockOnFault) }
    if opcode == .compress { allowed.formUnion([.readSource2AECS, .crc32C]) }
    if opcode == .decompress {
      allowed.formUnion([.readSource2AECS, .writeSource2AECS, .togglesAECS, .crc32C])
    }
    let invalid = flags.subtracting(allowed)
    guard invalid.isEmpty else { throw .invalidFlags(invalid.rawValue) }
  }

  private func checkNoBuffers() throws(ModelFailure) {
    guard source == 0, destination == 0, sourceCount == 0, destinationCapacity == 0, source2 == 0,
      source2Count == 0, operationFlags == 0
    else { throw .status(.nonZeroReserved) }
  }

  private func checkCompress(
    _ queue: DeviceModel.Queue, _ capabilities: IAACapabilities
  ) throws(ModelFailure) {
    var known: CompressFlags = [.flushOutput, .endMask, .literalsOnly]
    if capabilities.contains(.headerGeneration) { known.formUnion(.finalHeader) }
    let operation = CompressFlags(rawValue: operationFlags)
    guard operation.isSubset(of: known) else { throw .status(.invalidCompressionFlag) }
    if !operation.isDisjoint(with: .finalHeader) { return try checkDynamic(operation, queue) }
    // Without tables there is nothing to code with; that this is "AECS invalid" is assumed.
    guard flags.contains(.readSource2AECS) else {
      throw .analytics(AnalyticsError(rawValue: 22))
    }
    guard source2 % UInt64(CompressionStateLayout.alignment) == 0 else {
      throw .status(.misalignedAECS)
    }
    guard source2Count == CompressionStateLayout.byteCount else { throw .status(.invalidSize) }
    try checkSizes(queue)
    guard !overlaps(source2, source2Count, destination, destinationCapacity) else {
      throw .status(.overlappingBuffers)
    }
  }

  /// The driver's dynamic mode has no AECS and at most a page. That anything else is refused, and how, is assumed:
  /// bit 12 without bit 13 means nothing known, and the driver's own limit is all there is on sizes.
  private func checkDynamic(
    _ operation: CompressFlags, _ queue: DeviceModel.Queue
  ) throws(ModelFailure) {
    guard operation.contains(.header), !operation.contains(.literalsOnly) else {
      throw .status(.invalidCompressionFlag)
    }
    guard !flags.contains(.readSource2AECS), source2 == 0, source2Count == 0 else {
      throw .status(.nonZeroReserved)
    }
    try checkSizes(queue)
    guard sourceCount <= CompressionMode.dynamic.maximumDeviceChunkSize else {
      throw .status(.invalidSize)
    }
  }

  private func checkDecompress(
    _ queue: DeviceModel.Queue, _ capabilities: IAACapabilities
  ) throws(ModelFailure) {
    let operation = DecompressFlags(rawValue: operationFlags)
    let known: DecompressFlags =
      makesState
      ? [.headerAlone, .ignoredEndBits] : [.severalBlocks, .suppressOutput]
    guard operation.isSubset(of: known), operation.contains(.enable) else {
      throw .status(.invalidCompressionFlag)
    }
    if makesState, !operation.contains(.suppressOutput) { throw .status(.invalidCompressionFlag) }
    try checkDecompressionState(capabilities)
    try checkSizes(queue)
  }

  /// Whether a decompression is to leave its state: that of the driver's canned mode, which reads a header alone.
  var makesState: Bool { flags.contains(.writeSource2AECS) }

  /// Where a state that is read or written begins: halves follow each other.
  var stateAddress: UInt64 {
    let isSecondHalf = makesState != flags.contains(.togglesAECS)
    return isSecondHalf ? source2 &+ UInt64(source2Count) : source2
  }

  /// A state is read or written, not both, and as large as the device's format has it. How anything else is answered
  /// is assumed.
  private func checkDecompressionState(_ capabilities: IAACapabilities) throws(ModelFailure) {
    let reads = flags.contains(.readSource2AECS)
    guard reads || makesState else {
      guard source2 == 0, source2Count == 0, !flags.contains(.togglesAECS) else {
        throw .status(.nonZeroReserved)
      }
      return
    }
    guard !(reads && makesState) else {
      throw .invalidFlags(flags.intersection([.readSource2AECS, .writeSource2AECS]).rawValue)
    }
    guard source2 % UInt64(CompressionStateLayout.alignment) == 0 else {
      throw .status(.misalignedAECS)
    }
    guard source2Count == capabilities.decompressionStateByteCount else {
      throw .status(.invalidSize)
    }
    let written = suppressesOutput ? 0 : destinationCapacity
    guard !overlaps(source2, 2 * source2Count, destination, written),
      !makesState || !overlaps(source2, 2 * source2Count, source, sourceCount)
    else { throw .status(.overlappingBuffers) }
  }

  /// A size of 0 or above the maximum is invalid. That the maximum holds for the destination too
  /// is assumed: the dispatcher keeps to it, so a device that is laxer is served as well.
  private func checkSizes(_ queue: DeviceModel.Queue) throws(ModelFailure) {
    let valid = 1...queue.maximumTransferSize
    guard valid.contains(sourceCount) else { throw .status(.invalidSize) }
    let isMove = opcode == Opcode.memoryMove.rawValue
    // The driver has a header read with no room at all.
    guard isMove || makesState || valid.contains(destinationCapacity) else {
      throw .status(.invalidSize)
    }
    let written = isMove ? sourceCount : suppressesOutput ? 0 : destinationCapacity
    guard !overlaps(source, sourceCount, destination, written),
      !overlaps(completionAddress, 64, destination, written)
    else { throw .status(.overlappingBuffers) }
  }

  private func overlaps(_ a: UInt64, _ aCount: Int, _ b: UInt64, _ bCount: Int) -> Bool {
    aCount > 0 && bCount > 0 && a < b &+ UInt64(bCount) && b < a &+ UInt64(aCount)
  }
}
