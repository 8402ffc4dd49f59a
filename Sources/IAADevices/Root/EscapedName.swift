// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Names of files are bytes, and words of a command line are text to the parser. Bytes that are no UTF-8
// go through it as scalars from the end of Unicode's last private plane, one each, and come out
// again where the system is given a name (`withSystemName`) and where people are told one.

package import SystemPackage

extension String {
  /// The scalar that stands for byte 0; that of byte n is n behind it.
  private static let firstEscape: UInt32 = 0x10_FF00

  /// Text that ``unescapedBytes`` gives these bytes for, whatever they are.
  package init(escaping bytes: [UInt8]) {
    // Nearly all names.
    if let text = String(validating: bytes, as: UTF8.self), !text.mayBeEscaped {
      self = text
      return
    }
    self = ""
    var rest = bytes[...]
    while let first = rest.first {
      // The longest scalar has four bytes.
      let scalar = (1...4).lazy.compactMap { count in
        String(validating: rest.prefix(count), as: UTF8.self)?.unicodeScalars.first
      }.first
      if let scalar, scalar.value < Self.firstEscape {
        unicodeScalars.append(scalar)
        rest = rest.dropFirst(UTF8.width(scalar))
      } else {
        // Scalars that stand for bytes are escaped themselves, so that none is taken for another.
        Unicode.Scalar(Self.firstEscape + UInt32(first)).map { unicodeScalars.append($0) }
        rest = rest.dropFirst()
      }
    }
  }

  /// The bytes that text made by `init(escaping:)` stands for; of any other text its UTF-8.
  package var unescapedBytes: [UInt8] {
    guard mayBeEscaped else { return Array(utf8) }
    return unicodeScalars.flatMap { scalar in
      scalar.value < Self.firstEscape
        ? Array(String(scalar).utf8) : [UInt8(truncatingIfNeeded: scalar.value)]
    }
  }

  /// The file of that name.
  package var unescapedPath: FilePath {
    // It ends with NUL; a name has no other.
    let bytes = unescapedBytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) } + [0]
    return FilePath(platformString: bytes)
  }

  /// The same for people: what is not UTF-8 is repaired.
  package var unescapedText: String {
    mayBeEscaped ? String(decoding: unescapedBytes, as: UTF8.self) : self
  }

  /// Whether it has a scalar of the last plane, which begin with this byte.
  var mayBeEscaped: Bool { utf8.contains(0xF4) }
}
