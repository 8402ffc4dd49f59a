// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// One stream in canned tables at a time, on a device where there is one. The codec's verdict on bad data is the only
// one.

import FixedDeflate
import IAADevices
import IAAOffload
import ParallelGzip

/// Decodes streams in canned tables.
final class CannedOffload: CannedCoder {
  private let dispatcher: Dispatcher
  private let coders: OffloadCoders
  private var tally = BlockTally()
  private(set) var refusal: String?

  init(_ dispatcher: Dispatcher, _ coders: OffloadCoders) {
    self.dispatcher = dispatcher
    self.coders = coders
  }

  func takeNote() -> (any WorkNote)? { tally.takeNote(for: coders) }

  func decode(_ input: RawSpan, into output: inout OwnedBytes, maximumCount: Int) -> Int? {
    while true {
      do throws(OffloadError) {
        let report = try output.withOutput { (output: inout OutputRawSpan) throws(OffloadError) in
          try dispatcher.decompress(input, into: &output)
        }
        if report.outputCount > 0 { tally.add(report) }
        return report.inputCount
      } catch .outputFull where output.grow(to: maximumCount) {
        continue
      } catch {
        refusal = "\(error)"
        return nil
      }
    }
  }
}
