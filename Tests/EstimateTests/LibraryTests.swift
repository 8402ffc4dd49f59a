// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import CCompressors
import Foundation
import Testing

@Suite("A library that would crash is tried by a child process")
struct LibraryTests {
  @Test("a crash and a no are told apart, and this process goes on")
  func trials() {
    var why = compressor_absent
    // SAFETY (all): the bodies touch nothing of this process, and run in a child.
    #expect(unsafe compressor_try({ _ in 1 }, nil, &why) == 1)
    #expect(unsafe compressor_try({ _ in 0 }, nil, &why) == 0)
    #expect(why == compressor_absent)
    #expect(unsafe compressor_try({ _ in abort() }, nil, &why) == 0)
    #expect(why == compressor_crashed)
    // What a loader does that cannot go on.
    #expect(unsafe compressor_try({ _ in _exit(127) }, nil, &why) == 0)
    #expect(why == compressor_crashed)
  }
}
