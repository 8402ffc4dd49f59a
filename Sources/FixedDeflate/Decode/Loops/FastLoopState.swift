// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// What a hot loop and the careful path hand to each other. A hot loop runs whole tokens only:
// it starts and stops at a token boundary, so the exact bit position is all the careful path
// needs to go on, and to report errors at the right bit. Plain pointers, because the loops
// are compiled once per kind of CPU through a C trampoline.

/// The position of a decoder between two tokens, as a hot loop sees it.
///
/// SAFETY: who makes one vouches for both buffers being as long as it says.
@unsafe struct FastLoopState {
  /// The whole input: `inputCount` bytes of it count; `readableCount`, at least as many, may be read.
  var input: UnsafePointer<UInt8>
  var inputCount: Int
  var readableCount: Int
  /// Bit at which the next token starts, counted from `input`.
  var bitPosition: Int
  /// `outputCount` bytes may be written; bytes before `outputPosition` are history.
  var output: UnsafeMutablePointer<UInt8>
  var outputCount: Int
  var outputPosition: Int
  /// The farthest distance allowed: 4096 for IAA streams, 32,768 for RFC 1951.
  var distanceLimit: Int

  /// Whether the fixed code's end of block comes next: seven zeros (RFC 1951 §3.2.6).
  var isAtFixedEndOfBlock: Bool {
    let at = unsafe bitPosition &>> 3
    guard unsafe at < inputCount else { return false }
    // SAFETY: both bytes are read below inputCount only. Behind it come ones, which end no block.
    let second = unsafe at &+ 1 < inputCount ? UInt(input[at &+ 1]) : 0xFF
    let word = unsafe UInt(input[at]) | second &<< 8
    return unsafe word &>> UInt(bitPosition & 7) & 0x7F == 0
  }
}
