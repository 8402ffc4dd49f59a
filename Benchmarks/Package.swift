// swift-tools-version: 6.3
// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let settings: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatWarning("StrictMemorySafety", as: .error),
]

let package = Package(
  name: "deflate-iaa-benchmarks",
  platforms: [.macOS(.v26)],
  dependencies: [
    .package(name: "deflate-iaa", path: "..", traits: []),
    // Without traits: its allocation counters want jemalloc, and Tools/count-allocations.c counts.
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
  ],
  targets: [
    // zlib1g-dev, libdeflate-dev and libisal-dev of Debian.
    .target(
      name: "CPeers",
      linkerSettings: [
        .linkedLibrary("z"), .linkedLibrary("deflate"), .linkedLibrary("isal"),
      ]),
    .target(name: "CInstrument"),
    .target(
      name: "Rig",
      dependencies: ["CPeers", .product(name: "FixedDeflate", package: "deflate-iaa")],
      swiftSettings: settings),
    .executableTarget(
      name: "peers",
      dependencies: ["Rig", .product(name: "FixedDeflate", package: "deflate-iaa")],
      swiftSettings: settings),
    .executableTarget(
      name: "members",
      dependencies: ["Rig", .product(name: "FixedDeflate", package: "deflate-iaa")],
      swiftSettings: settings),
    .executableTarget(
      name: "drive", dependencies: ["Rig", "CInstrument"], swiftSettings: settings),
    .executableTarget(
      name: "Codec",
      dependencies: ["Rig", .product(name: "Benchmark", package: "benchmark")],
      path: "Benchmarks/Codec",
      swiftSettings: settings,
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ],
  swiftLanguageModes: [.v6]
)
