// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

/// The documented editions of the iaa_crypto driver's statistics.
public enum StatisticsEdition: Sendable, Hashable, CaseIterable {
  /// Global counters at the head of `wq_stats`; a file for each counter besides.
  case first
  /// Global counters in `global_stats`.
  case newer
  /// The same of drivers with the dynamic mode, which count compressions by software too.
  case dynamic
}
