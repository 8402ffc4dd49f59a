// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// gzip 1.12 still obeys the GZIP variable and warns that it is obsolescent. We do the same, because
// a script that exports GZIP=-n counts on it: the options it may hold are gzip's, they come in front
// of the command line, and anything else in it is an error.

/// The options in the environment variable GZIP.
enum GzipVariable {
  /// The options in the variable.
  ///
  /// - Throws: `UsageError` for an operand or for an option that has no place there.
  static func options(in value: FileName) throws(UsageError) -> [GivenOption] {
    let words = value.bytes.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
      .map { FileName($0) }
    guard !words.contains(FileName("--")) else {
      throw UsageError(message: "--: has no place in the environment variable GZIP")
    }
    let arguments = try ArgumentReader().read(words)
    if let operand = arguments.operands.first {
      throw UsageError(
        message: "\(String(decoding: operand.bytes, as: UTF8.self)): "
          + "not an option, in the environment variable GZIP")
    }
    for given in arguments.options where given.option?.isAllowedInVariable == false {
      throw UsageError(message: "\(given.written): has no place in the environment variable GZIP")
    }
    return arguments.options
  }
}
