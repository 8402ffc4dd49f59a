// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What an object costs in the kernel's allocator for compressed pages (mm/zsmalloc.c), where zswap
// and zram keep theirs: not its own bytes, but its share of a chain of pages.

/// The size classes of zsmalloc for one page size.
package struct ZsmallocClasses: Sendable, Equatable {
  /// One class: all objects of a range of sizes.
  package struct Class: Sendable, Equatable {
    /// The largest object, handle included, in bytes.
    package let size: Int
    /// Pages of one chain (zspage).
    package let pages: Int
    /// Objects of one chain.
    package let objects: Int
  }

  /// The handle that each object carries, in bytes (ZS_HANDLE_SIZE on 64-bit machines).
  package static let handleSize = 8
  /// The smallest class (ZS_MIN_ALLOC_SIZE wherever a page number takes no more than 40 bits).
  package static let smallestSize = 32
  /// The longest chain (CONFIG_ZSMALLOC_CHAIN_SIZE, its default since Linux 6.3; 4 before).
  package static let defaultChain = 8

  /// Bytes of a page.
  package let pageSize: Int
  /// The classes after merging, smallest first.
  package let classes: [Class]
  private let indices: [Int]
  private var step: Int { pageSize >> 8 }

  /// The classes as the kernel makes them when a pool is created.
  ///
  /// - Parameters:
  ///   - pageSize: bytes of a page, a power of two from 4096 on.
  ///   - chain: the most pages of a chain, 1 to 16.
  package init(pageSize: Int, chain: Int = defaultChain) {
    precondition(pageSize >= 4096 && pageSize & (pageSize - 1) == 0, "not a page size")
    precondition((1...16).contains(chain), "a chain has 1 to 16 pages")
    self.pageSize = pageSize
    let step = pageSize >> 8
    let count = (pageSize - Self.smallestSize + step - 1) / step + 1
    var made: [Class] = []
    var indices: [Int] = []
    // From the largest down: a class that would have the same chain becomes its larger neighbour.
    for index in (0..<count).reversed() {
      let size = min(Self.smallestSize + index * step, pageSize)
      let pages = Self.chainLength(size: size, pageSize: pageSize, longest: chain)
      let objects = pages * pageSize / size
      if made.last?.pages != pages || made.last?.objects != objects {
        made.append(Class(size: size, pages: pages, objects: objects))
      }
      indices.append(made.count - 1)
    }
    classes = made.reversed()
    self.indices = indices.reversed().map { made.count - 1 - $0 }
  }

  /// The length that wastes least, the shortest of them; one page for powers of two.
  private static func chainLength(size: Int, pageSize: Int, longest: Int) -> Int {
    if size & (size - 1) == 0 { return 1 }
    return (1...longest).min { $0 * pageSize % size < $1 * pageSize % size } ?? 1
  }

  /// The class of an object of `count` bytes, 1 to ``pageSize``.
  package func index(of count: Int) -> Int {
    precondition((1...pageSize).contains(count), "an object has 1 byte to a page")
    let size = count + Self.handleSize
    let index = max(0, size - Self.smallestSize + step - 1) / step
    return indices[min(index, indices.count - 1)]
  }

  /// The memory that one object of `count` bytes takes, in bytes: its share of its chain.
  package func memory(of count: Int) -> Double {
    let found = classes[index(of: count)]
    return Double(found.pages * pageSize) / Double(found.objects)
  }
}
