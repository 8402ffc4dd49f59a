// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// libFuzzer's entry point for the target that FUZZ_TARGET names.

import FuzzTargets
import Glibc
import GuardedHeap

// SAFETY: only `fuzz` uses it, and libFuzzer calls that from one thread.
nonisolated(unsafe) private let target: any FuzzTarget = {
  // SAFETY: getenv returns nil or a string ended by NUL, and nobody sets variables here.
  let name = unsafe getenv("FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
  guard let choice = FuzzTargets(rawValue: name) else {
    let names = FuzzTargets.allCases.map(\.rawValue).joined(separator: ", ")
    fatalError("FUZZ_TARGET is '\(name)', none of \(names)")
  }
  guarded_heap_begin()
  return choice.make()
}()

/// libFuzzer's entry point.
@c(LLVMFuzzerTestOneInput)
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  // SAFETY: libFuzzer hands over `count` readable bytes for the length of the call.
  let input = unsafe [UInt8](UnsafeBufferPointer(start: data, count: count))
  do throws(FuzzFinding) {
    // SAFETY: see `target`.
    try unsafe target.check(input)
  } catch {
    fatalError("\(error)")
  }
  return 0
}
