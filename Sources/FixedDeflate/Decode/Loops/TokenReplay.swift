// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The last step of the vector loop: writing the tokens that were found. Before each match its
// literals are copied, 32 bytes whatever their number, then the match, likewise, so that no branch depends
// on either.
//
// SAFETY: the maker vouches for `output`...`end` and for lists as long as they say. Output is written past a
// token's end only while the margin is left, and exactly from there on; a match is read only from what was
// written.

import CDeflateKernels

#if arch(x86_64)

  /// A match as `dk_token_fields` tells of it.
  typealias MatchRecord = dk_match

  extension dk_match {
    /// In `literals`: 32 bytes of distance 1.
    fileprivate static let isUniform = 0x8000
  }

  /// Writes tokens: where it stands.
  @unsafe struct TokenReplay {
    /// Bytes of output that must be left for a match with up to 32 literals before it.
    static let margin = 64
    var to: UnsafeMutablePointer<UInt8>
    var literals: UnsafePointer<UInt8>
    let output: UnsafeMutablePointer<UInt8>
    let end: UnsafeMutablePointer<UInt8>
    /// The last place with the copies' margin left; before all places if there is none.
    let last: UnsafeMutablePointer<UInt8>
    /// Of each distance up to 32, how it picks from the 32 bytes before.
    let patterns: UnsafeRawPointer

    @inline(__always)
    init(
      to: UnsafeMutablePointer<UInt8>, literals: UnsafePointer<UInt8>,
      output: UnsafeMutablePointer<UInt8>, end: UnsafeMutablePointer<UInt8>,
      last: UnsafeMutablePointer<UInt8>, patterns: UnsafeRawPointer
    ) {
      unsafe self.to = to
      unsafe self.literals = literals
      unsafe self.output = output
      unsafe self.end = end
      unsafe self.last = last
      unsafe self.patterns = patterns
    }

    /// Writes a segment's tokens, up to the first for which the output is full or whose distance is too far;
    /// returns how many.
    @inline(__always)
    mutating func run(
      literals list: UnsafePointer<UInt8>, indices: UnsafePointer<UInt32>,
      records: UnsafePointer<UInt64>, matches: Int
    ) -> Int {
      // SAFETY: a record is eight bytes, as MatchRecord is.
      let records = unsafe UnsafeRawPointer(records).assumingMemoryBound(to: MatchRecord.self)
      unsafe literals = list
      var next = unsafe records
      let stop = unsafe records + matches
      while unsafe next < stop && to <= last {
        unsafe copy32(from: literals, to: to)
        var count = unsafe Int(next.pointee.literals)
        if count > 32 {
          let isUniform = count & MatchRecord.isUniform != 0
          count &= ~MatchRecord.isUniform
          guard unsafe count <= last - to else { break }
          var done = 32
          while done < count {
            unsafe copy32(from: literals + done, to: to + done)
            done &+= 32
          }
          if isUniform, unsafe to + count > output {
            unsafe skip(count)
            unsafe repeatByte(&next, stop)
            continue
          }
        }
        unsafe skip(count)
        guard unsafe copy(next.pointee, isExact: false) else {
          return unsafe Int(indices[next - records])
        }
        unsafe next += 1
      }
      while unsafe next < stop {
        // Indices are those of matches; the one before the first is -1.
        let first = unsafe Int(indices[next - records - 1] &+ 1)
        let count = unsafe Int(next.pointee.literals) & ~MatchRecord.isUniform
        let copied = unsafe copyLiterals(count)
        guard copied == count, unsafe copy(next.pointee, isExact: true) else {
          return first &+ copied
        }
        unsafe next += 1
      }
      let first = unsafe Int(indices[matches - 1] &+ 1)
      return unsafe first &+ copyLiterals(Int(indices[matches]) &- first)
    }

    @inline(__always)
    private mutating func skip(_ count: Int) {
      unsafe to += count
      unsafe literals += count
    }

    /// Writes 32 bytes like the one before, for a match and as many as follow and say the same: each copied
    /// from the one before would wait for it.
    @inline(__always)
    private mutating func repeatByte(
      _ next: inout UnsafePointer<MatchRecord>, _ stop: UnsafePointer<MatchRecord>
    ) {
      let pattern = unsafe UInt64(to[-1]) &* 0x0101_0101_0101_0101
      repeat {
        unsafe splat32(pattern, to, 0)
        unsafe to += 32
        unsafe next += 1
      } while unsafe next < stop && Int(next.pointee.literals) == MatchRecord.isUniform
        && to <= last
    }

    /// Writes literals and not one byte more; returns how many fitted.
    @inline(__always)
    private mutating func copyLiterals(_ count: Int) -> Int {
      let fitting = unsafe min(count, end - to)
      var left = fitting
      while left > 0 {
        let now = min(left, 32)
        unsafe dk_copy_pattern_exact(literals, patterns + VectorTables.wholePattern, to, now)
        unsafe skip(now)
        left &-= now
      }
      return fitting
    }

    /// Writes a match, and unless `isExact`, as it has to be near the output's end, what may be behind it up
    /// to 32 bytes from its start. False if its distance is too far or it does not fit.
    @inline(__always)
    private mutating func copy(_ record: MatchRecord, isExact: Bool) -> Bool {
      let length = Int(record.length)
      let reach = Int(record.reach)
      if isExact, unsafe length > end - to { return false }
      if unsafe reach > to - output {
        // Either too far, or near the output's start, where the 32 bytes before it are not all there.
        let distance = reach > 32 ? reach : Int(record.pattern) / 32
        guard unsafe distance <= to - output, unsafe length <= end - to else { return false }
        for i in 0..<length { unsafe to[i] = to[i &- distance] }
        unsafe to += length
        return true
      }
      if isExact {
        unsafe dk_copy_pattern_exact(to - reach, patterns + Int(record.pattern), to, length)
      } else {
        unsafe dk_copy_pattern(to - reach, patterns + Int(record.pattern), to)
      }
      unsafe to += length
      return true
    }
  }
#endif
