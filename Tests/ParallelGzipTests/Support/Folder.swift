// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemPackage

/// A folder that goes with its last reference.
final class Folder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("parallel-gzip-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  var path: String { url.path }

  /// A new file with some content, open from its start for reading and writing.
  func file(_ bytes: [UInt8] = []) throws -> FileDescriptor {
    let file = try FileDescriptor.open(
      FilePath("\(path)/\(UUID().uuidString)"), .readWrite, options: [.create, .exclusiveCreate],
      permissions: .ownerReadWrite)
    try file.writeAll(bytes)
    try file.seek(offset: 0, from: .start)
    return file
  }
}

extension FileDescriptor {
  /// The file's whole content.
  func content() throws -> [UInt8] {
    try seek(offset: 0, from: .start)
    let handle = FileHandle(fileDescriptor: rawValue, closeOnDealloc: false)
    return Array(try handle.readToEnd() ?? Data())
  }
}
