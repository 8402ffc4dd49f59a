// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The calls above the codec: containers in one call and in pieces, several threads, tables and indexes.

@_spi(Builds) import FixedDeflate
import ParallelGzip
import TestSupport

extension Call {
  /// One call each of all that is public above the codec's own.
  static func containers() -> [Call] {
    let bytes = chunks()[0].bytes + memory()
    return oneCalls(bytes) + streams(bytes) + parallel(bytes) + tables(bytes) + others(bytes)
  }

  /// Traps on an error, for the inputs are good.
  static func good<Value>(_ body: () throws -> Value) -> Value {
    do { return try body() } catch { preconditionFailure("\(error)") }
  }

  private static func oneCalls(_ bytes: [UInt8]) -> [Call] {
    let (gzip, zlib, raw) = (Gzip.compress(bytes), Zlib.compress(bytes), Deflate.compress(bytes))
    let room = Room(2 * bytes.count)
    var member = Decoder()
    return [
      Call("Gzip.compress", bytes: bytes.count) { _ = Gzip.compress(bytes) },
      Call("Zlib.compress", bytes: bytes.count) { _ = Zlib.compress(bytes) },
      Call("Deflate.compress", bytes: bytes.count) { _ = Deflate.compress(bytes) },
      Call("Gzip.decompress", bytes: bytes.count) {
        _ = good { try Gzip.decompress(gzip, maximumCount: bytes.count) }
      },
      Call("Zlib.decompress", bytes: bytes.count) {
        _ = good { try Zlib.decompress(zlib, maximumCount: bytes.count) }
      },
      Call("Deflate.decompress", bytes: bytes.count) {
        _ = good { try Deflate.decompress(raw, maximumCount: bytes.count) }
      },
      Call("Decoder.decompressGzipMember", bytes: bytes.count) {
        // SAFETY (here and below): bytes have no padding.
        room.fill { _ = try member.decompressGzipMember(unsafe gzip.span.bytes, into: &$0) }
      },
      Call("GzipHeader.parse", bytes: 10) {
        _ = good { try GzipHeader.parse(unsafe gzip.span.bytes) }
      },
    ]
  }

  private static func streams(_ bytes: [UInt8]) -> [Call] {
    let formats: [ContainerFormat] = [.gzip, .bgzf, .zlib, .raw]
    let piece = 1000
    return formats.flatMap { format in
      var whole: [UInt8] = []
      var encoder = StreamEncoder(format: format, mode: .dynamic)
      encoder.write(bytes, to: &whole)
      _ = encoder.finish(to: &whole)
      let file = whole
      return [
        Call("StreamEncoder \(format)", bytes: bytes.count) {
          var encoder = StreamEncoder(format: format)
          encoder.write(unsafe bytes.span.bytes) { (_: RawSpan) in }
          encoder.flush { (_: RawSpan) in }
          _ = encoder.finish { (_: RawSpan) in }
        },
        Call("StreamDecoder \(format)", bytes: bytes.count) {
          var decoder = StreamDecoder(format: format)
          var start = 0
          while start < file.count {
            let end = min(start + piece, file.count)
            let part = unsafe file.span.bytes.extracting(start..<end)
            let progress = good {
              try decoder.decompress(part, endOfInput: end == file.count) { (_: RawSpan) in }
            }
            if progress.consumed == 0 { break }
            start += progress.consumed
          }
        },
      ]
    }
  }

