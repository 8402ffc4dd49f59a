// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What decoding can find wrong, in the words gzip's users know.

import FixedDeflate

/// A decoder's finding as a message.
func describe(_ error: DeflateError) -> String {
  switch error.kind {
  case .notInFormat: "not in a known compressed format"
  case .truncatedInput: "unexpected end of file"
  case .checksumMismatch: "invalid compressed data -- checksum error"
  case .lengthMismatch: "invalid compressed data -- length error"
  case .unsupportedMethod: "compression method is not supported"
  case .reservedFlags: "header has flags that are not supported"
  case .headerChecksumMismatch: "header checksum is wrong"
  case .presetDictionary: "needs a preset dictionary -- not supported"
  case .invalidWindowSize: "header has an invalid window size"
  default: "invalid compressed data -- \(error)"
  }
}

extension DeflateError {
  /// Whether the header alone was at fault: the file is then not one we decode, rather than a
  /// damaged one.
  var isAboutHeader: Bool {
    switch kind {
    case .notInFormat, .unsupportedMethod, .reservedFlags, .headerChecksumMismatch,
      .presetDictionary, .invalidWindowSize:
      true
    default: false
    }
  }
}
