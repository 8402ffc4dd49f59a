// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import IAAModel
import IAAOffload
import Testing

@testable import IAADevices

/// A model's queues with somebody between the dispatcher and the device, who sees every descriptor first and may change
/// it, or what comes of it.
@safe struct InterposedSource: QueueSource {
  /// Submits a descriptor to a model, or does otherwise.
  // SAFETY: the descriptor is the dispatcher's, 64 readable bytes, whose addresses are live memory.
  typealias Submit = @Sendable (_ descriptor: UnsafeRawPointer, _ model: any Portal) -> Submission

  let model: DeviceModel
  private let submit: Submit

  /// - Parameters:
  ///   - model: The device.
  ///   - submit: Called in place of the model's portal.
  init(_ model: DeviceModel, submit: @escaping Submit) {
    self.model = model
    unsafe self.submit = submit
  }

  func queues() -> [QueueDescription] { model.queueDescriptions }

  func open(_ queue: QueueDescription) throws(OpenFailure) -> any Portal {
    guard let portal = model.open(queue.id.queue) else {
      throw OpenFailure(reason: "\(queue.id) is taken")
    }
    return unsafe InterposedPortal(portal, submit)
  }

  func reasonsForNone() -> [String] { [] }

  @safe private final class InterposedPortal: Portal {
    let kind = PortalKind.model
    private let portal: any Portal
    private let submission: Submit

    init(_ portal: any Portal, _ submission: @escaping Submit) {
      self.portal = portal
      unsafe self.submission = submission
    }

    func submit(_ descriptor: UnsafeRawPointer) -> Submission {
      unsafe submission(descriptor, portal)
    }

    func close() -> Bool { portal.close() }

    func abandonInChild() { portal.abandonInChild() }
  }
}
