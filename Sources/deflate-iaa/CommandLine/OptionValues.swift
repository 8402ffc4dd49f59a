// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the options of a command line say. ArgumentParser finds its declarations by reflection and
// decodes them like a document, which takes longer than all the rest of a run on a small file. So
// the table's effects fill these values, and ArgumentParser is asked only when a value is not one
// its option can have, for the message. A test compares the two on random command lines.

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
  var index = false
  var offset: UInt64?
  var size: UInt64?
  var processes: Int?
  var noVerify = false
  var path: Configuration.Path?
  var syncMode: Configuration.SyncMode?
  var verifyCompress: VerifyCompress?
  var debug = false
  var stats = false
  var root: String?

  /// -n and -N: the last one holds.
  enum NameRule: CaseIterable, Sendable {
    case omit, keep
  }

  /// -q and -v: the last one holds.
  enum Verbosity: CaseIterable, Sendable {
    case quiet, verbose
  }

  init() {}

  /// The values after all of `options`; nil when one has a value that it cannot have.
  init?(_ options: [GivenOption]) {
    for given in options {
      switch given.option?.effect {
      case .set(let set): set(&self)
      case .take(let take): guard take(&self, given.value ?? "") else { return nil }
      case .end, .ignored, nil: break
      }
    }
  }
}

/// Puts a value in place; false when there is none.
func assign<Value>(_ value: Value?, to place: inout Value?) -> Bool {
  place = value
  return value != nil
}
