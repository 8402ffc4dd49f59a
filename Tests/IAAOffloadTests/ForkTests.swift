// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import Glibc
import Testing

@testable import IAAOffload

@Suite struct ForkTests {
  typealias Fork = @convention(c) () -> pid_t

  /// What Swift keeps from its callers: the process's other threads are not in the child.
  static let fork: Fork? = unsafe dlsym(UnsafeMutableRawPointer(bitPattern: 0), "fork").map {
    unsafe unsafeBitCast($0, to: Fork.self)
  }

  /// The thread sanitizer's own threads do not survive a fork.
  static let isThreadSanitized =
    unsafe dlsym(UnsafeMutableRawPointer(bitPattern: 0), "__tsan_init") != nil

  @Test(.enabled(if: !isThreadSanitized, "the thread sanitizer does not survive a fork"))
  func childOpensQueuesAnew() throws {
    let fork = try #require(Self.fork)
    let model = DeviceModel(.init(execution: .inPlace))
    var configuration = Configuration.patient
    configuration.watchInterval = 3_600_000_000_000
    let engine = try Engine(configuration, models: [model])
    let bytes = Sample.bytes(1, count: 2000, seed: 1)
    let expected = Sample.software(bytes)
    _ = try engine.compress(bytes)
    let before = engine.core.ports[0].incarnation
    let generation = ForkGuard.generation
    // Where the parent's maintenance thread holds its lock at the moment of the fork, the child works
    // in software; a few attempts find a better moment.
    var status: Int32 = 7 << 8
    for _ in 0..<20 where status == 7 << 8 || status == SIGALRM {
      let child = fork()
      if child == 0 {
        // Nothing but exit codes may come from here, and not too late: whatever lock another thread
        // held at the fork is never given back.
        alarm(10)
        guard ForkGuard.generation == generation + 1 else { _exit(2) }
        guard let result = try? engine.compress(bytes) else { _exit(3) }
        guard result.bytes == expected else { _exit(4) }
        guard result.report.path == .hardware else {
          _exit(result.report.fallback == .noQueue ? 7 : 5)
        }
        guard engine.core.ports[0].incarnation == before + 1 else { _exit(6) }
        _exit(0)
      }
      try #require(child > 0)
      unsafe #expect(waitpid(child, &status, 0) == child)
    }
    #expect(status == 0, "exit code \(status >> 8 & 0xFF), signal \(status & 0x7F)")
    // The parent goes on as before.
    #expect(ForkGuard.generation == generation)
    #expect(try engine.compress(bytes).report.path == .hardware)
    #expect(engine.core.ports[0].incarnation == before)
  }
}
