// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A tree in memory that can do what a disk cannot: fail reads with any errno, refuse the n-th
// write, lose files between two reads, and react to writes as the kernel does.

import IAADevices
import Synchronization
import SystemPackage

/// Files of a fixture, with faults.
final class MemoryFiles: SystemFiles {
  struct State {
    var entries: [String: Entry]
    var vanishing: (reads: Int, prefix: String)?
    var reads = 0
    var writes: [Write] = []
    var failing: Set<Int> = []
    var reacts: Bool
    /// Files that take writes and stay as they are.
    var deafPaths: Set<String> = []
    /// How many writes they stay deaf to; nil for all.
    var hearsAfter: Int?
    /// Sorted names by folder; made when needed, dropped when files come or go.
    var index: [String: [String]]?

    mutating func names(in path: String) -> [String]? {
      if let index { return index[path] }
      var folders: [String: Set<String>] = [:]
      for path in entries.keys {
        var rest = path[...]
        while let slash = rest.lastIndex(of: "/") {
          let name = String(rest[rest.index(after: slash)...])
          rest = rest[..<slash]
          // A folder that is known has been entered into those above it.
          if folders[String(rest)]?.insert(name) != nil { break }
          folders[String(rest)] = [name]
        }
      }
      index = folders.mapValues { names in
        names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      }
      return index?[path]
    }
  }

  /// One write as the kernel would see it.
  struct Write: Hashable {
    let path: String
    let value: String
  }

  let state: Mutex<State>

  /// The fixture's files; with `reacting`, writes have the effects that the kernel gives them.
  init(_ listing: Listing, reacting: Bool = false) {
    state = Mutex(
      State(entries: listing.entries, vanishing: listing.vanishing, reacts: reacting))
  }

  /// Every write so far, failed ones included.
  var writes: [Write] { state.withLock { $0.writes } }

  /// Every file with a text.
  var texts: [String: String] {
    state.withLock { state in
      state.entries.compactMapValues { entry in
        if case .text(let text) = entry { text } else { nil }
      }
    }
  }

  /// Lets the writes with these numbers, from 0, fail with EIO.
  func fail(writes: Set<Int>) { state.withLock { $0.failing = writes } }

  var root: SystemRoot { SystemRoot("/", files: self) }

  func read(_ path: String, limit: Int) throws(Errno) -> [UInt8] {
    let entry: Entry? = state.withLock { state in
      state.reads += 1
      if let vanishing = state.vanishing, state.reads > vanishing.reads {
        state.entries = state.entries.filter { !$0.key.hasPrefix(vanishing.prefix + "/") }
        state.vanishing = nil
        state.index = nil
      }
      return state.entries[path]
    }
    switch entry {
    case .text(let text): return Array((text + "\n").utf8.prefix(limit))
    case .failing(let error): throw error
    case .writeOnly, .device: throw .permissionDenied
    case .directory: throw .isDirectory
    case .link, nil: throw .noSuchFileOrDirectory
    }
  }

  func write(_ bytes: [UInt8], to path: String) throws(Errno) {
    let value = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: "\n")
    let failure: Errno? = state.withLock { state in
      let number = state.writes.count
      state.writes.append(Write(path: path, value: value))
      if state.failing.contains(number) { return .ioError }
      switch state.entries[path] {
      case nil: return .noSuchFileOrDirectory
      case .link, .device: return .permissionDenied
      case .directory: return .isDirectory
      case .text, .failing, .writeOnly:
        if state.deafPaths.contains(path), state.hearsAfter != 0 {
          state.hearsAfter = state.hearsAfter.map { $0 - 1 }
          return nil
        }
        if state.reacts {
          state.index = nil
          return SimulatedKernel.write(value, to: path, &state.entries)
        }
        if state.entries[path] != .writeOnly { state.entries[path] = .text(value) }
        return nil
      }
    }
    if let failure { throw failure }
  }

  func replace(_ path: String, with bytes: [UInt8]) throws(Errno) {
    // The line end is added by every read.
    let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: "\n")
    state.withLock { state in
      state.entries[path] = .text(text)
      state.index = nil
    }
  }

  func link(_ path: String, to target: String) throws(Errno) {
    state.withLock { state in
      state.entries[path] = .link(target)
      state.index = nil
    }
  }

  func remove(_ path: String) throws(Errno) {
    let old = state.withLock { state in
      state.index = nil
      return state.entries.removeValue(forKey: path)
    }
    if old == nil { throw .noSuchFileOrDirectory }
  }

  func names(in path: String) throws(Errno) -> [String] {
    let (failure, names) = state.withLock { state -> (Errno?, [String]?) in
      if case .failing(let error) = state.entries[path] { return (error, nil) }
      if state.entries[path] == .directory { return (nil, state.names(in: path) ?? []) }
      return (nil, state.names(in: path))
    }
    if let failure { throw failure }
    guard let names else { throw .noSuchFileOrDirectory }
    return names
  }

  func status(of path: String) throws(Errno) -> FileStatus {
    let entry = state.withLock { $0.entries[path] }
    switch entry {
    case .device(let mode):
      return FileStatus(kind: .characterDevice, permissions: mode, userID: 0, groupID: 0)
    case .directory, nil:
      _ = try names(in: path)
      return FileStatus(kind: .directory, permissions: 0o755, userID: 0, groupID: 0)
    default:
      return FileStatus(kind: .file, permissions: 0o644, userID: 0, groupID: 0)
    }
  }

  func target(ofLink path: String) throws(Errno) -> String {
    switch state.withLock({ $0.entries[path] }) {
    case .link(let target): return target
    case nil: throw .noSuchFileOrDirectory
    default: throw .invalidArgument
    }
  }
}

extension String {
  func trimmingCharacters(in set: String) -> String {
    String(drop { set.contains($0) }.reversed().drop { set.contains($0) }.reversed())
  }
}
