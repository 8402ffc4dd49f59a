// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// gzip's three exit codes. An error outlives later warnings; a warning is kept only while all else
// is well.

/// What the process tells its caller.
enum ExitStatus: Int32, Sendable {
  /// All done.
  case success = 0
  /// Something was not done.
  case error = 1
  /// Done, or left alone for a reason, and a warning was due.
  case warning = 2

  /// Notes a warning unless something worse happened.
  mutating func warn() {
    if self == .success { self = .warning }
  }

  /// Notes an error.
  mutating func fail() {
    self = .error
  }
}
