// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The statistics of the kernel's iaa_crypto driver in debugfs. Two editions of the format exist:
// the first has a file for each counter and the global block at the top of wq_stats; the newer one
// has global_stats, and wq_stats with the devices only. Unknown names are kept, as kernels add some.

import SystemPackage

/// Why the statistics cannot be had.
package struct KernelStatisticsError: Error, Sendable, Hashable, CustomStringConvertible {
  package let description: String
}

/// One snapshot of the driver's counters.
package struct KernelStatistics: Sendable, Hashable {
  /// A counter as the driver names it.
  package struct Counter: Sendable, Hashable {
    package let name: String
    package let value: UInt64

    package init(name: String, value: UInt64) {
      self.name = name
      self.value = value
    }
  }

  /// A queue bound to the driver.
  package struct Queue: Sendable, Hashable {
    package var name: String
    package var counters: [Counter]

    package init(name: String, counters: [Counter]) {
      self.name = name
      self.counters = counters
    }
  }

  /// A device with a queue bound to the driver.
  package struct Device: Sendable, Hashable {
    package var id: Int
    /// How many queues the driver says it has.
    package var queueCount: Int
    package var counters: [Counter]
    package var queues: [Queue]

    package init(id: Int, queueCount: Int, counters: [Counter], queues: [Queue]) {
      self.id = id
      self.queueCount = queueCount
      self.counters = counters
      self.queues = queues
    }
  }

  /// Which form was found.
  package let edition: StatisticsEdition
  package let global: [Counter]
  package let devices: [Device]
  /// Lines that make no sense and were passed over, each with its file.
  package let oddities: [String]

  /// Reads the statistics below `root`.
  ///
  /// - Throws: why they are not there, in words for the user.
  package init(_ root: SystemRoot) throws(KernelStatisticsError) {
    let folder = try root.statisticsFolder()
    let names = root.names(in: folder)
    func text(_ name: String) throws(KernelStatisticsError) -> String {
      do {
        return try root.text("\(folder)/\(name)")
      } catch {
        throw root.statisticsFailure(folder, error)
      }
    }
    func odd(_ lines: [String], _ name: String) -> [String] {
      lines.map { "\(root.locate("\(folder)/\(name)")): \"\($0)\"" }
    }
    let queues = StatisticsText(try text("wq_stats"))
    devices = queues.devices
    let blocks: String
    if names.contains("global_stats") {
      edition = .newer
      let block = StatisticsText(try text("global_stats"))
      global = block.global
      oddities = odd(block.oddities, "global_stats") + odd(queues.oddities, "wq_stats")
      blocks = "global_stats"
    } else {
      edition = .first
      // The block in wq_stats, then what only has a file of its own.
      var counters = queues.global
      for name in names
      where !["wq_stats", "stats_reset"].contains(name)
        && !counters.contains(where: { $0.name == name })
      {
        if let value = UInt64(try text(name).trimmingWhitespace()) {
          counters.append(Counter(name: name, value: value))
        }
      }
      global = counters
      oddities = odd(queues.oddities, "wq_stats")
      blocks = "wq_stats"
    }
    // Both forms have totals always, of 0 if need be.
    guard !global.isEmpty else {
      throw KernelStatisticsError(
        description: "\(root.locate("\(folder)/\(blocks)")) has no counter that can be read"
          + (oddities.first.map { _ in "; its form is not known here" } ?? "; it is empty"))
    }
  }

  /// Sets every counter to 0.
  ///
  /// - Throws: why that failed, in words for the user.
  package static func reset(_ root: SystemRoot) throws(KernelStatisticsError) {
    let folder = try root.statisticsFolder()
    do {
      // The first edition wants a 0; the newer one takes anything.
      try root.write("0", to: folder + "/stats_reset")
    } catch {
      throw root.statisticsFailure(folder, error)
    }
  }
}

extension KernelStatistics {
  /// The text of `global_stats`; in the first edition, of the head of `wq_stats`.
  package static func text(global counters: [Counter]) -> String {
    "global stats:\n" + Self.lines(counters, indent: "  ")
  }

  /// All of it in the driver's own form, that of the first edition's `wq_stats`.
  package var text: String {
    ([Self.text(global: global)] + devices.map(\.text)).joined(separator: "\n")
  }

  fileprivate static func lines(_ counters: [Counter], indent: String) -> String {
    counters.map { "\(indent)\($0.name): \($0.value)\n" }.joined()
  }
}

extension KernelStatistics.Device {
  /// The device's block in `wq_stats`.
  package var text: String {
    "iaa device:\n  id: \(id)\n  n_wqs: \(queueCount)\n"
      + KernelStatistics.lines(counters, indent: "  ") + "  wqs:\n"
      + queues.map { queue in
        "    name: \(queue.name)\n" + KernelStatistics.lines(queue.counters, indent: "    ")
      }.joined()
  }
}

/// The driver's text, line by line; lines that make no sense are passed over.
struct StatisticsText {
  var global: [KernelStatistics.Counter] = []
  var devices: [KernelStatistics.Device] = []
  /// Lines that were passed over.
  var oddities: [String] = []

  init(_ text: String) {
    var isInDevice = false
    var isInQueue = false
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingWhitespace() }
      guard let key = parts.first else { continue }
      let value = parts.count > 1 ? parts[1] : ""
      switch (key, isInDevice) {
      case ("global stats", _):
        isInDevice = false
        isInQueue = false
      case ("iaa device", _):
        devices.append(.init(id: -1, queueCount: 0, counters: [], queues: []))
        isInDevice = true
        isInQueue = false
      case ("wqs", true): isInQueue = true
      case ("name", true) where isInQueue:
        devices[devices.count - 1].queues.append(.init(name: value, counters: []))
      case ("id", true): devices[devices.count - 1].id = Int(value) ?? -1
      case ("n_wqs", true): devices[devices.count - 1].queueCount = Int(value) ?? 0
      default:
        guard let number = UInt64(value) else {
          // Rules and the documentation's "..." say nothing. Clipped: a line may be anything.
          if line.contains(where: { $0.isLetter || $0.isNumber }) {
            oddities.append(String(line.trimmingWhitespace().prefix(60)))
          }
          continue
        }
        add(KernelStatistics.Counter(name: key, value: number), isInDevice, isInQueue)
      }
    }
  }

  mutating func add(_ counter: KernelStatistics.Counter, _ isInDevice: Bool, _ isInQueue: Bool) {
    guard isInDevice else {
      global.append(counter)
      return
    }
    let device = devices.count - 1
    if isInQueue, !devices[device].queues.isEmpty {
      devices[device].queues[devices[device].queues.count - 1].counters.append(counter)
    } else if !isInQueue {
      devices[device].counters.append(counter)
    }
  }
}
