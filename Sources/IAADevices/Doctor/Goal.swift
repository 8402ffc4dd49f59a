// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What a machine's devices are for. zswap and user space want opposite things of them: a remedy for
// the one takes the queues from the other, so the doctor has to know whom it is asked for.

/// Whom the doctor looks a machine over for.
package enum Goal: String, Sendable, Hashable, CaseIterable {
  case zswap, user, all

  var includesUser: Bool { self != .zswap }
  var includesZswap: Bool { self != .user }

  /// In a sentence.
  package var phrase: String {
    switch self {
    case .zswap: "zswap"
    case .user: "user queues"
    case .all: "zswap and user queues"
    }
  }

  /// What the machine is set up for, and what tells that.
  static func guess(_ topology: Topology, _ zswap: Zswap.State) -> (goal: Goal, reason: String) {
    let hasUserQueue = topology.iaaDevices.contains { device in
      device.queues.contains { $0.type.value == .user }
    }
    guard zswap.usesIAA else {
      return (.user, "zswap does not compress with IAA")
    }
    return hasUserQueue
      ? (.all, "zswap compresses with IAA, and there are user queues")
      : (.zswap, "zswap compresses with IAA, and no queue is set up for user space")
  }
}
