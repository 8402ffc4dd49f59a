// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the options and the environment say about devices.

import FixedDeflate
import IAAOffload

/// The values of --verify-compress, the driver's.
enum VerifyCompress: String, CaseIterable, Sendable {
  case off = "0"
  case on = "1"
}

/// Whether and how devices are used.
struct OffloadOptions: Sendable, Equatable {
  /// `auto` unless given.
  var path: Dispatcher.Configuration.Path?
  /// `sync` unless given, as with the driver.
  var syncMode: Dispatcher.Configuration.SyncMode?
  /// On unless given, as with the driver.
  var verifyCompress: VerifyCompress?
  /// Every submission and completion is written to standard error.
  var isTraced = false
  /// The statistics are written to standard error after the run.
  var showsStatistics = false
  /// The directory that is taken for the system; nil for /.
  var root: String?

  /// The rules of what is compressed in software; version 1's unless given.
  var profile: ChosenProfile?

  /// The name of the variable that puts device models in the place of devices.
  static let modelVariable = "DEFLATE_IAA_MODEL"
  /// The models to use, from that variable.
  var models: ModelSetup?

  /// Some seconds of trying: with hardware or nothing, a full queue is waited for.
  private static let patientRetries = 100_000

  /// How the dispatcher is to work, when no chunk is larger than `blockSize` bytes. Of a mode that no device has nothing
  /// is asked of it, and what it decompresses is read in the mode's code.
  func configuration(blockSize: Int, mode: CompressionMode) -> Dispatcher.Configuration {
    var configuration = Dispatcher.Configuration()
    configuration.mode = mode
    configuration.mode.tokens = .device
    configuration.path = path ?? .auto
    configuration.syncMode = syncMode ?? .sync
    configuration.verifyCompress = verifyCompress == .off ? .off : .onDevice
    configuration.chunkSize = blockSize
    configuration.profile = profile?.rules ?? configuration.profile
    // A queue that broke is left alone for most of a run: each time it is trusted in vain costs a wait.
    configuration.probeDelay = configuration.maximumProbeDelay
    if path == .hardware { configuration.submissionRetries = Self.patientRetries }
    if models?.faults == 0 {
      // The machine may keep a model's threads waiting as no device would be.
      configuration.waitLimit = WaitLimit(polls: .max, time: .seconds(60))
    }
    return configuration
  }
}
