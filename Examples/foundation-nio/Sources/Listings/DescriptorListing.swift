// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import AsyncGzip
import SystemPackage

/// Compresses one file to another; returns the bytes read and written.
public func descriptorListing(_ path: String, to other: String) async throws -> (UInt64, UInt64) {
  // listing: begin
  let input = try FileDescriptor.open(path, .readOnly)
  let output = try FileDescriptor.open(
    other, .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
  let counts = try await input.compress(to: output, as: .gzip)
  try output.close()
  try input.close()
  // listing: end
  return (counts.inputCount, counts.outputCount)
}
