// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A program that root is to run by itself must be one that nobody else can put another in place of: by
// writing to it, or to a folder on the way to it.

/// Why someone beside root can replace a file.
package struct ReplaceableFile: Sendable, Hashable, CustomStringConvertible {
  package let description: String

  /// Looks at an absolute path and all folders above it; nil when only root can change any of them.
  package init?(_ path: String, in files: any SystemFiles) {
    var folder = ""
    let below = path.split(separator: "/").map { name in
      folder += "/\(name)"
      return folder
    }
    for place in ["/"] + below {
      guard let status = try? files.status(of: place) else { continue }
      if let reason = Self.reason(status) {
        description = "\(place) \(reason)"
        return
      }
    }
    return nil
  }

  private static func reason(_ status: FileStatus) -> String? {
    if status.userID != 0 { return "belongs to user \(status.userID)" }
    // In a folder with the sticky bit others cannot take away what is root's.
    let isSticky = status.kind == .directory && status.permissions & 0o1000 != 0
    if isSticky { return nil }
    if status.permissions & 0o002 != 0 { return "can be written to by everyone" }
    if status.permissions & 0o020 != 0, status.groupID != 0 {
      return "can be written to by group \(status.groupID)"
    }
    return nil
  }
}
