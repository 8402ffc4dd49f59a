// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Matches that reach as far back and are as long as RFC 1951 has them: those of LongMatches.c, which says how they are
// chosen. All builds choose the same.
//
// SAFETY: `state` is one allocation of as many bytes as the kernel asks for, which sets them itself. A match has four
// bytes or more, so that a chunk of n bytes has at most n / 4 of them, and the list has room for n / 3.

import CDeflateKernels

/// Finds a chunk's matches where no device says which they are.
@safe
struct LongMatchFinder: ~Copyable {
  private let cpu: CPUKind
  private let state: UnsafeMutableRawPointer

  init(cpu: CPUKind) {
    self.cpu = cpu
    unsafe state = .allocate(byteCount: dk_long_matches_bytes(), alignment: 64)
  }

  deinit {
    unsafe state.deallocate()
  }

  /// Finds the matches of a chunk.
  ///
  /// - Parameters:
  ///   - input: The chunk.
  ///   - list: Room for a third as many matches as the chunk has bytes.
  /// - Returns: How many there are, and where the last one ends.
  /// - Complexity: O(*n*) in the bytes of the chunk.
  func collect(
    _ input: RawSpan, into list: UnsafeMutablePointer<ChunkMatch>
  ) -> (count: Int, end: Int) {
    unsafe input.withUnsafeBytes { input in
      guard let first = unsafe input.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
        return (0, 0)
      }
      var end = 0
      let count = unsafe find(first, input.count, list, &end)
      return (count, end)
    }
  }

  private func find(
    _ input: UnsafePointer<UInt8>, _ byteCount: Int,
    _ list: UnsafeMutablePointer<ChunkMatch>, _ end: inout Int
  ) -> Int {
    #if arch(x86_64)
      if cpu >= .avx2 { return unsafe dk_long_matches_avx2(state, input, byteCount, list, &end) }
    #endif
    return unsafe dk_long_matches_plain(state, input, byteCount, list, &end)
  }
}
