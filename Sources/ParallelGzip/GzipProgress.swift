// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

/// How far a run is.
public struct GzipProgress: Sendable, Hashable {
  /// Bytes of the input that the output so far stands for.
  public let inputCount: UInt64
  /// Bytes of output; when compressing, the container's end is not among them before it is written.
  public let outputCount: UInt64

  /// Takes what is known after each write. Called by one thread at a time, in order, and not always
  /// by the same one; the work waits for it.
  public typealias Observer = @Sendable (GzipProgress) -> Void

  package init(inputCount: UInt64, outputCount: UInt64) {
    (self.inputCount, self.outputCount) = (inputCount, outputCount)
  }
}
