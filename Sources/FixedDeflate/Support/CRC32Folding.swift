// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The kernels that fold bytes into a CRC-32 by carry-less multiplication.

#if arch(x86_64)
  import CDeflateKernels

  /// The vectors that bytes are folded by, by their bits; widest first, as what one leaves the next takes.
  enum CRC32Folding: Int, CaseIterable {
    case by512 = 512
    case by256 = 256
    case by128 = 128

    /// Those that this processor has. With vectors of 512 bits those of 256 have nothing left to do.
    static let current: [CRC32Folding] = {
      let kinds = allCases.filter(\.isSupported)
      return kinds.first == .by512 ? kinds.filter { $0 != .by256 } : kinds
    }()

    /// Whether this processor has PCLMULQDQ and SSE4.1, for more than 128 bits VPCLMULQDQ with AVX2 or AVX-512.
    var isSupported: Bool {
      switch self {
      case .by512: dk_has_clmul512() != 0
      case .by256: dk_has_clmul256() != 0
      case .by128: dk_has_clmul() != 0
      }
    }

    /// Bytes of a block.
    var blockSize: Int { self == .by128 ? 64 : 256 }

    /// The inverted register of a CRC-32 after whole blocks. Traps on a part of one. The processor must support it.
    func fold(_ blocks: RawSpan, into state: UInt32) -> UInt32 {
      precondition(blocks.byteCount % blockSize == 0, "not whole blocks")
      // SAFETY: the kernel reads as many whole blocks as there are.
      return unsafe blocks.withUnsafeBytes { buffer in
        guard let base = buffer.baseAddress else { return state }
        let count = buffer.count / blockSize
        return switch self {
        case .by512: unsafe dk_crc32_clmul512(state, base, count)
        case .by256: unsafe dk_crc32_clmul256(state, base, count)
        case .by128: unsafe dk_crc32_clmul(state, base, count)
        }
      }
    }
  }
#endif
