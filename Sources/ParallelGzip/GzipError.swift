// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What can go wrong between an input and an output.

public import FixedDeflate
public import SystemPackage

/// Why compressing or decompressing has ended before its end.
public enum GzipError: Error {
  /// The input's descriptor could not be read.
  case reading(Errno)
  /// The output's descriptor could not be written to.
  case writing(Errno)
  /// What the closure that reads the input has thrown.
  case source(any Error)
  /// What the closure that takes the output has thrown.
  case sink(any Error)
  /// The data is bad; its bit position counts from where the input began.
  case decoding(DeflateError)
  /// The index is damaged, or another file's; the bit position is in the index where it is damaged,
  /// else in the file where no block begins.
  case index(DeflateError)
  /// The index could not be read.
  case readingIndex(Errno)
  /// The index is larger than any of a file of that size.
  case indexTooLarge
  /// The file is not BGZF, or not as far as it was to be read.
  case notBGZF
  /// Somebody has cancelled the run.
  case cancelled
  /// The system has no thread or no memory left for one, where one is needed.
  case noThread
  /// What takes the codec's place in a process that has set such up could not do the work, and was
  /// not to leave it to the codec; why, for people. Never of this library alone.
  case refused(String)
}
