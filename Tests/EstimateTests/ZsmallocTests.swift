// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MemoryEstimate

@Suite("zsmalloc's size classes are the kernel's")
struct ZsmallocTests {
  // Documentation/mm/zsmalloc.rst, "Overall the combined zspage chain size effect". Its numbers of classes from
  // a chain of six on are those of an older rule, which compared waste in whole percents: by bytes, as
  // calculate_zspage_chain_size() does it since 6.3, they differ by up to seven, and the last class does not.
  static let published = [
    (4, 3264), (5, 3408), (6, 3504), (7, 3584), (8, 3632), (9, 3680), (10, 3712), (11, 3744),
    (12, 3776), (13, 3792), (14, 3808), (15, 3840), (16, 3840),
  ]

  @Test("the largest class that is not huge is the published one", arguments: published)
  func watermark(chain: Int, size: Int) {
    let classes = ZsmallocClasses(pageSize: 4096, chain: chain).classes
    #expect(classes.last == .init(size: 4096, pages: 1, objects: 1))
    #expect(classes.dropLast().last?.size == size)
  }

  @Test(
    "the numbers of classes are published where both rules agree", arguments: [(4, 69), (5, 86)])
  func counts(chain: Int, count: Int) {
    #expect(ZsmallocClasses(pageSize: 4096, chain: chain).classes.count == count)
  }

  @Test("the ends of the published listings come out, with their pages")
  func listing() {
    let classes = ZsmallocClasses(pageSize: 4096, chain: 8).classes
    let found = classes.filter { $0.size >= 3264 }.map { [$0.size, $0.pages] }
    #expect(
      found == [[3264, 4], [3408, 5], [3504, 6], [3584, 7], [3632, 8], [4096, 1]])
    let short = ZsmallocClasses(pageSize: 4096, chain: 4).classes
    #expect(short.contains { $0.size == 1536 && $0.pages == 3 })
    #expect(short.contains { $0.size == 1632 && $0.pages == 2 && $0.objects == 5 })
    #expect(!short.contains { (1537..<1632).contains($0.size) })
    // The page's example: at a length of five, 13 objects of 1568 bytes.
    let five = ZsmallocClasses(pageSize: 4096, chain: 5)
    #expect(five.memory(of: 1568 - 8) == 5 * 4096 / 13.0)
  }

  @Test(
    "an object's memory holds it and its handle, and grows with it",
    arguments: [4096, 16384, 65536])
  func memory(pageSize: Int) {
    let classes = ZsmallocClasses(pageSize: pageSize)
    var last = 0.0
    for count in 1...pageSize {
      let memory = classes.memory(of: count)
      #expect(memory >= last)
      if count + 8 <= pageSize { #expect(memory >= Double(count + 8)) }
      last = memory
    }
    #expect(last == Double(pageSize))
    // 20 bytes with their handle are the smallest class; 121 with theirs 129, the class of 144 bytes.
    if pageSize == 4096 {
      #expect(classes.memory(of: 1) == 32)
      #expect(classes.classes[classes.index(of: 121)].size == 144)
    }
  }
}
