// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Nobody is timed before their result was checked.

import Rig

struct WrongResult: Error, CustomStringConvertible {
  let description: String
}

extension Contest {
  /// Runs every engine once and checks what it wrote.
  ///
  /// - Returns: The bytes each engine wrote, and the share of its streams that are not fixed blocks.
  func verify() throws -> [(outputCount: Int, notFixed: Double)] {
    let slots = Slots(count: input.count, room: room)
    var first: [[UInt8]]?
    return try engines.map { engine in
      slots.wipe()
      try engine.run(input, into: slots)
      let outputs = (0..<input.count).map { slots[$0] }
      func require(_ isRight: Bool, _ what: String) throws {
        if !isRight { throw WrongResult(description: "\(engine.name): \(what)") }
      }
      let isOurs = engine.name.hasPrefix(EngineName.ours)
      switch check {
      case .equals(let plain):
        for index in outputs.indices {
          try require(outputs[index] == plain[index], "chunk \(index) decoded to other bytes")
        }
      case .decodes(let plain):
        var decoders: [any Engine] = [PeerEngine.zlibDecoder(windowBits: -15)]
        if isOurs { decoders += [OwnDecoder(), PeerEngine.libdeflateDecoder()] }
        for decoder in decoders {
          let decoded = try Chunks(outputs).coded(by: decoder, room: plain.largest)
          try require(decoded.bytes == plain.bytes, "\(decoder.name) gets other bytes back")
        }
        if isOurs {
          try require(first == nil || first == outputs, "other bits than one page at a time")
          first = outputs
        }
      case .agreement:
        try require(first == nil || first == outputs, "another result than the first engine")
        first = outputs
      }
      let isStream = if case .decodes = check { true } else { false }
      return (outputs.reduce(0) { $0 + $1.count }, isStream ? Chunks(outputs).shareNotFixed : 0)
    }
  }
}
