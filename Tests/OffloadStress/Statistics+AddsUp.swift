// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import IAAOffload

extension Statistics {
  /// Whether the sums hold that hold when no job runs: each job ended in one way, and the queues'
  /// traffic is all there was.
  package var addsUp: Bool {
    jobs == hardwareSuccesses + softwareSuccesses + fallbackCount + errorCount
      && queues.map(\.traffic).reduce(Statistics().total, +) == total
  }
}
