// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Every sysfs attribute may be hidden, unreadable or nonsense, and each of these is news to
// someone: the doctor tells them apart, the list prints what accel-config would, and code that
// only wants the value asks for `value`.

public import SystemPackage

/// One attribute as it was read: its text or why there is none, and what the text means.
public struct Attribute<Value: Sendable & Hashable>: Sendable, Hashable {
  /// What the text means; nil when there is none or when it makes no sense.
  public let value: Value?
  /// The text without the white space around it; nil when it could not be read.
  public let text: String?
  /// Why it could not be read; nil when it was.
  public let error: Errno?

  /// An attribute that was read.
  public init(text: String, value: Value?) {
    self.text = text
    self.value = value
    error = nil
  }

  /// An attribute that could not be read.
  public init(error: Errno) {
    text = nil
    value = nil
    self.error = error
  }

  /// The kernel does not show this attribute for this device.
  public var isAbsent: Bool { error == .noSuchFileOrDirectory }
}

/// The number in a sysfs text: decimal with a sign, or 0x and hexadecimal digits.
func parseInteger(_ text: String) -> Int? {
  if text.hasPrefix("0x") || text.hasPrefix("0X") {
    return UInt(text.dropFirst(2), radix: 16).map { Int(bitPattern: $0) }
  }
  return text.first == "+" ? nil : Int(text)
}

extension Attribute {
  /// The same attribute with another reading of its value.
  func map<Other>(_ transform: (Value) -> Other) -> Attribute<Other> {
    guard let text else { return Attribute<Other>(error: error ?? .ioError) }
    return Attribute<Other>(text: text, value: value.map(transform))
  }
}
