// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// `make stress`: ten million jobs over eight threads and four misbehaving devices.
//
// Usage: offload-stress [JOBS [SEED [MINIMUM-OF-EACH-FAULT]]]

import Glibc
import OffloadStress

let arguments = CommandLine.arguments.dropFirst().map { UInt64($0) ?? 0 }
let jobs = arguments.count > 0 ? Int(arguments[0]) : 10_000_000
let seed = arguments.count > 1 ? arguments[1] : UInt64(time(nil))
let minimum = arguments.count > 2 ? Int(arguments[2]) : 1000

var stress = Stress(jobs: jobs, seed: seed, faultRate: Double(minimum) * 2.5 / Double(jobs))
stress.reportInterval = jobs / 40
print("seed \(seed)")
let result = try stress.run()
print(result.description)
let problems = result.problems(minimumFired: minimum)
for problem in problems { print("PROBLEM: \(problem)") }
print(problems.isEmpty ? "all as it must be" : "failed")
exit(problems.isEmpty ? 0 : 1)
