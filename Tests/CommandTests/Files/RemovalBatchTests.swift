// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// When outputs have waited for each other long enough, without files.

import Testing

@testable import deflate_iaa

@Suite("The batch of outputs that wait for the disk")
struct RemovalBatchTests {
  private typealias Batch = RemovalBatch<Int>

  private func item(
    _ number: Int, byteCount: UInt64 = 1, device: UInt64 = 1
  ) -> Batch.Item {
    Batch.Item(
      element: number, byteCount: byteCount, device: device,
      input: FileIdentity(device: device, inode: UInt64(number)),
      names: [
        Batch.Name(directory: FileIdentity(device: device, inode: 0), base: FileName("\(number)"))
      ])
  }

  @Test("ends at 256 files, 64 MiB of output or 200 ms, and an empty one never")
  func limits() {
    var batch = Batch(Batch.Limits())
    #expect(!batch.isDue(at: .max))
    for number in 1...255 { batch.add(item(number), at: 1000) }
    #expect(!batch.isDue(at: 1000))
    #expect(!batch.isDue(at: 200_000_999))
    #expect(batch.isDue(at: 200_001_000))
    batch.add(item(256), at: 1000)
    #expect(batch.isDue(at: 1000))
    #expect(batch.take() == Array(1...256))
    #expect(batch.isEmpty && !batch.isDue(at: .max))

    batch.add(item(1, byteCount: 64 << 20 - 1), at: 0)
    #expect(!batch.isDue(at: 0))
    batch.add(item(2), at: 0)
    #expect(batch.isDue(at: 0))
  }

  @Test("the time counts from the first file of this batch")
  func time() {
    var batch = Batch(Batch.Limits())
    batch.add(item(1), at: 0)
    _ = batch.take()
    batch.add(item(2), at: 500_000_000)
    batch.add(item(3), at: 600_000_000)
    #expect(!batch.isDue(at: 699_999_999))
    #expect(batch.isDue(at: 700_000_000))
  }

  @Test("a large file does not have those before it wait")
  func largeFile() {
    var batch = Batch(Batch.Limits())
    #expect(!batch.isDue(before: .max, at: 0))
    batch.add(item(1, byteCount: 1 << 20), at: 0)
    #expect(!batch.isDue(before: 63 << 20 - 1, at: 0))
    #expect(batch.isDue(before: 63 << 20, at: 0))
    #expect(batch.isDue(before: .max, at: 0))
  }

  @Test("knows the names and the files that it is about to change, until they are taken")
  func awaited() {
    var batch = Batch(Batch.Limits())
    batch.add(item(7), at: 0)
    let name = Batch.Name(
      directory: FileIdentity(device: 1, inode: 0), base: FileName("7"))
    #expect(batch.awaits(name) && batch.awaits(FileIdentity(device: 1, inode: 7)))
    #expect(!batch.awaits(FileIdentity(device: 2, inode: 7)))
    _ = batch.take()
    #expect(!batch.awaits(name) && !batch.awaits(FileIdentity(device: 1, inode: 7)))
  }

  @Test("is of one device, and of any once it is empty")
  func device() {
    var batch = Batch(Batch.Limits())
    #expect(batch.isOn(1) && batch.isOn(2))
    batch.add(item(1, device: 2), at: 0)
    #expect(!batch.isOn(1) && batch.isOn(2))
    _ = batch.take()
    #expect(batch.isOn(1))
  }
}
