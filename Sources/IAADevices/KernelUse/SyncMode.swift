// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

/// How completions are waited for: the driver's `sync_mode`.
public enum SyncMode: String, Sendable, Hashable, CaseIterable {
  /// Blocking calls poll.
  case sync
  /// Blocking calls poll and let others run between polls; made for handles, which the caller
  /// polls.
  case async
  /// Blocking calls sleep between polls; made for `await`, which a waiter thread serves.
  case asyncIRQ = "async_irq"
}
