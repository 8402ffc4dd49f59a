// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import NIOCore

/// Compresses and decompresses NIO's `ByteBuffer`; returns the body and what is in it.
public func byteBufferListing(page: ByteBuffer) throws -> (body: ByteBuffer, text: ByteBuffer) {
  // listing: begin
  let body = ByteBuffer(bytes: Gzip.compress(page.readableBytesSpan))
  let bytes = try Gzip.decompress(body.readableBytesSpan, maximumCount: 1 << 20)
  let text = ByteBuffer(bytes: bytes)
  // listing: end
  return (body, text)
}
