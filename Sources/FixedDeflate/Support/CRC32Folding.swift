// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The kernels that fold bytes into a CRC-32 by carry-less multiplication.

#if arch(x86_64)
  import CDeflateKernels

  /// The vectors that bytes are folded by, as blocks of so many bytes.
  enum CRC32Folding: Int {
    case narrow = 64
    case wide = 256

    /// The inverted register of a CRC-32 after whole blocks. Traps on a part of one. The processor must have what
    /// `CPUKind` says of it.
    func fold(_ blocks: RawSpan, into state: UInt32) -> UInt32 {
      precondition(blocks.byteCount % rawValue == 0, "not whole blocks")
      // SAFETY: the kernel reads as many whole blocks as there are.
      return unsafe blocks.withUnsafeBytes { buffer in
        guard let base = buffer.baseAddress else { return state }
        return switch self {
        case .narrow: unsafe dk_crc32_clmul(state, base, buffer.count / rawValue)
        case .wide: unsafe dk_crc32_vclmul(state, base, buffer.count / rawValue)
        }
      }
    }
  }
#endif
