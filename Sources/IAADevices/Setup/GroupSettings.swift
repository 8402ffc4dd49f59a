// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What can be set for a group beside its members, and what the driver sets everything to when a
// device is disabled: both are needed to give a device back as it was.

/// What is set for one group; nil where the device has no choice.
package struct GroupSettings: Sendable, Hashable {
  /// 0…7.
  package var trafficClassA: Int?
  /// 0…7.
  package var trafficClassB: Int?
  /// 0…3.
  package var descProgressLimit: Int?
  /// 0…3.
  package var batchProgressLimit: Int?

  /// Nothing set.
  package init() {}

  /// What a group is set to. A class of -1 is the device's own choice and cannot be written.
  init(_ group: EngineGroup, of device: Device) {
    if !device.hasFixedTrafficClasses {
      trafficClassA = group.trafficClassA.value.flatMap { $0 < 0 ? nil : $0 }
      trafficClassB = group.trafficClassB.value.flatMap { $0 < 0 ? nil : $0 }
    }
    descProgressLimit = group.descProgressLimit.value
    batchProgressLimit = group.batchProgressLimit.value
  }
}

/// What the driver sets a disabled device's attributes to (idxd_wq_disable_cleanup,
/// idxd_groups_clear_state and idxd_device_evl_free in its device.c).
package enum ResetValue {
  /// IDXD_ENQCMDS_RETRIES.
  package static let enqcmdsRetries = 32
  /// WQ_DEFAULT_MAX_XFER.
  package static let maxTransferSize = 2 << 20
  /// IDXD_EVL_SIZE_MIN.
  package static let eventLogSize = 64
}
