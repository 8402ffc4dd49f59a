// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// An input file as it was when opened. Opening is gzip's: links are followed only when nothing is
// replaced or -f says so, and a fifo without a writer does not make the command wait before it
// could say that it ignores the fifo.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import SystemPackage

/// An input that was found and opened.
final class InputFile {
  /// The name in messages.
  let name: FileName
  let descriptor: FileDescriptor
  /// Where it was found; nil where only its path is known, and nothing is then put beside it.
  let directory: FileDirectory?
  /// Its name in `directory`.
  let base: FileName
  /// What the file was when it was opened.
  private(set) var status: FileSnapshot
  private let followsLinks: Bool
  /// What its outputs take over, looked at when first asked for and before it is closed.
  private(set) lazy var attributes = Result { () throws(Errno) in
    try FileAttributes(of: descriptor, status)
  }
  private var isOpen = true
  /// Set by `close`: nothing had happened to the file until then.
  private var wasUnchanged = false

  /// Opens a file by its path.
  convenience init(_ name: FileName, followingLinks: Bool) throws(Errno) {
    try self.init(name, name, in: nil, followingLinks: followingLinks)
  }

  /// Opens a file in a directory, in which its name is the last component of the one that messages
  /// call it by.
  convenience init(
    _ name: FileName, in directory: FileDirectory, followingLinks: Bool
  ) throws(Errno) {
    try self.init(name, name.base, in: directory, followingLinks: followingLinks)
  }

  private init(
    _ name: FileName, _ base: FileName, in directory: FileDirectory?, followingLinks: Bool
  ) throws(Errno) {
    self.name = name
    self.base = base
    self.directory = directory
    followsLinks = followingLinks
    let links = followingLinks ? 0 : O_NOFOLLOW
    descriptor = try SystemCalls.open(
      base, at: directory?.descriptor ?? SystemCalls.workingDirectory,
      flags: O_RDONLY | O_NONBLOCK | O_NOCTTY | links)
    do {
      status = try SystemCalls.status(of: descriptor)
    } catch {
      try? SystemCalls.close(descriptor)
      throw error
    }
  }

  deinit { if isOpen { try? SystemCalls.close(descriptor) } }

  /// Hands the descriptor to somebody else, who closes it.
  func release() -> FileDescriptor {
    isOpen = false
    return descriptor
  }

  /// The last byte has been read: looks once more at the file and closes it.
  func close() {
    guard isOpen else { return }
    _ = attributes
    wasUnchanged = (try? SystemCalls.status(of: descriptor))?.isUnchanged(since: status) ?? false
    try? SystemCalls.close(release())
  }

  /// Its name as outputs wait for it; nil where only its path is known.
  var waitingName: Waiting.Name? {
    directory.map { Waiting.Name(directory: $0.identity, base: base) }
  }

  /// The size to expect, when there is one.
  var expectedSize: UInt64? { status.kind == .file ? status.size : nil }

  /// Removes the name the file was opened by; false, and nothing removed, when it leads to another
  /// file by now or the file is not what it was when opened. The file must be closed.
  func remove() throws(Errno) -> Bool {
    guard let directory else { preconditionFailure("it was not found in a directory") }
    precondition(!isOpen, "somebody may be reading it")
    guard wasUnchanged else { return false }
    let named = try SystemCalls.status(
      of: base, at: directory.descriptor, followingLinks: followsLinks)
    guard named.isUnchanged(since: status) else { return false }
    try SystemCalls.unlink(base, at: directory.descriptor)
    return true
  }

  /// Removes temporary names that the file has beside its own: a run that was killed between giving
  /// it its name and taking the temporary one leaves both.
  func removeTemporaryTwins() {
    guard let directory, status.kind == .file, status.linkCount > 1 else { return }
    var isRemoved = false
    for twin in directory.temporaries where twin != base {
      let found = try? SystemCalls.status(
        of: twin, at: directory.descriptor, followingLinks: false)
      guard found?.identity == status.identity else { continue }
      // A twin that stays is a link like others.
      if (try? SystemCalls.unlink(twin, at: directory.descriptor)) != nil { isRemoved = true }
    }
    if isRemoved, let now = try? SystemCalls.status(of: descriptor) { status = now }
  }
}
