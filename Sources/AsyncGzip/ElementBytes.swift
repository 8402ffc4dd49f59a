// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Elements are whatever holds bytes: arrays, slices, Data, NIO's views of its buffers. They are read
// where they lie, in as many steps as the codec wants.

import FixedDeflate

/// An element of bytes, and how many of them have been taken.
struct ElementBytes<Element: Collection<UInt8>> {
  /// The element, or a copy of one whose bytes do not lie together.
  private enum Storage {
    case none
    case element(Element)
    case copy([UInt8])
  }

  private var storage = Storage.none
  private var taken = 0
  private var count = 0

  /// No bytes.
  init() {}

  init(_ element: Element) {
    let contiguous = element.withContiguousStorageIfAvailable { $0.count }
    if let contiguous {
      (storage, count) = (.element(element), contiguous)
    } else {
      let copy = [UInt8](element)
      (storage, count) = (.copy(copy), copy.count)
    }
  }

  /// Whether all bytes have been taken.
  var isEmpty: Bool { taken == count }

  /// Lends the bytes that have not been taken; `body` returns how many it takes.
  mutating func withBytes(_ body: (RawSpan) -> Int) {
    let (taken, count) = (taken, count)
    func lend(_ buffer: UnsafeBufferPointer<UInt8>) -> Int {
      // SAFETY: the span is used while the buffer is lent; the slice checks the range.
      let bytes = unsafe UnsafeRawBufferPointer(buffer)[taken..<count]
      return body(unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: bytes)))
    }
    let more =
      switch storage {
      case .none: body(RawSpan())
      case .element(let element): element.withContiguousStorageIfAvailable(lend)
      case .copy(let bytes): unsafe bytes.withUnsafeBufferPointer(lend)
      }
    guard let more else { preconditionFailure("an element whose bytes no longer lie together") }
    precondition((0...(count - taken)).contains(more), "took bytes that there are not")
    self.taken = taken + more
    if isEmpty { storage = .none }
  }
}
