// swift-tools-version: 6.3
// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The listings with Foundation's Data and NIO's ByteBuffer: a package of its own, so that the main one
// does not fetch NIO.

import PackageDescription

let package = Package(
  name: "foundation-nio",
  platforms: [.macOS(.v26)],
  dependencies: [
    .package(name: "deflate-iaa", path: "../..", traits: ["FileDescriptors"]),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ],
  targets: [
    .target(
      name: "Listings",
      dependencies: [
        .product(name: "AsyncGzip", package: "deflate-iaa"),
        .product(name: "FixedDeflate", package: "deflate-iaa"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    .testTarget(name: "ListingsTests", dependencies: ["Listings"]),
  ],
  swiftLanguageModes: [.v6]
)
