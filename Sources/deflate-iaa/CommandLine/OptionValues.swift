// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the options of a command line say: the table's effects fill these values, one after the other.

import FixedDeflate
import IAAOffload

/// The values of all options, as given; what they come to together is for `Options`.
struct OptionValues: Equatable, Sendable {
  var stdout = false
  var decompress = false
  var force = false
  var keep = false
  var list = false
  var nameRule: NameRule?
  var verbosity: Verbosity?
  var recursive = false
  var suffix: String?
  var test = false
  var rsyncable = false
  var synchronous = false
  var format: ContainerFormat?
  var blocksize: Int?
  var mode: ModeName?
  /// The last level: -9, or another.
  var best: Bool?
  var edition: CompressionTable.CannedEdition?
  var index = false
  var offset: UInt64?
  var size: UInt64?
  var processes: Int?
  var noVerify = false
  var profile: String?
  var path: Dispatcher.Configuration.Path?
  var syncMode: Dispatcher.Configuration.SyncMode?
  var verifyCompress: VerifyCompress?
  var debug = false
  var stats = false
  var root: String?

  /// -n and -N: the last one holds.
  enum NameRule: CaseIterable, Sendable {
    case omit, keep
  }

  /// --mode's words.
  enum ModeName: String, CaseIterable, Sendable {
    case fixed, canned, dynamic
  }

  /// -q and -v: the last one holds.
  enum Verbosity: CaseIterable, Sendable {
    case quiet, verbose
  }

  /// The values after all of `options`.
  ///
  /// - Throws: `UsageError` for a value that its option cannot have.
  init(_ options: [GivenOption]) throws(UsageError) {
    for given in options {
      guard let option = given.option else {
        // A level between -1 and -9.
        best = false
        continue
      }
      switch option.effect {
      case .set(let set): set(&self)
      case .take(let kind, let take):
        let value = given.value ?? ""
        guard kind.allows(value), take(&self, value) else {
          throw UsageError(invalid: value, for: option)
        }
      case .end, .ignored: break
      }
    }
  }
}
