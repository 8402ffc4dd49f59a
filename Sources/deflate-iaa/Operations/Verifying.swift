// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Before an input file goes, the file written is read back, decoded and compared with what was
// read by length and CRC-32. Encoder and decoder share no code but tables, so one bug does not
// hide the other. Decompression needs no such pass for gzip and zlib: their trailers were checked
// against what was written. Raw streams carry nothing to check.

import FixedDeflate
import ParallelGzip
import SystemPackage

extension Processor {
  /// Decodes a written file again.
  ///
  /// - Throws: `Stop` when it does not hold what was read; the file is then removed.
  func verify(_ placement: Placement, holds sizes: EncodedSizes) throws(Stop) {
    do {
      try SystemCalls.seek(placement.output.descriptor)
    } catch {
      reporter.fail(placement.target, error)
      throw Stop()
    }
    let decoding = StreamDecoding(
      ByteSource(GzipInput(placement.output.descriptor)), format: sizes.configuration.format,
      processors: options.processors, computesChecksum: true, canned: options.canned)
    do throws(GzipError) {
      try decoding.run(to: Sink(.nowhere, progress: progress("verified", \.outputCount)))
    } catch {
      if case .decoding(let error) = error {
        reporter.fail(placement.target, "verification failed: \(describe(error))")
        throw Stop()
      }
      throw stop(error, reading: placement.target, writing: placement.target)
    }
    guard decoding.outputCount == sizes.written.inputCount,
      decoding.checksum == sizes.written.checksum,
      decoding.trailingData == .none
    else {
      reporter.fail(placement.target, "verification failed: it does not hold what was read")
      throw Stop()
    }
  }
}
