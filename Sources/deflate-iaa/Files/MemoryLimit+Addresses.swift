// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What a library must not do to a process, and a command may do to its own.

import CProcess
import ParallelGzip

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension MemoryLimit {
  /// RLIMIT_AS of <sys/resource.h>, whose type differs between C libraries.
  private static let addressSpace: Int32 = 9

  /// Saves addresses where they are limited. Has an effect before the first thread is started.
  static func prepare() {
    var limits = rlimit()
    // SAFETY: a whole rlimit that outlives the call.
    guard unsafe getrlimit(addressSpace, &limits) == 0 else { return }
    // No limit is the largest number.
    if Int(exactly: limits.rlim_cur) != nil { process_save_addresses() }
  }
}
