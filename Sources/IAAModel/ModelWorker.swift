// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One engine of a model: carries out a descriptor, and spoils it when the plan says so.

import CIAAShim.Device
import FixedDeflate
import IAADevices
import IAAOffload
import SplitMix
import Synchronization

/// What happens to a completion record.
enum ModelCompletion {
  case write(CompletionRecord, at: UInt64)
  case writeLate(CompletionRecord, at: UInt64)
  /// Nothing, ever.
  case none
  case vanish
  case halt
}

/// The state an engine works with.
struct ModelWorker: ~Copyable {
  private var compressor: ModelCompressor
  private var decompressor = ModelDecompressor()

  init(profile: MatchProfile) { compressor = ModelCompressor(profile: profile) }

  /// Does the work and writes the output, but not the completion record.
  mutating func execute(
    _ descriptor: ModelDescriptor, on queue: DeviceModel.Queue,
    _ capabilities: IAACapabilities, _ faults: FaultSource
  ) -> ModelCompletion {
    let address = descriptor.completionAddress
    let opcode: Opcode
    do throws(ModelFailure) {
      opcode = try descriptor.check(queue, capabilities)
    } catch {
      return .write(Self.record(error), at: address)
    }
    var (fault, generator) = faults.next()
    switch fault {
    case .queueVanishes:
      faults.count(.queueVanishes)
      return .vanish
    case .deviceHalts:
      faults.count(.deviceHalts)
      return .halt
    default: break
    }
    do throws(ModelFailure) {
      if let fault { try Self.failEarly(fault, descriptor, opcode, &generator, faults) }
      var result = try perform(opcode, descriptor)
      let spoiled = Self.spoil(&result, fault, descriptor, opcode, &generator, faults)
      if !descriptor.suppressesOutput {
        try Self.write(result.output, to: descriptor.destination)
      }
      if descriptor.makesState { try Self.write(result.state, to: descriptor.stateAddress) }
      var record = CompletionRecord()
      record.bytesCompleted = result.bytesCompleted
      record.outputSize = result.output.count
      record.outputBits = result.outputBits
      record.crc = result.crc ^ (spoiled == .wrongCRC ? 1 << UInt32(generator.next() % 32) : 0)
      record.xorChecksum = result.xorChecksum
      switch fault {
      case .neverCompletes:
        faults.count(.neverCompletes)
        return .none
      case .lateCompletion:
        faults.count(.lateCompletion)
        return .writeLate(record, at: address)
      default: return .write(record, at: address)
      }
    } catch {
      return .write(Self.record(error), at: address)
    }
  }

  /// Faults that come instead of the work.
  private static func failEarly(
    _ fault: Fault, _ descriptor: ModelDescriptor, _ opcode: Opcode,
    _ generator: inout SplitMix64, _ faults: FaultSource
  ) throws(ModelFailure) {
    func page(of address: UInt64, _ count: Int) -> UInt64 {
      let pages = (address % UInt64(Page.size) + UInt64(count) - 1) / UInt64(Page.size)
      let chosen = pages == 0 ? 0 : generator.next() % (pages + 1)
      return chosen == 0
        ? address : address / UInt64(Page.size) * UInt64(Page.size) + chosen * UInt64(Page.size)
    }
    let hasBuffers = opcode == .compress || opcode == .decompress
    let canFault = hasBuffers && !descriptor.flags.contains(.blockOnFault)
    switch fault {
    case .readPageFault where canFault:
      faults.count(fault)
      throw .fault(address: page(of: descriptor.source, descriptor.sourceCount), isWrite: false)
    case .writePageFault where canFault && !descriptor.suppressesOutput:
      faults.count(fault)
      throw .fault(
        address: page(of: descriptor.destination, descriptor.destinationCapacity), isWrite: true)
    case .analyticsError where hasBuffers:
      faults.count(fault)
      // Any code but "output too small", which is an answer and not a failure.
      let codes: [UInt8] = opcode == .compress ? [22, 30] : Array(1...18)
      throw .analytics(AnalyticsError(rawValue: codes[Int(generator.next() % UInt64(codes.count))]))
    case .hardwareError:
      faults.count(fault)
      throw .status(.hardwareError)
    case .watchdog:
      faults.count(fault)
      throw .status(.watchdog)
    default: break
    }
  }

