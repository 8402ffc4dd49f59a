// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Where bytes go.

import FixedDeflate
public import SystemPackage

/// An output: a descriptor, or a closure that is handed bytes.
public struct GzipOutput: Sendable {
  private enum Kind: Sendable {
    case descriptor(FileDescriptor)
    case writing(@Sendable (RawSpan) throws -> Void)
    case nowhere
  }

  private let kind: Kind

  private init(_ kind: Kind) { self.kind = kind }

  /// Writes to a descriptor from where it stands. It stays open; nothing brings a file to disk.
  ///
  /// - Parameter descriptor: A file, pipe, socket or device. One that does not block is made to.
  public init(_ descriptor: FileDescriptor) { kind = .descriptor(descriptor) }

  /// Hands bytes to a closure.
  ///
  /// - Parameter write: Takes all the bytes, some 256 KiB or fewer as a rule. What it throws comes
  ///   back as ``GzipError/sink(_:)``, and it is not called again. Called by one thread at a time, in
  ///   order, and not always by the same one.
  public init(writing write: @escaping @Sendable (RawSpan) throws -> Void) {
    kind = .writing(write)
  }

  /// Takes all bytes and keeps none: to test a file, or to measure it.
  public static let nowhere = GzipOutput(.nowhere)

  package func write(_ bytes: RawSpan) throws(GzipError) {
    switch kind {
    case .descriptor(let descriptor):
      do throws(Errno) {
        try DescriptorIO.write(bytes, to: descriptor)
      } catch {
        throw .writing(error)
      }
    case .writing(let write):
      do {
        try write(bytes)
      } catch {
        throw .sink(error)
      }
    case .nowhere: break
    }
  }
}

/// Takes data in order, with how far things are then; for one thread at a time.
package struct Sink: Sendable {
  private let body: @Sendable (RawSpan, GzipProgress) throws(GzipError) -> Void

  package init(_ body: @escaping @Sendable (RawSpan, GzipProgress) throws(GzipError) -> Void) {
    self.body = body
  }

  /// Writes to an output, unless the run is cancelled, and tells of it.
  package init(
    _ output: GzipOutput, progress: GzipProgress.Observer? = nil,
    cancellation: GzipCancellation? = nil
  ) {
    self.init { (bytes: RawSpan, counts: GzipProgress) throws(GzipError) in
      if let cancellation, cancellation.isCancelled { throw .cancelled }
      try output.write(bytes)
      progress?(counts)
    }
  }

  package func take(_ bytes: RawSpan, _ counts: GzipProgress) throws(GzipError) {
    try body(bytes, counts)
  }
}
