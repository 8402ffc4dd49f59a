// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The version is a constant of the source: a build has to be the same wherever it is made.

/// The command's version.
enum Version {
  static let current = "0.1.0"
}