  private static func parallel(_ bytes: [UInt8]) -> [Call] {
    [1, 2].flatMap { workers in
      [ContainerFormat.gzip, .bgzf, .zlib].flatMap { format in
        var configuration = GzipWriter.Configuration()
        configuration.format = format
        configuration.workers = workers
        configuration.chunkSize = 16_384
        let settings = configuration
        let packed = Collector()
        _ = good {
          try GzipWriter.compress(
            from: source(bytes), to: packed.output, configuration: settings)
        }
        let file = packed.bytes
        var reading = GzipReader.Configuration()
        reading.format = format
        reading.workers = workers
        let setting = reading
        return [
          Call("GzipWriter.compress \(format) \(workers)", bytes: bytes.count) {
            _ = good {
              try GzipWriter.compress(
                from: source(bytes), to: GzipOutput { _ in }, configuration: settings)
            }
          },
          Call("GzipWriter.write \(format) \(workers)", bytes: bytes.count) {
            _ = good {
              var writer = try GzipWriter(to: GzipOutput { _ in }, configuration: settings)
              try writer.write(bytes)
              return try writer.finish()
            }
          },
          Call("GzipReader.copy \(format) \(workers)", bytes: bytes.count) {
            _ = good {
              try GzipReader(source(file), configuration: setting).copy(to: GzipOutput { _ in })
            }
          },
          Call("GzipReader.read \(format) \(workers)", bytes: bytes.count) {
            good {
              let reader = try GzipReader(source(file), configuration: setting)
              let room = Room(chunkSize)
              var count = 1
              while count > 0 { room.fill { count = try reader.read(into: &$0) } }
            }
          },
        ]
      }
    }
  }

  private static func tables(_ bytes: [UInt8]) -> [Call] {
    let chunk = Array(bytes.prefix(pageSize))
    let best = Encoder.bound(chunk.count)
    let room = Room(2 * best + 4096)
    var sizer = StreamSizer()
    var histogram = TokenHistogram()
    histogram.add(unsafe chunk.span.bytes)
    let counted = histogram
    let modes = [("best fixed", CompressionMode.fixed.best), ("best dynamic", .dynamic.best)]
    var other = Encoder(profile: .iaaPairFirst)
    return modes.map { name, mode in
      var encoder = Encoder(mode: mode)
      return Call("Encoder \(name)", bytes: chunk.count) {
        room.fill { try encoder.compress(unsafe chunk.span.bytes, into: &$0) }
      }
    } + [
      Call("Encoder of another profile", bytes: chunk.count) {
        room.fill { try other.compress(unsafe chunk.span.bytes, into: &$0) }
      },
      Call("StreamSizer.measure", bytes: chunk.count) {
        _ = sizer.measure(unsafe chunk.span.bytes)
      },
      Call("StreamSizer.measureFixed", bytes: chunk.count) {
        _ = sizer.measureFixed(unsafe chunk.span.bytes)
      },
      Call("TokenHistogram.add", bytes: chunk.count) {
        var histogram = TokenHistogram()
        histogram.add(unsafe chunk.span.bytes)
      },
      Call("CompressionTable(histogram:)", bytes: 0) {
        _ = CompressionTable(histogram: counted)
      },
    ]
  }

  private static func others(_ bytes: [UInt8]) -> [Call] {
    var index = BGZFIndex()
    for _ in 0..<100 { index.append(compressedCount: 20_000, dataCount: 65_280) }
    let encoded = index.encoded
    var layout = ChunkEncoder()
    let room = Room(2 * chunkSize)
    return [
      Call("BGZFIndex(parsing:)", bytes: encoded.count) {
        _ = good { try BGZFIndex(parsing: unsafe encoded.span.bytes) }
      },
      Call("MatchProfile.validate", bytes: 0) { good { try MatchProfile.iaaV1.validate() } },
      Call("ChunkEncoder.encode", bytes: 60_000) {
        room.fill { output in
          _ = try layout.encode(
            unsafe bytes.span.bytes.extracting(0..<60_000), isFirst: true, isLast: true,
            into: &output)
        }
      },
    ]
  }

  /// Bytes as an input that is read in pieces.
  private static func source(_ bytes: [UInt8]) -> GzipInput {
    let position = Position()
    return GzipInput { output in
      let end = min(bytes.count, position.value + min(output.freeCapacity, 10_000))
      for byte in bytes[position.value..<end] { output.append(byte) }
      position.value = end
    }
  }
}

/// How far an input has been read; one thread reads at a time.
private final class Position: @unchecked Sendable {
  var value = 0
}

/// An output that keeps its bytes; one thread writes at a time.
private final class Collector: @unchecked Sendable {
  private(set) var bytes: [UInt8] = []

  var output: GzipOutput {
    GzipOutput { [self] in bytes.append(span: $0) }
  }
}
