// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A server whose answers go compressed to whoever takes gzip: a page, a list and a stream of events.
//
// Usage: hummingbird-server [PORT]    (8080 unless given, on this machine alone)

import AsyncGzip
import Hummingbird

let router = Router()
router.add(middleware: GzipMiddleware())

router.get("/") { _, _ in
  Response(
    status: .ok, headers: [.contentType: "text/html; charset=utf-8"],
    body: ResponseBody(byteBuffer: ByteBuffer(string: page)))
}

router.get("/items.json") { _, _ in
  Response(
    status: .ok, headers: [.contentType: "application/json"],
    body: ResponseBody(byteBuffer: ByteBuffer(string: items(count: 50_000))))
}

// A stream tells itself when the other side shall see what it has so far: behind each event.
router.get("/events") { request, _ in
  var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
  let events = Events(count: 5)
  guard request.takesGzip else {
    return Response(
      status: .ok, headers: headers,
      body: ResponseBody(asyncSequence: events.map { ByteBuffer(bytes: $0) }))
  }
  headers[.contentEncoding] = "gzip"
  let pieces = events.compressed(as: .gzip, flushesEachElement: true)
  return Response(
    status: .ok, headers: headers,
    body: ResponseBody(asyncSequence: pieces.map { ByteBuffer(bytes: $0) }))
}

router.get("/pause") { _, _ in
  try await Task.sleep(for: .seconds(3))
  return Response(status: .noContent)
}

let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8080
let server = Application(
  router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)))
try await server.runService()
