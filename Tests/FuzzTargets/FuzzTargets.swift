// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the fuzzers try. The package in Fuzz/ hands them libFuzzer's inputs, FuzzTests the committed seeds: both
// run the very same code.

/// What an input has shown: a sentence that says what is not as it must be.
public struct FuzzFinding: Error, Sendable, Hashable, CustomStringConvertible {
  /// The sentence.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Something that is tried with any bytes. It lives through many inputs, so that what one leaves behind shows in
/// the next.
public protocol FuzzTarget: AnyObject {
  /// Makes ready.
  init()

  /// Tries one input.
  ///
  /// - Throws: ``FuzzFinding``. Traps and reads outside of memory are findings, too.
  func check(_ input: [UInt8]) throws(FuzzFinding)
}

/// The targets by name.
public enum FuzzTargets: String, CaseIterable, Sendable {
  /// Bytes as DEFLATE, with zlib as the judge, by every build.
  case decoder
  /// Bytes as streams in canned tables.
  case tables
  /// Several pages in a call against one a call.
  case pages
  /// Containers, decoded in pieces of any size.
  case stream
  /// Files decoded by several threads against one decoder in order.
  case parallel
  /// Chunks, by every build, against the plain implementation.
  case encoder
  /// Chunks by random match rules against the plain implementation.
  case family
  /// Best, dynamic and canned modes, and the sizes told without writing.
  case modes
  /// Containers written, read by zlib and by us.
  case containers
  /// Indexes of BGZF files.
  case index
  /// accel-config's files: loaded, saved, loaded.
  case setup
  /// Profiles as files.
  case profile
  /// Attributes of sysfs with anything in them, under every subcommand that reads them.
  case sysfs
  /// Command lines of the subcommands.
  case arguments
  /// Descriptors into the device model.
  case descriptor
  /// Completion records into the dispatcher.
  case record

  /// A new one.
  public func make() -> any FuzzTarget {
    switch self {
    case .decoder: DecoderTarget()
    case .tables: TablesTarget()
    case .pages: PagesTarget()
    case .stream: StreamTarget()
    case .parallel: ParallelTarget()
    case .encoder: EncoderTarget()
    case .family: FamilyTarget()
    case .modes: ModesTarget()
    case .containers: ContainersTarget()
    case .index: IndexTarget()
    case .setup: SetupTarget()
    case .profile: ProfileTarget()
    case .sysfs: SysfsTarget()
    case .arguments: ArgumentsTarget()
    case .descriptor: DescriptorTarget()
    case .record: RecordTarget()
    }
  }
}

/// Throws a finding unless something holds.
func demand(
  _ holds: Bool, _ finding: @autoclosure () -> String
) throws(FuzzFinding) {
  if !holds { throw FuzzFinding(finding()) }
}
