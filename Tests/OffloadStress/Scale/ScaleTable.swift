// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// `make scale`: what the simulation says of eight devices of eight engines, as tables.

/// What a device and this machine do, as far as it is published or measured; the rest of the figures follow.
public struct ScaleFigures: Sendable, Hashable {
  /// Bytes a nanosecond of an engine, as the vendor has it of a stream of jobs of 64 KiB.
  public var compressSpeed = 1.9
  /// The same of data that comes out of decompression.
  public var decompressSpeed = 3.3
  /// Nanoseconds of the dispatcher a job: `make overhead` shows this machine's.
  public var dispatchTime = 150.0
  /// Nanoseconds of a submission that is refused. Nobody publishes what ENQCMD takes; it waits for the device's
  /// answer over the interconnect, as a read of it would.
  public var refusalTime = 500.0
  /// Bytes a nanosecond of a thread that works in software.
  public var softwareSpeed = 0.3

  /// The published figures.
  public init() {}

  /// The machine whose every job is of so many bytes.
  public func machine(compressing bytes: Int) -> ScaleMachine {
    machine(Double(bytes) / compressSpeed, Double(bytes) / softwareSpeed)
  }

  /// The same of decompressing.
  public func machine(decompressing bytes: Int) -> ScaleMachine {
    // Software decompresses at least twice as fast as it compresses.
    machine(Double(bytes) / decompressSpeed, Double(bytes) / (2 * softwareSpeed))
  }

  private func machine(_ serviceTime: Double, _ softwareTime: Double) -> ScaleMachine {
    ScaleMachine(
      serviceTime: serviceTime, dispatchTime: dispatchTime, refusalTime: refusalTime,
      softwareTime: softwareTime)
  }
}

/// Tables of simulations.
public struct ScaleTable: Sendable {
  private static let depths = [1, 2, 4, 8, 16, 32, 64, 68, 72, 96, 128]
  private static let threadCounts = [1, 2, 4, 8, 16, 32, 64]
  private static let shares = [0.5, 0.8, 0.9, 0.95, 0.99]

  private let figures: ScaleFigures
  private let jobs: Int
  private let seed: UInt64

  /// Tables of runs of so many jobs each.
  public init(_ figures: ScaleFigures, jobs: Int, seed: UInt64) {
    self.figures = figures
    self.jobs = jobs
    self.seed = seed
  }

  /// All tables, in Markdown.
  public var text: String {
    let kinds = [
      ("4 KiB pages, compressed", figures.machine(compressing: 4096), 4096),
      ("4 KiB pages, decompressed", figures.machine(decompressing: 4096), 4096),
      ("64 KiB chunks, compressed", figures.machine(compressing: 65_536), 65_536),
    ]
    var parts: [String] = []
    for (name, machine, bytes) in kinds { parts.append(depths(name, machine, bytes)) }
    parts.append(arrivals(kinds[0].1))
    parts.append(threads(kinds[0].1))
    return parts.joined(separator: "\n")
  }

  /// Jobs under way against latency and refusals.
  private func depths(_ name: String, _ machine: ScaleMachine, _ bytes: Int) -> String {
    let rows = Self.depths.map { depth in
      let result = run(machine, .closed(threads: 16, depth: depth))
      return [
        "\(16 * depth)", millions(result.rate), number(result.rate * Double(bytes) / 1e9, 1),
        percent(result.utilization), percent(result.threadUtilization),
        microseconds(result.meanLatency), microseconds(result.latency(0.5)),
        microseconds(result.latency(0.99)),
        number(Double(result.refusals) / Double(result.jobs), 2), percent(result.rejectedShare),
      ]
    }
    return """
      \(name), 16 threads: \(number(machine.serviceTime / 1000, 2)) us an engine, at most \
      \(millions(machine.capacity)) million a second

      \(table([
        "under way", "10^6/s", "GB/s", "engines busy", "threads busy", "mean us", "median us",
        "99 % us", "refusals a job", "in software",
      ], rows))
      """
  }

  /// Jobs that come by chance.
  private func arrivals(_ machine: ScaleMachine) -> String {
    let rows = Self.shares.map { share in
      let result = run(machine, .open(threads: 64, rate: share * machine.capacity))
      return [
        percent(share), millions(result.rate), percent(result.threadUtilization),
        microseconds(result.meanLatency), microseconds(result.latency(0.99)),
        percent(result.rejectedShare),
      ]
    }
    return """
      4 KiB pages that come by chance to 64 threads, compressed

      \(table(["of all engines", "10^6/s", "threads busy", "mean us", "99 % us", "in software"], rows))
      """
  }

  /// What so many threads can bring, each as deep as queues let it.
  private func threads(_ machine: ScaleMachine) -> String {
    let rows = Self.threadCounts.map { threads in
      let deep = run(machine, .closed(threads: threads, depth: max(1, 1024 / threads)))
      let blocking = run(machine, .closed(threads: threads, depth: 1))
      return [
        "\(threads)", millions(blocking.rate), percent(blocking.utilization), millions(deep.rate),
        percent(deep.utilization), percent(deep.threadUtilization),
      ]
    }
    let million = figures.dispatchTime * 1e6 / 1e9
    return """
      The dispatcher: \(Int(figures.dispatchTime)) ns a job. 10^6 jobs a second take \
      \(percent(million)) of a thread; a thread brings \(millions(1e9 / figures.dispatchTime)) million, \
      all engines do \(millions(machine.capacity)) million pages, so \
      \(number(machine.capacity * figures.dispatchTime / 1e9, 1)) threads do nothing else where all are busy.

      \(table([
        "threads", "blocking, 10^6/s", "engines busy", "1024 under way, 10^6/s", "engines busy",
        "threads busy",
      ], rows))
      """
  }

  private func run(_ machine: ScaleMachine, _ load: ScaleLoad) -> ScaleResult {
    ScaleSimulation.run(machine, load, jobs: jobs, seed: seed)
  }

  private func table(_ heads: [String], _ rows: [[String]]) -> String {
    ([heads, heads.map { _ in "---:" }] + rows)
      .map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
  }

  private func microseconds(_ nanoseconds: Double) -> String { number(nanoseconds / 1000, 1) }

  private func millions(_ rate: Double) -> String { number(rate / 1e6, 2) }

  private func percent(_ part: Double) -> String { number(part * 100, 1) + " %" }

  private func number(_ value: Double, _ digits: Int) -> String {
    let scale = [1.0, 10, 100][digits]
    let scaled = Int((value * scale).rounded())
    guard digits > 0 else { return "\(scaled)" }
    let fraction = String(scaled % Int(scale))
    return "\(scaled / Int(scale))."
      + String(repeating: "0", count: digits - fraction.count) + fraction
  }
}
