// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Bytes as Swift's arrays and spans have them. Turning those into raw spans takes the word `unsafe`;
// it is said here, so that callers who check memory safety strictly need not.

extension OutputSpan<UInt8> {
  /// Lets `body` append to the same bytes as raw output.
  package mutating func withRaw<Result, Failure: Error>(
    _ body: (inout OutputRawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var outcome: Swift.Result<Result, Failure>?
    // SAFETY: the raw span covers exactly these bytes, of which the first `count` are initialised;
    // `finalize` counts those added, whether or not `body` throws. Bytes need no deinitialisation.
    unsafe withUnsafeMutableBufferPointer { buffer, count in
      let memory = UnsafeMutableRawBufferPointer(buffer)
      var output = unsafe OutputRawSpan(buffer: memory, initializedCount: count)
      do throws(Failure) {
        outcome = .success(try body(&output))
      } catch {
        outcome = .failure(error)
      }
      count = unsafe output.finalize(for: memory)
    }
    guard let outcome else { preconditionFailure("the body was not called") }
    return try outcome.get()
  }
}
