// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Nobody ends up with less than they had: whatever stops the command, the input is whole and no
// half-written file stays.

import Foundation
import TestSupport
import Testing

/// Random bytes: enough for several writes, and a damaged copy cannot pass for them.
private let makeBig = "head -c 70000 /dev/urandom > big; cp big copy; "
/// Starts the command on big, and waits until it is in the middle of its output.
private func start(_ arguments: String = "big", fault: String = "hold") -> String {
  (FaultLibrary.shared?.prefix(fault) ?? "") + "\"$GZ\" \(arguments) & pid=$!; "
    + "until [ -e .held ]; do kill -0 $pid || break; sleep 0.01; done; "
}
/// Lets it go on to its end.
private let finish = "touch .go; wait $pid; echo $?; rm -f .held .go; "

/// All whose default action ends a process, but for SIGKILL and some of the real-time ones.
private let endingSignals = [
  "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
  "TERM", "STKFLT", "XCPU", "XFSZ", "VTALRM", "PROF", "IO", "PWR", "SYS", "RTMIN", "RTMAX",
]

@Suite(
  "What is left when something happens in the middle of a file",
  .needs("a C compiler", isFound: FaultLibrary.shared != nil))
struct InterruptionTests {
  @Test(
    "a signal leaves the input whole and nothing else",
    arguments: ["TERM", "HUP", "INT"].map { ($0, "") }
      + endingSignals.map { ($0, "export NAMED=1; ") })
  func signal(_ name: String, _ environment: String) throws {
    let folder = try Folder()
    // With job control a shell does not have its background jobs ignore SIGINT.
    let outcome = try folder.run(
      "\(environment) set -m; ulimit -c 0; \(makeBig) \(start()) ls -A | grep -c '^.deflate-iaa'; "
        + "kill -\(name) $pid; "
        + "wait $pid; echo $(($? - 128)); kill -l \(name); rm .held; cmp big copy")
    let lines = outcome.text.split(separator: "\n")
    #expect(lines.count == 3 && lines[1] == lines[2], "\(outcome)")
    #expect(lines.first == (environment.isEmpty ? "0" : "1"))
    #expect(outcome.status == 0)
    #expect(folder.names == ["big", "copy"])
  }

  @Test(
    "a signal ends the first process of a container, too",
    .needs("the right to a PID namespace", isFound: machineCan("unshare --pid --fork true")),
    arguments: ["TERM", "INT", "SEGV"])
  func signalToFirstProcess(_ name: String) throws {
    let folder = try Folder()
    let held = FaultLibrary.shared?.prefix("hold") ?? ""
    let outcome = try folder.run(
      "export NAMED=1; set -m; ulimit -c 0; \(makeBig) unshare --pid --fork env \(held) \"$GZ\" big & pid=$!; "
        + "until [ -e .held ]; do kill -0 $pid || break; sleep 0.01; done; "
        + "kill -\(name) $(pgrep -P $pid); wait $pid; echo $(($? - 128)); kill -l \(name); "
        + "rm .held; cmp big copy")
    let lines = outcome.text.split(separator: "\n")
    #expect(lines.count == 2 && lines[0] == lines[1], "\(outcome)")
    #expect(outcome.status == 0)
    #expect(folder.names == ["big", "copy"])
  }

