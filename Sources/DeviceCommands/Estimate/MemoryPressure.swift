// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import IAADevices

/// How much of the last five minutes something waited for memory (PSI, Documentation/accounting/psi.rst).
/// It does not tell how much memory is cold: it tells whether what is in memory is more than fits well.
struct MemoryPressure: Sendable, Equatable {
  /// "some" of the last 300 seconds, 0 to 1.
  let share: Double

  /// The pressure in control groups, the largest of several, else the system's; nil where it is not told.
  init?(groups: [String], _ root: SystemRoot) {
    let files = groups.isEmpty ? ["/proc/pressure/memory"] : groups.map { $0 + "/memory.pressure" }
    let shares = files.compactMap { (try? root.text($0)).flatMap(Self.some) }
    guard let most = shares.max() else { return nil }
    share = most
  }

  /// avg300 of the line "some avg10=0.00 avg60=0.00 avg300=0.00 total=0".
  private static func some(_ text: String) -> Double? {
    for line in text.split(separator: "\n") where line.hasPrefix("some ") {
      let field = line.split(separator: " ").first { $0.hasPrefix("avg300=") }
      let percent = field.flatMap { Double(String($0.dropFirst("avg300=".count))) }
      if let percent, (0...100).contains(percent) { return percent / 100 }
    }
    return nil
  }
}
