// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// An input goes only when its output is on disk, and to wait for the disk costs more than to
// compress a small file. So outputs wait for each other, and one wait is for all of them. What is
// here only counts: which files wait, and when it has been long enough.

/// Things that wait to be settled together.
struct RemovalBatch<Element> {
  /// When a batch has been long enough.
  struct Limits: Sendable {
    /// Files in it. Each holds a descriptor.
    var files = 256
    /// Bytes of output in it: as much is lost when the machine stops before it is settled.
    var bytes: UInt64 = 64 << 20
    /// Nanoseconds since its first file.
    var nanoseconds: UInt64 = 200_000_000

    /// Each file by itself.
    static var single: Limits { Limits(files: 1) }
  }

  /// A name in a directory.
  struct Name: Hashable, Sendable {
    let directory: FileIdentity
    let base: FileName
  }

  /// What is known of one file.
  struct Item {
    let element: Element
    /// Bytes of its output.
    let byteCount: UInt64
    /// The device that its output is on.
    let device: UInt64
    /// The file that is to go.
    let input: FileIdentity
    /// The names that settling it makes or removes.
    let names: [Name]
  }

  let limits: Limits
  private var elements: [Element] = []
  private var byteCount: UInt64 = 0
  /// When the first file came, in nanoseconds.
  private var start: UInt64 = 0
  private var device: UInt64?
  private var inputs: Set<FileIdentity> = []
  private var names: Set<Name> = []

  init(_ limits: Limits) { self.limits = limits }

  var isEmpty: Bool { elements.isEmpty }

  /// Whether settling makes or removes names in a directory.
  func touches(_ directory: FileIdentity) -> Bool { names.contains { $0.directory == directory } }

  /// Adds a file at a time in nanoseconds; all files of a batch must be of one file system.
  mutating func add(_ item: Item, at time: UInt64) {
    precondition(isOn(item.device), "a batch is of one file system")
    if isEmpty { (start, device) = (time, item.device) }
    elements.append(item.element)
    byteCount += item.byteCount
    inputs.insert(item.input)
    names.formUnion(item.names)
  }

  /// Whether it is to be settled now.
  func isDue(at time: UInt64) -> Bool {
    guard !isEmpty else { return false }
    return elements.count >= limits.files || byteCount >= limits.bytes
      || time - start >= limits.nanoseconds
  }

  /// Whether it is to be settled before a file of so many bytes is begun, which may take long.
  func isDue(before byteCount: UInt64, at time: UInt64) -> Bool {
    isDue(at: time) || !isEmpty && byteCount >= limits.bytes - self.byteCount
  }

  /// Whether outputs on a device can be added: one wait is cheap for many files of one file system
  /// only, and a slow one must not have the others wait.
  func isOn(_ device: UInt64) -> Bool { self.device == nil || self.device == device }

  /// Whether a name will be made or removed: what has it now is not what a run without batches
  /// would find.
  func awaits(_ name: Name) -> Bool { names.contains(name) }

  /// Whether a file is to go.
  func awaits(_ input: FileIdentity) -> Bool { inputs.contains(input) }

  /// Takes all elements, in the order they came, and leaves an empty batch.
  mutating func take() -> [Element] {
    defer { self = RemovalBatch(limits) }
    return elements
  }
}
