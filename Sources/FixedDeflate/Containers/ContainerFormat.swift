// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

/// The wrapper around DEFLATE data.
public enum ContainerFormat: Sendable, Hashable, CaseIterable {
  /// RFC 1952, written as one member of any length. Every reader of gzip reads all of it.
  case gzip
  /// The blocked gzip of the SAM specification (§4.1), written as one small member a chunk and an
  /// empty one at the end. Readers can split and index it; those that stop behind the first member
  /// see only the first chunk. Read as ``gzip``.
  case bgzf
  /// RFC 1950, written with CINFO for what matches reach: a window of 4 KiB, or of 32 (``CompressionMode/limit``).
  case zlib
  /// RFC 1951 alone.
  case raw

  /// Whether members of RFC 1952 are what is written and read.
  package var hasMembers: Bool { self == .gzip || self == .bgzf }
}
