// swift-tools-version: 6.3
// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What happens to a dispatcher's queues, written down with swift-log: a package of its own, so that the main
// one does not fetch it.

import PackageDescription

let package = Package(
  name: "queue-log",
  platforms: [.macOS(.v26)],
  dependencies: [
    .package(name: "deflate-iaa", path: "../..", traits: ["IAAOffload"]),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: [
    .target(
      name: "QueueLog",
      dependencies: [
        .product(name: "IAAOffload", package: "deflate-iaa"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(
      name: "QueueLogTests",
      dependencies: ["QueueLog", .product(name: "IAAModel", package: "deflate-iaa")]),
  ],
  swiftLanguageModes: [.v6]
)
