// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import AsyncGzip
import NIOCore

/// A response body as NIO's servers send it, compressed while it is made.
public func sequenceListing<Body: AsyncSequence & Sendable>(
  body: Body
) -> some AsyncSequence<ByteBuffer, any Error> & Sendable where Body.Element == ByteBuffer {
  // listing: begin
  body.map(\.readableBytesView)
    .compressed(as: .gzip, flushesEachElement: true)
    .map { ByteBuffer(bytes: $0) }
  // listing: end
}
