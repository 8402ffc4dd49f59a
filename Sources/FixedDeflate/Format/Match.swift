// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

/// A token that repeats `length` bytes from `distance` bytes back (RFC 1951 §3.2.3).
struct Match: Equatable {
  let length: Int
  let distance: Int
}
