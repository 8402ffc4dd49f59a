// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

extension RawSpan {
  /// Whether the bytes are the first ones of an array; traps when it has fewer.
  func isEqual(to array: [UInt8]) -> Bool {
    precondition(array.count >= byteCount, "fewer bytes to compare with")
    // SAFETY: both buffers have so many bytes, checked above.
    return unsafe withUnsafeBytes { left in
      unsafe array.withUnsafeBytes { right in
        guard left.count > 0, let a = left.baseAddress, let b = right.baseAddress else {
          return true
        }
        return unsafe memcmp(a, b, left.count) == 0
      }
    }
  }
}
