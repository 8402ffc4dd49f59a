// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The version is a constant of the source: a build has to be the same wherever it is made.

/// The command's version.
enum Version {
  static let current = "0.1.0"
  static let line = "\(Reporter.programName) \(current)\n"
  static let license = """
    Copyright 2026 the deflate-iaa authors
    Licensed under the Apache License, Version 2.0: you may use, change and pass on
    this program on its terms, <https://www.apache.org/licenses/LICENSE-2.0>.
    There is NO WARRANTY, to the extent permitted by law.

    """
}
