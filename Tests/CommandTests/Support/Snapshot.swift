// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What a folder holds, in a form in which two of them can be compared: content by its decoded
// bytes, because two compressors write different bytes for the same file.

import Foundation
import TestSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One file as a test compares it.
struct FileFacts: Hashable, CustomStringConvertible {
  var kind: mode_t
  var mode: mode_t
  var links: UInt64
  var seconds: Int
  var nanoseconds: Int
  var content: [UInt8]

  var description: String {
    let bytes = String(decoding: content.prefix(60), as: UTF8.self)
    return "kind \(String(kind, radix: 8)) mode \(String(mode, radix: 8)) links \(links) "
      + "time \(seconds).\(nanoseconds) content \(content.count) \(bytes.debugDescription)"
  }
}

extension Folder {
  /// Copies another folder into this one, runs a script and says what is there afterwards. It is
  /// one shell for all, because starting processes is what these tests spend their time on.
  func runInCopy(
    of master: Folder, _ script: String, _ program: Program
  ) throws -> (Outcome, [String: FileFacts]) {
    let work = url.appendingPathComponent("work").path
    let outcome = try run(
      """
      cp -a \(master.path)/. \(work) && cd \(work) || exit 99
      ( \(script)
      ); status=$?; cd \(work); find . -mindepth 1 -print0 > ../names; exit $status
      """, program)
    let names = try Data(contentsOf: url.appendingPathComponent("names"))
    return (outcome, try facts(of: names, below: work))
  }

  /// The files of a list. Times later than all of Fixture's are of the script's own making and
  /// count as one.
  private func facts(of names: Data, below folder: String) throws -> [String: FileFacts] {
    let newest = Fixture.newest
    var result: [String: FileFacts] = [:]
    for entry in names.split(separator: 0) {
      // A key that is not UTF-8 is repaired; the path for the kernel is not.
      let key = String(decoding: entry, as: UTF8.self)
      let file = (Array(folder.utf8) + [UInt8(ascii: "/")] + entry).map { CChar(bitPattern: $0) }
      var status = stat()
      // SAFETY: the path ends with NUL; `status` is a whole struct that outlives the call.
      guard unsafe lstat(file + [0], &status) == 0 else { continue }
      let kind = status.st_mode & S_IFMT
      let isFile = kind == S_IFREG
      let isNew = status.st_mtim.tv_sec > newest
      result[key] = FileFacts(
        kind: kind, mode: status.st_mode & 0o7777, links: isFile ? UInt64(status.st_nlink) : 0,
        seconds: !isFile ? 0 : isNew ? newest : status.st_mtim.tv_sec,
        nanoseconds: !isFile || isNew ? 0 : status.st_mtim.tv_nsec,
        content: isFile ? decoded(try content(file)) : [])
    }
    return result
  }

  private func content(_ file: [CChar]) throws -> [UInt8] {
    // SAFETY: the path ends with NUL.
    guard let stream = unsafe fopen(file + [0], "r") else { return [] }
    // SAFETY: open until here.
    defer { _ = unsafe fclose(stream) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65536)
    while true {
      // SAFETY: fread writes at most the array's count.
      let count = unsafe fread(&piece, 1, 65536, stream)
      if count == 0 { return bytes }
      bytes += piece[..<count]
    }
  }
}

/// What a gzip file holds, by zlib's word, and what is behind its members as it is.
func decoded(_ bytes: [UInt8]) -> [UInt8] {
  let file = Zlib.gunzip(bytes)
  return file.bytes + file.rest
}
