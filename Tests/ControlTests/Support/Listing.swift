// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Fixture trees are small texts: one file a line, loops for what repeats, and other listings to
// build on. One listing becomes a tree in memory, with errors that no real tree lets a test make,
// or a tree on disk for programs to read.

import Foundation
import IAADevices
import Synchronization
import SystemPackage

/// A file of a fixture tree.
enum Entry: Hashable {
  case text(String)
  /// read(2) fails.
  case failing(Errno)
  /// A driver's bind file and its like.
  case writeOnly
  /// A folder with nothing in it.
  case directory
  case link(String)
  /// A character device with this mode.
  case device(UInt32)
}

/// A fixture: files by path, and what disappears while it is read.
///
///     # comment
///     include other.listing
///     for d in 1 3            lines up to "end" once for each, $d replaced
///     remove /sys/a/*         "*" stands for anything within a name
///     /sys/a/b{0-3} = value   {0-3} makes four lines; \n is a line end; "*" in a path that is
///                             set stands for the files that are there
///     /sys/a/c = <EACCES>     reading fails so; <write-only> is a driver's bind file
///     /sys/a/e = <directory>
///     /sys/a/d -> ../e
///     device 0600 /dev/iax/wq1.0
///     vanish 40 /sys/a        gone after so many reads of files
struct Listing {
  var entries: [String: Entry] = [:]
  var vanishing: (reads: Int, prefix: String)?

  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures")

  /// Every fixture that the list and the doctor are tried on.
  static let names = [
    "example", "generation2", "no-devices", "dsa-only", "default-configuration", "legacy-iommu",
    "halted", "attributes-missing", "unreadable", "vanishing-queue", "malformed",
  ]
  /// Those that the doctor alone is tried on, beside the others.
  static let machines = [
    "zswap-in-use", "rhel", "virtual-machine", "linux-6.17", "pod", "linux-6.12.80", "no-engine",
  ]

  /// Listings that were read before: many tests start from the same one.
  private static let known = Mutex<[String: Listing]>([:])

  init(_ name: String) throws {
    if let listing = Self.known.withLock({ $0[name] }) {
      self = listing
      return
    }
    try read(String(contentsOf: Self.folder.appending(path: name + ".listing"), encoding: .utf8))
    let listing = self
    Self.known.withLock { $0[name] = listing }
  }

  init(text: String) throws { try read(text) }

  struct SyntaxError: Error { let line: String }

  mutating func read(_ text: String) throws {
    var loop: (name: String, values: [String], body: [String])?
    for line in text.split(separator: "\n").map(String.init) {
      let words = line.split(separator: " ").map(String.init)
      if line.hasPrefix("#") || words.isEmpty { continue }
      if words[0] == "for", words.count > 3 {
        loop = (words[1], Array(words[3...]), [])
      } else if line == "end", let ended = loop {
        loop = nil
        for value in ended.values {
          for line in ended.body {
            try add(line.replacingOccurrences(of: "$\(ended.name)", with: value))
          }
        }
      } else if loop != nil {
        loop?.body.append(line)
      } else {
        try add(line)
      }
    }
  }

  mutating func add(_ line: String) throws {
    let words = line.split(separator: " ", maxSplits: 2).map(String.init)
    switch words[0] {
    case "include":
      let other = try Listing(words[1].replacingOccurrences(of: ".listing", with: ""))
      entries.merge(other.entries) { $1 }
    case "remove":
      for path in Self.expanded(words[1]) {
        for match in matches(path) { entries[match] = nil }
      }
    case "vanish":
      guard let reads = Int(words[1]) else { throw SyntaxError(line: line) }
      vanishing = (reads, words[2])
    case "device":
      guard let mode = UInt32(words[1], radix: 8) else { throw SyntaxError(line: line) }
      for path in Self.expanded(words[2]) { entries[path] = .device(mode) }
    default:
      guard words.count >= 2, words[0].hasPrefix("/") else { throw SyntaxError(line: line) }
      let value = words.count > 2 ? words[2] : ""
      guard words[1] == "=" || words[1] == "->" else { throw SyntaxError(line: line) }
      for path in Self.expanded(words[0]) {
        for match in path.contains("*") ? matches(path) : [path] {
          entries[match] = words[1] == "->" ? .link(value) : try Self.entry(value)
        }
      }
    }
  }

  /// Files at the path or below it; "*" stands for anything but a slash.
  func matches(_ pattern: String) -> [String] {
    let parts = pattern.split(separator: "/")
    return entries.keys.filter { path in
      let names = path.split(separator: "/")
      return names.count >= parts.count
        && zip(parts, names).allSatisfy { part, name in
          guard let star = part.firstIndex(of: "*") else { return part == name }
          return name.hasPrefix(part[..<star]) && name.hasSuffix(part[part.index(after: star)...])
        }
    }
  }

  static func entry(_ value: String) throws -> Entry {
    switch value {
    case "<write-only>": .writeOnly
    case "<directory>": .directory
    case "<EPERM>": .failing(.notPermitted)
    case "<EACCES>": .failing(.permissionDenied)
    case "<ENXIO>": .failing(.noSuchAddressOrDevice)
    case "<EIO>": .failing(.ioError)
    case "<EOPNOTSUPP>": .failing(.notSupported)
    default:
      .text(
        value.replacingOccurrences(of: "\\n", with: "\n")
          .replacingOccurrences(of: "\\t", with: "\t"))
    }
  }

  /// "a{0-2}" is a0, a1, a2.
  static func expanded(_ path: String) -> [String] {
    guard let open = path.firstIndex(of: "{"), let close = path[open...].firstIndex(of: "}")
    else { return [path] }
    let ends = path[path.index(after: open)..<close].split(separator: "-").compactMap { Int($0) }
    guard ends.count == 2 else { return [path] }
    return (ends[0]...ends[1]).flatMap { number in
      expanded(path[..<open] + "\(number)" + path[path.index(after: close)...])
    }
  }

  /// Lays the tree out below a folder, as far as a disk can: files that fail to be read are left
  /// out, and the links of the bus lead to the devices' parts.
  func lay(out root: URL) throws {
    let manager = FileManager.default
    var folders: Set<String> = []
    // Plain calls: thousands of files are laid out, and URLs are slow.
    for (path, entry) in entries {
      let file = root.path + path
      let contents: String
      switch entry {
      case .failing: continue
      case .directory:
        try manager.createDirectory(atPath: file, withIntermediateDirectories: true)
        continue
      case .link:
        // Devices are folders here, and parts are linked below.
        guard path.hasSuffix("/driver") else { continue }
        contents = ""
      case .text(let text): contents = text + "\n"
      case .writeOnly, .device: contents = ""
      }
      let folder = String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)])
      if folders.insert(folder).inserted {
        try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
      }
      if case .link(let target) = entry {
        try manager.createSymbolicLink(atPath: file, withDestinationPath: target)
        continue
      }
      let descriptor = try FileDescriptor.open(
        FilePath(file), .writeOnly, options: .create, permissions: [.ownerReadWrite])
      try descriptor.closeAfter { _ = try descriptor.writeAll(contents.utf8) }
    }
    let devices = root.appending(path: "sys/bus/dsa/devices")
    for device in (try? manager.contentsOfDirectory(atPath: devices.path)) ?? [] {
      for part in try manager.contentsOfDirectory(atPath: devices.appending(path: device).path)
      where PartName(part) != nil {
        try manager.createSymbolicLink(
          atPath: devices.appending(path: part).path, withDestinationPath: "\(device)/\(part)")
      }
    }
  }
}
