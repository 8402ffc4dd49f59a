// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Tests that need something of the machine. Where it is missing they are skipped with its name; in
// continuous integration they fail, because `.ci/run` installs what they need.

public import Foundation
public import Testing

/// Something a test needs that a package brings or an administrator allows.
public struct Need: Error, CustomStringConvertible, Sendable {
  /// What it is.
  public let name: String

  /// A need of this name.
  public init(_ name: String) { self.name = name }

  /// For the failure in continuous integration.
  public var description: String {
    "\(name) is not on this machine, and CI is set: .ci/run must bring it"
  }

  /// Whether a test with this need runs.
  ///
  /// - Parameters:
  ///   - isFound: whether the machine has it.
  ///   - environment: where CI says that nothing may be skipped; empty, 0 and false say no.
  /// - Returns: `isFound`.
  /// - Throws: the need when it is missing in continuous integration.
  public func isMet(
    isFound: Bool, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(Need) -> Bool {
    let isCI = !["", "0", "false"].contains(environment["CI"] ?? "")
    guard isFound || !isCI else { throw self }
    return isFound
  }
}

extension Trait where Self == ConditionTrait {
  /// The test needs something; see `Need`.
  ///
  /// What no package can bring, such as an instruction of the processor, stays an `enabled(if:)`,
  /// whose reason `.ci/allowed-skips` lists.
  public static func needs(
    _ name: String, isFound: @autoclosure @escaping @Sendable () -> Bool,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> Self {
    .enabled("\(name) is not on this machine", sourceLocation: sourceLocation) {
      try Need(name).isMet(isFound: isFound())
    }
  }

  /// The test needs a program that is found in PATH.
  public static func needs(
    tool name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) -> Self {
    needs(name, isFound: ProcessRunner.path(of: name) != nil, sourceLocation: sourceLocation)
  }
}
