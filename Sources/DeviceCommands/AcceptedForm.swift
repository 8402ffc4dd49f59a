// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A value that an option cannot take is refused with the form that it can.

import ArgumentParser

/// What reads an option's value and, where it cannot, says what is accepted: "a whole number".
func accepting<Value: ExpressibleByArgument>(_ form: String)
  -> @Sendable (String) throws -> Value
{
  { text in
    guard let value = Value(argument: text) else { throw ValidationError("it takes \(form)") }
    return value
  }
}

/// Forms that several options take.
enum AcceptedForm {
  static let number = "a whole number"
  static let flag = "0 or 1"
  static let target = "a device such as iax1 or a queue such as iax1/wq1.0"
}
