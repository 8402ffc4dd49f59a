// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import FixedDeflate
import Hummingbird

/// Compresses the body of each response for requests that take gzip (RFC 9110 §8.4.1.3).
struct GzipMiddleware<Context: RequestContext>: RouterMiddleware {
  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    var response = try await next(request, context)
    response.headers[values: .vary].append("Accept-Encoding")
    // A body of a packet or less is not worth it; one that is compressed already stays so.
    guard request.takesGzip, response.headers[.contentEncoding] == nil,
      response.body.contentLength ?? .max > 1400
    else { return response }
    response.headers[.contentEncoding] = "gzip"
    response.headers[.contentLength] = nil
    let body = response.body
    response.body = ResponseBody { writer in
      try await body.write(GzipBodyWriter(to: writer))
    }
    return response
  }
}

extension Request {
  /// Whether Accept-Encoding gives gzip a weight above zero, or anything where gzip is not named
  /// (RFC 9110 §12.5.3).
  var takesGzip: Bool {
    let codings = headers[values: .acceptEncoding].flatMap { $0.split(separator: ",") }
    var weights: [String: Double] = [:]
    for coding in codings {
      let parts = coding.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
      guard let name = parts.first else { continue }
      let weight = parts.dropFirst().first { $0.hasPrefix("q=") }
      weights[name] = weight.flatMap { Double($0.dropFirst(2)) } ?? 1
    }
    return (weights["gzip"] ?? weights["x-gzip"] ?? weights["*"] ?? 0) > 0
  }
}

/// Compresses what is written into another writer.
struct GzipBodyWriter: ResponseBodyWriter {
  private var output: any ResponseBodyWriter
  private let state = State()

  init(to output: any ResponseBodyWriter) { self.output = output }

  mutating func write(_ buffer: ByteBuffer) async throws {
    let piece = state.compress(buffer)
    if piece.readableBytes > 0 { try await output.write(piece) }
  }

  consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
    try await output.write(state.finish())
    try await output.finish(trailingHeaders)
  }

  /// The encoder, which is not copyable where writers are.
  private final class State {
    private var encoder: StreamEncoder? = StreamEncoder(format: .gzip)

    func compress(_ buffer: ByteBuffer) -> ByteBuffer {
      var piece = ByteBuffer()
      encoder?.write(buffer.readableBytesSpan) { piece.writeBytes($0) }
      return piece
    }

    func finish() -> ByteBuffer {
      var piece = ByteBuffer()
      encoder.take()?.finish { piece.writeBytes($0) }
      return piece
    }
  }
}
