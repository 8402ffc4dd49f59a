// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MemoryEstimate

@Suite("What of a process's mappings is swappable memory")
struct MappingTests {
  static let mounts = MemoryFileSystems(
    mountinfo: """
      22 28 0:21 / /sys rw,nosuid - sysfs sysfs rw
      27 28 0:25 / /run rw,nosuid shared:5 - tmpfs tmpfs rw,size=1g
      28 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw
      not a line of mountinfo
      """)

  static let lines: [(line: Substring, kind: Mapping.Kind?)] = [
    ("55d0a6000000-55d0a6021000 rw-p 00000000 00:00 0                          [heap]", .heap),
    ("7ffc0d0e0000-7ffc0d101000 rw-p 00000000 00:00 0   [stack]", .stack),
    ("7f0000000000-7f0000021000 rw-p 00000000 00:00 0 ", .anonymous(name: nil)),
    (
      "7f0000000000-7f0000021000 rw-p 00000000 00:00 0 [anon:glibc: malloc]",
      .anonymous(name: "glibc: malloc")
    ),
    ("7f1000000000-7f1000002000 rw-p 0001f000 fe:01 131 /usr/lib/libc.so.6", .filePrivate),
    ("7f1000000000-7f1000002000 r--s 00000000 fe:01 131 /var/cache/fonts", nil),
    ("7f2000000000-7f2000002000 rw-s 00000000 00:01 7 /memfd:buffer (deleted)", .shmem),
    ("7f2000000000-7f2000002000 rw-s 00001000 00:01 8 /dev/zero (deleted)", .shmem),
    ("7f2000000000-7f2000002000 rw-s 00000000 00:19 9 /run/user/shared memory", .shmem),
    ("7f3000000000-7f3000200000 rw-s 00000000 00:0f 3 /anon_hugepage (deleted)", nil),
    ("7ffc0d1f0000-7ffc0d1f4000 r--p 00000000 00:00 0   [vvar]", nil),
    ("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0   [vsyscall]", nil),
    ("", nil), ("7f00-7e00 rw-p 0 00:00 0", nil), ("zz-yy rw-p 0 00:00 0", nil),
  ]

  @Test("each line of maps is of its kind", arguments: lines)
  func kinds(line: Substring, kind: Mapping.Kind?) {
    let mapping = Mapping(line, isMemoryFile: Self.mounts.contains(mapsDevice:))
    #expect(mapping?.kind == kind)
  }

  @Test("shared memory is known by its file, so that it counts once")
  func sharedFile() throws {
    let line: Substring = "7f2000000000-7f2000002000 rw-s 00001000 00:01 8 /dev/zero (deleted)"
    let mapping = try #require(Mapping(line) { _ in false })
    #expect(mapping.file == Mapping.SharedFile(device: "00:01", inode: 8, offset: 0x1000))
    #expect(mapping.addresses == 0x7f20_0000_0000..<0x7f20_0000_2000)
  }

  @Test("a page is in memory, in swap or a hole by its pagemap entry")
  func places() {
    let present = PageMapEntry(bits: 1 << 63)
    let file = PageMapEntry(bits: 1 << 63 | 1 << 61)
    let swapped = PageMapEntry(bits: 1 << 62 | 5)
    #expect(present.place(in: .heap) == .memory)
    #expect(PageMapEntry(bits: 0).place(in: .heap) == .hole)
    #expect(swapped.place(in: .shmem) == .swap)
    // A page of the file that its mapping has not written goes back to the file.
    #expect(file.place(in: .filePrivate) == .hole)
    #expect(present.place(in: .filePrivate) == .memory)
    #expect(file.place(in: .shmem) == .memory)
  }

  @Test("runs number their pages in order, and those that touch are one")
  func runs() {
    var runs = PageRuns()
    runs.append(start: 10, length: 2)
    runs.append(start: 12, length: 1)
    runs.append(start: 100, length: 3)
    #expect(runs.count == 6)
    #expect((0..<6).map { runs[$0] } == [10, 11, 12, 100, 101, 102])
  }
}
