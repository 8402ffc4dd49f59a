// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Writes dynamic block headers by hand. The code for code lengths gives each of the lengths 0...15
// four bits, so that a codeword is the length itself and every broken description can be spelled.

extension PlainBits {
  /// BFINAL and BTYPE.
  public mutating func blockHeader(final isFinal: Bool, type: Int) {
    number(isFinal ? 1 : 0, width: 1)
    number(type, width: 2)
  }

  /// HLIT, HDIST and HCLEN as the fields hold them.
  public mutating func counts(_ hlit: Int, _ hdist: Int, _ hclen: Int) {
    number(hlit, width: 5)
    number(hdist, width: 5)
    number(hclen, width: 4)
  }

  /// A final dynamic block's header with these code lengths; both lists end where HLIT and HDIST
  /// say they do.
  public mutating func dynamicHeader(literals: [Int: Int], distances: [Int: Int]) {
    blockHeader(final: true, type: 2)
    let literalCount = max(257, (literals.keys.max() ?? 0) + 1)
    let distanceCount = max(1, (distances.keys.max() ?? 0) + 1)
    counts(literalCount - 257, distanceCount - 1, 15)
    // In the RFC's order 16, 17 and 18 come first and are not used; all others have four bits.
    for index in 0..<19 { number(index < 3 ? 0 : 4, width: 3) }
    for symbol in 0..<literalCount { codeword(literals[symbol] ?? 0, width: 4) }
    for symbol in 0..<distanceCount { codeword(distances[symbol] ?? 0, width: 4) }
  }
}