  /// Faults of the result; returns the one that was done.
  private static func spoil(
    _ result: inout ModelResult, _ fault: Fault?, _ descriptor: ModelDescriptor, _ opcode: Opcode,
    _ generator: inout SplitMix64, _ faults: FaultSource
  ) -> Fault? {
    let hasOutput = !result.output.isEmpty && !descriptor.suppressesOutput
    switch fault {
    case .flippedOutputBit where descriptor.makesState:
      // Within the code: elsewhere it would change nothing.
      let bit = Int(generator.next() % UInt64(ModelDecompressionState.usedByteCount * 8))
      result.state[bit / 8] ^= 1 << (bit % 8)
    case .wrongCRC where opcode == .compress || opcode == .decompress: break
    case .flippedOutputBit where hasOutput:
      // Behind a stream's last bit it would change nothing.
      let unused = (8 - Int(result.outputBits)) % 8
      let bit = Int(generator.next() % UInt64(result.output.count * 8 - unused))
      result.output[bit / 8] ^= 1 << (bit % 8)
    case .shortOutput where hasOutput:
      result.output.removeLast(1 + Int(generator.next() % UInt64(result.output.count)))
    default: return nil
    }
    if let fault { faults.count(fault) }
    return fault
  }

  private mutating func perform(
    _ opcode: Opcode, _ descriptor: ModelDescriptor
  ) throws(ModelFailure) -> ModelResult {
    switch opcode {
    case .noop, .drain: return ModelResult()
    case .memoryMove:
      var result = ModelResult()
      result.output = try read(descriptor.source, descriptor.sourceCount)
      result.bytesCompleted = result.output.count
      return result
    case .compress:
      let flags = CompressFlags(rawValue: descriptor.operationFlags)
      guard flags.isDisjoint(with: .finalHeader) else {
        return try compressor.compressDynamic(
          try read(descriptor.source, descriptor.sourceCount), flags: flags,
          capacity: descriptor.destinationCapacity, uses32C: descriptor.flags.contains(.crc32C))
      }
      let state = try read(descriptor.source2, descriptor.source2Count)
      return try compressor.compress(
        try read(descriptor.source, descriptor.sourceCount), state: state, flags: flags,
        capacity: descriptor.destinationCapacity, uses32C: descriptor.flags.contains(.crc32C))
    case .decompress:
      let input = try read(descriptor.source, descriptor.sourceCount)
      let flags = DecompressFlags(rawValue: descriptor.operationFlags)
      let uses32C = descriptor.flags.contains(.crc32C)
      if descriptor.makesState {
        return try ModelDecompressor.makeState(
          input, flags: flags, byteCount: descriptor.source2Count)
      }
      if descriptor.flags.contains(.readSource2AECS) {
        return try decompressor.decompress(
          input, state: try read(descriptor.stateAddress, descriptor.source2Count),
          capacity: descriptor.destinationCapacity, uses32C: uses32C)
      }
      return try decompressor.decompress(
        input, flags: flags, capacity: descriptor.destinationCapacity, uses32C: uses32C)
    }
  }

  private func read(_ address: UInt64, _ count: Int) throws(ModelFailure) -> [UInt8] {
    do throws(DeviceMemory.Fault) {
      return try DeviceMemory.read(address, count: count)
    } catch {
      throw .fault(address: error.address, isWrite: false)
    }
  }

  private static func write(_ bytes: [UInt8], to address: UInt64) throws(ModelFailure) {
    do throws(DeviceMemory.Fault) {
      try DeviceMemory.write(bytes.span, to: address)
    } catch {
      throw .fault(address: error.address, isWrite: true)
    }
  }

  /// The record of a descriptor that failed. A page fault leaves no partial completion.
  static func record(_ failure: ModelFailure) -> CompletionRecord {
    var record = CompletionRecord()
    switch failure {
    case .status(let status): record.status = status
    case .analytics(let error):
      record.status = .analyticsError
      record.analyticsError = error
    case .fault(let address, let isWrite):
      record.status = .pageFault
      record.isWriteFault = isWrite
      record.faultAddress = address
    case .invalidFlags(let flags):
      record.status = .invalidFlags
      record.invalidFlags = flags
    }
    return record
  }

  /// Writes a record, the status byte last. Whether it could be written.
  static func write(_ record: CompletionRecord, at address: UInt64) -> Bool {
    var fields = record.fieldsWithoutStatus
    let isWritten = unsafe withUnsafeBytes(of: &fields) { bytes in
      // SAFETY: the structure's 64 bytes; the address is checked by the system.
      let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
      return (try? DeviceMemory.write(span, to: address)) != nil
    }
    guard isWritten,
      let status = unsafe UnsafeMutablePointer<Atomic<UInt8>>(bitPattern: UInt(address))
    else { return false }
    // SAFETY: the record was just written, so its page is there.
    unsafe status.pointee.store(record.statusByte, ordering: .releasing)
    return true
  }
}
