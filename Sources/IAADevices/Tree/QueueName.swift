// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Which names a queue may have. The driver takes nearly any, so what stands in a tree, or in a file of
// accel-config's, is written as it is; what is chosen here is held to more, so that lists and scripts stay
// readable.

/// The rules for queue names.
package enum QueueName {
  /// Why a name that is chosen by an option is refused; nil when it is taken.
  package static func fault(ofChoice name: String) -> String? {
    let isPlain = name.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    return isPlain && (1...63).contains(name.utf8.count)
      ? nil : "takes 1 to 63 printable ASCII characters without spaces"
  }

  /// Why the driver refuses a name, or a queue with it; nil when it does not.
  package static func fault(ofStanding name: String) -> String? {
    if trimmed(name).isEmpty { return "is empty, and the driver enables no queue without a name" }
    if name.utf8.contains(0) { return "has a NUL in it, where the driver would end it" }
    // WQ_NAME_SIZE in the driver's idxd.h.
    return name.utf8.count > 1024 ? "is longer than 1024 bytes" : nil
  }

  /// What the driver keeps of a name: its wq_name_store drops the white space at both ends.
  package static func trimmed(_ name: String) -> String { name.trimmingWhitespace() }
}
