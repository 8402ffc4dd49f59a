// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A part of `make kill-matrix`: the same points at each run of the tests, each call with each fault.

import Foundation
import TestSupport
import Testing

@Suite(
  "When the command is killed, or a call of the kernel fails, at any point",
  .needs("a C compiler", isFound: machineCan("command -v cc")), .needs(tool: "python3"),
  .enabled("the library stands before the C library's, as a sanitizer does") {
    !Sanitizer.isAddress && !Sanitizer.isThread
  })
struct KillMatrixTests {
  private func run(_ arguments: String...) throws -> Outcome {
    try runProgram(
      Repository.root.appending(path: "Scripts/kill-matrix").path,
      ["--binary", Program.ours.path, "--seed", "15"] + arguments,
      environment: ProcessInfo.processInfo.environment)
  }

  @Test("the whole input or the whole output is there, and the exit code and the words are right")
  func sample() throws {
    let outcome = try run("--sample", "260", "--random", "12")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.messages)")
    #expect(outcome.text.hasSuffix("all whole\n"))
  }

  @Test("the matrix notices an output that is not whole")
  func lie() throws {
    let outcome = try run("--lie")
    #expect(outcome.status == 1, "\(outcome)")
    #expect(outcome.text.contains("a is a part: "), "\(outcome)")
  }
}
