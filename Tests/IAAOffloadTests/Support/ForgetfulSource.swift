// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

@testable import IAADevices
@testable import IAAOffload

/// Queues that take everything, answer nothing, and when closed do not know whether the device
/// noticed.
final class ForgetfulSource: QueueSource {
  final class Portal: IAADevices.Portal {
    let kind: PortalKind
    init(kind: PortalKind) { self.kind = kind }
    func submit(_ descriptor: UnsafeRawPointer) -> Submission { .accepted }
    func close() -> Bool { false }
    func abandonInChild() {}
  }

  let count: Int
  let kind: PortalKind
  let openings = Atomic(0)

  init(count: Int = 1, kind: PortalKind = .model) {
    self.count = count
    self.kind = kind
  }

  func queues() -> [QueueDescription] {
    (0..<count).map {
      QueueDescription(id: QueueID(device: 1, queue: $0), name: "lost", mode: .shared, size: 8)
    }
  }

  func open(_ queue: QueueDescription) throws(OpenFailure) -> any IAADevices.Portal {
    openings.add(1, ordering: .relaxed)
    return Portal(kind: kind)
  }

  func reasonsForNone() -> [String] { [] }
}
