// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Reading a gzip member header (RFC 1952 §2.3), which may come in any pieces. Fields of any length
// are taken from a piece at once, and what nobody will ask for is read over and not kept.

/// Takes a gzip header in, piece by piece.
struct GzipHeaderParser {
  private enum Field {
    case fixed
    case extraCount
    case extra
    case name
    case comment
    case checksum
    case done
  }

  /// Longer names and comments are read over and reported as absent: RFC 1952 sets no limit, and
  /// memory must not follow the input.
  static let maximumTextCount = 65_535

  private(set) var header = GzipHeader()
  /// Whether extra field, name and comment will be asked for.
  private let keepsFields: Bool
  private var field = Field.fixed
  private var flags: GzipHeader.Flags = []
  /// The bytes of the fixed part, of a count or of the checksum.
  private var fixed = InlineArray<10, UInt8>(repeating: 0)
  /// What is kept of the extra field, the name or the comment.
  private var collected: [UInt8] = []
  /// Bytes of the field so far, kept or not.
  private var collectedCount = 0
  private var extraCount = 0
  /// Of all bytes up to here, when the header says that its own checksum follows.
  private var checksum = CRC32()

  var isDone: Bool { field == .done }

  /// Creates a parser.
  ///
  /// - Parameter keepsFields: Whether extra field, name and comment are kept; nil in ``header``
  ///   otherwise.
  init(keepsFields: Bool) { self.keepsFields = keepsFields }

  /// Takes the first byte of a header, which is known by its value, from nowhere.
  mutating func takeFirstMagic() {
    precondition(field == .fixed && collectedCount == 0, "not the first byte")
    fixed[0] = GzipHeader.magic[0]
    collectedCount = 1
  }

  /// Takes what belongs to the header, until that or the input ends.
  ///
  /// - Parameters:
  ///   - input: The bytes.
  ///   - offset: The first byte to take; behind the last one taken when this returns, and at the
  ///     byte that is wrong when it throws.
  ///   - bitPosition: Where the input starts.
  /// - Throws: ``DeflateError`` when it is no header of a member.
  /// - Complexity: O(*n*) in the bytes taken.
  mutating func take(
    _ input: RawSpan, _ offset: inout Int, bitPosition: Int
  ) throws(DeflateError) {
    while !isDone, offset < input.byteCount {
      switch field {
      case .fixed, .extraCount, .checksum:
        try take(input.byte(at: offset), bitPosition: bitPosition + offset * 8)
        offset += 1
      case .extra:
        let end = min(offset + extraCount - collectedCount, input.byteCount)
        collect(input.extracting(offset..<end))
        offset = end
        if collectedCount == extraCount { finishField() }
      case .name, .comment:
        let end = input.firstZero(from: offset)
        collect(input.extracting(offset..<end))
        offset = end
        guard end < input.byteCount else { return }
        offset += 1
        addToChecksum(0)
        finishField()
      case .done: return
      }
    }
  }

  /// Takes a byte of a field of known, small length.
  private mutating func take(_ byte: UInt8, bitPosition: Int) throws(DeflateError) {
    if field == .fixed { try checkFixed(byte, bitPosition: bitPosition) }
    if field == .checksum, collectedCount == 1 {
      let stored = UInt32(fixed[0]) | UInt32(byte) << 8
      guard stored == checksum.value & 0xFFFF else {
        throw DeflateError(.headerChecksumMismatch, bitPosition: bitPosition - 8)
      }
    }
    fixed[collectedCount] = byte
    collectedCount += 1
    switch field {
    case .fixed where collectedCount == 10: finishFixed()
    case .extraCount:
      addToChecksum(byte)
      guard collectedCount == 2 else { return }
      extraCount = Int(fixed[0]) | Int(fixed[1]) << 8
      finishField()
      if extraCount == 0 { finishField() }
    case .checksum where collectedCount == 2: finishField()
    default: break
    }
  }

  private func checkFixed(_ byte: UInt8, bitPosition: Int) throws(DeflateError) {
    switch collectedCount {
    case 0, 1:
      guard byte == GzipHeader.magic[collectedCount] else {
        throw DeflateError(.notInFormat, bitPosition: bitPosition)
      }
    case 2:
      guard byte == GzipHeader.deflateMethod else {
        throw DeflateError(.unsupportedMethod, bitPosition: bitPosition)
      }
    case 3:
      guard GzipHeader.Flags(rawValue: byte).isDisjoint(with: .reserved) else {
        throw DeflateError(.reservedFlags, bitPosition: bitPosition)
      }
    default: break
    }
  }

  /// Counts bytes of an extra field, a name or a comment, and keeps them unless they are too many.
  private mutating func collect(_ bytes: RawSpan) {
    if flags.contains(.headerChecksum) { checksum.update(bytes) }
    collectedCount += bytes.byteCount
    guard keepsFields, bytes.byteCount > 0 else { return }
    if collectedCount <= Self.maximumTextCount {
      collected.append(contentsOf: bytes)
    } else {
      collected = []
    }
  }

  private mutating func addToChecksum(_ byte: UInt8) {
    guard flags.contains(.headerChecksum) else { return }
    let bytes: InlineArray<1, UInt8> = [byte]
    // SAFETY: bytes have no padding.
    unsafe checksum.update(bytes.span.bytes)
  }

  private mutating func finishFixed() {
    flags = GzipHeader.Flags(rawValue: fixed[3])
    // SAFETY: bytes have no padding.
    if flags.contains(.headerChecksum) { unsafe checksum.update(fixed.span.bytes) }
    header.isText = flags.contains(.text)
    header.hasHeaderChecksum = flags.contains(.headerChecksum)
    header.modificationTime =
      UInt32(fixed[4]) | UInt32(fixed[5]) << 8 | UInt32(fixed[6]) << 16 | UInt32(fixed[7]) << 24
    header.extraFlags = fixed[8]
    header.operatingSystem = fixed[9]
    finishField()
  }

  /// Keeps the field just read and goes to the next that the flags announce.
  private mutating func finishField() {
    let kept = keepsFields && collectedCount <= Self.maximumTextCount ? collected : nil
    switch field {
    case .extra: header.extraField = kept
    case .name: header.name = kept
    case .comment: header.comment = kept
    case .fixed, .extraCount, .checksum, .done: break
    }
    collected = []
    collectedCount = 0
    field = following(field)
  }

  private func following(_ field: Field) -> Field {
    switch field {
    case .fixed: flags.contains(.extra) ? .extraCount : following(.extra)
    case .extraCount: .extra
    case .extra: flags.contains(.name) ? .name : following(.name)
    case .name: flags.contains(.comment) ? .comment : following(.comment)
    case .comment: flags.contains(.headerChecksum) ? .checksum : .done
    case .checksum, .done: .done
    }
  }
}
