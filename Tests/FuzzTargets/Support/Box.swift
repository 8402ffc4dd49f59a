// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import TestSupport

/// A value with one owner, where lists and classes want one that can be shared.
final class Box<Value: ~Copyable> {
  var value: Value
  init(_ value: consuming Value) { self.value = value }
}

extension Box where Value == Decoder {
  /// The data of one stream and how much of it was taken; nil where it is bad.
  func decode(
    _ stream: [UInt8], maximumCount: Int
  ) -> (bytes: [UInt8], consumed: Decoder.Consumed)? {
    try? withRawSpan(stream) { (input: RawSpan) throws(DeflateError) in
      try value.decompress(input, maximumCount: maximumCount)
    }
  }
}

extension Box where Value == TableDecoder {
  /// The same of a stream in given tables.
  func decode(
    _ stream: [UInt8], maximumCount: Int
  ) -> (bytes: [UInt8], consumed: Decoder.Consumed)? {
    try? withRawSpan(stream) { (input: RawSpan) throws(DeflateError) in
      try value.decompress(input, maximumCount: maximumCount)
    }
  }
}
