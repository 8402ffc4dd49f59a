// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// `make scale`: eight devices of eight engines, simulated.
//
// Usage: offload-scale [DISPATCH-NS [JOBS [SEED]]]

import OffloadStress

let arguments = CommandLine.arguments.dropFirst().map { UInt64($0) ?? 0 }
var figures = ScaleFigures()
if arguments.count > 0 { figures.dispatchTime = Double(max(arguments[0], 1)) }
let jobs = arguments.count > 1 ? max(Int(clamping: arguments[1]), 1) : 50_000
let seed = arguments.count > 2 ? arguments[2] : 1
print("seed \(seed), \(jobs) jobs a row\n")
print(ScaleTable(figures, jobs: jobs, seed: seed).text)
