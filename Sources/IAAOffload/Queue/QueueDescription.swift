// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A work queue as the data plane sees it: what it takes to open it and to stay within its rules.

public import IAADevices

/// A queue's place: device and number, as in `wq1.0`.
public struct QueueID: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The device's number, as in `iax1`.
  public var device: Int
  /// The queue's number on its device.
  public var queue: Int

  /// Creates an id.
  public init(device: Int, queue: Int) {
    self.device = device
    self.queue = queue
  }

  /// As the kernel names it.
  public var description: String { "wq\(device).\(queue)" }

  /// By device, then by queue.
  public static func < (left: QueueID, right: QueueID) -> Bool {
    (left.device, left.queue) < (right.device, right.queue)
  }
}

/// What the dispatcher needs to know of a queue.
public struct QueueDescription: Sendable, Hashable {
  /// Its place.
  public var id: QueueID
  /// Its name, such as `iaa_crypto`: not unique.
  public var name: String
  /// How it is shared.
  public var mode: QueueMode
  /// Entries.
  public var size: Int
  /// Entries that this kind of client may fill, of a shared queue.
  public var threshold: Int
  /// The most bytes a job may have.
  public var maximumTransferSize: Int
  /// Whether the device waits for pages that are not there.
  public var blocksOnFault: Bool
  /// The memory node the device is at; -1 when unknown.
  public var numaNode: Int
  /// The file to open.
  public var path: String
  /// The device's PCI address, such as `0000:e7:02.0`; nil when unknown.
  public var pciAddress: String?
  /// What the device says in `iaa_cap`; nothing for one of the first generation.
  public var capabilities: IAACapabilities

  /// Creates a description.
  public init(
    id: QueueID, name: String, mode: QueueMode, size: Int, threshold: Int = 0,
    maximumTransferSize: Int = 2 << 20, blocksOnFault: Bool = false, numaNode: Int = -1,
    path: String = "", pciAddress: String? = nil, capabilities: IAACapabilities = []
  ) {
    self.id = id
    self.name = name
    self.mode = mode
    self.size = size
    self.threshold = threshold
    self.maximumTransferSize = maximumTransferSize
    self.blocksOnFault = blocksOnFault
    self.numaNode = numaNode
    self.path = path
    self.pciAddress = pciAddress
    self.capabilities = capabilities
  }
}
