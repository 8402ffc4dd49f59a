// swift-tools-version: 6.3
// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Fuzz targets, a package of their own so that the library's users never see them. Each is an
// executable whose main function is libFuzzer's, so it builds only with `--sanitize=fuzzer`; the
// Makefile has the whole command. The judges are the test suite's, by links.

import PackageDescription

let settings: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatWarning("StrictMemorySafety", as: .error),
]

let fuzzers = ["FuzzDecoder", "FuzzEncoder", "FuzzContainers"]

let package = Package(
  name: "deflate-iaa-fuzz",
  dependencies: [.package(name: "deflate-iaa", path: "..", traits: [])],
  targets: [
    .target(
      name: "TestSupport", dependencies: [.product(name: "CZlib", package: "deflate-iaa")],
      swiftSettings: settings)
  ]
    + fuzzers.map {
      .executableTarget(
        name: $0,
        dependencies: [
          "TestSupport", .product(name: "FixedDeflate", package: "deflate-iaa"),
        ],
        swiftSettings: settings)
    },
  swiftLanguageModes: [.v6]
)
