// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Overlapping copies: what a match means (RFC 1951 §3.2.3).

extension OutputRawSpan {
  /// Appends `count` bytes that start `distance` bytes before the end; source and destination may
  /// overlap, and then the bytes repeat. Traps when the distance or the count does not fit.
  mutating func appendCopy(distance: Int, count: Int) {
    precondition((1...max(1, byteCount)).contains(distance), "distance before the output")
    precondition(count <= freeCapacity, "output has too little room")
    // SAFETY: both ranges lie in the buffer, checked above; each byte read was written before,
    // since the source stays `distance` behind.
    unsafe withUnsafeMutableBytes { buffer, initialized in
      for index in initialized..<initialized + count {
        unsafe buffer[index] = buffer[index - distance]
      }
      initialized += count
    }
  }
}

// The hot loops' copy writes past the end of a match, up to `slack` bytes, because whole vectors are
// cheaper than exact counts.

enum MatchCopy {
  /// Bytes a copy may write behind the end of a match of at most 32 bytes, or behind the
  /// rounded end of a longer one.
  static let slack = 32

  /// A pattern of `distance` bytes (1...7) fills a word by this multiplication.
  static let repeatFactors: [UInt64] = [
    0, 0x0101_0101_0101_0101, 0x0001_0001_0001_0001, 0x0001_0000_0100_0001,
    0x0000_0001_0000_0001, 0x0000_0100_0000_0001, 0x0001_0000_0000_0001, 0x0100_0000_0000_0001,
  ]
}

/// Copies `length` bytes from `distance` back. Reads only bytes before `at` and bytes it wrote.
/// Needs 1 <= distance <= at, and at + max(length, 32) + 32 bytes of output.
@inline(__always)
func copyMatch(
  _ out: UnsafeMutablePointer<UInt8>, at: Int, distance: Int, length: Int
) {
  // SAFETY: in all accesses the loads start at at - distance >= 0 and read at most 16 bytes,
  // the stores end before at + max(length, 32) + 32; both are inside by the contract above.
  let from = at &- distance
  if distance >= 16 {
    unsafe copy16(out, from: from, to: at)
    unsafe copy16(out, from: from &+ 16, to: at &+ 16)
    var done = 32
    while done < length {
      unsafe copy16(out, from: from &+ done, to: at &+ done)
      unsafe copy16(out, from: from &+ done &+ 16, to: at &+ done &+ 16)
      done &+= 32
    }
    return
  }
  if distance >= 8 {
    let head = unsafe load64(out, from)
    let tail = unsafe load64(out, at &- 8)
    var done = 0
    repeat {
      unsafe store64(head, out, at &+ done)
      unsafe store64(tail, out, at &+ done &+ distance &- 8)
      done &+= distance
    } while done < length
    return
  }
  let shift = UInt64(truncatingIfNeeded: 64 &- 8 &* distance)
  let word = unsafe (load64(out, from) &<< shift) &>> shift
  let pattern = word &* MatchCopy.repeatFactors[distance & 7]
  if distance & (distance &- 1) == 0 {
    unsafe splat32(pattern, out, at)
    var done = 32
    while done < length {
      unsafe splat32(pattern, out, at &+ done)
      done &+= 32
    }
    return
  }
  let step = distance == 3 ? 6 : distance
  var done = 0
  repeat {
    unsafe store64(pattern, out, at &+ done)
    done &+= step
  } while done < length
}
