// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The stages of a container around its DEFLATE body: header, trailer, and what may stand between
// and behind gzip members. What has a small, fixed length is taken byte by byte; fields of a gzip
// header, padding and garbage may be of any length, and as much is taken as there is.

extension StreamDecoder {
  enum BetweenMembers {
    case nothing
    case zeros
    /// One byte of what may be a member's magic.
    case firstMagic
  }

  enum Stage {
    /// The header so far is in `headerParser`.
    case gzipHeader
    case zlibHeader(first: UInt8?)
    case body
    /// A trailer's bytes as they come, as one number in the container's byte order.
    case trailer(value: UInt64, count: Int)
    case betweenMembers(BetweenMembers)
    case garbage
    /// Another stream without a header may follow.
    case betweenStreams
    case finished

    static func start(of format: ContainerFormat) -> Stage {
      switch format {
      case .gzip, .bgzf: .gzipHeader
      case .zlib: .zlibHeader(first: nil)
      case .raw: .body
      }
    }
  }

  /// Feeds what is next to a stage other than the body, as much as it takes at once; it may be none
  /// where that belongs to the next stage. There must be a byte.
  mutating func take(_ input: RawSpan, _ offset: inout Int) throws(DeflateError) {
    switch stage {
    case .gzipHeader: try takeGzipHeader(input, &offset)
    case .zlibHeader(nil):
      stage = .zlibHeader(first: input.byte(at: offset))
      inputCount += 1
      offset += 1
    case .zlibHeader(let first?):
      try checkZlibHeader(first, input.byte(at: offset))
      inputCount += 1
      offset += 1
      beginBody()
    case .trailer(let value, let count):
      try takeTrailer(input.byte(at: offset), value, count)
      offset += 1
    case .betweenMembers(let state): try takeBetweenMembers(input, &offset, state)
    case .garbage: offset = input.byteCount
    case .body, .betweenStreams, .finished: preconditionFailure("not a stage that takes bytes")
    }
  }

  private mutating func takeGzipHeader(
    _ input: RawSpan, _ offset: inout Int
  ) throws(DeflateError) {
    let start = offset
    // Also when the header is bad: all before the bad byte was read.
    defer { inputCount += UInt64(offset - start) }
    try headerParser.take(input, &offset, bitPosition: inputBitPosition - start * 8)
    guard headerParser.isDone else { return }
    if memberCount == 0 { header = headerParser.header }
    chain.beginMember(blockSize: headerParser.header.bgzfBlockSize)
    // Nobody asks for another member's name, and for its size only where all have told theirs.
    headerParser = GzipHeaderParser(keepsFields: chain.isUnbroken)
    beginBody()
  }

  mutating func beginBody() {
    if isCanned { inflater.beginTokens() } else { inflater.reset() }
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
    chain.endMember(dataCount: memberOutputCount)
    stage = .betweenMembers(.nothing)
  }

  /// Another member, zero padding, or garbage: GNU gzip's rule.
  private mutating func takeBetweenMembers(
    _ input: RawSpan, _ offset: inout Int, _ state: BetweenMembers
  ) throws(DeflateError) {
    switch (state, input.byte(at: offset)) {
    case (.nothing, GzipHeader.magic[0]):
      stage = .betweenMembers(.firstMagic)
      offset += 1
    case (.firstMagic, GzipHeader.magic[1]):
      // The first byte may have been in an earlier piece.
      headerParser.takeFirstMagic()
      inputCount += 1
      stage = .gzipHeader
    case (.nothing, 0), (.zeros, 0):
      stage = .betweenMembers(.zeros)
      offset = input.firstNonzero(from: offset)
    default:
      stage = .garbage
      trailingData = .garbage
    }
  }
}
