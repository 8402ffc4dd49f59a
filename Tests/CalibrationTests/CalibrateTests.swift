// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The subcommand on device models, through the dispatcher and the models' queues.

import Calibration
import DeviceCommands
import FixedDeflate
import Foundation
import IAADevices
import IAAModel
import IAAOffload
import Synchronization
import TestSupport
import Testing

@Suite("deflate-iaa calibrate") struct CalibrateTests {
  /// What a run printed, and how it ended.
  private struct Run {
    let code: Int32
    let out: String
    let err: String

    /// Runs the subcommand where these models are the devices.
    init(_ arguments: [String], on models: [DeviceModel] = []) throws {
      // Models are known by their place, and tests run beside each other.
      let root = SystemRoot("device-model-\(UUID().uuidString)", files: ModelFiles())
      let out = Mutex("")
      let err = Mutex("")
      func run() -> Int32 {
        DeviceCommands.run(
          arguments: ["calibrate"] + arguments,
          in: CommandEnvironment(
            console: Console(
              out: { text in out.withLock { $0 += text } },
              err: { text in err.withLock { $0 += text } }), open: { _ in root }))
      }
      code = try Self.mounting(models[...], root, run)
      self.out = out.withLock { $0 }
      self.err = err.withLock { $0 }
    }

    private static func mounting(
      _ models: ArraySlice<DeviceModel>, _ root: SystemRoot, _ run: () -> Int32
    ) throws -> Int32 {
      guard let model = models.first else { return run() }
      let mount = try model.mount(under: root)
      let code = try mounting(models.dropFirst(), root, run)
      _ = consume mount
      return code
    }
  }

  private static func model(
    _ id: Int, _ profile: MatchProfile, mode: QueueMode, _ capabilities: IAACapabilities = []
  ) -> DeviceModel {
    var configuration = DeviceModel.Configuration(
      id: id,
      queues: Array(repeating: DeviceModel.Queue(mode: mode, size: 16), count: 2),
      execution: .inPlace)
    configuration.profile = profile
    configuration.capabilities = capabilities
    return DeviceModel(configuration)
  }

  private static func folder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  @Test("finds a model's profile on every queue, shared or not, and writes it and a report")
  func finds() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let profile = folder.appending(path: "p.json").path
    let report = folder.appending(path: "r.txt").path
    let arguments = ["--compare", "12", "-o", profile, "--report", report]
    let models = [
      Self.model(1, .iaaTailInFours, mode: .shared),
      Self.model(3, .iaaTailInFours, mode: .dedicated, [.headerGeneration, .secondStateFormat]),
    ]
    let run = try Run(arguments, on: models)
    #expect(run.code == 0, "\(run)")
    #expect(run.out.contains("Verdict: the device follows iaa-tail-in-fours"), "\(run)")
    #expect(run.out.contains("on wq1.0, wq1.1, wq3.0, wq3.1"), "\(run)")
    #expect(run.out.split(separator: "\n").count <= 24)
    for mode in ["canned 2023", "canned 2024", "dynamic"] {
      let line = run.out.split(separator: "\n").first { $0.hasPrefix("\(mode): ") }
      #expect(line?.hasSuffix(" bytes, every bit as the library's") == true, "\(run)")
    }
    #expect(run.out.contains("These are DEVICE MODELS"))
    let text = try String(contentsOfFile: profile, encoding: .utf8)
    let file = try ProfileFile(parsing: text)
    #expect(file.profile == .iaaTailInFours && file.name == "iaa-tail-in-fours")
    #expect(text.contains("iax1") && text.contains("iax3") && text.contains("probes"))
    #expect(text.contains("otherModes") && text.contains("canned 2023"))
    #expect(text.contains(#/"deviceModels" ?: ?true/#))
    let reported = try String(contentsOfFile: report, encoding: .utf8)
    #expect(reported.contains("4096 stars") && reported.contains("DEVICE MODELS"))
    #expect(reported.contains("Other modes:") && reported.contains("  on wq3.0, wq3.1\n"))
    let again = try Run(arguments, on: models)
    #expect(again.code == 1 && again.err.contains("--force replaces it"), "\(again)")
    // Also a file that is larger than any of these.
    try Data(count: 2 << 20).write(to: URL(filePath: report))
    try FileManager.default.removeItem(atPath: profile)
    let large = try Run(arguments, on: models)
    #expect(large.code == 1 && large.err.contains("--force replaces it"), "\(large)")
  }

  @Test("what is in a file's place is found without being opened: a pipe, a link to nothing")
  func inPlace() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "p").path
    let report = folder.appending(path: "r").path
    // Reading a pipe's end would wait for somebody to write. SAFETY: the name ends with NUL and lives for the call.
    let made = unsafe mkfifo(path, 0o600)
    #expect(made == 0)
    let model = Self.model(1, .iaaV1, mode: .shared)
    let run = try Run(["-o", path, "--report", report], on: [model])
    #expect(run.code == 1 && run.err.contains("\(path) is there already"), "\(run)")
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "nothing")
    let link = try Run(["-o", path, "--report", report], on: [model])
    #expect(link.code == 1 && link.err.contains("\(path) is there already"), "\(link)")
    #expect(model.completedCount == 0)
  }

  @Test("says which modes the devices do not have")
  func firstGeneration() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = try Run(
      [
        "--compare", "4", "-o", folder.appending(path: "p").path, "--report",
        folder.appending(path: "r").path,
      ], on: [Self.model(1, .iaaV1, mode: .shared)])
    #expect(run.code == 0 && run.out.contains("\ndynamic: these devices have no such mode\n"))
  }

  @Test("files that cannot be written are told of before anything is asked of a device")
  func unwritable() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let good = folder.appending(path: "good").path
    let model = Self.model(1, .iaaV1, mode: .shared)
    for (options, reason) in [
      (["-o", folder.appending(path: "no/p").path, "--report", good], "No such file or directory"),
      (["-o", good, "--report", folder.appending(path: "no/r").path], "No such file or directory"),
      (["--force", "-o", good, "--report", folder.path], "Is a directory"),
    ] {
      let run = try Run(options, on: [model])
      #expect(run.code == 1 && run.err.contains(reason) && run.out.isEmpty, "\(run)")
    }
    #expect(model.completedCount == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test("says that two devices differ, and which")
  func twoProfiles() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = try Run(
      [
        "--compare", "12", "-o", folder.appending(path: "p").path, "--report",
        folder.appending(path: "r").path,
      ],
      on: [Self.model(1, .iaaPairFirst, mode: .shared), Self.model(3, .iaaV1, mode: .shared)])
    #expect(run.code == 1, "\(run)")
    #expect(run.err.contains("wq3.0 and wq1.0 make different streams"), "\(run)")
  }

  @Test("prints its probes without a device, and says when there is none")
  func dryRun() throws {
    let run = try Run(["--dry-run"])
    #expect(run.code == 0 && run.err.isEmpty)
    #expect(run.out.hasPrefix("1. ten letters, each before eight a, 90 bytes: `Aaaaaaaaa"))
    #expect(run.out.contains("forty letters twice, then 6 from 34"))
    let none = try Run([])
    #expect(none.code == 2 && none.err.contains("no IAA device"), "\(none)")
  }
}
