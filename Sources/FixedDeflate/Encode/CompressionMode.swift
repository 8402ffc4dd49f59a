// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

/// How an ``Encoder`` turns a chunk into a stream: in which code, and in whose tokens.
public struct CompressionMode: Sendable, Hashable {
  /// The code of literals, lengths and distances.
  public enum Code: Sendable, Hashable {
    /// RFC 1951's fixed code.
    case fixed
    /// A code that is made for the chunk and stands before it.
    case dynamic
    /// Intel's canned tables, which the reader must know; there is no header.
    case canned(CompressionTable.CannedEdition)
  }

  /// In which code.
  public var code: Code

  /// One block in RFC 1951's fixed code, of the device's tokens: what a device's fixed mode writes.
  public static let fixed = CompressionMode(code: .fixed)

  /// One block in codes of its own. Chunks of up to 4096 bytes, all that a device's dynamic mode takes, have the
  /// device's tokens; in larger ones matches that continue each other are joined.
  ///
  /// Of the two published streams of such devices the sizes are exact on both, the bits on one.
  public static let dynamic = CompressionMode(code: .dynamic)

  /// A stream without a header, in Intel's canned tables and of the device's tokens. No container takes such
  /// streams, and nothing but ``TableDecoder`` and ``StreamDecoder/init(canned:limit:)`` reads them.
  public static func canned(_ edition: CompressionTable.CannedEdition = .newest) -> CompressionMode {
    CompressionMode(code: .canned(edition))
  }

  /// Whether any decoder of RFC 1951 reads the streams.
  public var isRFC1951: Bool {
    switch code {
    case .fixed, .dynamic: true
    case .canned: false
    }
  }
}
