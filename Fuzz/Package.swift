// swift-tools-version: 6.3
// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// libFuzzer before the targets of Tests/FuzzTargets, in a package of its own so that the library's users never see
// it. The main function is libFuzzer's, so it builds only with `--sanitize=fuzzer`; the Makefile has the whole
// command.

import PackageDescription

let package = Package(
  name: "deflate-iaa-fuzz",
  dependencies: [.package(name: "deflate-iaa", path: "..")],
  targets: [
    .target(name: "GuardedHeap"),
    .executableTarget(
      name: "Fuzz",
      dependencies: ["GuardedHeap", .product(name: "FuzzTargets", package: "deflate-iaa")],
      swiftSettings: [
        .strictMemorySafety(), .treatWarning("StrictMemorySafety", as: .error),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
