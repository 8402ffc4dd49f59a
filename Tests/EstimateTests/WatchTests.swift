// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import TestSupport
import Testing

@testable import DeviceCommands

@Suite("--every goes on with what is left", .serialized)
struct WatchTests {
  private static func sleeper() throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sleep")
    process.arguments = ["600"]
    try process.run()
    return process
  }

  @Test("processes that end are named and left out, and it ends with the last of them")
  func ended() throws {
    let processes = [try Self.sleeper(), try Self.sleeper()]
    defer { for process in processes where process.isRunning { process.terminate() } }
    // Pauses of a tenth of a second; a second process ends in the second round's.
    let rounds = Mutex(0)
    let run = EstimateTestRun(
      processes.flatMap { ["--pid", "\($0.processIdentifier)"] } + ["--every", "1s"]
    ) { _ in
      let pauses = rounds.withLock { pauses -> Int in
        pauses += 1
        return pauses
      }
      if pauses % 10 == 1, pauses / 10 < 2 {
        let id = processes[pauses / 10].processIdentifier
        kill(id, SIGKILL)
        // Until it has no memory any more; whoever waits for it may do so later.
        while (try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(id)/maps")))?.isEmpty == false {
          usleep(1000)
        }
      }
    }
    #expect(run.code == 0, "\(run.err)")
    let lines = try run.lines()
    #expect(lines.map { ($0["sources"] as? [Any])?.count } == [2, 1])
    let notes = try #require(lines.last?["notes"] as? [String])
    #expect(notes == ["pid \(processes[0].processIdentifier) has ended"])
    #expect(run.err.contains("nothing is left to look at: all processes have ended"))
  }

  @Test("a process that never was is an error at once")
  func missing() throws {
    let run = EstimateTestRun(["--pid", "999999999", "--every", "1s"])
    #expect(run.code == 1 && run.out.isEmpty && run.err.contains("--pid 999999999: no such"))
  }

  @Test("SIGINT ends it with the lines that were whole, a collector's file, and status 130")
  func interrupted() throws {
    let folder = try TemporaryDirectory()
    let file = try folder.write([UInt8](repeating: 5, count: 8192), to: "pages")
    let metrics = folder.url.appendingPathComponent("metrics.prom").path
    let run = EstimateTestRun([file.path, "--every", "5s", "--prometheus", metrics]) { _ in
      kill(getpid(), SIGINT)
    }
    #expect(run.code == 130 && run.err.isEmpty)
    let lines = try run.lines()
    #expect(lines.count == 1 && lines[0]["partial"] as? Bool == false)
    #expect(try String(contentsOfFile: metrics, encoding: .utf8).contains("estimate_pages 2\n"))
  }
}
