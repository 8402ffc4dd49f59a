// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// How an option gets onto the kernel's command line differs from one distribution to the next, and a
// remedy names the tool that is there. Which distribution it is: os-release(5).

/// A change of the kernel's command line.
struct BootChange: Hashable {
  /// Words to take away, as they stand.
  var removed: [String] = []
  /// Words to add.
  var added: [String] = []

  /// What makes scalable mode out of a command line. What stands there already is kept, and not
  /// asked for again; nil when nothing is left to change.
  static func scalableMode(_ facts: HostFacts) -> BootChange? {
    let words = facts.commandLine ?? []
    var change = BootChange()
    let old = words.filter { $0.hasPrefix("intel_iommu=") }
    let values = facts.intelIOMMU
    if values.contains("off") || values.contains("sm_off")
      || !(values.contains("sm_on") && values.contains("on"))
    {
      let kept = values.filter { !["on", "off", "sm_on", "sm_off"].contains($0) }
      change.removed = old
      change.added = ["intel_iommu=" + (["on", "sm_on"] + kept).joined(separator: ",")]
    }
    if words.contains("iommu=off") { change.removed.append("iommu=off") }
    return change == BootChange() ? nil : change
  }
}

/// The tool that writes the boot loader's configuration.
struct BootLoader: Hashable {
  enum Tool: Hashable {
    /// Debian's and Ubuntu's.
    case updateGrub
    /// Red Hat's, for every installed kernel.
    case grubby
    /// Where the system is an image of rpm-ostree's.
    case rpmOSTree
    /// OpenShift's nodes, which an operator configures.
    case machineConfig
    /// grub's own, under the name and with the file that the distribution gives them.
    case makeConfiguration(String, String)
    case unknown
  }

  let tool: Tool

  /// The tool of the system below `root`. In a container the files are the container's own, and the
  /// boot loader is the host's.
  init(_ root: SystemRoot, isContainer: Bool) {
    let text = (try? root.text("/etc/os-release")) ?? (try? root.text("/usr/lib/os-release")) ?? ""
    var fields: [Substring: String] = [:]
    for line in text.split(separator: "\n") {
      let pair = line.split(separator: "=", maxSplits: 1)
      guard pair.count == 2 else { continue }
      fields[pair[0]] = pair[1].filter { $0 != "\"" && $0 != "'" }
    }
    let likes = (fields["ID_LIKE"] ?? "").split(separator: " ").map(String.init)
    let names = [fields["ID"] ?? ""] + likes
    func isLike(_ known: String...) -> Bool { names.contains(where: known.contains) }
    tool =
      if isContainer {
        .unknown
      } else if fields["ID"] == "rhcos" {
        .machineConfig
      } else if root.exists("/run/ostree-booted") {
        .rpmOSTree
      } else if isLike("debian", "ubuntu") {
        .updateGrub
      } else if isLike("rhel", "fedora", "centos") {
        .grubby
      } else if names.contains(where: { $0.hasPrefix("suse") || $0.hasPrefix("opensuse") })
        || isLike("sles")
      {
        .makeConfiguration("grub2-mkconfig", "/boot/grub2/grub.cfg")
      } else if isLike("arch") {
        .makeConfiguration("grub-mkconfig", "/boot/grub/grub.cfg")
      } else {
        .unknown
      }
  }

  /// How to make a change, with the command where one is enough.
  func remedy(_ change: BootChange) -> String {
    let words = change.added.joined(separator: " ")
    switch tool {
    case .updateGrub:
      return edit(change) + ", and reboot after this; run: sudo update-grub"
    case .makeConfiguration(let command, let file):
      return edit(change) + ", and reboot after this; run: sudo \(command) -o \(file)"
    case .grubby:
      // An option that is there under the same name is replaced.
      let removed = change.removed.filter { old in
        !change.added.contains { Self.name($0) == Self.name(old) }
      }
      let options =
        (removed.isEmpty ? [] : ["--remove-args=\"\(removed.joined(separator: " "))\""])
        + (words.isEmpty ? [] : ["--args=\"\(words)\""])
      return "reboot after this; run: sudo grubby --update-kernel=ALL "
        + options.joined(separator: " ")
    case .rpmOSTree:
      let options =
        change.removed.map { "--delete-if-present=\($0)" }
        + change.added.map { "--append-if-missing=\($0)" }
      return "reboot after this; run: sudo rpm-ostree kargs " + options.joined(separator: " ")
    case .machineConfig:
      return "on OpenShift, apply a MachineConfig whose kernelArguments are \(words)"
        + (change.removed.isEmpty ? "" : ", without \(change.removed.joined(separator: " "))")
        + "; its operator reboots the nodes"
    case .unknown:
      return (words.isEmpty ? "" : "boot with \(words)")
        + (words.isEmpty ? "boot without " : change.removed.isEmpty ? "" : " in place of ")
        + change.removed.joined(separator: " ")
        + ", by the tool of the machine's boot loader"
    }
  }

  private func edit(_ change: BootChange) -> String {
    let removed = change.removed.joined(separator: " ")
    let added = change.added.joined(separator: " ")
    let place = "GRUB_CMDLINE_LINUX in /etc/default/grub"
    if added.isEmpty { return "take \(removed) out of \(place)" }
    return removed.isEmpty
      ? "add \(added) to \(place)" : "put \(added) in place of \(removed) in \(place)"
  }

  private static func name(_ word: String) -> Substring { word.prefix { $0 != "=" } }
}
