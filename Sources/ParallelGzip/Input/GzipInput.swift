// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Where bytes come from.

package import FixedDeflate
public import SystemPackage

/// An input: a descriptor, or a closure that is asked for bytes.
public struct GzipInput: Sendable {
  enum Kind: Sendable {
    case descriptor(FileDescriptor)
    /// A file, from a byte on; the descriptor's own position is neither used nor moved.
    case file(FileDescriptor, from: UInt64)
    case reading(@Sendable (inout OutputRawSpan) throws -> Void)
    case pushed(PushedInput)
  }

  let kind: Kind

  init(_ kind: Kind) { self.kind = kind }

  /// What a descriptor holds from where it stands to its end. It stays open, and stands anywhere
  /// behind what was needed when the run is over.
  ///
  /// - Parameter descriptor: A file, pipe, socket or device. One that does not block is made to.
  public init(_ descriptor: FileDescriptor) { kind = .descriptor(descriptor) }

  /// What a closure gives.
  ///
  /// - Parameter read: Appends as many bytes as there are now, and waits where there are none yet;
  ///   nothing appended is the end of the input. There is room for a byte at least. What it throws
  ///   comes back as ``GzipError/source(_:)``. Called by one thread at a time, and not always by the
  ///   same one; after the end it may be called again, and must then append nothing again. A reader
  ///   does not call it again once it has thrown.
  public init(reading read: @escaping @Sendable (inout OutputRawSpan) throws -> Void) {
    kind = .reading(read)
  }
}

/// Reads an input, for one thread at a time.
package struct InputReader: Sendable {
  private let input: GzipInput
  private let cancellation: GzipCancellation?
  /// Where in a file the next read begins.
  private var offset: UInt64 = 0

  package init(_ input: GzipInput, cancellation: GzipCancellation? = nil) {
    self.input = input
    self.cancellation = cancellation
    if case .file(_, let start) = input.kind { offset = start }
  }

  /// The descriptor, if it is a regular file's that is read from where it stands.
  var seekableDescriptor: FileDescriptor? {
    guard case .descriptor(let descriptor) = input.kind, DescriptorIO.isFile(descriptor) else {
      return nil
    }
    return descriptor
  }

  /// Reads once, behind what `buffer` holds, which must have room; nothing is added at the end of the
  /// input.
  ///
  /// - Returns: Whether what has been read so far is wanted before more is read; nothing is then
  ///   added, and it is not the end.
  @discardableResult
  package mutating func read(into buffer: inout OwnedBytes) throws(GzipError) -> Bool {
    if let cancellation, cancellation.isCancelled { throw .cancelled }
    switch input.kind {
    case .descriptor(let descriptor):
      do throws(Errno) {
        try buffer.withRoom { (output: inout OutputRawSpan) throws(Errno) in
          try DescriptorIO.read(descriptor, into: &output)
        }
      } catch {
        throw .reading(error)
      }
    case .file(let descriptor, _):
      let before = buffer.count
      do throws(Errno) {
        try buffer.withRoom { [offset] (output: inout OutputRawSpan) throws(Errno) in
          try DescriptorIO.read(descriptor, at: offset, into: &output)
        }
      } catch {
        throw .reading(error)
      }
      offset += UInt64(buffer.count - before)
    case .reading(let read):
      do {
        try buffer.withRoom { (output: inout OutputRawSpan) in try read(&output) }
      } catch {
        throw .source(error)
      }
    case .pushed(let pushed): return try pushed.read(into: &buffer)
    }
    return false
  }
}
