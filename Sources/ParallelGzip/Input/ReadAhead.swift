// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Reading beside decoding. Only files are read ahead: a thread that waits at a pipe could not be
// stopped, and a pipe's other end may be waiting for what we write before it sends more.

import FixedDeflate
import Threading

/// A file's bytes, read by another thread.
final class ReadAhead {
  private let ring = BufferRing<GzipError>()
  private let thread: SystemThread

  /// Starts to read; nil when there is no thread to be had.
  init?(_ reader: InputReader) {
    let ring = ring
    guard let thread = SystemThread.startSmall({ Self.read(reader, into: ring) }) else {
      return nil
    }
    self.thread = thread
  }

  /// Puts the next bytes in the place of `buffer`, which is empty; it stays so at the end.
  func fill(_ buffer: inout OwnedBytes) throws(GzipError) {
    guard let next = ring.nextFull() else { return }
    if let failure = next.note { throw failure }
    swap(&buffer, &next.bytes)
    ring.giveBack(next)
  }

  /// Stops reading; the bytes that were read and have not been asked for. A failure to read is met
  /// again by whoever reads on.
  func stop() -> [UInt8] {
    ring.end()
    thread.join()
    var unused: [UInt8] = []
    while let next = ring.nextFull() { unused += next.bytes.withBytes { $0.copied } }
    return unused
  }

  private static func read(_ reader: InputReader, into ring: BufferRing<GzipError>) {
    var reader = reader
    while let buffer = ring.nextEmpty() {
      do throws(GzipError) {
        try reader.read(into: &buffer.bytes)
        guard buffer.bytes.count > 0 else { return ring.end() }
      } catch {
        buffer.note = error
      }
      let isFailed = buffer.note != nil
      ring.send(buffer)
      if isFailed { return ring.end() }
    }
  }
}
