// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// `make stress`: ten million jobs over eight threads and four misbehaving devices, and a twentieth as many in each of
// the canned and dynamic modes.
//
// Usage: offload-stress [JOBS [SEED [MINIMUM-OF-EACH-FAULT]]]

import FixedDeflate
import Glibc
import OffloadStress

let arguments = CommandLine.arguments.dropFirst().map { UInt64($0) ?? 0 }
let jobs = arguments.count > 0 ? Int(arguments[0]) : 10_000_000
let seed = arguments.count > 1 ? arguments[1] : UInt64(time(nil))
let minimum = arguments.count > 2 ? Int(arguments[2]) : 1000

/// Runs so many jobs in a mode and prints what came of them; whether all was well.
@MainActor func run(_ name: String, _ mode: CompressionMode, part: Int) throws -> Bool {
  var stress = Stress(
    jobs: jobs / part, seed: seed, faultRate: Double(minimum) * 2.5 / Double(jobs))
  stress.mode = mode
  stress.reportInterval = jobs / part / 40
  print("\(name) mode, seed \(seed)")
  let result = try stress.run()
  print(result.description)
  let problems = result.problems(minimumFired: minimum / part)
  for problem in problems { print("PROBLEM: \(problem)") }
  print(problems.isEmpty ? "all as it must be" : "failed")
  return problems.isEmpty
}

let outcomes = [
  try run("fixed", .fixed, part: 1), try run("canned", .canned(), part: 20),
  try run("dynamic", .dynamic, part: 20),
]
exit(outcomes.allSatisfy { $0 } ? 0 : 1)
