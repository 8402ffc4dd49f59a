// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The dispatcher over models, without a tree of files between.

public import IAADevices
public import IAAOffload

/// The queues of models.
struct ModelQueueSource: QueueSource {
  let models: [DeviceModel]

  func queues() -> [QueueDescription] { models.flatMap(\.queueDescriptions) }

  func open(_ queue: QueueDescription) throws(OpenFailure) -> any Portal {
    guard let model = models.first(where: { $0.configuration.id == queue.id.device }),
      let portal = model.open(queue.id.queue)
    else { throw OpenFailure(reason: "\(queue.id) is busy or not enabled") }
    return portal
  }

  func reasonsForNone() -> [String] {
    models.isEmpty ? ["no device models"] : ["no enabled queue on the device models"]
  }
}

extension Dispatcher {
  /// Creates a dispatcher over device models.
  ///
  /// - Parameters:
  ///   - configuration: How it works.
  ///   - models: The devices; their ids must differ.
  ///   - topology: The processors to spread the queues over; nil reads this machine's.
  ///   - trace: Is told of every submission and completion, on the thread that sees to it.
  ///   - listener: Is told of what happens to queues.
  /// - Throws: ``/IAAOffload/OffloadError/hardwareUnavailable(_:)`` when the path is hardware and no model has
  ///   an enabled queue.
  public convenience init(
    _ configuration: Dispatcher.Configuration = Dispatcher.Configuration(), models: [DeviceModel],
    topology: CPUTopology? = nil, trace: Trace? = nil, listener: QueueListener? = nil
  ) throws(OffloadError) {
    precondition(
      Set(models.map(\.configuration.id)).count == models.count, "two models with the same id")
    try self.init(
      configuration, source: ModelQueueSource(models: models),
      topology: topology ?? CPUTopology.read(), trace: trace,
      listener: listener)
  }
}
