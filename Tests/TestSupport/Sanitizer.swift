// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Which sanitizer the tests, and the programs built with them, run under.
public enum Sanitizer {
  /// The address sanitizer, whose shadow counts as the process's memory.
  public static let isAddress = has("__asan_init")
  /// The thread sanitizer, whose own threads do not survive a fork.
  public static let isThread = has("__tsan_init")

  private static func has(_ symbol: String) -> Bool {
    // SAFETY: the default handle looks in all that is loaded.
    unsafe dlsym(nil, symbol) != nil
  }
}
