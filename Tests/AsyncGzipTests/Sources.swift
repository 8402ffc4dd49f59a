// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import Synchronization
import TestSupport

/// A producer that counts how often it was asked, and may fail behind its elements.
final class CountingSource<Element: Sendable>: AsyncSequence, Sendable {
  typealias Failure = any Error

  let elements: [Element]
  let failure: (any Error)?
  let asked = Atomic(0)

  init(_ elements: [Element], failure: (any Error)? = nil) {
    (self.elements, self.failure) = (elements, failure)
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(source: self) }

  struct AsyncIterator: AsyncIteratorProtocol {
    let source: CountingSource

    mutating func next(isolation actor: isolated (any Actor)?) async throws -> Element? {
      let index = source.asked.add(1, ordering: .relaxed).oldValue
      if index < source.elements.count { return source.elements[index] }
      if let failure = source.failure { throw failure }
      return nil
    }
  }
}

/// A producer's failure.
struct SourceError: Error, Equatable {}

extension AsyncSequence where Element == [UInt8] {
  /// All pieces in one.
  func collected() async throws -> [UInt8] {
    var bytes: [UInt8] = []
    for try await piece in self { bytes += piece }
    return bytes
  }
}

/// Cuts bytes at random places, sometimes twice at one.
func split(_ bytes: [UInt8], using generator: inout SeededGenerator) -> [[UInt8]] {
  var elements: [[UInt8]] = []
  var start = 0
  while start < bytes.count {
    let longest = [1, 30, 5000, 200_000][generator.number(0...3)]
    let end = min(bytes.count, start + generator.number(0...longest))
    elements.append([UInt8](bytes[start..<end]))
    start = end
  }
  return elements
}

/// A container of `bytes`.
func container(_ format: ContainerFormat, _ bytes: [UInt8]) -> [UInt8] {
  var encoder = StreamEncoder(format: format)
  var file: [UInt8] = []
  // SAFETY: bytes have no padding.
  encoder.write(unsafe bytes.span.bytes) { file.append(contentsOf: $0) }
  encoder.finish { file.append(contentsOf: $0) }
  return file
}
