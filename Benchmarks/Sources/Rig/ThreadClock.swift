// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Nanoseconds of processor time that the calling thread took so far.
public func threadNanoseconds() -> Double {
  var time = timespec()
  // SAFETY: the call fills the one structure it is lent.
  let status = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  precondition(status == 0, "no clock for the thread's processor time")
  return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}
