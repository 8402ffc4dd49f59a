// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A tree for models alone, in memory: commands can look at models without a folder that somebody
// would have to clean up, and nothing that they write reaches anything.

package import IAADevices
import IAAOffload
package import SystemPackage
import Threading

/// Files that a model lays, to be read by everybody else.
package struct ModelFiles: ModelOnlyFiles {
  private let contents = Locked<[String: [UInt8]]>([:])

  /// Whose file status there is: everybody's to read and write.
  private static let owner: UInt32 = 0

  /// No files.
  package init() {}

  package func read(_ path: String, limit: Int) throws(Errno) -> [UInt8] {
    guard let bytes = contents.withLock({ $0[path] }) else {
      throw (try? names(in: path)) == nil ? .noSuchFileOrDirectory : .isDirectory
    }
    return Array(bytes.prefix(limit))
  }

  /// Fails with EROFS: a model's device is set up by who makes it.
  package func write(_ bytes: [UInt8], to path: String) throws(Errno) {
    throw .readOnlyFileSystem
  }

  package func replace(_ path: String, with bytes: [UInt8]) throws(Errno) {
    contents.withLock { $0[path] = bytes }
  }

  /// Fails with EROFS: a model does not outlive its process.
  package func link(_ path: String, to target: String) throws(Errno) { throw .readOnlyFileSystem }

  package func remove(_ path: String) throws(Errno) {
    let old = contents.withLock { $0.removeValue(forKey: path) }
    if old == nil { throw .noSuchFileOrDirectory }
  }

  package func names(in path: String) throws(Errno) -> [String] {
    let start = path + "/"
    let names = contents.withLock { contents in
      Set(
        contents.keys.filter { $0.hasPrefix(start) }
          .compactMap { $0.dropFirst(start.count).split(separator: "/").first.map(String.init) })
    }
    if names.isEmpty { throw .noSuchFileOrDirectory }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  package func status(of path: String) throws(Errno) -> FileStatus {
    let isFile = contents.withLock { $0[path] != nil }
    if !isFile { _ = try names(in: path) }
    return FileStatus(
      kind: isFile ? .file : .directory, permissions: isFile ? 0o666 : 0o755,
      userID: Self.owner, groupID: Self.owner)
  }

  package func target(ofLink path: String) throws(Errno) -> String {
    _ = try status(of: path)
    throw .invalidArgument
  }
}
