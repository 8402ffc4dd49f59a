// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Files that count how often each is asked for: what a command costs, without a clock.

import IAADevices
import Synchronization
import SystemPackage

final class CountingFiles: SystemFiles {
  private let base: any SystemFiles
  private let requests = Mutex<[String: Int]>([:])

  init(_ base: any SystemFiles) { self.base = base }

  /// Requests by what was asked and of which path.
  var counts: [String: Int] { requests.withLock { $0 } }

  private func count(_ request: String, _ path: String) {
    requests.withLock { $0["\(request) \(path)", default: 0] += 1 }
  }

  func read(_ path: String, limit: Int) throws(Errno) -> [UInt8] {
    count("read", path)
    return try base.read(path, limit: limit)
  }
  func write(_ bytes: [UInt8], to path: String) throws(Errno) {
    count("write", path)
    try base.write(bytes, to: path)
  }
  func replace(_ path: String, with bytes: [UInt8]) throws(Errno) {
    count("replace", path)
    try base.replace(path, with: bytes)
  }
  func link(_ path: String, to target: String) throws(Errno) {
    count("link", path)
    try base.link(path, to: target)
  }
  func remove(_ path: String) throws(Errno) {
    count("remove", path)
    try base.remove(path)
  }
  func names(in path: String) throws(Errno) -> [String] {
    count("names", path)
    return try base.names(in: path)
  }
  func status(of path: String) throws(Errno) -> FileStatus {
    count("status", path)
    return try base.status(of: path)
  }
  func target(ofLink path: String) throws(Errno) -> String {
    count("target", path)
    return try base.target(ofLink: path)
  }
}
