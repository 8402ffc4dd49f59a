// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

/// Whether the tests were built for release. What takes minutes without optimisation is left to `make release-test`.
public let isOptimised: Bool = {
  #if DEBUG
    false
  #else
    true
  #endif
}()
