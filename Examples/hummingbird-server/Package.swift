// swift-tools-version: 6.3
// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let package = Package(
  name: "hummingbird-server",
  platforms: [.macOS(.v26)],
  dependencies: [
    .package(name: "deflate-iaa", path: "../..", traits: []),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
  ],
  targets: [
    .executableTarget(
      name: "hummingbird-server",
      dependencies: [
        .product(name: "AsyncGzip", package: "deflate-iaa"),
        .product(name: "FixedDeflate", package: "deflate-iaa"),
        .product(name: "Hummingbird", package: "hummingbird"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
