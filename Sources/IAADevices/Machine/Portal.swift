// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What opening a queue gives: a way to hand descriptors to it. The dispatcher has two for devices,
// the model one of its own.

/// What became of an attempt to submit.
package enum Submission: Hashable {
  case accepted
  /// The queue had no room; trying again may help.
  case busy
  /// The queue is not there any more, or refuses this process.
  case refused(errno: Int32)
}

/// How descriptors reach a queue.
public enum PortalKind: String, Sendable, Hashable, CaseIterable {
  /// By MOVDIR64B or ENQCMD to a mapped page.
  case mapped
  /// By write(2) to the queue's device file.
  case written
  /// Into a device model in this process.
  case model
}

/// A way to hand descriptors to one queue, from any thread.
package protocol Portal: AnyObject, Sendable {
  var kind: PortalKind { get }

  /// Hands over the 64 bytes at `descriptor`, which must be 64-byte aligned and all of whose
  /// addresses must stay valid until its completion or until the portal is closed.
  // SAFETY: the caller's, who knows how long the memory lives.
  @unsafe func submit(_ descriptor: UnsafeRawPointer) -> Submission

  /// Gives the queue back. Nobody submits any more.
  ///
  /// - Returns: Whether the device touches no memory of jobs submitted here any more: the kernel
  ///   drains a process's work when the last one to have the file closes it. A child of `fork` has
  ///   it too, so after a fork nobody can tell.
  func close() -> Bool

  /// Forgets what a parent process had opened.
  func abandonInChild()
}
