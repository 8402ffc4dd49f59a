// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Monotonic time: the wall clock may jump while a file is being compressed.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Nanoseconds since some fixed moment.
func monotonicNanoseconds() -> UInt64 {
  var time = timespec()
  // SAFETY: `time` is a whole timespec that outlives the call.
  _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(clamping: time.tv_sec) * 1_000_000_000 + UInt64(clamping: time.tv_nsec)
}
