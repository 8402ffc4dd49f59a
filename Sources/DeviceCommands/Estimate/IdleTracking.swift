// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// How much memory is cold, measured: pages are marked as idle, and after a while those are counted that
// nobody has used. The marks are the kernel's own, beside the pages; reclaim decides as before.

import IAADevices
import MemoryEstimate
import SystemPackage

struct IdleTracking {
  /// Why it cannot be told.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  static let bitmap = "/sys/kernel/mm/page_idle/bitmap"
  /// Pages that are marked, of all processes: the share is then known within 1 %.
  private static let most = 16384

  private let root: SystemRoot

  init(_ root: SystemRoot) { self.root = root }

  /// Marks pages of processes as idle, waits, and counts those that still are.
  ///
  /// - Parameters:
  ///   - processes: already looked through.
  ///   - random: what chooses the pages.
  ///   - wait: waits, and tells for how many tenths of a second; fewer than were asked for where somebody
  ///     interrupted it.
  /// - Returns: the share, and in its origin for how long it was watched.
  /// - Throws: why it cannot be told.
  func measure(
    _ processes: [ProcessPages], using random: inout some RandomNumberGenerator, wait: () -> Int
  ) throws(Failure) -> ColdShare {
    guard !processes.isEmpty else { throw Failure(description: "these are no processes") }
    let frames = try frames(of: processes, using: &random)
    let path = try plainPath()
    let (tenths, idle): (Int, Int)
    do throws(Errno) {
      let bitmap = try IdleBitmap(path)
      try bitmap.mark(frames)
      tenths = wait()
      idle = try bitmap.idleCount(frames)
    } catch {
      throw Failure(description: "\(Self.bitmap): \(error)")
    }
    guard tenths > 0 else { throw Failure(description: "interrupted before any time had passed") }
    return ColdShare(
      share: Double(idle) / Double(frames.count),
      origin:
        "\(Quantity.grouped(Double(frames.count))) pages tracked for \(Self.seconds(tenths)) s by their idle "
        + "marks, of which so many nobody used")
  }

  private static func seconds(_ tenths: Int) -> String {
    tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }

  /// The frames of some pages, each as likely as the others.
  private func frames(
    of processes: [ProcessPages], using random: inout some RandomNumberGenerator
  ) throws(Failure) -> [UInt64] {
    let places = processes.flatMap { process in process.strata.map { (process, $0.runs) } }
    let all = places.map(\.1.count).reduce(0, +)
    let chosen = SamplePlan.numbers(min(all, Self.most), below: all, using: &random)
    var (place, first) = (0, 0)
    var frames: [UInt64] = []
    for number in chosen {
      while number - first >= places[place].1.count {
        first += places[place].1.count
        place += 1
      }
      let (process, runs) = places[place]
      if let frame = process.frame(position: runs[number - first]) { frames.append(frame) }
    }
    guard frames.contains(where: { $0 != 0 }) else {
      throw Failure(
        description: frames.isEmpty
          ? "no page is in memory"
          : RefusedAccess(root).seesFrames
            ? "the kernel tells no frames" : "CAP_SYS_ADMIN is needed, which root has")
    }
    return frames.filter { $0 != 0 }
  }

  /// Where the bitmap is. It is written to, so nothing on the way may lead elsewhere.
  private func plainPath() throws(Failure) -> FilePath {
    var prefix = ""
    for component in FilePath(Self.bitmap).components {
      prefix += "/\(component.string)"
      if (try? root.files.target(ofLink: prefix)) != nil {
        throw Failure(description: "\(prefix) is a link")
      }
    }
    return root.locate(Self.bitmap).unescapedPath
  }
}
