// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Reading a gzip member header (RFC 1952 §2.3) byte by byte, so that it may come in any pieces.

/// Takes a gzip header in, one byte at a time.
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
  private var field = Field.fixed
  private var flags: GzipHeader.Flags = []
  private var collected: [UInt8] = []
  private var collectedCount = 0
  private var extraCount = 0
  private var checksum = CRC32()

  var isDone: Bool { field == .done }

  /// Takes the next byte, which stands `bitPosition` bits into the input.
  mutating func take(_ byte: UInt8, bitPosition: Int) throws(DeflateError) {
    if field != .checksum {
      let bytes: InlineArray<1, UInt8> = [byte]
      // SAFETY: bytes have no padding.
      unsafe checksum.update(bytes.span.bytes)
    }
    switch field {
    case .fixed:
      try checkFixed(byte, bitPosition: bitPosition)
      collect(byte)
      if collectedCount == 10 { finishFixed() }
    case .extraCount:
      collect(byte)
      if collectedCount == 2 {
        extraCount = Int(collected[0]) | Int(collected[1]) << 8
        finishField()
        if extraCount == 0 { finishField() }
      }
    case .extra:
      collect(byte)
      if collectedCount == extraCount { finishField() }
    case .name, .comment:
      if byte == 0 {
        finishField()
      } else {
        collect(byte)
      }
    case .checksum:
      collect(byte)
      if collectedCount == 2 {
        let stored = UInt32(collected[0]) | UInt32(collected[1]) << 8
        guard stored == checksum.value & 0xFFFF else {
          throw DeflateError(.headerChecksumMismatch, bitPosition: bitPosition - 8)
        }
        finishField()
      }
    case .done: preconditionFailure("the header is complete")
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

  private mutating func collect(_ byte: UInt8) {
    collectedCount += 1
    if collectedCount <= Self.maximumTextCount { collected.append(byte) }
  }

  private mutating func finishFixed() {
    flags = GzipHeader.Flags(rawValue: collected[3])
    header.isText = flags.contains(.text)
    header.hasHeaderChecksum = flags.contains(.headerChecksum)
    header.modificationTime =
      UInt32(collected[4]) | UInt32(collected[5]) << 8 | UInt32(collected[6]) << 16
      | UInt32(collected[7]) << 24
    header.extraFlags = collected[8]
    header.operatingSystem = collected[9]
    finishField()
  }

  /// Keeps the field just read and goes to the next that the flags announce.
  private mutating func finishField() {
    let text = collectedCount <= Self.maximumTextCount ? collected : nil
    switch field {
    case .extra: header.extraField = collected
    case .name: header.name = text
    case .comment: header.comment = text
    case .fixed, .extraCount, .checksum, .done: break
    }
    collected.removeAll(keepingCapacity: true)
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
