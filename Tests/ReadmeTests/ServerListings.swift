// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The listings of the catalog's articles, as their readers would compile them. Each stands between two
// markers with its name; tests run them, and hold the articles to them.

import FixedDeflate
import Foundation

// Listing: data
/// The data of a gzip file, of at most 64 MiB.
func unpacked(_ file: Data) throws -> [UInt8] {
  try Gzip.decompress(file.span, maximumCount: 64 << 20)
}

func packed(_ data: Data) -> Data {
  Data(Gzip.compress(data.span))
}
// Listing: end

// Listing: response
/// A response's body that grows, with `Content-Encoding: gzip`.
struct CompressedBody: ~Copyable {
  private var encoder = StreamEncoder(format: .gzip)

  /// Sends an event; the client can decode it as soon as it has the bytes.
  mutating func send(_ event: String, to client: inout [UInt8]) {
    encoder.write(Array(event.utf8), to: &client)
    encoder.flush(to: &client)
  }

  /// Ends the body.
  consuming func end(to client: inout [UInt8]) {
    encoder.finish(to: &client)
  }
}
// Listing: end

// Listing: request
enum RequestError: Error { case tooLarge }

/// The body of a request with `Content-Encoding: gzip`, as its parts arrive.
struct RequestBody: ~Copyable {
  private var decoder = StreamDecoder(format: .gzip)
  private(set) var bytes: [UInt8] = []

  /// Takes a part in; throws on bad data, and where the body becomes larger than a server takes.
  mutating func receive(
    _ part: [UInt8], isLast: Bool, maximumCount: Int
  ) throws(StreamDecoder.SinkError<RequestError>) {
    _ = try decoder.decompress(part.span, endOfInput: isLast) { data throws(RequestError) in
      guard bytes.count + data.byteCount <= maximumCount else { throw .tooLarge }
      data.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
  }
}
// Listing: end

// Listing: file
/// Compresses a file in pieces: memory does not follow its size.
func compress(_ source: FileHandle, to target: FileHandle) throws {
  var encoder = StreamEncoder(format: .gzip)
  while let piece = try source.read(upToCount: 1 << 18), !piece.isEmpty {
    try encoder.write(piece.span) { try target.write(contentsOf: Data(piece: $0)) }
  }
  try encoder.finish { try target.write(contentsOf: Data(piece: $0)) }
}

extension Data {
  /// A copy of what a sink was lent.
  init(piece: RawSpan) { self = piece.withUnsafeBytes { Data($0) } }
}
// Listing: end
