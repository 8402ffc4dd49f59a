// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

/// Numbers as people read them, the same in every locale.
enum Quantity {
  /// A number with so many digits after the point.
  static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "-" : value < 0 ? "-inf" : "inf" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = (abs(value) * scale).rounded()
    // Beyond that a Double has no fraction left.
    guard scaled < 9e15 else { return "\(value)" }
    let number = Int(scaled)
    let sign = value < 0 && number > 0 ? "-" : ""
    if digits == 0 { return sign + "\(number)" }
    let fraction = String(number % Int(scale))
    return sign + "\(number / Int(scale))."
      + String(repeating: "0", count: digits - fraction.count) + fraction
  }

  /// A part of 1 as percents.
  static func percent(_ share: Double) -> String { fixed(100 * share, 1) + " %" }

  /// Bytes in the largest binary unit of which there is one.
  static func bytes(_ value: Double) -> String {
    var (value, unit) = (value, 0)
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    while abs(value) >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return fixed(value, unit == 0 ? 0 : 1) + " " + units[unit]
  }

  /// A whole number with commas between thousands.
  static func grouped(_ value: Double) -> String {
    let digits = fixed(value, 0)
    var text = ""
    for (index, digit) in digits.reversed().enumerated() {
      if index > 0, index % 3 == 0, digit != "-" { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }
}
