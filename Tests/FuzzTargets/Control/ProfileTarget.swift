// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Profiles as files: any text is read or refused, and a profile that is read is written to the same and makes an
// encoder whose streams decode.

import FixedDeflate
import IAADevices
import TestSupport

final class ProfileTarget: FuzzTarget {
  private static let chunk: [UInt8] = Array(
    "abcabcabcabc, the very same abcabc; the very same".utf8)

  func check(_ input: [UInt8]) throws(FuzzFinding) {
    let text = String(decoding: input, as: UTF8.self)
    let file: ProfileFile
    do throws(ProfileFileError) {
      file = try ProfileFile(parsing: text)
    } catch {
      return try demand(!error.description.isEmpty, "refused without a reason")
    }
    guard let again = try? ProfileFile(parsing: file.text) else {
      throw FuzzFinding("what was written is refused: \(file.text)")
    }
    try demand(again == file && again.text == file.text, "written otherwise than read")
    var encoder = Encoder(profile: file.profile)
    let stream = withRawSpan(Self.chunk) { encoder.compress($0) }
    let back = Zlib.inflate(stream, maximumCount: Self.chunk.count)
    try demand(back.bytes == Self.chunk, "a profile whose streams are of other data")
  }
}
