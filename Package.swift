// swift-tools-version: 6.3
// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// Every target: memory-safety findings are errors, so each `unsafe` is deliberate, and an import says `public` where
/// what a library offers speaks of another's types.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("InternalImportsByDefault"),
  .strictMemorySafety(),
  .treatWarning("StrictMemorySafety", as: .error),
]

// Other people's packages and libraries, each only for the traits that need it: whoever uses
// `FixedDeflate` alone writes `traits: []`, and none of them is fetched, built or asked for.
let system = Target.Dependency.product(
  name: "SystemPackage", package: "swift-system", condition: .when(traits: ["FileDescriptors"]))
let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser", condition: .when(traits: ["Command"]))
let zlib = Target.Dependency.target(name: "CZlib", condition: .when(traits: ["ZlibCrossCheck"]))

/// The commit, which the Makefile knows; what is not a name of one is left out.
let commit = (Context.environment["DEFLATE_IAA_COMMIT"] ?? "").filter {
  $0.isLetter || $0.isNumber || $0 == "-"
}

let package = Package(
  name: "deflate-iaa",
  // Apple's first with InlineArray; there `FixedDeflate` is all there is.
  platforms: [.macOS(.v26), .iOS(.v26), .tvOS(.v26), .watchOS(.v26), .visionOS(.v26)],
  products: [
    .library(name: "FixedDeflate", targets: ["FixedDeflate"]),
    .library(name: "ParallelGzip", targets: ["ParallelGzip"]),
    .library(name: "AsyncGzip", targets: ["AsyncGzip"]),
    .library(name: "IAADevices", targets: ["IAADevices"]),
    .library(name: "IAAOffload", targets: ["IAAOffload"]),
    .library(name: "IAAModel", targets: ["IAAModel"]),
    // For the fuzzers' package.
    .library(name: "FuzzTargets", targets: ["FuzzTargets"]),
    .executable(name: "deflate-iaa", targets: ["deflate-iaa"]),
  ],
  traits: [
    // What `swift build` builds here.
    .default(enabledTraits: ["Command", "ZlibCrossCheck"]),
    .trait(
      name: "FileDescriptors", description: "Libraries take file descriptors: needs swift-system."),
    .trait(
      name: "IAAOffload", description: "The library of that name, and IAAModel.",
      enabledTraits: ["FileDescriptors"]),
    .trait(
      name: "ZlibCrossCheck",
      description: "IAAOffload can ask zlib about its results, as the tests do: needs zlib.",
      enabledTraits: ["IAAOffload"]),
    .trait(
      name: "Command", description: "The command deflate-iaa: needs swift-argument-parser, too.",
      enabledTraits: ["IAAOffload"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ],
  targets: [
    // What the codec, the workers, the device and the command cannot spell in Swift, each alone.
    .target(name: "CDeflateKernels"),
    .target(name: "CIAAShim"),
    .target(name: "CProcess"),
    .target(name: "CWorkers"),
    .target(name: "CCompressors"),
    .target(name: "CBuild", cSettings: [.define("DEFLATE_IAA_COMMIT", to: "\"\(commit)\"")]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib",
      providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(name: "FixedDeflate", dependencies: ["CDeflateKernels"], swiftSettings: settings),
    // What more than one of the libraries needs: threads and locks, what swift-system lacks, and seeded
    // numbers.
    .target(name: "Threading", swiftSettings: settings),
    .target(name: "Descriptors", dependencies: [system], swiftSettings: settings),
    .target(name: "SplitMix", swiftSettings: settings),
    .target(
      name: "ParallelGzip",
      dependencies: ["FixedDeflate", "CWorkers", "Descriptors", "SplitMix", "Threading", system],
      swiftSettings: settings),
    .target(
      name: "AsyncGzip", dependencies: ["FixedDeflate", system], swiftSettings: settings),
    // What can be said of devices and done to them; jobs on their queues; a device in software.
    .target(
      name: "IAADevices",
      dependencies: ["FixedDeflate", "CIAAShim", "Descriptors", "SplitMix", "Threading", system],
      swiftSettings: settings),
    .target(
      name: "IAAOffload",
      dependencies: [
        "FixedDeflate", "IAADevices", "CIAAShim", "Descriptors", "SplitMix", "Threading", zlib,
        system,
      ],
      swiftSettings: settings),
    .target(
      name: "IAAModel",
      dependencies: [
        "FixedDeflate", "IAADevices", "IAAOffload", "CIAAShim", "SplitMix", "Threading", system,
      ],
      swiftSettings: settings),
    .target(
      name: "MemoryEstimate",
      dependencies: [
        "CCompressors", "Descriptors", "FixedDeflate", "IAADevices", "ParallelGzip", system,
      ],
      swiftSettings: settings),
    .target(
      name: "Calibration", dependencies: ["FixedDeflate", "IAADevices", "IAAOffload", "SplitMix"],
      swiftSettings: settings),
    .target(
      name: "DeviceCommands",
      dependencies: [
        "Calibration", "FixedDeflate", "IAADevices", "IAAOffload", "MemoryEstimate", "ParallelGzip",
        "SplitMix", system, argumentParser,
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "deflate-iaa",
      dependencies: [
        "CBuild", "CProcess", "FixedDeflate", "ParallelGzip", "IAADevices", "IAAOffload",
        "IAAModel", "DeviceCommands", "Descriptors", "Threading", system,
      ],
      swiftSettings: settings),
    .target(
      name: "TestSupport", dependencies: ["SplitMix", zlib], path: "Tests/TestSupport",
      swiftSettings: settings),
    .testTarget(
      name: "ConformanceTests", dependencies: ["FixedDeflate", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "CalibrationTests",
      dependencies: [
        "Calibration", "DeviceCommands", "FixedDeflate", "IAADevices", "IAAModel", "IAAOffload",
        "TestSupport",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "CommandTests",
      dependencies: ["DeviceCommands", "FixedDeflate", "deflate-iaa", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "ControlTests",
      dependencies: [
        "FixedDeflate", "IAADevices", "IAAModel", "IAAOffload", "DeviceCommands", "TestSupport",
        system,
      ],
      exclude: ["Fixtures", "Golden"], swiftSettings: settings),
    .testTarget(
      name: "EstimateTests",
      dependencies: [
        "CCompressors", "DeviceCommands", "FixedDeflate", "IAADevices", "MemoryEstimate",
        "ParallelGzip", "TestSupport", system,
      ],
      swiftSettings: settings),
    .testTarget(
      name: "FixedDeflateTests", dependencies: ["CDeflateKernels", "FixedDeflate", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "ParallelGzipTests",
      dependencies: ["FixedDeflate", "ParallelGzip", "TestSupport", "Threading", system],
      swiftSettings: settings),
    .testTarget(
      name: "AsyncGzipTests",
      dependencies: ["AsyncGzip", "FixedDeflate", "TestSupport", system], swiftSettings: settings),
    // What the fuzzers in Fuzz/ try, and FuzzTests by the committed seeds.
    .target(
      name: "FuzzTargets",
      dependencies: [
        "CIAAShim", "DeviceCommands", "FixedDeflate", "IAADevices", "IAAModel", "IAAOffload",
        "ParallelGzip", "TestSupport", system,
      ],
      path: "Tests/FuzzTargets", exclude: ["Fixtures"], swiftSettings: settings),
    .testTarget(
      name: "FuzzTests", dependencies: ["FuzzTargets", "TestSupport"], exclude: ["Seeds"],
      swiftSettings: settings),
    .testTarget(name: "PackageTests", dependencies: ["TestSupport"], swiftSettings: settings),
    // Compiled as a user's package would be, without the strict settings.
    .testTarget(name: "ReadmeTests", dependencies: ["FixedDeflate", "IAAModel", "IAAOffload"]),
    .target(
      name: "OffloadStress",
      dependencies: [
        "IAADevices", "IAAModel", "IAAOffload", "FixedDeflate", "CIAAShim", "SplitMix", "Threading",
      ],
      path: "Tests/OffloadStress", swiftSettings: settings),
    .executableTarget(
      name: "offload-stress", dependencies: ["OffloadStress"], path: "Tests/offload-stress",
      swiftSettings: settings),
    .executableTarget(
      name: "offload-scale", dependencies: ["OffloadStress"], path: "Tests/offload-scale",
      swiftSettings: settings),
    .executableTarget(
      name: "zswap-store", dependencies: ["IAAModel", "IAAOffload", "MemoryEstimate"],
      path: "Examples/zswap-store", swiftSettings: settings),
    .target(name: "MallocCounter", path: "Tests/MallocCounter"),
    .executableTarget(
      name: "offload-overhead",
      dependencies: [
        "IAADevices", "IAAModel", "IAAOffload", "FixedDeflate", "MallocCounter", "OffloadStress",
      ],
      path: "Tests/offload-overhead", swiftSettings: settings),
    .target(name: "CMeasure", path: "Tests/CMeasure"),
    .executableTarget(
      name: "codec-costs",
      dependencies: ["CMeasure", "FixedDeflate", "MallocCounter", "ParallelGzip", "TestSupport"],
      path: "Tests/codec-costs", swiftSettings: settings),
    .testTarget(
      name: "IAAOffloadTests",
      dependencies: [
        "IAADevices", "IAAModel", "IAAOffload", "FixedDeflate", "CIAAShim", "OffloadStress",
        "TestSupport", "Threading", system,
      ],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
