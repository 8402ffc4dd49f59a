// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What a user may choose. Names follow the driver's attributes where it has them.

public import FixedDeflate
public import IAADevices

extension Dispatcher {
  /// How a dispatcher works.
  public struct Configuration: Sendable, Hashable {
    /// Where jobs may be done.
    public enum Path: String, Sendable, Hashable, CaseIterable {
      /// By hardware when it can, else in software.
      case auto
      /// By hardware or not at all.
      case hardware
      /// In software.
      case software
    }

    /// How completions are waited for: the driver's `sync_mode`.
    public typealias SyncMode = IAADevices.SyncMode

    /// How compressed results are verified: the driver's `verify_compress`, which is on by default.
    public enum Verification: String, Sendable, Hashable, CaseIterable {
      /// Not at all.
      case off
      /// The device decompresses the result and the CRCs are compared, as the driver does.
      case onDevice
      /// The library decompresses the result and the bytes are compared.
      case inSoftware
    }

    /// Which results zlib is asked about.
    public enum CrossCheck: Sendable, Hashable {
      /// None.
      case off
      /// One of so many, 1 or more.
      case sampled(oneIn: Int)
      /// All.
      case every
    }

    /// Which queues a processor's jobs go to.
    public enum Mapping: String, Sendable, Hashable, CaseIterable {
      /// The driver's documented rebalancing: each CPU has the queues of one device.
      case perDevice
      /// Each CPU has the queues of all devices of its package.
      case perPackage
    }

    /// Where jobs may be done.
    public var path = Path.auto
    /// How completions are waited for.
    public var syncMode = SyncMode.sync
    /// How compressed results are verified.
    public var verifyCompress = Verification.onDevice
    /// Whether the CRC of decompressed results is computed and compared with the device's. Ours: the
    /// driver trusts the device here.
    public var checkDecompress = true
    #if ZlibCrossCheck
      /// Which results zlib is asked about. Only with the package's trait `ZlibCrossCheck`.
      public var crossCheck = CrossCheck.off
    #else
      /// Which results zlib is asked about: none without the package's trait `ZlibCrossCheck`.
      @available(
        *, unavailable,
        message: "zlib is asked only where the package deflate-iaa has its trait ZlibCrossCheck"
      )
      public var crossCheck: CrossCheck {
        get { .off }
        set {}
      }
    #endif

    /// The most bytes a compression may have, 1…2 MiB, on every path, so that what is taken does not depend on
    /// where a job runs.
    public var chunkSize = ChunkLayout.defaultChunkSize
    /// In which code streams are, compressed and decompressed ones: the driver's fixed, canned or dynamic mode. With
    /// ``/FixedDeflate/CompressionMode/canned(_:)`` and ``/FixedDeflate/CompressionMode/table(_:)`` streams have no
    /// header, and each chunk is one. With ``/FixedDeflate/CompressionMode/dynamic`` devices from Granite Rapids on
    /// compress chunks of up to 4096 bytes, and software all others; every device decompresses the streams. Traps on
    /// ``/FixedDeflate/CompressionMode/best``, which no device has.
    public var mode = CompressionMode.fixed
    /// The rules of what is compressed in software; devices have their own. Traps where they make no encoder.
    public var profile = MatchProfile.iaaV1

    /// The devices to use, by number; nil for all.
    public var devices: Set<Int>?
    /// The memory nodes whose devices to use; nil for all.
    public var numaNodes: Set<Int>?
    /// The queues to use; nil for all.
    public var queues: Set<QueueID>?
    /// Which queues a processor's jobs go to.
    public var mapping = Mapping.perDevice
    /// How many of a device's queues, its last, take compressions only, while the others take
    /// decompressions only, as the driver's g_comp_wqs_per_iaa; nil lets all take both. A device with too few queues for a split lets all
    /// take both.
    public var compressQueuesPerDevice: Int?

    /// Submissions that are tried again on a full queue, with growing pauses.
    public var submissionRetries = 3
    /// Queues that are tried for a job when they are full.
    public var queuesTried = 4
    /// How long a completion is waited for; then the queue counts as broken. This and all other
    /// durations are below 2^62 ns (146 years), and none is negative.
    public var waitLimit = WaitLimit()
    /// Bad results within ``quarantineWindow`` that put a queue into quarantine.
    public var quarantineThreshold = 3
    /// The time within which bad results add up.
    public var quarantineWindow = Duration.seconds(60)
    /// The time until a broken or quarantined queue is first probed; doubles with each failure.
    public var probeDelay = Duration.milliseconds(100)
    /// What ``probeDelay`` doubles up to.
    public var maximumProbeDelay = Duration.seconds(30)
    /// The time between looks for queues that appeared, changed or vanished.
    public var watchInterval = Duration.seconds(1)

    /// The defaults.
    public init() {}

    /// Stops on fields outside their documented ranges.
    func checkRanges() {
      precondition(
        (1...Encoder.maximumChunkSize).contains(chunkSize), "chunkSize outside 1...2 MiB")
      precondition(
        mode.maximumDeviceChunkSize > 0, "a mode with other tokens than a device's has no device")
      do throws(MatchProfileError) {
        try profile.validate()
      } catch {
        preconditionFailure("\(error)")
      }
      precondition(
        submissionRetries >= 0 && queuesTried >= 1, "negative retries or no queues tried")
      precondition(compressQueuesPerDevice ?? 0 >= 0, "negative compressQueuesPerDevice")
      precondition(quarantineThreshold >= 1, "quarantineThreshold below 1")
      precondition(waitLimit.polls >= 1, "waitLimit without polls")
      let durations = [
        waitLimit.time, quarantineWindow, probeDelay, maximumProbeDelay, watchInterval,
      ]
      precondition(durations.allSatisfy { $0 >= .zero }, "negative duration")
      precondition(
        durations.allSatisfy { $0 < .nanoseconds(1 << 62) },
        "duration of 2^62 ns (146 years) or more")
      #if ZlibCrossCheck
        if case .sampled(let interval) = crossCheck {
          precondition(interval >= 1, "cross-check interval below 1")
        }
      #endif
    }

    /// The durations as clocks count: what jobs and maintenance go by. They are converted once.
    struct Nanoseconds: Sendable {
      let waitLimit: UInt64
      let quarantineWindow: UInt64
      let probeDelay: UInt64
      let maximumProbeDelay: UInt64
      let watchInterval: UInt64
    }

    var nanoseconds: Nanoseconds {
      Nanoseconds(
        waitLimit: waitLimit.time.nanosecondCount,
        quarantineWindow: quarantineWindow.nanosecondCount,
        probeDelay: probeDelay.nanosecondCount,
        maximumProbeDelay: maximumProbeDelay.nanosecondCount,
        watchInterval: watchInterval.nanosecondCount)
    }

    /// Whether the configuration lets a queue be used.
    func allows(_ queue: QueueDescription) -> Bool {
      devices?.contains(queue.id.device) ?? true
        && numaNodes?.contains(queue.numaNode) ?? true && queues?.contains(queue.id) ?? true
    }
  }
}
