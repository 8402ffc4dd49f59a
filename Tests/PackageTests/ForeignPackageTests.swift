// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// What a package of somebody else's gets.
@Suite struct ForeignPackageTests {
  @Test(
    """
    A package that uses FixedDeflate alone gets no other package and nothing of the device, \
    and one that uses IAAOffload no zlib
    """)
  func aForeignPackage() throws {
    let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Scripts/check-packages")
    let result = try ProcessRunner.run("/usr/bin/env", ["bash", script.path])
    let output = String(decoding: result.output, as: UTF8.self)
    print(output)
    #expect(result.status == 0, "\(result.errorText)")
    #expect(output.contains("300000 bytes through"))
    #expect(output.contains("IAAOffload without zlib"))
  }
}
