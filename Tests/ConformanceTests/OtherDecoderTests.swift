// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Programs that others wrote read our files at their defaults. One that is not installed is a skip
// with its name, and in continuous integration a failure.

import FixedDeflate
import TestSupport
import Testing

@Suite("Other decoders read our files at their defaults") struct OtherDecoderTests {
  private typealias Sample = (file: [UInt8], data: [UInt8])

  /// Files of our making and what is in them: kinds of data in small chunks, and two files as users
  /// have them, of one chunk and of sixteen.
  private static let samples: [ContainerFormat: [Sample]] = {
    var generator = SeededGenerator(test: "other decoders")
    let kinds: [[UInt8]] = [
      [], [0x2A], Inputs.make(.text, count: 70_000, using: &generator),
      Inputs.make(.random, count: 5000, using: &generator),
      Inputs.make(.mixture, count: 20_000, using: &generator),
    ]
    let files = [29_225, 1_000_047].map { Inputs.make(.text, count: $0, using: &generator) }
    var samples: [ContainerFormat: [Sample]] = [:]
    for format in ContainerFormat.allCases {
      samples[format] =
        kinds.map { (Engine.contain($0, format, chunkSize: 16_384), $0) }
        + files.map { (Engine.contain($0, format), $0) }
    }
    return samples
  }()

  private func check(_ decoder: OtherDecoder) throws {
    let path = try #require(ProcessRunner.path(of: decoder.program))
    for (file, data) in try #require(Self.samples[decoder.format]) {
      let result = try ProcessRunner.run(path, decoder.arguments, input: file)
      #expect(result.status == 0 && !result.wasSignalled, "\(result.errorText)")
      // Not compared in the expectation: that shows a difference, which takes minutes to find.
      let isWhole = result.output == data
      #expect(isWhole, "\(result.output.count) of \(data.count) bytes \(result.errorText)")
    }
  }

  /// A program that goes on behind the first member, so BGZF is whole for it, too.
  private func check(_ program: String, _ arguments: String...) throws {
    for format in [ContainerFormat.gzip, .bgzf] {
      try check(
        OtherDecoder(name: program, program: program, arguments: arguments, format: format))
    }
  }

  @Test("a gzip file of any length is one plain member and nothing else")
  func oneMember() throws {
    for (file, data) in try #require(Self.samples[.gzip]) {
      #expect(Array(file.prefix(4)) == [0x1F, 0x8B, 8, 0])
      let isWhole = Zlib.gunzip(file) == Zlib.Gunzipped(bytes: data, memberCount: 1)
      #expect(isWhole, "\(data.count) bytes")
    }
  }

  @Test("gzip", .needs(tool: "gzip")) func byGzip() throws { try check("gzip", "-dc") }

  @Test("pigz", .needs(tool: "pigz"), arguments: OtherDecoder.pigz)
  func byPigz(_ decoder: OtherDecoder) throws { try check(decoder) }

  @Test("libdeflate-gunzip", .needs(tool: "libdeflate-gunzip"))
  func byLibdeflate() throws { try check("libdeflate-gunzip", "-c") }

  @Test("busybox", .needs(tool: "busybox"))
  func byBusybox() throws { try check("busybox", "gunzip", "-c") }

  @Test("bgzip", .needs(tool: "bgzip")) func byBgzip() throws { try check("bgzip", "-dc", "-@2") }

  @Test("igzip", .needs(tool: "igzip")) func byIgzip() throws { try check("igzip", "-dc") }

  @Test("zstd", .needs(tool: "zstd")) func byZstd() throws { try check("zstd", "-dc") }

  @Test("7z", .needs(tool: "7z"))
  func bySevenZip() throws { try check("7z", "e", "-si", "-so", "-tgzip") }

  @Test("python3", .needs(tool: "python3"), arguments: OtherDecoder.python)
  func byPython(_ decoder: OtherDecoder) throws { try check(decoder) }

  @Test("php", .needs(tool: "php"), arguments: OtherDecoder.php)
  func byPHP(_ decoder: OtherDecoder) throws { try check(decoder) }

  @Test("ruby", .needs(tool: "ruby"), arguments: OtherDecoder.ruby)
  func byRuby(_ decoder: OtherDecoder) throws { try check(decoder) }

  @Test("perl", .needs(tool: "perl"), arguments: OtherDecoder.perl)
  func byPerl(_ decoder: OtherDecoder) throws { try check(decoder) }

  @Test("node", .needs(tool: "node"), arguments: OtherDecoder.node)
  func byNode(_ decoder: OtherDecoder) throws { try check(decoder) }

  @Test("curl --compressed", .needs(tool: "curl"), .needs(tool: "python3"))
  func byCurl() throws { try check(.curl) }

  @Test("wget --compression=auto", .needs(tool: "wget"), .needs(tool: "python3"))
  func byWget() throws { try check(.wget) }

  @Test("Ruby's Net::HTTP", .needs(tool: "ruby"), .needs(tool: "python3"))
  func byRubyHTTP() throws { try check(.rubyHTTP) }

  @Test("node's fetch", .needs(tool: "node"), .needs(tool: "python3"))
  func byNodeFetch() throws { try check(.nodeFetch) }

  @Test("java", .needs(tool: "javac"), .needs(tool: "java"))
  func byJava() throws {
    let folder = try TemporaryDirectory()
    let source = try folder.write(Array(OtherDecoder.javaSource.utf8), to: "Gunzip.java")
    let compiler = try #require(ProcessRunner.path(of: "javac"))
    try #require(try ProcessRunner.run(compiler, ["-d", folder.url.path, source.path]).status == 0)
    var java = OtherDecoder.java
    java.arguments.append(folder.url.path)
    try check(java)
  }
}
