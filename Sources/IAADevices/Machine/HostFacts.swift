// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the kernel tells about the machine and this process in /proc, below the root: a fixture
// tree brings its own, so nothing of the machine that runs the tests shows through.

import SystemPackage

/// A kernel release, "6.9.1-generic", as numbers.
package struct KernelVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let numbers: [Int]

  /// A version from its numbers; missing ones count as 0.
  package init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
    numbers = [major, minor, patch]
  }

  /// Parses the numbers at the start of a release; nil without two of them.
  package init?(release: String) {
    let digits = release.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let numbers = digits.split(separator: ".").compactMap { Int($0) }
    guard numbers.count >= 2 else { return nil }
    self.init(numbers[0], numbers[1], numbers.count > 2 ? numbers[2] : 0)
  }

  package static func < (left: Self, right: Self) -> Bool {
    left.numbers.lexicographicallyPrecedes(right.numbers)
  }

  package var description: String {
    numbers.prefix(numbers[2] == 0 ? 2 : 3).map(String.init).joined(separator: ".")
  }
}

/// Who this process is, as far as opening files and mapping portals is concerned.
package struct Credentials: Sendable, Hashable {
  package let userID: UInt32
  package let groupIDs: [UInt32]
  /// Bit n is capability n of capabilities(7).
  package let capabilities: UInt64

  static let dacOverride = 1
  static let rawIO = 17

  package func has(_ capability: Int) -> Bool { capabilities >> UInt64(capability) & 1 == 1 }

  /// Whether open(2) for reading and writing passes the file's permission bits.
  package func mayReadAndWrite(_ status: FileStatus) -> Bool {
    if has(Self.dacOverride) { return true }
    let shift: UInt32 =
      status.userID == userID ? 6 : groupIDs.contains(status.groupID) ? 3 : 0
    return status.permissions >> shift & 0o6 == 0o6
  }

  /// Those of a process's status; nil when the lines are missing.
  init?(status: ProcessStatus) {
    guard let user = status.userID(.fileSystem), let group = status.groupID(.fileSystem),
      let bits = status.capabilities
    else { return nil }
    userID = user
    groupIDs = [group] + status.groupIDs
    capabilities = bits
  }
}

/// The facts about a machine that decide how its queues can be used.
package struct HostFacts: Sendable {
  /// The words of the kernel command line; nil when it cannot be read.
  package let commandLine: [String]?
  /// The flags of the first CPU; nil when they cannot be read.
  package let cpuFlags: Set<String>?
  package let release: String?
  package let credentials: Credentials?

  /// Whether this is a virtual machine: the CPU says so in CPUID.1:ECX[31].
  package var isVirtual: Bool { cpuFlags?.contains("hypervisor") == true }

  package var kernel: KernelVersion? { release.flatMap(KernelVersion.init(release:)) }

  /// Reads them below `root`.
  package init(_ root: SystemRoot) {
    commandLine = (try? root.text("/proc/cmdline"))?.split(whereSeparator: \.isWhitespace)
      .map(String.init)
    cpuFlags = Self.flags(root)
    release = try? root.line("/proc/sys/kernel/osrelease")
    credentials = ProcessStatus(of: "self", root).flatMap(Credentials.init(status:))
  }

  /// The first "flags" line; one CPU's worth of a file that repeats itself for each.
  static func flags(_ root: SystemRoot) -> Set<String>? {
    guard let text = try? root.text("/proc/cpuinfo", limit: 1 << 14) else { return nil }
    for line in text.split(separator: "\n") where line.hasPrefix("flags") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      return Set(line[line.index(after: colon)...].split(separator: " ").map(String.init))
    }
    return nil
  }

  /// Whether the command line has this word.
  package func hasOption(_ word: String) -> Bool { commandLine?.contains(word) == true }

  /// The comma-separated values of every "intel_iommu=" on the command line.
  package var intelIOMMU: [String] {
    (commandLine ?? []).filter { $0.hasPrefix("intel_iommu=") }
      .flatMap { $0.dropFirst("intel_iommu=".count).split(separator: ",").map(String.init) }
  }
}
