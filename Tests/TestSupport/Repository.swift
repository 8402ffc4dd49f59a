// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Where the repository is: tests read its README, its manual and its Makefile, and a test's own path
// says nothing reliable, since tests are moved from room to room.

public import Foundation

/// The repository that the tests were built from.
public enum Repository {
  /// Its folder, the first one above this file that has a manifest.
  public static let root: URL = {
    var folder = URL(filePath: #filePath)
    repeat {
      folder.deleteLastPathComponent()
      precondition(folder.path.count > 1, "no Package.swift above \(#filePath)")
    } while !FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path)
    return folder
  }()
}
