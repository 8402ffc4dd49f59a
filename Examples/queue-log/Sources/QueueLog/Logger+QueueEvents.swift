// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import IAAOffload
import Logging

extension Logger {
  /// Writes down what happens to a dispatcher's queues: `try Dispatcher(listener: logger.queueListener)`.
  public var queueListener: QueueListener {
    { event in
      log(
        level: event.change.level, "\(event)",
        metadata: ["queue": "\(event.queue)", "change": "\(event.change.rawValue)"])
    }
  }
}

extension QueueEvent.Change {
  /// Whoever reads warnings wants to know of queues that take no jobs any more.
  var level: Logger.Level {
    switch self {
    case .opened, .back: .notice
    case .broken, .doubted, .quarantined, .gone: .warning
    }
  }
}
