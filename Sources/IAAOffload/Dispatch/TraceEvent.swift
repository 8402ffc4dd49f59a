// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the driver tells with dynamic debug on, told of our own jobs: the line of a submission is the
// one that its documentation shows, those of completions are the driver's, which writes them of
// failures alone.

import IAADevices

/// Listens to a dispatcher's jobs, from within its calls, which take as much longer as it takes.
///
/// It may use the same dispatcher. Jobs that it starts there are told of as well, so one that always
/// starts another never ends. It may read ``Dispatcher/statistics``.
public typealias Trace = @Sendable (TraceEvent) -> Void

/// A step of a job on a queue.
public struct TraceEvent: Sendable, Hashable {
  /// What a descriptor asks for.
  public enum Operation: String, Sendable, Hashable, CaseIterable {
    /// The driver's function that would have submitted it.
    case compress = "iaa_compress"
    /// The decompression of a compressed result.
    case verify = "iaa_compress_verify"
    /// A decompression.
    case decompress = "iaa_decompress"

    /// The word that the driver has for it in the lines of completions.
    var word: String { self == .compress ? "compress" : "decompress" }
  }

  /// What happened to it.
  public enum Step: Sendable, Hashable {
    /// A queue took it.
    case submission(Descriptor)
    /// The device answered.
    case completion(CompletionRecord)
    /// The device did not answer within the limit.
    case timeout
  }

  /// The fields of a descriptor that the driver prints.
  public struct Descriptor: Sendable, Hashable {
    /// Address of the source.
    public var sourceAddress: UInt64
    /// Bytes of it.
    public var sourceSize: Int
    /// Address of the destination.
    public var destinationAddress: UInt64
    /// Bytes it has room for.
    public var maximumDestinationSize: Int
    /// Address of source 2, the compressor's state; 0 when there is none.
    public var source2Address: UInt64
    /// Bytes of it.
    public var source2Size: Int
  }

  /// When, by the monotonic clock, which the kernel's log goes by too.
  public var time: Duration
  /// The queue.
  public var queue: QueueID
  /// The device's PCI address, or its name where that is not known.
  public var device: String
  /// What was asked for.
  public var operation: Operation
  /// What happened.
  public var step: Step
}

extension TraceEvent: CustomStringConvertible {
  /// The line as `dmesg` shows the driver's, without a line end.
  public var description: String { "\(timestamp) idxd \(device): \(message)" }

  /// `[  404.202975]`: seconds in five places, microseconds.
  private var timestamp: String {
    func padded(_ value: UInt64, _ width: Int, _ filler: Character) -> String {
      let digits = "\(value)"
      return String(repeating: filler, count: max(0, width - digits.utf8.count)) + digits
    }
    let microseconds = time.nanosecondCount / 1000
    return "[\(padded(microseconds / 1_000_000, 5, " "))."
      + "\(padded(microseconds % 1_000_000, 6, "0"))]"
  }

  private var message: String {
    switch step {
    case .submission(let fields):
      "\(operation.rawValue): \(operation == .verify ? "(verify) " : "")"
        + "desc->src1_addr \(fields.sourceAddress.hex), desc->src1_size \(fields.sourceSize), "
        + "desc->dst_addr \(fields.destinationAddress.hex), "
        + "desc->max_dst_size \(fields.maximumDestinationSize), "
        + "desc->src2_addr \(fields.source2Address.hex), desc->src2_size \(fields.source2Size)"
    case .completion(let record):
      "iaa \(operation.word) status=0x\(record.statusByte.hex), "
        + "error=0x\(record.analyticsError.rawValue.hex), size=0x\(record.outputSize.hex)"
    case .timeout: "\(operation.word) completion timed out"
    }
  }
}

extension HardwareJob {
  private var operation: TraceEvent.Operation {
    phase == .verify ? .verify : job.kind == .compress ? .compress : .decompress
  }

  /// Tells whoever listens of a submission that a queue took.
  func trace(_ fields: DescriptorFields, on port: QueuePort, _ core: DispatcherCore) {
    guard let tell = core.trace else { return }
    let descriptor = TraceEvent.Descriptor(
      sourceAddress: fields.source, sourceSize: fields.sourceCount,
      destinationAddress: fields.destination,
      maximumDestinationSize: fields.destinationCapacity, source2Address: fields.state,
      source2Size: fields.stateCount)
    tell(event(.submission(descriptor), on: port))
  }

  /// Tells whoever listens of an answer, or of none.
  func trace(_ step: @autoclosure () -> TraceEvent.Step, on port: QueuePort, _ core: DispatcherCore)
  {
    if let tell = core.trace { tell(event(step(), on: port)) }
  }

  private func event(_ step: TraceEvent.Step, on port: QueuePort) -> TraceEvent {
    let device = port.description.pciAddress ?? "iax\(port.id.device)"
    return TraceEvent(
      time: Duration(nanosecondCount: Clock.now), queue: port.id, device: device,
      operation: operation, step: step)
  }
}