  @Test("a stopped command goes on when it is continued")
  func stopped() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "set -m; \(makeBig) \(start()) kill -TSTP $pid; "
        + "until grep -q '^State:.T' /proc/$pid/status; do sleep 0.01; done; echo stopped; "
        + "kill -CONT $pid; \(finish) zcat big | cmp - copy")
    #expect(outcome.text == "stopped\n0\n" && outcome.status == 0, "\(outcome)")
    #expect(folder.names == ["big.gz", "copy"])
  }

  /// The threads of a dispatcher are there before the command watches for signals.
  @Test("a signal on the way through a device leaves the input whole and nothing else")
  func signalOnDevice() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "set -m; export DEFLATE_IAA_MODEL=devices=4; \(makeBig) \(start("--path hardware big")) "
        + "kill -TERM $pid; wait $pid; echo $?; rm .held; cmp big copy")
    #expect(outcome.text == "143\n", "\(outcome)")
    #expect(folder.names == ["big", "copy"])
  }

  @Test("a signal during decompression leaves the compressed file whole and nothing else")
  func signalInDecompression() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "head -c 3000000 /dev/zero | gzip > big.gz; cp big.gz copy; \(start("-d big.gz")) "
        + "kill -TERM $pid; wait $pid; echo $?; rm .held; cmp big.gz copy")
    #expect(outcome.text == "143\n", "\(outcome)")
    #expect(folder.names == ["big.gz", "copy"])
  }

  @Test("a signal ends the command where no thread could be started to wait for it")
  func signalWithoutThreads() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "set -m; \(makeBig) \(start(fault: "threads-hold")) kill -TERM $pid; wait $pid; echo $?; "
        + "rm .held; cmp big copy")
    #expect(outcome.text == "143\n" && outcome.status == 0, "\(outcome)")
  }

  @Test("where no thread can be started all is done by one, and the queues' upkeep in between")
  func noThreads() throws {
    let faulty = (FaultLibrary.shared?.prefix("threads") ?? "") + "\"$GZ\" -p 4"
    let outcome = try Folder().run(
      """
      d=r/sys/bus/dsa/devices/iax1; mkdir -p $d/wq1.0; echo enabled > $d/state; seq 300000 > a
      echo kernel > $d/wq1.0/type; \(faulty) -v --root r a 2> log; grep -c 'in software: wq1.0' log
      cp a.gz b.gz; \(faulty) -d b.gz; gzip -dc a.gz | cmp - b
      gzip b; \(faulty) -t b.gz; \(faulty) -dc b.gz | gzip -c | cmp - <(gzip -dc a.gz | gzip -c)
      """)
    #expect(outcome.text == "1\n" && outcome.status == 0, "\(outcome)")
    #expect(outcome.messages.isEmpty, "\(outcome)")
  }

  @Test("a signal that the caller ignores does not stop the work", arguments: ["HUP", "TERM"])
  func ignoredSignal(_ name: String) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "\(makeBig) trap '' \(name); \(start()) kill -\(name) $pid; \(finish) zcat big | cmp - copy")
    #expect(outcome.text == "0\n" && outcome.status == 0, "\(outcome)")
    #expect(folder.names == ["big.gz", "copy"])
  }

  @Test(
    "a file that appears under the output's name is not overwritten",
    arguments: ["", "export NAMED=1; ", "export NAMED=1 LINKS=1; "])
  func appearsMeanwhile(_ environment: String) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "\(environment) \(makeBig) \(start()) echo mine > big.gz; \(finish) cat big.gz; cmp big copy")
    #expect(outcome.text == "2\nmine\n" && outcome.status == 0, "\(outcome)")
    #expect(outcome.messages.contains("already exists"))
    #expect(folder.names == ["big", "big.gz", "copy"])
  }

  @Test(
    "with -f a file that appears under the output's name is replaced",
    arguments: ["", "export NAMED=1; "])
  func appearsMeanwhileWithForce(_ environment: String) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "\(environment) \(makeBig) \(start("-f big")) echo mine > big.gz; \(finish) zcat big | cmp - copy"
    )
    #expect(outcome.text == "0\n" && outcome.status == 0, "\(outcome)")
    #expect(folder.names == ["big.gz", "copy"])
  }

  @Test("an input that grows while it is read is not removed")
  func growsMeanwhile() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "\(makeBig) \(start()) echo more | tee -a big >> copy; \(finish) cmp big copy && gzip -t big.gz"
    )
    #expect(outcome.text == "2\n" && outcome.status == 0, "\(outcome)")
    #expect(folder.names == ["big", "big.gz", "copy"])
  }

  @Test(
    "an input that is written, or gets another name, is not removed though its time is put back",
    arguments: ["printf X | dd of=big conv=notrunc 2>&-", "ln big other", "chmod 600 big"])
  func changesMeanwhile(_ change: String) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      """
      \(makeBig) touch -r big time; \(start()) \(change); touch -r time big; cp -p big now; \(finish)
      cmp big now && gzip -t big.gz
      """)
    #expect(outcome.text == "2\n" && outcome.status == 0, "\(outcome)")
    #expect(outcome.messages.contains("big: changed while it was read -- not removed"))
  }

  @Test("an input that another file has replaced is not removed")
  func replacedMeanwhile() throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "\(makeBig) \(start()) echo other > new; mv new big; \(finish) cat big; zcat big.gz | cmp - copy"
    )
    #expect(outcome.text == "2\nother\n" && outcome.status == 0, "\(outcome)")
    #expect(folder.names == ["big", "big.gz", "copy"])
  }

  @Test(
    "the output has no permissions for others while it is being written",
    arguments: ["", "export NAMED=1; "])
  func temporaryMode(_ environment: String) throws {
    let folder = try Folder()
    let outcome = try folder.run(
      "\(environment) \(makeBig) chmod 666 big; \(start()) for fd in /proc/$pid/fd/*; do "
        + "[[ $(readlink $fd) == $PWD/* ]] && stat -Lc '%a %F' $fd; done | grep -v directory "
        + "| grep -v '^666' | cut -d' ' -f1; \(finish) stat -c %a big.gz")
    #expect(outcome.text == "600\n0\n666\n", "\(outcome)")
  }

  @Test("an output that cannot be read back as written is thrown away")
  func failingVerification() throws {
    let folder = try Folder()
    let faulty = (FaultLibrary.shared?.prefix("read") ?? "") + "\"$GZ\""
    let damaged = try folder.run("seq 9000 > a; cp a copy; \(faulty) a; echo $?; cmp a copy")
    #expect(damaged.text == "1\n" && damaged.status == 0, "\(damaged)")
    #expect(damaged.messages.contains("verification failed"))
    #expect(folder.names == ["a", "copy"])
    let trusted = try folder.run("\(faulty) --no-verify a; echo $?; zcat a | cmp - copy")
    #expect(trusted.text == "0\n" && trusted.status == 0, "\(trusted)")
    #expect(folder.names == ["a.gz", "copy"])
  }

  @Test("a failing disk leaves the input whole and nothing else", arguments: ["write", "fsync"])
  func failingDisk(_ call: String) throws {
    let folder = try Folder()
    let faulty = (FaultLibrary.shared?.prefix(call) ?? "") + "\"$GZ\""
    let outcome = try folder.run("seq 900 > a; cp a copy; \(faulty) a; echo $?; cmp a copy")
    #expect(outcome.text == "1\n" && outcome.status == 0, "\(outcome)")
    #expect(outcome.messages == "deflate-iaa: a.gz: Input/output error\n")
    #expect(folder.names == ["a", "copy"])
  }

  @Test(
    "unless -p says so, as many threads work as there are processors allowed",
    .needs("taskset", isFound: machineCan("taskset -c 0 true")))
  func allowedProcessors() throws {
    let folder = try Folder()
    let threads = { (arguments: String) in
      "\(start("-k \(arguments) big")) ls /proc/$pid/task | wc -l; \(finish) rm big.gz; "
    }
    // One of the threads waits for signals, and the thread sanitizer has one of its own.
    let others = Sanitizer.isThread ? 2 : 1
    let outcome = try folder.run(
      "head -c 3000000 /dev/urandom > big; taskset -cp 0 $$ > /dev/null; "
        + threads("") + threads("-p 3"))
    let lines = outcome.text.split(separator: "\n").compactMap { Int($0) }
    #expect(lines.count == 4 && lines[0] == 1 + others && lines[2] > 1 + others, "\(outcome)")
  }

  @Test("no more threads work than there are pieces of the input")
  func fewPieces() throws {
    let outcome = try Folder().run(
      "head -c 600000 /dev/urandom > big; \(start("-k -p 64 big")) "
        + "ls /proc/$pid/task | wc -l; \(finish)")
    // Three pieces of 255 KiB at most at work by now, and one thread that waits for signals.
    let lines = outcome.text.split(separator: "\n").compactMap { Int($0) }
    #expect(lines.count == 2 && (2...4).contains(lines[0]) && lines[1] == 0, "\(outcome)")
  }
}
