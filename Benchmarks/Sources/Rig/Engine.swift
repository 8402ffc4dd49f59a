// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One shape for everyone who is measured. An engine gets all chunks of a run at once, so a batch
// engine is one that takes several of them a call; the loop over chunks is the same for all.

@_spi(Builds) import FixedDeflate

/// Someone who turns each chunk into one output: an encoder or a decoder with its state.
public protocol Engine: AnyObject {
  /// The name in tables, with what distinguishes it from its siblings.
  var name: String { get }
  /// Writes chunk *i*'s output into slot *i*.
  func run(_ chunks: borrowing Chunks, into slots: Slots) throws
}

/// What an engine reports when a call fails.
public struct EngineFailure: Error, CustomStringConvertible {
  /// The engine, and which chunk it refused.
  public let description: String
}

/// Names of the engines, as tables and the report use them.
public enum EngineName {
  /// This package's codec, one chunk a call.
  public static let ours = "deflate-iaa"
  /// The same in a given build of its loops.
  package static func ours(_ build: CodecBuild?) -> String {
    build.map { "\(ours) \($0)" } ?? ours
  }
  /// Debian's zlib.
  public static let zlib = "zlib"
  /// Debian's libdeflate.
  public static let libdeflate = "libdeflate"
  /// Debian's ISA-L.
  public static let isal = "ISA-L"
}
