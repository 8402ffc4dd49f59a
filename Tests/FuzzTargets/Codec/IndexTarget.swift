// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A .gzi index: what is read is written again to the byte, and no index, however wrong, makes a reader give data
// that is not at the place that was asked for.

import FixedDeflate
import ParallelGzip
import TestSupport

final class IndexTarget: FuzzTarget {
  private let data: [UInt8]
  private let file = UnnamedFile()

  init() {
    data = Inputs.nothingRepeats(30_000)
    file.write(Engine.contain(data, .bgzf, chunkSize: 4096))
  }

  func check(_ input: [UInt8]) throws(FuzzFinding) {
    var choices = Choices(input)
    let offsets = [choices.number(0...30_100), choices.number(0...30_100)]
    let bytes = choices.data
    let index: BGZFIndex
    do throws(DeflateError) {
      index = try withRawSpan(bytes) { (span: RawSpan) throws(DeflateError) in
        try BGZFIndex(parsing: span)
      }
    } catch {
      try demand(
        (0...bytes.count * 8).contains(error.bitPosition), "the fault is outside the index")
      return
    }
    try demand(index.encoded == bytes, "written otherwise than read")
    try demand(index.blocks.count <= bytes.count / 16 + 1, "more blocks than there are bytes for")
    for offset in offsets + [0] {
      if let block = index.block(holding: UInt64(offset)) {
        try demand(
          block.dataOffset <= UInt64(offset) || block == index.blocks.first,
          "a block behind the byte asked for")
      }
      try read(from: offset, index)
    }
  }

  private func read(from offset: Int, _ index: BGZFIndex) throws(FuzzFinding) {
    guard let reader = try? BGZFReader(file.descriptor, index: index, workers: 1) else {
      throw FuzzFinding("a good file cannot be opened")
    }
    reader.seek(to: UInt64(offset))
    let (outcome, bytes) = collectingOutputAlways(capacity: 700) {
      (output: inout OutputRawSpan) throws(GzipError) in
      try reader.read(into: &output)
    }
    guard case .success(let count) = outcome else { return }
    try demand(
      count == bytes.count && bytes.elementsEqual(data.dropFirst(offset).prefix(count)),
      "other data than at that place")
    try demand(count > 0 || offset >= data.count, "an end before the end")
  }
}
