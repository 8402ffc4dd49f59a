// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The version is a constant of the source. The commit comes from the Makefile, where there is one: a
// build of a release's files, which have no history, prints the version alone.

import CBuild

/// The command's version.
enum Version {
  static let current = "0.1.0"
  /// The commit it was built from, when the build was told.
  static let commit: String? = {
    // SAFETY: a literal of CBuild.c, which ends with NUL and is never freed.
    let text = unsafe String(cString: cbuild_commit)
    return text.isEmpty ? nil : text
  }()
  static let line =
    "\(Reporter.programName) \(current)\(commit.map { " (\($0))" } ?? "")\n"
  static let license = """
    Copyright 2026 the deflate-iaa authors
    Licensed under the Apache License, Version 2.0: you may use, change and pass on
    this program on its terms, <https://www.apache.org/licenses/LICENSE-2.0>.
    There is NO WARRANTY, to the extent permitted by law.

    """
}
