// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Stores a file's pages, of its first 64 MiB, as zswap would, brings them back, compares every byte,
// and says where the work was done.
//
// Usage: zswap-store [--model] [FILE]
// Without a file it takes this program's own; with --model it works on two device models.

import Glibc
import IAAModel
import IAAOffload

var arguments = Array(CommandLine.arguments.dropFirst())
let usesModel = arguments.first == "--model"
if usesModel { arguments.removeFirst() }
let path = arguments.first ?? "/proc/self/exe"

guard let file = unsafe fopen(path, "rb") else {
  print("zswap-store: cannot open \(path)")
  exit(1)
}
var pages = [UInt8](repeating: 0, count: 64 << 20)
let count = unsafe fread(&pages, 1, pages.count, file)
unsafe fclose(file)
// The last page is filled up with zeros, and some empty pages follow, as memory has them.
let pageCount = (count + PageStore.pageSize - 1) / PageStore.pageSize + 64
pages.removeLast(max(0, pages.count - pageCount * PageStore.pageSize))
pages += [UInt8](repeating: 0, count: pageCount * PageStore.pageSize - pages.count)

let models = usesModel ? [DeviceModel(.init(id: 1)), DeviceModel(.init(id: 3))] : []
let dispatcher = usesModel ? try Dispatcher(models: models) : try Dispatcher()
var store = PageStore(dispatcher: dispatcher)

// Pages come and go in groups, as reclaim and readahead hand them over.
let group = 32
for first in stride(from: 0, to: pageCount, by: group) {
  let end = min(first + group, pageCount)
  store.store(
    Array(pages[first * PageStore.pageSize..<end * PageStore.pageSize]), first: first)
}
for first in stride(from: 0, to: pageCount, by: group) {
  let end = min(first + group, pageCount)
  let expected = pages[first * PageStore.pageSize..<end * PageStore.pageSize]
  guard let loaded = store.load(first..<end), loaded == Array(expected) else {
    print("zswap-store: pages \(first)..<\(end) came back wrong")
    exit(1)
  }
}

let counts = store.counts
let ratio = Double(pageCount * PageStore.pageSize) / Double(max(1, counts.bytes))
let poolRatio = Double(pageCount * PageStore.pageSize) / max(1, counts.pool)
print(
  """
  \(pageCount) pages: \(counts.sameFilled) same-filled, \(counts.compressed) compressed, \
  \(counts.raw) kept as they are
  \(counts.bytes) bytes in all, \((ratio * 100).rounded() / 100) to 1; all pages came back right
  in the kernel's pool (zsmalloc) \(Int(counts.pool)) bytes, \((poolRatio * 100).rounded() / 100) to 1
  compressed on hardware \(counts.onHardware), in software \(counts.inSoftware)

  """)
print(dispatcher.statistics.globalStats(), terminator: "")
if usesModel { print("\n" + dispatcher.statistics.wqStats(), terminator: "") }
