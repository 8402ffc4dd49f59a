// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Names on the dsa bus: "iax1", "wq1.0", "group1.0", "engine1.7". One id space serves DSA and IAA
// devices alike, so an id says nothing about the kind of a device; only its name does.

/// The two kinds of device that the idxd driver serves.
public enum DeviceKind: String, Sendable, Hashable, CaseIterable {
  /// In-Memory Analytics Accelerator: the one that compresses. Its name in sysfs is "iax".
  case iaa = "iax"
  /// Data Streaming Accelerator; listed, never configured by this project.
  case dsa

  /// The folder of its character devices: "/dev/iax" or "/dev/dsa".
  public var deviceFolder: String { "/dev/" + rawValue }
}

/// A device's name: its kind and its number on the bus.
public struct DeviceName: Sendable, Hashable, CustomStringConvertible {
  /// What it is.
  public let kind: DeviceKind
  /// Its number on the bus; IAA and DSA devices share one row of numbers.
  public let id: Int

  /// The name of the device with this kind and number.
  public init(kind: DeviceKind, id: Int) {
    self.kind = kind
    self.id = id
  }

  /// Parses "iax1" or "dsa0"; nil for anything else.
  public init?(_ name: some StringProtocol) {
    for kind in DeviceKind.allCases where name.hasPrefix(kind.rawValue) {
      guard let id = parseIndex(name.dropFirst(kind.rawValue.count)) else { return nil }
      self.init(kind: kind, id: id)
      return
    }
    return nil
  }

  /// The name in sysfs.
  public var description: String { kind.rawValue + String(id) }
}

/// The name of a part of a device: "wq1.0" is the queue 0 of the device with id 1.
public struct PartName: Sendable, Hashable, CustomStringConvertible {
  /// The parts that a device has.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case queue = "wq"
    case group, engine
  }

  /// What it is.
  public let kind: Kind
  /// The number of the device that it belongs to.
  public let deviceID: Int
  /// Its number within the device.
  public let index: Int

  /// The name of the part with this kind, device and number.
  public init(kind: Kind, deviceID: Int, index: Int) {
    self.kind = kind
    self.deviceID = deviceID
    self.index = index
  }

  /// Parses "wq1.0", "group1.0" or "engine1.0"; nil for anything else.
  public init?(_ name: some StringProtocol) {
    for kind in Kind.allCases where name.hasPrefix(kind.rawValue) {
      let numbers = name.dropFirst(kind.rawValue.count)
        .split(separator: ".", omittingEmptySubsequences: false)
      guard numbers.count == 2, let deviceID = parseIndex(numbers[0]),
        let index = parseIndex(numbers[1])
      else { return nil }
      self.init(kind: kind, deviceID: deviceID, index: index)
      return
    }
    return nil
  }

  /// The name in sysfs.
  public var description: String { "\(kind.rawValue)\(deviceID).\(index)" }
}

/// A plain decimal number without sign: "0", "12".
func parseIndex(_ text: some StringProtocol) -> Int? {
  text.allSatisfy { $0.isASCII && $0.isNumber } ? Int(text) : nil
}
