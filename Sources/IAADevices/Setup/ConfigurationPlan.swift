// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A plan is the list of writes that will be made, complete before the first of them. It can be
// carried out, or printed as a shell script that does the same.

/// One step of a plan.
package struct PlanStep: Sendable, Hashable {
  /// What is done.
  package enum Action: Sendable, Hashable {
    /// `echo value > path`.
    case write(value: String, path: String)
    /// modprobe or rmmod.
    case module(ModuleCommand)
  }

  package let action: Action
  /// The device that changes; nil for the driver.
  package let device: DeviceName?

  /// A step that changes `device`, or the driver when it is nil.
  package init(action: Action, device: DeviceName? = nil) {
    self.action = action
    self.device = device
  }

  package var description: String {
    switch action {
    case .write(let value, let path): "write \"\(value)\" to \(path)"
    case .module(let command): command.description
    }
  }
}

/// Steps in the documented order.
package struct ConfigurationPlan: Sendable, Hashable {
  package var steps: [PlanStep] = []

  /// A plan without steps.
  package init() {}

  /// Whether a device or queue of this name is taken from its driver.
  package func unbinds(_ name: String) -> Bool {
    steps.contains { step in
      if case .write(name, let path) = step.action { path.hasSuffix("/unbind") } else { false }
    }
  }

  /// The plan as a script for any POSIX shell; it stops at the first failure and says where.
  package func script(for root: SystemRoot) -> String {
    var lines = [
      "#!/bin/sh",
      "# Written by deflate-iaa --dry-run; it needs root.",
      "put() {",
      "  printf '%s\\n' \"$1\" > \"$2\" || { echo \"cannot write $1 to $2\" >&2; exit 1; }",
      "}",
    ]
    var device: DeviceName?
    for step in steps {
      if let name = step.device, name != device {
        lines.append("# \(name)")
        device = name
      }
      switch step.action {
      case .write(let value, let path):
        lines.append("put \(shellQuoted(value)) \(shellQuoted(root.locate(path)))")
      case .module(let command) where !root.isLive:
        lines.append("# \(command): on the running system only")
      case .module(.insert(let module)):
        lines.append("modprobe \(module) || exit 1")
      case .module(.remove(let module)):
        // A module that is not loaded needs no removal.
        lines.append("if [ -d /sys/module/\(module) ]; then rmmod \(module) || exit 1; fi")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

/// A word for the shell: quoted unless it is plain.
package func shellQuoted(_ text: String) -> String {
  let isPlain = text.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
      UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: ":"):
      true
    default: false
    }
  }
  if isPlain, !text.isEmpty { return text }
  return "'"
    + text.split(separator: "'", omittingEmptySubsequences: false)
    .joined(separator: "'\\''") + "'"
}
