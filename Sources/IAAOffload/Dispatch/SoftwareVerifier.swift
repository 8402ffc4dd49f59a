// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Verification without a device: the library's decoder, held to a device's history, since what is
// stored today may be read by a device tomorrow.

package import FixedDeflate
import IAADevices

/// Decompresses streams to compare them with what they were made of.
package struct SoftwareVerifier: ~Copyable {
  /// Made on first use: most threads never verify in software.
  private var decoder: ModeDecoder?
  private var scratch: [UInt8] = []
  private let mode: CompressionMode

  package init(_ mode: CompressionMode) { self.mode = mode }

  /// Whether a stream decompresses to exactly these bytes.
  package mutating func isStream(_ stream: RawSpan, of bytes: RawSpan) -> Bool {
    if scratch.count < bytes.byteCount {
      scratch = [UInt8](repeating: 0, count: bytes.byteCount)
    }
    if decoder == nil { decoder = ModeDecoder(mode, limit: .iaa) }
    // SAFETY: the scratch lives for the call; what was decoded is initialised, and more than there
    // is room for fails.
    let count = unsafe scratch.withUnsafeMutableBytes { buffer -> Int? in
      let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<bytes.byteCount])
      var output = unsafe OutputRawSpan(buffer: room, initializedCount: 0)
      let consumed = try? decoder?.decompress(stream, into: &output)
      let count = unsafe output.finalize(for: room)
      return consumed == nil ? nil : count
    }
    return count == bytes.byteCount && bytes.isEqual(to: scratch)
  }
}
