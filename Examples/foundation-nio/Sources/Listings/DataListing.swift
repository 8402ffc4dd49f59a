// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import Foundation

/// Compresses and decompresses Foundation's `Data`; returns the file and what is in it.
public func dataListing(page: Data) throws -> (file: Data, text: Data) {
  // listing: begin
  let file = Data(Gzip.compress(page.bytes))
  let text = Data(try Gzip.decompress(file.bytes, maximumCount: 1 << 20))
  assert(text == page)
  // listing: end
  return (file, text)
}
