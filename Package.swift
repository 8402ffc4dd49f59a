// swift-tools-version: 6.2
// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// Every target: memory-safety findings are errors, so each `unsafe` is deliberate.
let settings: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatWarning("StrictMemorySafety", as: .error),
]

let package = Package(
  name: "deflate-iaa",
  products: [
    .library(name: "FixedDeflate", targets: ["FixedDeflate"])
  ],
  targets: [
    .target(name: "CIAAShim"),
    .target(name: "FixedDeflate", dependencies: ["CIAAShim"], swiftSettings: settings),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib",
      providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(
      name: "TestSupport", dependencies: ["CZlib"], path: "Tests/TestSupport",
      swiftSettings: settings),
    .testTarget(
      name: "Conformance", dependencies: ["FixedDeflate", "TestSupport"], path: "Tests/Conformance",
      swiftSettings: settings),
    .testTarget(name: "FixedDeflateTests", dependencies: ["FixedDeflate"], swiftSettings: settings),
    // Compiled as a user's package would be, without the strict settings.
    .testTarget(name: "ReadmeTests", dependencies: ["FixedDeflate"]),
  ],
  swiftLanguageModes: [.v6]
)
