// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Where queues come from: the system's device files, or models in this process.

import Glibc

/// Finds and opens queues.
package protocol QueueSource: Sendable {
  /// The queues that can be used now.
  func queues() -> [QueueDescription]

  /// Opens one of them.
  func open(_ queue: QueueDescription) throws(OpenFailure) -> any Portal

  /// Why there are no queues, one reason each.
  func reasonsForNone() -> [String]

  /// Names of the instructions that opening its queues would need and the processor has not.
  func missingInstructions() -> [String]
}

extension QueueSource {
  package func missingInstructions() -> [String] { [] }
}

/// A queue that could not be opened, and why.
package struct OpenFailure: Error, Hashable {
  let reason: String
}

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
