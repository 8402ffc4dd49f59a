// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// DEFLATE_IAA_MODEL: device models in the place of devices, so that scripts around the command can be
// tested where there is no device, with faults on demand.

import FixedDeflate
import IAADevices
import IAAModel
import IAAOffload

/// A model below a root, until this goes.
final class ModelBelow: Sendable {
  private let model: DeviceModel
  private let mount: ModelMount

  /// Lays it there.
  ///
  /// - Throws: `OffloadError.hardwareUnavailable` when its files cannot be written.
  init(_ root: SystemRoot, _ model: DeviceModel) throws(OffloadError) {
    self.model = model
    do {
      mount = try model.mount(under: root)
    } catch {
      throw .hardwareUnavailable(["no model can be laid below \(root.path): \(error)"])
    }
  }
}

/// The device models that the variable asks for.
struct ModelSetup: Sendable, Equatable {
  var devices = 1
  var queues = 1
  var mode = QueueMode.shared
  /// Each of the model's faults at this rate.
  var faults = 0.0
  var seed: UInt64 = 1
  /// Which generation of devices they are: of the second, as from Granite Rapids on, with the dynamic mode.
  var generation = 1
  /// The rules the models compress by.
  var profile = MatchProfile.iaaV1

  /// Entries of a device that its queues share.
  private static let entries = 128

  /// Reads `devices=2,queues=4,mode=dedicated,faults=0.01,seed=7,generation=2,profile=FILE`, each part optional.
  ///
  /// - Throws: `UsageError` for another key or a value out of range.
  init(parsing text: String) throws(UsageError) {
    for part in text.split(separator: ",") {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2, try set(String(pair[0]), String(pair[1])) else {
        throw UsageError(
          message: "\(OffloadOptions.modelVariable): '\(part)' is none of devices=1…8, queues=1…8, "
            + "mode=shared|dedicated, faults=0…0.07, seed=N, generation=1|2 and profile=NAME|FILE")
      }
    }
  }

  private mutating func set(_ key: String, _ value: String) throws(UsageError) -> Bool {
    func number(in range: ClosedRange<Int>) -> Int? {
      Int(value).flatMap { range.contains($0) ? $0 : nil }
    }
    switch key {
    case "devices": return assign(number(in: 1...8), to: &devices)
    case "generation": return assign(number(in: 1...2), to: &generation)
    case "queues": return assign(number(in: 1...8), to: &queues)
    case "mode": return assign(QueueMode(rawValue: value), to: &mode)
    // The rates of all faults add up to at most 1.
    case "faults":
      return assign(Double(value).flatMap { (0...0.07).contains($0) ? $0 : nil }, to: &faults)
    case "profile":
      profile = try ChosenProfile(value, of: OffloadOptions.modelVariable).rules
      return true
    case "seed": return assign(UInt64(value), to: &seed)
    default: return false
    }
  }

  private func assign<Value>(_ value: Value?, to place: inout Value) -> Bool {
    if let value { place = value }
    return value != nil
  }

  /// The models, with odd numbers as on most machines that have DSA devices beside them.
  func makeModels() -> [DeviceModel] {
    (0..<devices).map { index in
      let queue = DeviceModel.Queue(mode: mode, size: Self.entries / queues)
      let plan =
        faults > 0 ? FaultPlan.everything(rate: faults, seed: seed &+ UInt64(index)) : .none
      var configuration = DeviceModel.Configuration(
        id: 2 * index + 1, queues: Array(repeating: queue, count: queues), faults: plan)
      configuration.profile = profile
      if generation == 2 { configuration.capabilities = [.headerGeneration, .secondStateFormat] }
      return DeviceModel(configuration)
    }
  }
}
