// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Says why a program cannot go on, after its name, and ends it with status 1.
public func fail(_ reason: String) -> Never {
  FileHandle.standardError.write(Data("\(ProcessInfo.processInfo.processName): \(reason)\n".utf8))
  exit(1)
}
