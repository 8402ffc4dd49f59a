// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What an estimate asks of its own process: time, SIGINT, a line of progress.

import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// This thread's processor time, in nanoseconds.
enum ThreadClock {
  @Sendable static func now() -> Int64 {
    var time = timespec()
    // SAFETY: the call fills a value of this scope.
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

/// The time of day in RFC 3339's form, in UTC.
enum WallClock {
  static var now: String {
    var seconds = time(nil)
    // SAFETY (below): both are values of this scope; tm_zone, which is a pointer, is not looked at.
    var parts = unsafe tm()
    unsafe gmtime_r(&seconds, &parts)
    let fields = unsafe [
      parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
      parts.tm_sec,
    ]
    let two = fields.map { $0 < 10 ? "0\($0)" : "\($0)" }
    return "\(two[0])-\(two[1])-\(two[2])T\(two[3]):\(two[4]):\(two[5])Z"
  }
}

/// Whether SIGINT has asked to end. A second one ends the process.
final class Interruption: Sendable {
  private static let asked = Atomic<Bool>(false)

  init() {
    Self.asked.store(false, ordering: .relaxed)
    signal(SIGINT) { _ in
      Interruption.asked.store(true, ordering: .relaxed)
      signal(SIGINT, SIG_DFL)
    }
  }

  var isAsked: Bool { Self.asked.load(ordering: .relaxed) }

  deinit { signal(SIGINT, SIG_DFL) }
}

/// A line that is written over.
final class ProgressMeter: Sendable {
  private let isShown: Bool
  private let console: Console
  /// The percent shown last; -1 before the first.
  private let last = Atomic(-1)

  init(isShown: Bool, _ console: Console) {
    self.isShown = isShown
    self.console = console
  }

  /// Shows how far it is, once for each percent.
  func show(_ done: Int, of all: Int) {
    guard isShown, all > 0 else { return }
    let percent = 100 * done / all
    guard percent != last.exchange(percent, ordering: .relaxed) else { return }
    console.err(
      "\r\(Quantity.grouped(Double(done))) of \(Quantity.grouped(Double(all))) pages, \(percent) %")
  }

  /// Removes the line.
  func clear() {
    if isShown, last.load(ordering: .relaxed) >= 0 { console.err("\r\u{1B}[K") }
  }
}
