// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

extension Zlib {
  /// A gzip file as zlib reads it.
  public struct Gunzipped: Sendable, Equatable {
    /// What the members hold.
    public var bytes: [UInt8] = []
    /// How many whole members there are.
    public var memberCount = 0
    /// The bytes from the first on that begins no whole member.
    public var rest: [UInt8] = []

    /// A file from its parts.
    public init(bytes: [UInt8] = [], memberCount: Int = 0, rest: [UInt8] = []) {
      self.bytes = bytes
      self.memberCount = memberCount
      self.rest = rest
    }
  }

  /// Reads one whole member after the other.
  ///
  /// - Parameter file: any bytes.
  /// - Returns: the content, and what is left when no whole member follows.
  public static func gunzip(_ file: [UInt8]) -> Gunzipped {
    var result = Gunzipped(rest: file)
    var room = 1 << 16
    while result.rest.starts(with: [0x1F, 0x8B]) {
      let inflated = inflate(result.rest, wrapper: .gzip, maximumCount: room)
      switch inflated.verdict {
      case .accepted:
        result.bytes += inflated.bytes
        result.memberCount += 1
        result.rest.removeFirst(inflated.consumed)
      case .tooLong: room *= 8
      default: return result
      }
    }
    return result
  }
}
