// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Counters that show whether pages left memory, through zswap and through the device. Each comes
// from another place, and each may be hidden; what cannot be read is left out.

/// Named counters at one moment.
package struct SwapCounters: Sendable, Hashable {
  /// A counter's name and value.
  package struct Entry: Sendable, Hashable {
    package let name: String
    package let value: UInt64
  }

  package let entries: [Entry]

  static let memoryCounters = ["pswpin", "pswpout", "zswpin", "zswpout", "zswpwb"]
  static let debugFolder = "/sys/kernel/debug/zswap"

  /// Reads what can be read below `root`.
  package init(_ root: SystemRoot) {
    var entries: [Entry] = []
    let memory = (try? root.text("/proc/vmstat")) ?? ""
    for line in memory.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2, Self.memoryCounters.contains(String(words[0])),
        let value = UInt64(words[1])
      {
        entries.append(Entry(name: String(words[0]), value: value))
      }
    }
    for name in root.names(in: Self.debugFolder) {
      if let value = (try? root.line("\(Self.debugFolder)/\(name)")).flatMap({ UInt64($0) }) {
        entries.append(Entry(name: "zswap \(name)", value: value))
      }
    }
    if let statistics = try? KernelStatistics(root) {
      entries += statistics.global.map { Entry(name: "iaa_crypto \($0.name)", value: $0.value) }
    }
    self.entries = entries
  }

  /// The value of a counter; nil when it could not be read.
  package subscript(name: String) -> UInt64? { entries.first { $0.name == name }?.value }
}

/// The swap areas in use.
package struct SwapAreas: Sendable, Hashable {
  /// Their files or devices; nil when /proc/swaps cannot be read.
  package let names: [String]?

  /// Reads /proc/swaps below `root`.
  package init(_ root: SystemRoot) {
    // The first line is a heading.
    names = (try? root.text("/proc/swaps"))?.split(separator: "\n").dropFirst().compactMap { line in
      line.split(whereSeparator: \.isWhitespace).first.map(String.init)
    }
  }

  /// What keeps zswap from being of use with them; nil when nothing does.
  package var shortcoming: String? {
    guard let names else { return nil }
    if names.isEmpty { return "no swap area is on, so no page ever reaches zswap" }
    // /dev/zram0, or /dev/block/zram0 on Android.
    guard names.allSatisfy({ $0.split(separator: "/").last?.hasPrefix("zram") == true }) else {
      return nil
    }
    return "swap is on zram only: what zswap lets go zram compresses once more, and in software"
  }
}

/// A compressed disk in memory.
package struct ZramDevice: Sendable, Hashable {
  /// "zram0".
  package let name: String
  /// What it compresses with; nil when it cannot be read.
  package let algorithm: String?
  /// What it says it could.
  let offered: [String]

  /// Those that are there, below `root`.
  package static func all(_ root: SystemRoot) -> [ZramDevice] {
    root.names(in: "/sys/block").filter { $0.hasPrefix("zram") }.map { name in
      // "lzo-rle lzo [lz4] zstd"
      let words =
        (try? root.line("/sys/block/\(name)/comp_algorithm"))?.split(separator: " ") ?? []
      func plain(_ word: Substring) -> String { word.filter { $0 != "[" && $0 != "]" } }
      return ZramDevice(
        name: name, algorithm: words.first { $0.hasPrefix("[") }.map(plain),
        offered: words.map(plain))
    }
  }

  /// What there is to know of IAA and zram. Mainline's zram has had compressors of its own since Linux
  /// 6.12; Intel's kernel takes the name by write, also where the list does not have it.
  package static func advice(_ devices: [ZramDevice]) -> String {
    let names = devices.flatMap { [$0.algorithm ?? ""] + $0.offered }
    if let known = names.first(where: SystemRoot.deviceCompressors.contains) {
      return "this kernel's zram offers \(known): write that to comp_algorithm before disksize"
    }
    return "mainline's zram does not compress with IAA; zswap does"
  }
}
