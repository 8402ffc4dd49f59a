// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The gzip member header (RFC 1952 §2.3) and the BGZF subfield in it (SAM specification §4.1).

/// The header of a gzip member.
public struct GzipHeader: Sendable, Hashable {
  /// MTIME: seconds since 1970 of the original file's last change; 0 means unknown.
  public var modificationTime: UInt32 = 0
  /// XFL: 2 best compression, 4 fastest, 0 neither.
  public var extraFlags: UInt8 = 0
  /// OS: the file system of the original; 255 means unknown, 3 Unix.
  public var operatingSystem: UInt8 = 255
  /// FTEXT: the data is probably text.
  public var isText = false
  /// FEXTRA, subfields and all, at most 65,535 bytes; nil when absent.
  public var extraField: [UInt8]?
  /// FNAME, ISO 8859-1 without its terminating zero; nil when absent.
  public var name: [UInt8]?
  /// FCOMMENT, ISO 8859-1 without its terminating zero; nil when absent.
  public var comment: [UInt8]?
  /// FHCRC: a CRC-16 of the header follows it.
  public var hasHeaderChecksum = false

  /// Creates a header with nothing in it.
  public init() {}

  /// ID1, ID2 (RFC 1952 §2.3.1).
  static let magic: InlineArray<2, UInt8> = [0x1F, 0x8B]
  /// CM of DEFLATE, in gzip and zlib alike.
  static let deflateMethod: UInt8 = 8

  /// FLG's bits (RFC 1952 §2.3.1).
  struct Flags: OptionSet {
    let rawValue: UInt8
    static let text = Flags(rawValue: 1)
    static let headerChecksum = Flags(rawValue: 2)
    static let extra = Flags(rawValue: 4)
    static let name = Flags(rawValue: 8)
    static let comment = Flags(rawValue: 16)
    static let reserved = Flags(rawValue: 0b1110_0000)
  }

  var flags: Flags {
    var flags: Flags = []
    if isText { flags.insert(.text) }
    if hasHeaderChecksum { flags.insert(.headerChecksum) }
    if extraField != nil { flags.insert(.extra) }
    if name != nil { flags.insert(.name) }
    if comment != nil { flags.insert(.comment) }
    return flags
  }

  /// The header's bytes. Traps on an FEXTRA beyond 65,535 bytes, or a zero in a name or comment.
  var encoded: [UInt8] {
    var bytes = [
      Self.magic[0], Self.magic[1], Self.deflateMethod, flags.rawValue,
      UInt8(truncatingIfNeeded: modificationTime), UInt8(truncatingIfNeeded: modificationTime >> 8),
      UInt8(truncatingIfNeeded: modificationTime >> 16), UInt8(modificationTime >> 24),
      extraFlags, operatingSystem,
    ]
    if let extraField {
      precondition(extraField.count <= 65_535, "extraField longer than 65,535 bytes")
      bytes += [UInt8(extraField.count & 0xFF), UInt8(extraField.count >> 8)] + extraField
    }
    for text in [name, comment] {
      guard let text else { continue }
      precondition(!text.contains(0), "zero byte in a gzip name or comment")
      bytes += text + [0]
    }
    if hasHeaderChecksum {
      var checksum = CRC32()
      // SAFETY: bytes have no padding.
      unsafe checksum.update(bytes.span.bytes)
      bytes += [
        UInt8(truncatingIfNeeded: checksum.value), UInt8(truncatingIfNeeded: checksum.value >> 8),
      ]
    }
    return bytes
  }
}
