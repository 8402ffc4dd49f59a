// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

/// The rules by which a page's size becomes memory.
package struct AccountingRules: Sendable {
  package let pageSize: Int
  package let classes: ZsmallocClasses
  package let kernel: KernelPolicy

  package init(pageSize: Int, kernel: KernelPolicy) {
    self.pageSize = pageSize
    self.kernel = kernel
    classes = ZsmallocClasses(pageSize: pageSize)
  }
}

/// What is added up of pages under an algorithm.
package enum Measure: Int, Sendable, CaseIterable {
  /// Bytes of the streams, those larger than a page too.
  case stream
  /// min(stream, page).
  case stored
  /// Bytes of zswap's pool.
  case zswap
  /// Bytes of zram's.
  case zram
  /// 1 for a page that zswap sends on to the swap device.
  case rejected
  /// 1 for a page that does not shrink.
  case incompressible
}

/// A page's values under one algorithm.
package struct PageValues: Sendable {
  private let stream: Double
  private let stored: Double
  private let zswap: Double
  private let zram: Double
  private let isRejected: Bool
  private let shrinks: Bool

  /// The values of a page of some kind with a stream of `size` bytes.
  package init(size: Int, kind: PageKind, rules: AccountingRules) {
    let pageSize = rules.pageSize
    shrinks = size < pageSize
    stream = Double(size)
    stored = Double(min(size, pageSize))
    let memory = shrinks ? rules.classes.memory(of: size) : Double(pageSize)
    zram = kind == .ordinary ? memory : 0
    let isWord = kind == .zero || kind == .sameFilled && rules.kernel.zswapKeepsSameFilled
    isRejected = !isWord && !shrinks && !rules.kernel.zswapKeepsIncompressible
    zswap = isWord || isRejected ? 0 : memory
  }

  subscript(measure: Measure) -> Double {
    switch measure {
    case .stream: stream
    case .stored: stored
    case .zswap: zswap
    case .zram: zram
    case .rejected: isRejected ? 1 : 0
    case .incompressible: shrinks ? 0 : 1
    }
  }
}
