// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// This package behind the engines' shape. A batch call is one more class here: see `run`'s loop.

@_spi(Builds) import FixedDeflate

/// The encoder, one chunk a call.
public final class OwnEncoder: Engine {
  /// See ``Engine``.
  public let name: String
  private var encoder: Encoder

  /// Creates the encoder with the device's profile, in a given build or the processor's best.
  package init(build: CodecBuild? = nil) {
    name = EngineName.ours(build)
    encoder = build.map { Encoder(build: $0) } ?? Encoder()
  }

  /// Creates an encoder of a member of the family of match rules, in a given build.
  package init(member: String, _ profile: MatchProfile, build: CodecBuild) {
    name = member
    encoder = Encoder(profile: profile, build: build)
  }

  /// See ``Engine``.
  public func run(_ chunks: borrowing Chunks, into slots: Slots) throws {
    // SAFETY: bytes have no padding.
    let bytes = unsafe chunks.bytes.span.bytes
    for (index, range) in chunks.ranges.enumerated() {
      let chunk = bytes.extracting(range)
      try slots.fill(index) { output throws(DeflateError) in
        try encoder.compress(chunk, into: &output)
      }
    }
  }
}

/// The decoder, one stream a call.
public final class OwnDecoder: Engine {
  /// See ``Engine``.
  public let name: String
  private var decoder: Decoder

  /// Creates a decoder for distances up to `limit`, in a given build or the processor's best.
  package init(limit: DistanceLimit = .iaa, build: CodecBuild? = nil) {
    name = EngineName.ours(build)
    decoder = build.map { Decoder(limit: limit, build: $0) } ?? Decoder(limit: limit)
  }

  /// See ``Engine``.
  public func run(_ chunks: borrowing Chunks, into slots: Slots) throws {
    // SAFETY: bytes have no padding.
    let bytes = unsafe chunks.bytes.span.bytes
    for (index, range) in chunks.ranges.enumerated() {
      let chunk = bytes.extracting(range)
      try slots.fill(index) { output throws(DeflateError) in
        _ = try decoder.decompress(chunk, into: &output)
      }
    }
  }
}

/// The streaming gzip decoder, checksum included; one made per file, as a caller would.
public final class OwnGzipDecoder: Engine {
  /// See ``Engine``.
  public let name = EngineName.ours

  /// Creates the engine.
  public init() {}

  /// See ``Engine``.
  public func run(_ chunks: borrowing Chunks, into slots: Slots) throws {
    // SAFETY: bytes have no padding.
    let bytes = unsafe chunks.bytes.span.bytes
    for (index, range) in chunks.ranges.enumerated() {
      let chunk = bytes.extracting(range)
      var decoder = StreamDecoder(format: .gzip)
      var state = StreamDecoder.State.needsInput
      try slots.fill(index) { output throws(DeflateError) in
        state = try decoder.decompress(chunk, endOfInput: true, into: &output).state
      }
      guard state == .finished else {
        throw EngineFailure(description: "\(name): chunk \(index) ended as \(state)")
      }
    }
  }
}

/// CRC-32; the output is its four bytes.
public final class OwnChecksum: Engine {
  /// See ``Engine``.
  public let name = EngineName.ours

  /// Creates the engine.
  public init() {}

  /// See ``Engine``.
  public func run(_ chunks: borrowing Chunks, into slots: Slots) {
    // SAFETY: bytes have no padding.
    let bytes = unsafe chunks.bytes.span.bytes
    for (index, range) in chunks.ranges.enumerated() {
      var checksum = CRC32()
      checksum.update(bytes.extracting(range))
      // SAFETY: a UInt32 has no padding.
      slots.fill(index) { unsafe $0.append(checksum.value, as: UInt32.self) }
    }
  }
}
