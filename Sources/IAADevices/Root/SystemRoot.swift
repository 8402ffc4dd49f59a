// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One directory below which /sys, /proc, /dev, /boot and /run are read and written. A value, so
// that a fixture tree, a container's mount and the live system are the same thing to the code.

public import SystemPackage

/// A system to look at: the live one, or a tree laid out like one.
public struct SystemRoot: Sendable {
  /// The directory as the user named it; "/" is the live system.
  public let path: String
  /// Whether this is the machine's own tree, and not a copy of one.
  public let isLive: Bool
  /// How the files below it are reached.
  public let files: any SystemFiles

  /// The machine this runs on.
  public static let live = SystemRoot("/")

  /// The tree below `path`; `files` replaces the way its files are reached.
  public init(_ path: String = "/", files: (any SystemFiles)? = nil) {
    self.path = path
    isLive = FilePath(path) == "/"
    self.files = files ?? HostFiles(root: path)
  }

  /// Whether only device models lie below it, which nothing but their maker sets up.
  package var isModel: Bool { files is any ModelOnlyFiles }

  /// Where `path` lies on this machine, for messages and scripts.
  public func locate(_ path: String) -> String {
    isLive ? path : FilePath(self.path).pushing(FilePath(path).removingRoot()).string
  }

  /// A whole file as text; bytes that are not UTF-8 are repaired.
  ///
  /// - Parameters:
  ///   - path: a path of a live system, "/proc/cmdline" say.
  ///   - limit: the most bytes to read.
  /// - Returns: the text, line ends included.
  /// - Throws: the errno that kept the file from being read.
  public func text(_ path: String, limit: Int = 1 << 20) throws(Errno) -> String {
    String(decoding: try files.read(path, limit: limit), as: UTF8.self)
  }

  /// A one-line file without the white space around it.
  ///
  /// - Throws: the errno that kept the file from being read.
  public func line(_ path: String) throws(Errno) -> String {
    // One page is the most that a sysfs attribute holds.
    try text(path, limit: 4096).trimmingWhitespace()
  }

  /// Writes a value and a line end, as `echo` would.
  ///
  /// - Throws: the errno that the kernel answered with.
  public func write(_ value: String, to path: String) throws(Errno) {
    try files.write(Array((value + "\n").utf8), to: path)
  }

  /// Whether something is there, whatever it is; a failing stat(2) counts as no.
  public func exists(_ path: String) -> Bool {
    (try? files.status(of: path)) != nil
  }

  /// The names in a folder, or none when it cannot be listed.
  public func names(in path: String) -> [String] {
    (try? files.names(in: path)) ?? []
  }
}

extension StringProtocol {
  /// Without spaces, tabs and line ends at either end.
  func trimmingWhitespace() -> String {
    let kept = drop(while: \.isWhitespace)
    return String(kept.reversed().drop(while: \.isWhitespace).reversed())
  }
}
