// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Faults of the command itself: a process of the tests has them in the command's place.

import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import deflate_iaa

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Creates a temporary file as the command does, in the middle of its work.
private func beginFile(in folder: String) throws {
  Signals.prepare()
  let directory = try SystemCalls.open(FileName(folder), flags: O_RDONLY | O_DIRECTORY)
  let name = FileName("half")
  _ = try Signals.guarding(name, in: directory) { () throws(Errno) in
    try SystemCalls.open(name, at: directory, flags: O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
  }
}

@Suite(
  "Faults of the command itself",
  .enabled(if: !Sanitizer.isAddress && !Sanitizer.isThread, "a sanitizer reports faults itself"))
struct FaultTests {
  @Test("a read of memory that is not there removes what is half done and ends by SIGSEGV")
  func segmentationFault() async throws {
    let folder = try Folder()
    await #expect(processExitsWith: .signal(SIGSEGV)) { [path = folder.path as String] in
      try beginFile(in: path)
      // SAFETY: none, on purpose: the first page is never there.
      unsafe UnsafeMutablePointer<UInt8>(bitPattern: 16)?.pointee = 1
    }
    #expect(folder.names == [])
  }

  @Test("an abort removes what is half done and ends by SIGABRT")
  func abortion() async throws {
    let folder = try Folder()
    await #expect(processExitsWith: .signal(SIGABRT)) { [path = folder.path as String] in
      try beginFile(in: path)
      abort()
    }
    #expect(folder.names == [])
  }

  @Test("a trap removes what is half done and ends by its signal")
  func trap() async throws {
    let folder = try Folder()
    let result = await #expect(
      processExitsWith: .failure, observing: [\.exitStatus]
    ) { [path = folder.path as String] in
      try beginFile(in: path)
      preconditionFailure("as a mistake in the command would")
    }
    // x86-64's instruction for it is an illegal one, arm64's a breakpoint.
    #expect(result?.exitStatus == .signal(SIGILL) || result?.exitStatus == .signal(SIGTRAP))
    #expect(folder.names == [])
  }
}
