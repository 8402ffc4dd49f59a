// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A line for those who wait: shown when one file takes longer than two seconds and a terminal
// looks at standard error, rewritten four times a second, taken away at the end.

import IAAOffload
import SystemPackage

/// The progress of one file.
///
/// SAFETY of `@unchecked Sendable`: it is handed from thread to thread with the turn to write, and
/// taken away only when the others have ended.
final class Progress: @unchecked Sendable {
  private static let delay: UInt64 = 2_000_000_000
  private static let interval: UInt64 = 250_000_000

  private let name: FileName
  private let size: UInt64?
  private let begin = Clock.now
  private var next: UInt64
  private var isShown = false

  /// Starts the clock for a file of `size` bytes, when that is known.
  init(name: FileName, size: UInt64?) {
    self.name = name
    self.size = size
    next = begin + Self.delay
  }

  deinit { erase() }

  /// Shows how far things are when it is time to.
  ///
  /// - Parameters:
  ///   - count: bytes of the input done.
  ///   - step: what is being done.
  func update(_ count: UInt64, _ step: String) {
    let now = Clock.now
    guard now >= next else { return }
    next = now + Self.interval
    let seconds = Double(now - begin) / 1e9
    let rate = UInt64(Double(count) / seconds)
    var text = ": \(step) \(Self.mebibytes(count))"
    if let size, size > 0 { text += ", \(min(100, count * 100 / max(1, size)))%" }
    text += ", \(Self.mebibytes(rate))/s"
    write([0x0D] + name.base.bytes.suffix(40) + Array(text.utf8) + Self.clearToEnd)
    isShown = true
  }

  /// Takes the line away.
  func erase() {
    guard isShown else { return }
    isShown = false
    write([0x0D] + Self.clearToEnd)
  }

  /// The terminal's "erase to the end of the line" (ECMA-48 EL).
  private static let clearToEnd: [UInt8] = Array("\u{1B}[K".utf8)

  private static func mebibytes(_ count: UInt64) -> String {
    let tenths = count / 104_858
    return "\(tenths / 10).\(tenths % 10) MiB"
  }

  private func write(_ bytes: [UInt8]) {
    // A terminal that cannot be written to is no reason to stop. SAFETY: bytes have no padding.
    try? SystemCalls.write(unsafe bytes.span.bytes, to: .standardError)
  }
}
