// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import CIAAShim.Device
import Glibc
import TestSupport
import Testing

@testable import IAADevices
@testable import IAAOffload

/// What the compiler made of the instructions that this machine may not have.
@Suite struct InstructionTests {
  static let disassembler: String? = {
    #if arch(x86_64)
      return ["/usr/bin/objdump", "/usr/bin/llvm-objdump"].first { path in
        unsafe access(path, X_OK) == 0
      }
    #else
      return nil
    #endif
  }()

  /// Functions of the header and the encodings of facts, sections 9 and 10.
  static let encodings: [(function: String, bytes: String, mnemonic: String)] = [
    ("ciaa_movdir64b", "66 0f 38 f8", "movdir64b"),
    ("ciaa_enqcmd", "f2 0f 38 f8", "enqcmd"),
    ("ciaa_umonitor", "f3 0f ae", "umonitor"),
    ("ciaa_umwait", "f2 0f ae", "umwait"),
  ]

  /// Refers to all of them, so that they are in the binary; called with false only.
  @inline(never)
  static func keep(_ isCalled: Bool) {
    guard isCalled else { return }
    let page = MappedMemory(byteCount: 4096)
    unsafe ciaa_movdir64b(page.base, page.base)
    _ = unsafe ciaa_enqcmd(page.base, page.base)
    unsafe ciaa_umonitor(page.base)
    _ = ciaa_umwait(0, 0)
  }

  @Test(
    "disassembly shows every instruction",
    .needs("objdump for x86-64", isFound: disassembler != nil))
  func disassemblyShowsEveryInstruction() throws {
    Self.keep(CommandLine.argc < 0)
    let disassembler = try #require(Self.disassembler)
    for (function, bytes, mnemonic) in Self.encodings {
      let text = Self.output(
        of: "\(disassembler) -d --disassemble=\(function) /proc/\(getpid())/exe")
      let lines = text.split(separator: "\n").filter {
        // Lines with a tab are instructions; the others name functions.
        $0.contains(mnemonic) && $0.contains("\t")
      }
      #expect(!lines.isEmpty, "\(function) has no \(mnemonic)")
      for line in lines {
        // Legacy prefixes may come in either order before the opcode.
        #expect(line.contains(bytes), "\(line)")
      }
    }
  }

  static func output(of command: String) -> String {
    guard let pipe = unsafe popen(command, "r") else { return "" }
    defer { unsafe pclose(pipe) }
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe fread(&buffer, 1, buffer.count, pipe)
      guard count > 0 else { return text }
      text += String(decoding: buffer[..<count], as: UTF8.self)
    }
  }

  @Test("each feature is one bit of CPUID")
  func eachFeatureIsOneBitOfCPUID() {
    for bit in 0..<32 as Range<UInt32> {
      #expect(
        CPUFeatures(leaf7ECX: 1 << bit)
          == CPUFeatures(hasMOVDIR64B: bit == 28, hasENQCMD: bit == 29, hasWAITPKG: bit == 5),
        "bit \(bit)")
    }
  }

  @Test("what the system lists is found")
  func whatTheSystemListsIsFound() throws {
    let text = try SystemRoot.live.text("/proc/cpuinfo")
    // Other processors than x86-64's have no such line, and none of the features.
    let line = text.split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
    let flags = line.split(separator: " ")
    let features = CPUFeatures.current
    #expect(features.hasMOVDIR64B == flags.contains("movdir64b"))
    // A system that does not let processes use ENQCMD or UMWAIT hides them from its list only.
    #expect(features.hasENQCMD || !flags.contains("enqcmd"))
    #expect(features.hasWAITPKG || !flags.contains("waitpkg"))
  }

  @Test("missing instructions are named")
  func missingInstructionsAreNamed() {
    #expect(CPUFeatures.none.missing == ["MOVDIR64B", "ENQCMD"])
    #expect(
      CPUFeatures(hasMOVDIR64B: true, hasENQCMD: true, hasWAITPKG: true).missing.isEmpty)
  }
}
