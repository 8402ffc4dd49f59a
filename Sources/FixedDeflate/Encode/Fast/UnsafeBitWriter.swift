// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Bits -> bytes inside the fast encoder's blocks: no checks, since a block's room is known beforehand.
//
// SAFETY: the output has room for FastEncoderLayout.blockOutput bytes when a block begins, its worst
// case and the eight bytes of one more store.

import CDeflateKernels

/// Bits gathered low first, stored eight bytes at a time.
@unsafe struct UnsafeBitWriter {
  var buffer: UInt64
  var count: UInt64
  var next: UnsafeMutableRawPointer

  @inline(__always)
  mutating func flush() {
    unsafe next.storeBytes(of: buffer, as: UInt64.self)
    unsafe next += Int(truncatingIfNeeded: count &>> 3)
    unsafe buffer &>>= count & 0x38
    unsafe count &= 7
  }

  @inline(__always)
  mutating func append(_ bits: UInt64, _ n: UInt64) {
    unsafe buffer |= bits &<< count
    unsafe count &+= n
  }

  /// Literals of eight bits, which leave `count` < 8 as it is.
  @inline(__always)
  mutating func byteLiterals(_ s: UnsafeMutableRawPointer, from: Int, to: Int) {
    var i = from
    while to &- i > 7 {
      let codes = unsafe (s + (FastEncoderLayout.codes &+ i)).loadUnaligned(as: UInt64.self)
      unsafe buffer |= codes &<< count
      unsafe next.storeBytes(of: buffer, as: UInt64.self)
      unsafe next += 7
      unsafe buffer = buffer &>> 56 & ((1 &<< count) &- 1)
      i &+= 7
    }
    let codes = unsafe (s + (FastEncoderLayout.codes &+ i)).loadUnaligned(as: UInt64.self)
    let n = UInt64(truncatingIfNeeded: (to &- i) &* 8)
    unsafe buffer |= (codes & ((1 &<< n) &- 1)) &<< count
    unsafe next.storeBytes(of: buffer, as: UInt64.self)
    unsafe next += to &- i
    unsafe buffer &>>= n
  }

  /// Literals of eight or nine bits.
  @inline(__always)
  mutating func literals(_ s: UnsafeMutableRawPointer, from: Int, to: Int) {
    var i = from
    while to &- i > 6 {
      unsafe chunk(s, i, 6)
      i &+= 6
    }
    unsafe chunk(s, i, to &- i)
  }

  /// At most six literals: 54 bits.
  @inline(__always)
  private mutating func chunk(_ s: UnsafeMutableRawPointer, _ i: Int, _ k: Int) {
    let codes = unsafe (s + (FastEncoderLayout.codes &+ i)).loadUnaligned(as: UInt64.self)
    let long =
      unsafe (s + (FastEncoderLayout.longBits &+ i &>> 3)).loadUnaligned(as: UInt64.self)
      &>> UInt64(truncatingIfNeeded: i & 7)
    var j = 0
    while j < k {
      let l = (long &>> UInt64(truncatingIfNeeded: j)) & 1
      let c = (codes &>> UInt64(truncatingIfNeeded: j &* 8)) & 255
      unsafe append(c &<< l | l, 8 &+ l)
      j &+= 1
    }
    unsafe flush()
  }
}
