// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// An input goes only when its output is on disk. What the command did is written down and replayed on
// a disk that loses as much as it may.

import Foundation
import TestSupport
import Testing

@Suite(
  "What a crash of the machine may lose",
  .needs("a C compiler", isFound: FaultLibrary.shared != nil))
struct CrashTests {
  /// What a run did, and the names it found.
  private struct Run {
    var log: WriteLog
    let files: [WriteLog.Name: UInt64]
  }

  /// Two directories with more files than one batch takes, done in one run.
  private func run(_ environment: String, _ arguments: String) throws -> Run {
    let folder = try Folder()
    let faulty = (FaultLibrary.shared?.prefix("none") ?? "") + "LOG=$PWD/log \(environment) "
    // There an output has to take the place of another file.
    let before = arguments.contains("-d") ? "gzip -r t; echo old > t/1" : ""
    let outcome = try folder.run(
      """
      mkdir -p t/u; for i in $(seq 280); do echo $i > t/$i; echo $i > t/u/$i; done; \(before)
      find t -type f -printf '%i %h %f\\n' > list; stat -c '%i %n' t t/u > dirs
      \(faulty) "$GZ" \(arguments) -r t; echo $?
      """)
    #expect(outcome.text == "0\n", "\(outcome)")
    let read = { (name: String) in
      try String(contentsOf: folder.url.appendingPathComponent(name), encoding: .utf8)
        .split(separator: "\n").map { $0.split(separator: " ") }
    }
    var directories: [Substring: UInt64] = [:]
    for line in try read("dirs") { directories[line[1]] = UInt64(line[0]) }
    var files: [WriteLog.Name: UInt64] = [:]
    for line in try read("list") where !arguments.contains("-d") || line[2].hasSuffix(".gz") {
      let directory = try #require(directories[line[1]])
      files[WriteLog.Name(directory: directory, base: line[2])] = UInt64(line[0])
    }
    let text = try String(
      contentsOf: folder.url.appendingPathComponent("log"), encoding: .utf8)
    return Run(log: try #require(WriteLog(text)), files: files)
  }

  private func outputName(_ name: WriteLog.Name) -> WriteLog.Name {
    let base = name.base.hasSuffix(".gz") ? name.base.dropLast(3) : Substring(name.base + ".gz")
    return WriteLog.Name(directory: name.directory, base: base)
  }

  @Test(
    "is no file: no beginning of a run lets an input go before its output is on disk",
    arguments: ["", "NAMED=1", "NAMED=1 LINKS=1"], ["", "--synchronous", "-df"])
  func noLoss(_ environment: String, _ arguments: String) throws {
    let run = try run(environment, arguments)
    #expect(run.log.losses(of: run.files, outputName: outputName).isEmpty)
    let unlinks = run.log.events.count { event in
      if case .unlink(let name) = event { run.files[name] != nil } else { false }
    }
    #expect(unlinks == 560, "inputs go")
    let syncs = run.log.events.count { if case .sync = $0 { true } else { false } }
    // One a file, and a few directories.
    #expect(syncs < 640 || arguments.contains("synchronous"), "\(syncs)")
  }

  /// A model that finds nothing when nothing is put on disk would prove nothing.
  @Test("would be every file if nothing were put on disk, or names were not, or data was not")
  func model() throws {
    let run = try run("", "")
    let directories = Set(run.files.keys.map(\.directory))
    for keeps in [
      { (_: UInt64) in false }, { directories.contains($0) }, { !directories.contains($0) },
    ] {
      var log = run.log
      log.events.removeAll { if case .sync(let file) = $0 { !keeps(file) } else { false } }
      #expect(log.losses(of: run.files, outputName: outputName).count == run.files.count)
    }
  }

  @Test("with -k nothing is put on disk unless --synchronous asks for it")
  func kept() throws {
    let faulty = (FaultLibrary.shared?.prefix("none") ?? "") + "LOG=$PWD/log "
    let outcome = try Folder().run(
      "seq 9 > a; \(faulty) \"$GZ\" -k a; grep -c sync log; rm a.gz log; "
        + "\(faulty) \"$GZ\" -k --synchronous a; grep -c sync log")
    #expect(outcome.text == "0\n2\n", "\(outcome)")
  }

  @Test("a failing disk is told for each file of a batch, and all inputs stay")
  func failingDisk() throws {
    let faulty = FaultLibrary.shared?.prefix("fsync") ?? ""
    let outcome = try Folder().run(
      "for i in 1 2 3; do echo $i > $i; done; \(faulty) \"$GZ\" 1 2 3; echo $?; ls -A")
    #expect(outcome.text == "1\n1\n2\n3\n", "\(outcome)")
    #expect(
      outcome.messages
        == (1...3).map { "deflate-iaa: \($0).gz: Input/output error\n" }.joined())
  }

  @Test(
    "a signal leaves each of many files either as it was or done",
    arguments: ["TERM", "KILL"], ["", "NAMED=1"])
  func signals(_ signal: String, _ environment: String) throws {
    var generator = SeededGenerator(test: "signals in batches \(signal) \(environment)")
    let faulty = (FaultLibrary.shared?.prefix("none") ?? "") + environment
    let delays = (1...6).map { _ in Int.random(in: 20...600, using: &generator) }
    let outcome = try Folder().run(
      """
      seq 400 > all
      for delay in \(delays.map(String.init).joined(separator: " ")); do
        mkdir t; for i in $(seq 400); do echo $i > t/$i; done
        \(faulty) "$GZ" -r t & pid=$!; sleep $(printf 0.%03d $delay); kill -\(signal) $pid
        wait $pid 2>&-; cd t; ls -A | sed -n 's/[.]deflate.*/temporary/p; s/[.]gz$//p' >> ../names
        { find . -name '[0-9]*' ! -name '*.gz' -exec cat {} +; zcat -f *.gz 2>&-; } | sort -nu | diff ../all -
        for i in *.gz; do [ ! -e "${i%.gz}" ] || echo both >> ../names; done
        cd ..; rm -r t
      done; echo all; grep -xE 'both|temporary' names | sort -u
      """)
    // SIGKILL alone may leave both names, and temporary ones where there must be some.
    let lines = outcome.text.split(separator: "\n")
    let allowed: Set<Substring> =
      signal == "TERM"
      ? ["all"] : environment.isEmpty ? ["all", "both"] : ["all", "both", "temporary"]
    #expect(lines.first == "all" && allowed.isSuperset(of: lines), "\(outcome)")
  }
}
