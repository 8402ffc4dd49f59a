// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Idle page tracking (Documentation/admin-guide/mm/idle_page_tracking.rst): a bit for each frame of
// memory, in words of 64 bits. A bit that is written as 1 marks its page as idle, one that is written as
// 0 does nothing; whoever uses the page takes the mark away. No content is touched, and reclaim sees what
// it would have seen.

package import SystemPackage

/// The kernel's bitmap of idle frames.
package struct IdleBitmap: ~Copyable {
  private let path: FilePath
  private let reader: PageReader

  /// Opens the bitmap.
  ///
  /// - Throws: the errno of open(2): ENOENT on kernels without it, EACCES or EPERM for others than root.
  package init(_ path: FilePath) throws(Errno) {
    self.path = path
    reader = try PageReader(path)
  }

  /// Marks frames as idle.
  ///
  /// - Throws: the errno of open(2) or pwrite(2).
  package func mark(_ frames: some Sequence<UInt64>) throws(Errno) {
    do {
      let file = try FileDescriptor.open(
        path, .writeOnly, options: [.closeOnExec, .noFollow])
      try file.closeAfter {
        for (word, bits) in Self.words(frames) {
          // The kernel's words are the machine's own: what is lowest here is first in memory.
          let bytes = (0..<8).map {
            UInt8(truncatingIfNeeded: bits.littleEndian >> (8 * UInt64($0)))
          }
          _ = try file.writeAll(toAbsoluteOffset: Int64(word * 8), bytes)
        }
      }
    } catch {
      throw error as? Errno ?? .ioError
    }
  }

  /// How many of these frames are still idle.
  ///
  /// - Throws: the errno of pread(2).
  package func idleCount(_ frames: [UInt64]) throws(Errno) -> Int {
    var words: [UInt64: UInt64] = [:]
    for (word, _) in Self.words(frames) {
      var bits = [UInt64](repeating: 0, count: 1)
      _ = try reader.read(into: &bits, at: word * 8)
      words[word] = bits[0]
    }
    return frames.count { words[$0 / 64, default: 0] >> ($0 % 64) & 1 == 1 }
  }

  /// The words of frames, ascending, with the bits of theirs.
  private static func words(_ frames: some Sequence<UInt64>) -> [(key: UInt64, value: UInt64)] {
    var words: [UInt64: UInt64] = [:]
    for frame in frames { words[frame / 64, default: 0] |= 1 << (frame % 64) }
    return words.sorted { $0.key < $1.key }
  }
}
