// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The ways of counting. None belongs to the main thread: some calls are made on threads of their own.

import CMeasure
import Foundation
import MallocCounter

func fail(_ reason: String) -> Never {
  FileHandle.standardError.write(Data("codec-costs: \(reason)\n".utf8))
  exit(1)
}

/// Instructions of each call, once, after a run unseen: callgrind writes them out under "NAME BYTES".
func countInstructions(_ calls: [Call]) {
  guard measure_has_valgrind_header() else { fail("built without valgrind's header") }
  guard measure_under_valgrind() else { fail("'instructions' needs callgrind; see check-speed") }
  for call in calls where call.isHot {
    call.body()
    measure_start()
    call.body()
    // SAFETY: the name is copied into the dump before the call returns.
    unsafe measure_stop("\(call.name) \(call.byteCount)")
  }
}

/// Allocations of each call, behind its first.
func countAllocations(_ calls: [Call]) {
  let before = malloc_count()
  var kept: [[UInt8]] = []
  for index in 1...1000 { kept.append([UInt8](repeating: 1, count: 100 + index)) }
  guard malloc_count() - before >= 1000 else { fail("allocations are not counted") }
  let rounds = 4
  for call in calls {
    call.body()
    let before = malloc_count()
    for _ in 0..<rounds { call.body() }
    print("\(call.name) \(Int(malloc_count() - before) / rounds)")
  }
}

/// Has each allocation of each call fail, in a process of its own: the process aborts, as Swift's library
/// does where there is no memory, and nothing goes on without it.
/// So many allocations of a call at most, spread over all of them.
func failAllocations(_ calls: [Call], most: UInt64) {
  var (points, failures, unmet) = (0, 0, 0)
  for call in calls {
    call.body()
    let before = malloc_count()
    call.body()
    let count = malloc_count() - before
    for number in stride(from: 0, to: count, by: Int(max(1, (count + most - 1) / most))) {
      let failing = Call(call.name, bytes: 0) {
        malloc_fail_after(number)
        call.body()
        // With two threads there may be fewer allocations than before.
        if malloc_has_failed() != 0 { exit(1) }
      }
      let box = unsafe Unmanaged.passRetained(failing)
      // SAFETY: the box lives until the child, which has a copy of it, has ended.
      let signal = unsafe measure_child(
        { unsafe Unmanaged<Call>.fromOpaque($0).takeUnretainedValue().body() }, box.toOpaque())
      unsafe box.release()
      points += 1
      if signal == 0 { unmet += 1 }
      if signal != SIGABRT, signal != 0 {
        failures += 1
        print("FAILED \(call.name): without allocation \(number + 1) it ends with \(signal)")
      }
    }
  }
  print(
    "failed allocations: \(points - failures - unmet) of \(calls.count) calls abort, \(failures) do not, "
      + "\(unmet) were not met")
  if failures > 0 { exit(1) }
}

/// Bytes of stack that each call touches, on a thread that has 64 KiB.
func measureStacks(_ calls: [Call], size: Int) {
  let own = stack(of: Call("thread", bytes: 0) {}, size: size)
  print("thread \(own)")
  for call in calls {
    // Before the call, so that the last line names the one that has too little.
    print(call.name, terminator: " ")
    fflush(nil)
    print(stack(of: call, size: size))
  }
}

func stack(of call: Call, size: Int) -> Int {
  let box = unsafe Unmanaged.passRetained(call)
  defer { unsafe box.release() }
  // SAFETY: the box lives until the call has returned, and so until the thread has ended.
  let touched = unsafe measure_stack(
    size, { unsafe Unmanaged<Call>.fromOpaque($0).takeUnretainedValue().body() }, box.toOpaque())
  guard touched >= 0 else { fail("no thread has a stack of \(size) bytes") }
  return touched
}
