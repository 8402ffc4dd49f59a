// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The peers behind the engines' shape: the loop over chunks once, and one line per library.

import CPeers
import FixedDeflate

/// A library whose calls take one buffer and fill another.
@safe public final class PeerEngine: Engine {
  /// A call: input, its count, output, its room; returns bytes written or `PEER_FAILED`.
  typealias Call = (UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int) -> Int

  /// See ``Engine``.
  public let name: String
  private let call: Call
  private let release: () -> Void

  init(_ name: String, _ call: @escaping Call, release: @escaping () -> Void = {}) {
    self.name = name
    unsafe self.call = unsafe call
    self.release = release
  }

  deinit { release() }

  /// See ``Engine``.
  public func run(_ chunks: borrowing Chunks, into slots: Slots) throws {
    // SAFETY (all of it): `call` reads the chunk's bytes and writes at most the room it is told,
    // and returns how many it wrote.
    let bytes = unsafe chunks.bytes.span.bytes
    for (index, range) in chunks.ranges.enumerated() {
      let chunk = bytes.extracting(range)
      try slots.fill(index) { output in
        try unsafe chunk.withUnsafeBytes { input in
          try unsafe output.withUnsafeMutableBytes { room, count in
            guard let from = input.baseAddress, let to = room.baseAddress else { return }
            let written = unsafe call(from, input.count, to, room.count)
            guard written >= 0, written <= room.count else {
              throw EngineFailure(description: "\(name) refused chunk \(index)")
            }
            count = written
          }
        }
      }
    }
  }
}

extension PeerEngine {
  /// Fails loudly when a library cannot make its state.
  private static func made(_ state: OpaquePointer?, _ name: String) -> OpaquePointer {
    guard let state = unsafe state else { fatalError("\(name): no memory for its state") }
    return unsafe state
  }

  /// zlib; `windowBits` as zlib has it: negative for raw streams, above 15 for gzip.
  public static func zlibEncoder(
    _ name: String = EngineName.zlib, level: Int32, fixed: Bool, windowBits: Int32
  ) -> PeerEngine {
    // SAFETY (here and below): the state lives until `release`, which runs after the last call.
    let state = unsafe made(peer_zlib_encoder_create(level, fixed, windowBits), name)
    return unsafe PeerEngine(name, { unsafe peer_zlib_encode(state, $0, $1, $2, $3) }) {
      unsafe peer_zlib_encoder_destroy(state)
    }
  }

  /// zlib's inflate.
  public static func zlibDecoder(windowBits: Int32) -> PeerEngine {
    let state = unsafe made(peer_zlib_decoder_create(windowBits), EngineName.zlib)
    return unsafe PeerEngine(EngineName.zlib, { unsafe peer_zlib_decode(state, $0, $1, $2, $3) }) {
      unsafe peer_zlib_decoder_destroy(state)
    }
  }

  /// libdeflate, which chooses its own blocks: another job, for scale.
  public static func libdeflateEncoder(_ name: String, level: Int32) -> PeerEngine {
    let state = unsafe made(peer_libdeflate_encoder_create(level), name)
    return unsafe PeerEngine(name, { unsafe peer_libdeflate_encode(state, $0, $1, $2, $3) }) {
      unsafe peer_libdeflate_encoder_destroy(state)
    }
  }

  /// libdeflate's decoder, of raw streams or of gzip members.
  public static func libdeflateDecoder(gzip: Bool = false) -> PeerEngine {
    let name = EngineName.libdeflate
    let state = unsafe made(peer_libdeflate_decoder_create(gzip), name)
    return unsafe PeerEngine(name, { unsafe peer_libdeflate_decode(state, $0, $1, $2, $3) }) {
      unsafe peer_libdeflate_decoder_destroy(state)
    }
  }

  /// ISA-L at level 0 with fixed tables and a history of 4 KiB.
  public static func isalEncoder() -> PeerEngine {
    let state = unsafe made(peer_isal_encoder_create(), EngineName.isal)
    return unsafe PeerEngine(EngineName.isal, { unsafe peer_isal_encode(state, $0, $1, $2, $3) }) {
      unsafe peer_isal_encoder_destroy(state)
    }
  }

  /// ISA-L's inflate, of raw streams or of gzip members.
  public static func isalDecoder(gzip: Bool = false) -> PeerEngine {
    let state = unsafe made(peer_isal_decoder_create(gzip), EngineName.isal)
    return unsafe PeerEngine(EngineName.isal, { unsafe peer_isal_decode(state, $0, $1, $2, $3) }) {
      unsafe peer_isal_decoder_destroy(state)
    }
  }

  /// CRC-32 by each library; the output is its four bytes.
  public static func checksums() -> [PeerEngine] {
    func engine(
      _ name: String, _ checksum: @escaping (UnsafeRawPointer?, Int) -> UInt32
    ) -> PeerEngine {
      unsafe PeerEngine(name) { from, count, to, room in
        precondition(room >= 4, "no room for a checksum")
        unsafe to.storeBytes(of: checksum(from, count), as: UInt32.self)
        return 4
      }
    }
    return unsafe [
      engine(EngineName.libdeflate) { unsafe peer_libdeflate_crc32($0, $1) },
      engine(EngineName.isal) { unsafe peer_isal_crc32($0, $1) },
      engine(EngineName.zlib) { unsafe peer_zlib_crc32($0, $1) },
    ]
  }

  /// What runs, by name.
  public static var versions: [(name: String, version: String)] {
    // SAFETY: the libraries return constant strings.
    unsafe [
      (EngineName.zlib, String(cString: peer_zlib_version())),
      (EngineName.libdeflate, String(cString: peer_libdeflate_version())),
      (EngineName.isal, String(cString: peer_isal_version())),
    ]
  }
}
