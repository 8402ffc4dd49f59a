// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Which results zlib is asked about, and what it says; without the trait ZlibCrossCheck none, and nothing.

import FixedDeflate

extension DispatcherCore {
  @inline(__always)
  func isCrossCheckDue(_ context: ThreadContext) -> Bool {
    #if ZlibCrossCheck
      // Asked first, for most never ask zlib, and every look at the checker is checked itself.
      configuration.asksZlib && context.crossChecker.isDue(configuration.crossCheck)
    #else
      false
    #endif
  }

  /// Whether zlib agrees with a result.
  func crossCheck(_ result: RawSpan, of job: Job, _ context: ThreadContext) -> Bool {
    #if ZlibCrossCheck
      context.counters.add(.crossChecks)
      let agrees = job.withInput { input in
        job.kind == .compress
          ? context.crossChecker.agrees(stream: result, bytes: input, header: rules.header)
          : context.crossChecker.agrees(stream: input, bytes: result, header: rules.header)
      }
      if !agrees { context.counters.add(.crossCheckMismatches) }
      return agrees
    #else
      return true
    #endif
  }
}

extension Dispatcher.Configuration {
  /// Whether zlib is asked about any result.
  @inline(__always)
  var asksZlib: Bool {
    #if ZlibCrossCheck
      crossCheck != .off
    #else
      false
    #endif
  }
}
