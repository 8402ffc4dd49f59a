// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A set-up that comes back at every start: sysfs forgets, so a saved file is loaded by a unit of
// systemd. What `systemctl enable` does is a link, and that is made here: it works below --root, in an
// image that is being made, just as well.

import IAADevices
import SystemPackage

/// Keeps a set-up for the next start, or no longer.
struct PersistedSetup {
  /// The saved set-up, accel-config's file.
  static let file = "/etc/deflate-iaa/devices.conf"
  static let name = "deflate-iaa-devices.service"
  static let unit = "/etc/systemd/system/" + name
  /// What `systemctl enable` would make of the unit's WantedBy.
  static let link = "/etc/systemd/system/multi-user.target.wants/" + name

  let root: SystemRoot
  let options: PlanOptions
  let environment: CommandEnvironment

  /// Where the command lies that the unit runs: this one, or in another system the one installed there.
  var program: String {
    if root.isLive, let own = try? root.files.target(ofLink: "/proc/self/exe") { return own }
    let installed = ["/usr/local/bin/deflate-iaa", "/usr/bin/deflate-iaa"]
    return installed.first(where: root.exists) ?? installed[0]
  }

  /// The unit. The drivers are loaded first, for udev may not have come to them yet; modules that are
  /// not there are for `configure` to complain about.
  func unit(for devices: [Device]) -> String {
    let usesCrypto = devices.contains { device in
      device.kind == .iaa && device.queues.contains(where: \.servesKernel)
    }
    let modules = usesCrypto ? ["idxd", "iaa_crypto"] : ["idxd"]
    // The driver takes its attributes only before a queue is bound, and starts with its own.
    let arguments = usesCrypto ? DriverAttributes(root).arguments : []
    let attributes =
      arguments.isEmpty
      ? ""
      : "\nExecStartPre=-\(Self.quoted(program)) attributes " + arguments.joined(separator: " ")
    return """
      [Unit]
      Description=Set up Intel IAA devices as saved by deflate-iaa configure --persist
      Documentation=man:deflate-iaa-devices(1)
      ConditionPathExists=\(Self.file)
      After=systemd-modules-load.service systemd-udev-trigger.service

      [Service]
      Type=oneshot
      RemainAfterExit=yes
      \(modules.map { "ExecStartPre=-/sbin/modprobe \($0)" }.joined(separator: "\n"))
      ExecStartPre=-/usr/bin/udevadm settle\(attributes)
      ExecStart=\(Self.quoted(program)) configure --load \(Self.file)

      [Install]
      WantedBy=multi-user.target

      """
  }

  /// A word of systemd's command lines: % and $ stand for themselves when doubled.
  static func quoted(_ word: String) -> String {
    let text = word.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      .replacing("%", with: "%%").replacing("$", with: "$$")
    let isPlain = text.allSatisfy { !$0.isWhitespace } && text == word
    return isPlain ? text : "\"\(text)\""
  }

  /// Finds what would keep a set-up from being kept, or should.
  func check(_ program: String) throws {
    guard let fault = ReplaceableFile(program, in: root.files)?.description else { return }
    throw CommandFailure(
      description: "\(fault), and root would run \(program) at every start; install it where only "
        + "root writes, as `sudo make install` does, and run that one's --persist")
  }

  /// What is enabled as accel-config's file, which `--load` takes.
  ///
  /// - Throws: What could not be read or is impossible, so that the file would be refused.
  static func saved(_ devices: [Device], in topology: Topology) throws -> String {
    let text = AccelConfigList(.saved).json(devices).pretty()
    let configurator = Configurator(topology)
    let problems: [String]
    do {
      problems = try AccelConfigFile(parsing: text).entries.flatMap { entry in
        devices.first { $0.name == entry.settings.name }
          .map { configurator.problems($0, entry.settings, from: .file) } ?? []
      }
    } catch {
      problems = [error.description]
    }
    guard problems.isEmpty else {
      throw CommandFailure(
        description: "what stands could not be loaded again: " + problems.joined(separator: "; "))
    }
    return text
  }

  /// Writes the file, the unit and its link.
  func keep(_ topology: Topology) throws -> Int32 {
    let devices = topology.iaaDevices
    let unit = unit(for: devices)
    guard devices.contains(where: \.isEnabled) else {
      throw CommandFailure(description: "no IAA device is enabled, so there is nothing to keep")
    }
    let setup = try Self.saved(devices, in: topology)
    if root.isLive { try check(program) }
    if options.dryRun {
      environment.console.out(script(setup: setup, unit: unit))
      return 0
    }
    try change(Self.file, "write") { () throws(Errno) in
      try root.files.replace(Self.file, with: Array(setup.utf8))
    }
    try change(Self.unit, "write") { () throws(Errno) in
      try root.files.replace(Self.unit, with: Array(unit.utf8))
    }
    try change(Self.link, "link") { () throws(Errno) in
      try root.files.link(Self.link, to: "../" + Self.name)
    }
    if !root.isLive, !root.exists(program) {
      environment.console.err(
        "deflate-iaa: \(root.locate(program)) is not there yet; the unit runs it\n")
    }
    environment.console.out(
      "kept in \(root.locate(Self.file)); \(Self.name) loads it at every start\n")
    return 0
  }

  /// Removes what `keep` wrote.
  func remove() throws -> Int32 {
    let paths = [Self.link, Self.unit, Self.file]
    if options.dryRun {
      let words = paths.map { shellQuoted(root.locate($0)) }
      environment.console.out("#!/bin/sh\nrm -f \(words.joined(separator: " "))\n")
      return 0
    }
    var removed = 0
    for path in paths {
      do {
        try root.files.remove(path)
        removed += 1
        log("remove", path)
      } catch .noSuchFileOrDirectory {
        continue
      } catch {
        throw CommandFailure(description: "\(root.locate(path)): \(error.description)")
      }
    }
    environment.console.out(
      removed == 0 ? "nothing was kept\n" : "no set-up is loaded at the start any more\n")
    return 0
  }

  /// The same by a shell.
  private func script(setup: String, unit: String) -> String {
    func file(_ path: String, _ text: String) -> String {
      let name = shellQuoted(root.locate(path))
      return "mkdir -p \"$(dirname \(name))\"\ncat > \(name) <<'END'\n\(text)END\n"
    }
    let link = shellQuoted(root.locate(Self.link))
    return "#!/bin/sh\n# Written by deflate-iaa --dry-run; it needs root.\nset -e\n"
      + file(Self.file, setup) + file(Self.unit, unit)
      + "mkdir -p \"$(dirname \(link))\"\nln -sf ../\(Self.name) \(link)\n"
  }

  private func log(_ verb: String, _ path: String) {
    if options.verbose { environment.console.out("\(verb) \(root.locate(path))\n") }
  }

  private func change(_ path: String, _ verb: String, _ body: () throws(Errno) -> Void) throws {
    log(verb, path)
    do {
      try body()
    } catch {
      let hint = PlanExecutor.hint(error).map { "; \($0)" } ?? ""
      throw CommandFailure(
        description: "\(root.locate(path)): \(error.description)\(hint)")
    }
  }
}
