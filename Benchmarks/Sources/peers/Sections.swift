// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Who is measured at what. To add an engine, a batch call say, name it in `engines`: verification,
// timing, tables and the report follow. Engines whose names begin with this package's are ours.

@_spi(Builds) import FixedDeflate
import Rig

enum Section: String, CaseIterable, Codable {
  case encode, decode, gzip, crc

  var title: String {
    switch self {
    case .encode: "Encode, fixed codes"
    case .decode: "Decode this package's fixed streams"
    case .gzip: "Decode zlib's level 6 (dynamic codes, 32 KiB window)"
    case .crc: "CRC-32"
    }
  }

  /// Whom ratios are against.
  var anchor: String { self == .encode ? EngineName.isal : EngineName.libdeflate }

  var shapes: [Shape] {
    switch self {
    case .encode, .decode: [.page, .bgzf, .large]
    case .gzip: [.file, .member]
    case .crc: [.page, .large]
    }
  }
}

enum Shape: String, CaseIterable, Codable {
  case page, bgzf, large, file, member

  var title: String {
    switch self {
    case .page: "4 KiB pages"
    case .bgzf: "65,280-byte chunks"
    case .large: "2 MiB chunks"
    case .file: "whole files, raw"
    case .member: "whole files, gzip with its checksum"
    }
  }

  var chunkSize: Int {
    switch self {
    case .page: 4096
    case .bgzf: 65_280
    case .large: 2 << 20
    case .file, .member: .max / 2
    }
  }
}

/// One measured situation: inputs, what must come out, and who competes.
struct Contest {
  let input: Chunks
  let room: Int
  private(set) var engines: [any Engine]
  let check: Check

  enum Check {
    /// Outputs must decode to these chunks, and all of ours must be the same bits.
    case decodes(to: Chunks)
    /// Outputs must be these chunks.
    case equals(Chunks)
    /// All engines must agree.
    case agreement
  }

  /// The builds of our loops that the processor runs beside its best, which goes without a name.
  static let lesserBuilds = CodecBuild.available.dropLast().reversed()

  init(_ section: Section, _ shape: Shape, _ data: [UInt8]) throws {
    let plain = Chunks(cutting: data, every: shape.chunkSize)
    switch (section, shape) {
    case (.encode, _):
      input = plain
      room = plain.encodedRoom
      engines = [
        OwnEncoder(), PeerEngine.isalEncoder(),
        PeerEngine.zlibEncoder("zlib -1 fixed", level: 1, fixed: true, windowBits: -12),
        PeerEngine.libdeflateEncoder("libdeflate -1 dynamic", level: 1),
      ]
      if shape == .page {
        engines.insert(OwnBatchEncoder(batch: 8), at: 1)
        for build in Self.lesserBuilds {
          engines += [OwnEncoder(build: build), OwnBatchEncoder(batch: 8, build: build)]
        }
      }
      check = .decodes(to: plain)
    case (.decode, _):
      input = try plain.coded(by: OwnEncoder(), room: plain.encodedRoom)
      room = plain.largest
      engines = [
        OwnDecoder(), PeerEngine.libdeflateDecoder(), PeerEngine.isalDecoder(),
        PeerEngine.zlibDecoder(windowBits: -15),
      ]
      if shape == .page {
        engines.insert(contentsOf: [OwnBatchDecoder(batch: 8), OwnBatchDecoder(batch: 64)], at: 1)
        for build in Self.lesserBuilds {
          engines += [OwnDecoder(build: build), OwnBatchDecoder(batch: 64, build: build)]
        }
      }
      check = .equals(plain)
    case (.gzip, let shape):
      let gzip = shape == .member
      let encoder = PeerEngine.zlibEncoder(
        level: 6, fixed: false, windowBits: gzip ? 31 : -15)
      input = try plain.coded(by: encoder, room: plain.encodedRoom)
      room = plain.largest
      engines = [
        gzip ? OwnGzipDecoder() : OwnDecoder(limit: .rfc1951),
        PeerEngine.libdeflateDecoder(gzip: gzip), PeerEngine.isalDecoder(gzip: gzip),
        PeerEngine.zlibDecoder(windowBits: gzip ? 31 : -15),
      ]
      if !gzip {
        engines += Self.lesserBuilds.map { OwnDecoder(limit: .rfc1951, build: $0) }
      }
      check = .equals(plain)
    case (.crc, _):
      input = plain
      room = 4
      engines = [OwnChecksum()] + PeerEngine.checksums()
      check = .agreement
    }
  }
}
