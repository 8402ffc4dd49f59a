// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// System calls that swift-system does not have, and those it has, with the errno as the thrown type.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
package import SystemPackage

extension Errno {
  /// The calling thread's errno.
  package static var current: Errno { Errno(rawValue: errno) }
}

/// Calls again while signals interrupt it, and throws what errno says of a result below 0. Not for
/// close(2), after which the descriptor is gone whatever it says.
@discardableResult
package func retrying(_ call: () -> Int32) throws(Errno) -> Int32 {
  while true {
    let result = call()
    if result >= 0 { return result }
    if errno != EINTR { throw .current }
  }
}

/// swift-system's calls throw untyped; all of them throw `Errno`.
package func errnoOnly<Result>(_ body: () throws -> Result) throws(Errno) -> Result {
  do {
    return try body()
  } catch let error as Errno {
    throw error
  } catch {
    throw .ioError
  }
}
