// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Intel's "canned" tables: the code lengths of two series of patches for the Linux kernel, of June 2023 [C23] and
// March 2024 [C24] (Documentation/iaa-fixed-profile.md, sources). The codes follow from the lengths by RFC 1951
// §3.2.2; those printed with the patches are the same ones.

extension CompressionTable {
  /// An edition of Intel's canned tables.
  public enum CannedEdition: Int, Sendable, Hashable, CaseIterable {
    /// Of June 2023: no codewords of lengths above 34, which a device never writes.
    case june2023 = 2023
    /// Of March 2024: those lengths have codewords of 14 and 15 bits, literal 251 one of 11, and the end of
    /// block another one of 10.
    case march2024 = 2024

    /// The newest.
    public static let newest = CannedEdition.march2024
  }

  /// Intel's canned tables: statistics of a device's own tokens. Streams coded with them have no header, so who
  /// reads them must know the edition.
  public static func canned(_ edition: CannedEdition = .newest) -> CompressionTable {
    switch edition {
    case .june2023: june2023
    case .march2024: march2024
    }
  }

  private static let june2023 = cannedTable(literalLength2023)
  private static let march2024 = cannedTable(literalLength2024)

  private static func cannedTable(_ literalLength: [UInt8]) -> CompressionTable {
    guard
      let table = CompressionTable(
        literalLengthLengths: literalLength, distanceLengths: cannedDistance)
    else { preconditionFailure("the published lengths are complete codes") }
    return table
  }

  /// Literal/length symbols 0…285.
  private static let literalLength2023: [UInt8] = [
    5, 7, 8, 8, 8, 9, 8, 9, 8, 9, 8, 9, 9, 9, 9, 9, 8, 9, 9, 9, 9, 9, 9, 9, 8, 9, 9, 9, 9, 9, 9, 9,
    7, 9, 9, 9, 9, 9, 9, 9, 8, 9, 9, 9, 9, 9, 8, 9, 7, 7, 8, 8, 8, 8, 8, 8, 7, 8, 8, 9, 8, 8, 8, 7,
    7, 8, 9, 9, 8, 9, 8, 9, 8, 9, 9, 9, 9, 9, 9, 9, 8, 9, 9, 9, 9, 9, 9, 9, 8, 9, 9, 9, 9, 9, 9, 9,
    8, 7, 8, 7, 7, 7, 8, 9, 8, 8, 9, 9, 8, 8, 8, 8, 8, 9, 8, 8, 8, 8, 9, 9, 8, 9, 9, 9, 9, 9, 9, 9,
    8, 9, 9, 9, 9, 9, 9, 9, 8, 9, 9, 9, 9, 9, 9, 9, 8, 9, 9, 9, 9, 9, 9, 9, 8, 9, 9, 9, 9, 9, 9, 9,
    8, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 8, 9, 9, 9, 9, 9, 9, 9, 8, 9, 9, 9, 9, 9, 9, 8,
    8, 9, 9, 9, 9, 9, 9, 9, 8, 9, 9, 9, 9, 9, 9, 9, 8, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
    8, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 8, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 10, 9, 9, 9, 8,
    10, 4, 5, 6, 5, 5, 5, 8, 8, 7, 7, 6, 8, 7, 7, 8, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  ]

  /// Literal 251 and symbols 273…285 are all that differs.
  private static let literalLength2024: [UInt8] = {
    var lengths = literalLength2023
    lengths[251] = 11
    lengths.replaceSubrange(273..., with: [14, 14] + [UInt8](repeating: 15, count: 10) + [14])
    return lengths
  }()

  /// Distance symbols 0…29 of both editions: distances above 4096 have no codewords.
  private static let cannedDistance: [UInt8] = [
    7, 4, 9, 3, 8, 3, 6, 4, 4, 5, 4, 5, 4, 5, 5, 4, 4, 5, 5, 5, 5, 6, 6, 9, 0, 0, 0, 0, 0, 0,
  ]
}
