// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What a name's ending says. The list is the one gzip 1.12 knows (seen by running it), with the
// suffixes of our two other formats. `-S` adds one and puts it in front.

import FixedDeflate

/// The suffixes that mark compressed files, and what they are turned into.
struct Suffixes: Sendable {
  /// Bytes of a suffix that `-S` may give, as gzip has it.
  static let lengths = 1...30

  /// Endings gzip takes for compressed files, in the order it tries them.
  private static let known = [".gz", ".z", ".taz", ".tgz", "-gz", "-z", "_z"]
  /// Endings tried when the named file does not exist.
  private static let tried = [".gz", ".z", "-z", ".Z"]
  private static let zlib = ".zz"
  private static let raw = ".deflate"
  /// What others call BGZF, to tell it from gzip files that cannot be split.
  static let bgzf = Array(".bgz".utf8)

  /// The suffix put on what is compressed, and looked for first.
  let own: [UInt8]
  /// Whether .zz, .deflate and .bgz count even when not chosen: they do for decompression. For
  /// compression they do not, so that `x.zz` becomes `x.zz.gz` as with gzip.
  let allFormats: Bool

  init(own: [UInt8], allFormats: Bool) {
    self.own = own
    self.allFormats = allFormats
  }

  /// The suffix a format has unless `-S` says otherwise.
  static func standard(for format: ContainerFormat) -> [UInt8] {
    switch format {
    case .gzip, .bgzf: Array(".gz".utf8)
    case .zlib: Array(zlib.utf8)
    case .raw: Array(raw.utf8)
    }
  }

  /// The format that a name's ending stands for when the content has no gzip magic.
  static func format(of name: FileName) -> ContainerFormat? {
    let lowered = name.bytes.map(lowercased)
    if lowered.hasEnding(Array(zlib.utf8)) { return .zlib }
    if lowered.hasEnding(Array(raw.utf8)) { return .raw }
    return nil
  }

  /// The number of bytes of the suffix `name` ends with, or nil. A suffix needs something in front
  /// of it in the last path component. Upper and lower case are the same.
  func suffixLength(in name: FileName) -> Int? {
    let lowered = name.base.bytes.map(lowercased)
    let known = Self.known.map { Array($0.utf8) }
    let own = own.map(lowercased)
    // As gzip: with `-S gz`, "x.gz" must become "x" and not "x.".
    var candidates = known.contains { $0.hasEnding(own) } ? known + [own] : [own] + known
    if allFormats {
      candidates += [Self.zlib, Self.raw].map { Array($0.utf8) } + [Self.bgzf]
    }
    return candidates.first { lowered.count > $0.count && lowered.hasEnding($0) }?.count
  }

  /// The name of what `name` decompresses to, or nil when it has no known suffix.
  func decompressedName(of name: FileName) -> FileName? {
    guard let length = suffixLength(in: name) else { return nil }
    let stem = name.bytes.dropLast(length)
    let suffix = name.bytes.suffix(length).map(lowercased)
    let isTar = suffix == Array(".tgz".utf8) || suffix == Array(".taz".utf8)
    return FileName(stem + (isTar ? Array(".tar".utf8) : []))
  }

  /// The name of what `name` compresses to.
  func compressedName(of name: FileName) -> FileName {
    FileName(name.bytes + own)
  }

  /// The names to try, in order, when `name` does not exist and is to be decompressed.
  func alternatives(to name: FileName) -> [FileName] {
    var suffixes = [own]
    for text in Self.tried + [Self.zlib, Self.raw] where !suffixes.contains(Array(text.utf8)) {
      suffixes.append(Array(text.utf8))
    }
    if !suffixes.contains(Self.bgzf) { suffixes.append(Self.bgzf) }
    return suffixes.map { FileName(name.bytes + $0) }
  }
}

private func lowercased(_ byte: UInt8) -> UInt8 {
  (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}

extension [UInt8] {
  fileprivate func hasEnding(_ ending: [UInt8]) -> Bool {
    count >= ending.count && suffix(ending.count).elementsEqual(ending)
  }
}
