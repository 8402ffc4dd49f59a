// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A work queue as sysfs shows it. Only values: opening and submitting is the data plane's.

/// Who may submit to a queue without asking: one client, or many through ENQCMD.
public enum QueueMode: String, Sendable, Hashable, CaseIterable { case dedicated, shared }

/// Who a queue is for.
public enum QueueType: String, Sendable, Hashable, CaseIterable { case none, kernel, user }

/// A queue's state; `locked` and `quiescing` come from kernels older than 6.0.
public enum QueueState: String, Sendable, Hashable, CaseIterable {
  case disabled, enabled, locked, quiescing, unknown
}

/// A work queue, "wq1.0", at the moment it was read.
public struct WorkQueue: Sendable, Hashable {
  /// Its name on the bus.
  public let name: PartName
  /// Its folder: "/sys/bus/dsa/devices/iax1/wq1.0".
  public let path: String
  /// One client or many.
  public let mode: Attribute<QueueMode>
  /// Who it is for.
  public let type: Attribute<QueueType>
  /// Whether it takes descriptors.
  public let state: Attribute<QueueState>
  /// Entries of the device's storage, 0 when not configured.
  public let size: Attribute<Int>
  /// Shared queues: how many entries ENQCMD may fill, 1…size.
  public let threshold: Attribute<Int>
  /// 1…15 when configured.
  public let priority: Attribute<Int>
  /// The group that serves it, -1 for none.
  public let groupID: Attribute<Int>
  /// 1: the device waits for page faults to be served; 0: it reports them.
  public let blockOnFault: Attribute<Int>
  /// The name given by whoever configured it; empty when nobody did.
  public let label: Attribute<String>
  /// The driver it binds to: user, crypto or dmaengine; hidden before Linux 6.7.
  public let driverName: Attribute<String>
  /// The driver it is bound to at the moment; nil when none or unreadable.
  public let boundDriver: String?
  /// The most bytes that one descriptor may ask for.
  public let maxTransferSize: Attribute<Int>
  /// Descriptors in a batch; hidden for IAA devices.
  public let maxBatchSize: Attribute<Int>
  /// Open files on it.
  public let clients: Attribute<Int>
  /// The minor number of its character device; ENXIO without one.
  public let cdevMinor: Attribute<Int>
  /// 1 to do without address translation services; hidden where the device cannot tell.
  public let atsDisable: Attribute<Int>
  /// 1 to do without page requests; generation 2.
  public let prsDisable: Attribute<Int>
  /// How often write(2) retries ENQCMDS, at most 64; EOPNOTSUPP for dedicated queues.
  public let enqcmdsRetries: Attribute<Int>
  /// Entries in use.
  public let occupancy: Attribute<Int>
  /// The operations it accepts; generation 2.
  public let opConfig: Attribute<OpcodeSet>
  /// Processes that hold it open, where the kernel (6.4 and later) shows them.
  public let clientProcesses: [Int]

  /// Whether descriptors may be submitted to it.
  public var isEnabled: Bool { state.value == .enabled || state.value == .locked }

  /// Whether it is enabled for the kernel; what it is bound to tells where its type cannot be read.
  package var servesKernel: Bool {
    isEnabled && (type.value == .kernel || type.value == nil && boundDriver == "crypto")
  }

  /// Whether anyone has ever set it up since the device was reset.
  public var isConfigured: Bool {
    (size.value ?? 0) > 0 || type.value == .kernel || type.value == .user
  }

  /// Its character device: "/dev/iax/wq1.0".
  public func devicePath(of kind: DeviceKind) -> String { "\(kind.deviceFolder)/\(name)" }
}
