// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What stands between this process and the machine: a container, a Kubernetes pod. Intel's device
// plugin gives a pod the device files of the queues it was granted (pkg/idxd/plugin.go: /dev/iax/wqN.M
// and the link below /dev/char), and no others.

/// The container that a process is in.
package struct Containment: Sendable, Hashable {
  /// Whether the mounts could be read.
  let isKnown: Bool
  /// The root is an overlay, or the engine left its mark.
  let isContainer: Bool
  /// kubelet mounts a pod's termination log, and mostly its account.
  let isPod: Bool
  let hasReadOnlySysfs: Bool

  init(_ root: SystemRoot) {
    let mounts = (try? root.text("/proc/self/mounts")) ?? ""
    let fields = mounts.split(separator: "\n").map { $0.split(separator: " ") }
      .filter { $0.count >= 4 }
    isKnown = !mounts.isEmpty
    isPod = fields.contains {
      $0[1] == "/dev/termination-log" || $0[1].hasSuffix("/secrets/kubernetes.io/serviceaccount")
    }
    isContainer =
      isPod || fields.contains { $0[1] == "/" && $0[2] == "overlay" }
      || root.exists("/.dockerenv") || root.exists("/run/.containerenv")
    hasReadOnlySysfs = fields.contains {
      $0[1] == "/sys" && $0[3].split(separator: ",").contains("ro")
    }
  }

  /// The name that the device plugin gives a kind of queue.
  static func resource(_ type: QueueType, _ mode: QueueMode) -> String {
    "iaa.intel.com/wq-\(type.rawValue)-\(mode.rawValue)"
  }

  /// What to write into a pod's description for a queue of this machine.
  static func request(_ queues: [WorkQueue]) -> String {
    let names = Set(queues.compactMap(\.mode.value)).map { resource(.user, $0) }.sorted()
    let wanted = names.isEmpty ? QueueMode.allCases.map { resource(.user, $0) } : names
    return "have the pod's resources ask for one, under limits: "
      + wanted.reversed().map { "\($0): 1" }.joined(separator: " or ")
      + "; what nodes have of it: run: kubectl describe nodes"
  }
}

extension SystemRoot {
  /// Whether what is below /sys can be read only, as in most containers.
  package var hasReadOnlySysfs: Bool { Containment(self).hasReadOnlySysfs }
}
