// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Monotonic time: the wall clock may jump while somebody waits or measures.

import Glibc

/// Nanoseconds since some fixed moment, which the kernel's log goes by too.
package enum Clock {
  @inline(__always)
  package static var now: UInt64 {
    var time = timespec()
    // SAFETY: `time` is a whole timespec that outlives the call.
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }
}
