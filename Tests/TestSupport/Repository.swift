// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Where the repository is, said once, so that a test may be moved between folders.

import Foundation

/// The repository that the tests were built from.
public enum Repository {
  /// Its root.
  public static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
}
