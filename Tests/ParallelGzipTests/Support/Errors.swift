// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate

@testable import ParallelGzip

extension GzipError? {
  /// What a closure has thrown.
  var trouble: Trouble? { flatMap(\.trouble) }

  var isCancelled: Bool {
    if case .some(.cancelled) = self { true } else { false }
  }

  /// What is wrong with the data.
  var decoding: DeflateError? {
    if case .some(.decoding(let error)) = self { error } else { nil }
  }

  /// What is wrong with the index.
  var index: DeflateError? {
    if case .some(.index(let error)) = self { error } else { nil }
  }
}

extension GzipError {
  var trouble: Trouble? {
    switch self {
    case .sink(let error), .source(let error): error as? Trouble
    default: nil
    }
  }
}
