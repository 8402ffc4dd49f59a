// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The stages of a container around its DEFLATE body: header, trailer, and what may stand between
// and behind gzip members. All of it byte by byte; only bodies are large.

extension StreamDecoder {
  enum BetweenMembers {
    case nothing
    case zeros
    /// One byte of what may be a member's magic.
    case firstMagic
  }

  enum Stage {
    case gzipHeader(GzipHeaderParser)
    case zlibHeader(first: UInt8?)
    case body
    /// A trailer's bytes as they come, as one number in the container's byte order.
    case trailer(value: UInt64, count: Int)
    case betweenMembers(BetweenMembers)
    case garbage
    case finished

    static func start(of format: ContainerFormat) -> Stage {
      switch format {
      case .gzip, .bgzf: .gzipHeader(GzipHeaderParser())
      case .zlib: .zlibHeader(first: nil)
      case .raw: .body
      }
    }
  }

  /// Feeds a byte to a stage other than the body; false when it belongs to the next stage.
  mutating func take(_ byte: UInt8) throws(DeflateError) -> Bool {
    switch stage {
    case .gzipHeader(var parser):
      try parser.take(byte, bitPosition: inputBitPosition)
      stage = .gzipHeader(parser)
      inputCount += 1
      if parser.isDone {
        if memberCount == 0 { header = parser.header }
        beginBody()
      }
    case .zlibHeader(nil):
      stage = .zlibHeader(first: byte)
      inputCount += 1
    case .zlibHeader(let first?):
      try checkZlibHeader(first, byte)
      inputCount += 1
      beginBody()
    case .trailer(let value, let count):
      try takeTrailer(byte, value, count)
    case .betweenMembers(let state):
      return try takeBetweenMembers(byte, state)
    case .garbage:
      break
    case .body, .finished: preconditionFailure("not a stage that takes bytes")
    }
    return true
  }

  private mutating func beginBody() {
    inflater.reset()
    window.removeAll()
    handedOver = 0
    crc = CRC32()
    adler = Adler32()
    memberOutputCount = 0
    stage = .body
  }

  /// CMF and FLG (RFC 1950 §2.2).
  private func checkZlibHeader(_ method: UInt8, _ flags: UInt8) throws(DeflateError) {
    guard (Int(method) << 8 | Int(flags)) % 31 == 0 else {
      throw DeflateError(.notInFormat, bitPosition: 0)
    }
    guard method & 15 == GzipHeader.deflateMethod else {
      throw DeflateError(.unsupportedMethod, bitPosition: 0)
    }
    guard method >> 4 <= 7 else { throw DeflateError(.invalidWindowSize, bitPosition: 4) }
    guard flags & 0x20 == 0 else { throw DeflateError(.presetDictionary, bitPosition: 13) }
  }

  /// CRC-32 and ISIZE (RFC 1952 §2.3.1), or Adler-32 (RFC 1950 §2.2).
  private mutating func takeTrailer(
    _ byte: UInt8, _ value: UInt64, _ count: Int
  ) throws(DeflateError) {
    let start = inputBitPosition - count * 8
    inputCount += 1
    guard format.hasMembers else {
      let value = value << 8 | UInt64(byte)
      stage = .trailer(value: value, count: count + 1)
      guard count + 1 == 4 else { return }
      storedChecksum = UInt32(value)
      guard storedChecksum == adler.value else {
        throw DeflateError(.checksumMismatch, bitPosition: start)
      }
      stage = .finished
      return
    }
    let value = value | UInt64(byte) << (8 * count)
    stage = .trailer(value: value, count: count + 1)
    guard count + 1 == GzipMember.trailerCount else { return }
    let checksum = UInt32(truncatingIfNeeded: value)
    storedChecksum = checksum
    try settle(
      MemberTrailer(
        dataEnd: outputCount, checksum: checksum, length: UInt32(truncatingIfNeeded: value >> 32),
        actualLength: UInt32(truncatingIfNeeded: memberOutputCount), bitPosition: start))
    memberCount += 1
    stage = .betweenMembers(.nothing)
  }

  /// Another member, zero padding, or garbage: GNU gzip's rule.
  private mutating func takeBetweenMembers(
    _ byte: UInt8, _ state: BetweenMembers
  ) throws(DeflateError) -> Bool {
    switch (state, byte) {
    case (.nothing, GzipHeader.magic[0]):
      stage = .betweenMembers(.firstMagic)
    case (.firstMagic, GzipHeader.magic[1]):
      var parser = GzipHeaderParser()
      try parser.take(GzipHeader.magic[0], bitPosition: inputBitPosition)
      inputCount += 1
      stage = .gzipHeader(parser)
      return false
    case (.nothing, 0), (.zeros, 0):
      stage = .betweenMembers(.zeros)
    default:
      stage = .garbage
      trailingData = .garbage
    }
    return true
  }
}
