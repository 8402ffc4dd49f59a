// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One file, or standard input, on its way through the command: what is known of it before its
// content is looked at.

import FixedDeflate
import SystemPackage

/// What is to be done with one input.
struct Job {
  /// The input's name in messages.
  let name: FileName
  let descriptor: FileDescriptor
  let status: FileSnapshot
  /// The input when it has a name.
  let file: InputFile?
  /// The output's name, or what a listing calls it.
  let target: FileName

  /// Standard input to standard output.
  init(standardInput status: FileSnapshot) {
    name = FileName("stdin")
    descriptor = .standardInput
    self.status = status
    file = nil
    target = FileName("stdout")
  }

  /// A file.
  init(_ file: InputFile, target: FileName) {
    name = file.name
    descriptor = file.descriptor
    status = file.status
    self.file = file
    self.target = target
  }

  /// The size the input should have, when it can be known.
  var expectedSize: UInt64? { status.kind == .file ? status.size : nil }

  /// The time to store: pipes and the like have none of their own.
  var hasOwnTime: Bool { file != nil || status.kind == .file }
}
