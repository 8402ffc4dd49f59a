// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A span of an object's array cannot outlive the access to the property, so it is lent through a
// function that borrows the array.

/// Lends part of an array as raw bytes.
package func lend<Result, Failure: Error>(
  _ array: borrowing [UInt8], _ range: Range<Int>, to body: (RawSpan) throws(Failure) -> Result
) throws(Failure) -> Result {
  // SAFETY: bytes have no padding.
  try body(unsafe array.span.bytes.extracting(range))
}
