// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The README's example, as its readers would compile it: a test runs it, another holds the README
// to it.

import FixedDeflate

func libraryExample(print: (Any...) -> Void) throws {
  // README: begin
  let page = [UInt8](repeating: 0x2A, count: 4096)

  var encoder = Encoder()
  let stream = encoder.compress(page)
  print(stream.count)  // 228, as on the device

  var decoder = Decoder(limit: .iaa)
  let (bytes, consumed) = try decoder.decompress(stream, maximumCount: 4096)
  print(bytes == page, consumed.bytes)  // true 228
  // README: end
}
