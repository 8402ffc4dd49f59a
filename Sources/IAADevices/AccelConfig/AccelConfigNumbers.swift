// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// How accel-config's C code turns sysfs texts and failures into numbers.

import SystemPackage

/// A hidden attribute is -ENOENT; one that fails otherwise or is empty is -ENXIO.
func failure<Value>(_ attribute: Attribute<Value>) -> Int? {
  if let error = attribute.error {
    return -Int(
      error == .noSuchFileOrDirectory ? error.rawValue : Errno.noSuchAddressOrDevice.rawValue)
  }
  return nil
}

/// As strtoll(text, NULL, 0) reads it.
func number<Value>(_ attribute: Attribute<Value>) -> Int {
  failure(attribute) ?? CInteger(attribute.text ?? "").signed
}

/// As strtoull(text, NULL, 0) reads it, bits kept.
func unsigned<Value>(_ attribute: Attribute<Value>) -> Int {
  failure(attribute) ?? Int(bitPattern: CInteger(attribute.text ?? "").unsigned)
}

/// "clients" alone is reported with its own errno.
func clients(_ attribute: Attribute<Int>) -> Int {
  if let error = attribute.error { return -Int(error.rawValue) }
  return Int(Int32(truncatingIfNeeded: number(attribute)))
}

/// Narrowed to a C int, failures included.
func narrow<Value>(_ attribute: Attribute<Value>) -> JSON {
  .integer(Int(Int32(truncatingIfNeeded: number(attribute))))
}

/// Narrowed to a C int; left out when negative.
func visible<Value>(_ attribute: Attribute<Value>) -> JSON? {
  let value = Int(Int32(truncatingIfNeeded: number(attribute)))
  return value < 0 ? nil : .integer(value)
}

/// The group that an attribute names, nil for none.
func groupID(_ attribute: Attribute<Int>) -> Int? {
  let value = Int(Int32(truncatingIfNeeded: number(attribute)))
  return value < 0 ? nil : value
}

/// As C's %#lx: no prefix for zero.
func hexadecimal(_ value: UInt64) -> JSON {
  .string(value == 0 ? "0" : "0x" + String(value, radix: 16))
}

/// A number at the start of a text, as C's strtol family reads it with base 0: white space, sign,
/// 0x for hexadecimal, 0 for octal, then digits up to the first that is none; saturating.
struct CInteger {
  var magnitude: UInt64 = 0
  var overflow = false
  var isNegative = false

  init(_ text: String) {
    var rest = Substring(text).drop(while: \.isWhitespace)
    if let sign = rest.first, sign == "-" || sign == "+" {
      isNegative = sign == "-"
      rest = rest.dropFirst()
    }
    var base: UInt64 = 10
    if rest.hasPrefix("0x") || rest.hasPrefix("0X"),
      rest.dropFirst(2).first?.isHexDigit == true
    {
      base = 16
      rest = rest.dropFirst(2)
    } else if rest.hasPrefix("0") {
      base = 8
    }
    for character in rest {
      guard character.isASCII, let digit = character.hexDigitValue, digit < base else { break }
      let (high, low) = magnitude.multipliedFullWidth(by: base)
      let (sum, carry) = low.addingReportingOverflow(UInt64(digit))
      overflow = overflow || high != 0 || carry
      magnitude = sum
    }
  }

  var signed: Int {
    if overflow || magnitude > UInt64(Int.max) { return isNegative ? Int.min : Int.max }
    return isNegative ? -Int(magnitude) : Int(magnitude)
  }

  var unsigned: UInt {
    overflow ? UInt.max : isNegative ? 0 &- UInt(magnitude) : UInt(magnitude)
  }
}
