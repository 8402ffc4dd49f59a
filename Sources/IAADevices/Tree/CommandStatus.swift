// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The kernel's cmd_status, decoded: numbers without bit 31 come from the device, those with it from
// the driver (<linux/idxd.h>, enum idxd_scmd_stat, whose newest entries the header in use may
// lack). It is often the only word on why a bind failed.

/// What the last command to a device ended with.
package struct CommandStatus: Sendable, Hashable, CustomStringConvertible {
  /// As cmd_status shows it, 32 bits.
  package let code: UInt32

  /// The status with this code.
  package init(_ code: Int) { self.code = UInt32(truncatingIfNeeded: code) }

  package var description: String { "0x" + String(code, radix: 16) + ", " + meaning }

  /// In words.
  package var meaning: String { Self.meanings[code] ?? "unknown status" }

  /// What to do about it; nil when the meaning says it all.
  package var remedy: String? { Self.remedies[code] }

  /// Whether the IOMMU's scalable mode mends it.
  package var needsScalableMode: Bool { remedy == Self.scalable }

  static let meanings: [UInt32: String] = [
    0x00: "success",
    0x01: "invalid command",
    0x02: "invalid queue number",
    0x03: "hardware error in the device or platform",
    0x04: "reserved field in the command",
    0x10: "the device is not disabled",
    0x11: "the device cannot be enabled as configured",
    0x12: "PCI bus mastering is off",
    0x13: "the page request allocation is not supported",
    0x14: "the queues' sizes add up to more than the device holds",
    0x15: "a group lacks queues or engines",
    0x16: "a group's queues are misconfigured",
    0x17: "a group's engines are misconfigured",
    0x18: "a group's read buffers are misconfigured",
    0x20: "the device is not enabled",
    0x21: "the queue is not disabled",
    0x22: "the queue's size is 0",
    0x23: "the queue's priority is 0",
    0x24: "the queue's mode is not allowed",
    0x25: "block_on_fault is not allowed",
    0x26: "the queue's PASID setting is not allowed",
    0x27: "the queue's maximum batch size is out of range",
    0x28: "the queue's maximum transfer size is out of range",
    0x2A: "the PCI PASID capability has no privileged mode",
    0x2B: "the queue's occupancy interrupt is invalid",
    0x2C: "the queue's ATS setting does not match the device",
    0x31: "the device is not enabled",
    0x32: "the queue is not enabled",
    0x41: "invalid interrupt table index",
    0x42: "no interrupt handle is left",
    0x8000_0010: "the device is enabled already",
    0x8000_0020: "the device is not enabled",
    0x8000_0021: "the queue is enabled already",
    0x8002_0000: "the device could not register for DMA",
    0x8003_0000: "the queue is in no group",
    0x8004_0000: "the queue has no name",
    0x8005_0000: "the queue needs shared virtual memory, and the device has no PASID",
    0x8006_0000: "the shared queue has no threshold",
    0x8007_0000: "the queue's portal could not be mapped",
    0x8008_0000: "no memory for the queue",
    0x8009_0000: "no memory for the queue's counters",
    0x800A_0000: "the queue's DMA channel could not be registered",
    0x800B_0000: "the queue's character device could not be made",
    0x800C_0000: "shared queues need shared virtual memory, and the device has no PASID",
    0x800D_0000: "no queue is configured",
    0x800E_0000: "the queue has no size",
    0x800F_0000: "the queue needs a privileged PASID, which the system does not give",
    0x8010_0000: "the queue's interrupt could not be set up",
    0x8011_0000: "user queues need the IOMMU in scalable mode",
    0x8012_0000: "the event log could not be set up",
    0x8020_0000: "the queue has no driver name",
    // accel-config knows the event log's error by this number.
    0x8030_0000: "the event log could not be set up",
  ]

  static let scalable =
    "`deflate-iaa doctor --for user` tells what keeps the IOMMU from scalable mode"

  static let remedies: [UInt32: String] = [
    0x14: "give the queues sizes that the device can hold",
    0x15: "put an engine into the queue's group: deflate-iaa configure --engines all QUEUE",
    0x22: "set a size: deflate-iaa configure --size N QUEUE",
    0x23: "set a priority of 1 to 15: deflate-iaa configure --priority 10 QUEUE",
    0x8003_0000: "put the queue into a group: deflate-iaa configure --group 0 QUEUE",
    0x8004_0000: "name the queue: deflate-iaa configure --name NAME QUEUE",
    0x8005_0000: scalable,
    0x8006_0000: "set a threshold: deflate-iaa configure --threshold N QUEUE",
    0x800C_0000: scalable,
    0x800E_0000: "set a size: deflate-iaa configure --size N QUEUE",
    0x8011_0000: scalable,
    0x8020_0000: "set the driver: deflate-iaa configure --driver-name user QUEUE",
  ]
}
