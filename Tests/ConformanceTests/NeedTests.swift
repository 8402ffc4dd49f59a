// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@Suite("What a test needs of the machine") struct NeedTests {
  @Test("a missing tool skips its test, and fails it in continuous integration")
  func missing() throws {
    let need = Need("igzip")
    for environment in [[:], ["CI": ""], ["CI": "false"], ["CI": "0"]] {
      #expect(try !need.isMet(isFound: false, environment: environment))
    }
    for value in ["true", "1"] {
      let failure = #expect(throws: Need.self) {
        try need.isMet(isFound: false, environment: ["CI": value])
      }
      #expect(failure?.description.contains("igzip") == true)
      #expect(try need.isMet(isFound: true, environment: ["CI": value]))
    }
  }
}
