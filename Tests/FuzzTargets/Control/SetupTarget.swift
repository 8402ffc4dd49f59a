// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// accel-config's files: any text is read or refused, and what was loaded and saved loads again to the same.

import DeviceCommands
import IAADevices

final class SetupTarget: FuzzTarget {
  private let file = UnnamedFile()
  private let listings = ["small", "restricted"].map(Listing.committed)

  func check(_ input: [UInt8]) throws(FuzzFinding) {
    let text = String(decoding: input, as: UTF8.self)
    let parsed: AccelConfigFile
    do throws(ConfigurationError) {
      parsed = try AccelConfigFile(parsing: text)
    } catch {
      return try demand(!error.description.isEmpty, "refused without a reason")
    }
    try demand(parsed.entries.count <= input.count / 2, "more devices than there are bytes for")
    for listing in listings {
      let files = MemoryFiles(listing, reacting: true)
      file.write(input)
      let run = SubcommandRun(["configure", "--load", file.path], on: files)
      try demand(run.code == 0 || !run.err.isEmpty, "not loaded, and no reason told")
      guard run.code == 0 else { continue }
      let saved = SubcommandRun(["configure", "--save", "-"], on: files)
      guard saved.code == 0 else { continue }
      file.write(Array(saved.out.utf8))
      let again = MemoryFiles(listing, reacting: true)
      let second = SubcommandRun(["configure", "--load", file.path], on: again)
      try demand(second.code == 0, "what was saved is not loaded: \(second.err)")
      let savedAgain = SubcommandRun(["configure", "--save", "-"], on: again)
      try demand(savedAgain.out == saved.out, "saved otherwise after it was loaded")
    }
  }
}
