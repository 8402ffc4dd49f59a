// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Names for the bits of a descriptor. The kernel's header has some flags; what it lacks is from
// Documentation/iaa-device-facts.md, sections 3 and 4. One set of names serves the dispatcher that fills
// descriptors and the model that judges them.

/// Bits 0…23 of a descriptor's flags.
package struct DescriptorFlags: OptionSet, Hashable {
  package let rawValue: UInt32

  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let blockOnFault = Self(rawValue: 0x02)
  package static let completionRecordAddressValid = Self(rawValue: 0x04)
  package static let requestCompletionRecord = Self(rawValue: 0x08)
  package static let requestInterrupt = Self(rawValue: 0x10)
  package static let cacheControl = Self(rawValue: 0x100)
  /// Source 2 is the AECS: the state of a compressor or a decompressor.
  package static let readSource2AECS = Self(rawValue: 0x1_0000)
  /// The state is written back when the operation is complete.
  package static let writeSource2AECS = Self(rawValue: 0x4_0000)
  package static let crc32C = Self(rawValue: 0x20_0000)
  /// The state is read from the second half of its buffer and written to the first, not the other way round.
  package static let togglesAECS = Self(rawValue: 0x40_0000)

  /// As the driver submits decompressions of its fixed and dynamic modes, and compressions of the latter: 0x10c.
  package static let withoutState: Self = [
    .completionRecordAddressValid, .requestCompletionRecord, .cacheControl,
  ]
  /// As the driver submits compressions of its fixed and canned modes, and decompressions of the latter: 0x1010c.
  package static let withState: Self = [.withoutState, .readSource2AECS]
  /// As the driver's canned mode has a device make the state that it decompresses with: 0x44010c.
  package static let makeState: Self = [.withoutState, .writeSource2AECS, .togglesAECS]
}

/// What a compress descriptor asks of the compressor.
package struct CompressFlags: OptionSet, Hashable {
  package let rawValue: UInt16

  package init(rawValue: UInt16) { self.rawValue = rawValue }

  package static let statistics = Self(rawValue: 0x01)
  package static let flushOutput = Self(rawValue: 0x02)
  /// END = 1: end-of-block behind the last token.
  package static let endOfBlock = Self(rawValue: 0x04)
  /// END = 2: end-of-block, then an empty stored block.
  package static let endOfBlockAndStored = Self(rawValue: 0x08)
  package static let endMask = Self(rawValue: 0x0C)
  package static let literalsOnly = Self(rawValue: 0x10)
  /// HDR_GEN = 2 and 3, made in one pass: a dynamic block's header, of one that is not final and of one that is.
  package static let header = Self(rawValue: 0x2000)
  package static let finalHeader = Self(rawValue: 0x3000)

  /// As the driver's fixed mode: 0x6.
  package static let lastChunk: Self = [.flushOutput, .endOfBlock]
  /// As the driver's dynamic mode: 0x3006.
  package static let dynamic: Self = [.lastChunk, .finalHeader]
  /// A chunk with more behind it in the same stream: 0xa.
  package static let notLastChunk: Self = [.flushOutput, .endOfBlockAndStored]
  /// The same of the dynamic mode: 0x200a. Ours, not the driver's.
  package static let dynamicNotLastChunk: Self = [.notLastChunk, .header]
}

/// What a decompress descriptor asks of the decompressor. (The kernel's header swaps the names of
/// bits 2 and 3; with both set it makes no difference.)
package struct DecompressFlags: OptionSet, Hashable {
  package let rawValue: UInt16

  package init(rawValue: UInt16) { self.rawValue = rawValue }

  package static let enable = Self(rawValue: 0x01)
  package static let flushOutput = Self(rawValue: 0x02)
  package static let stopOnEndOfBlock = Self(rawValue: 0x04)
  package static let checkEndOfBlock = Self(rawValue: 0x08)
  /// Only the end of the block with BFINAL set counts as the end.
  package static let finalBlockOnly = Self(rawValue: 0x10)
  package static let suppressOutput = Self(rawValue: 0x200)
  /// How many bits to ignore at the end, 0...7.
  package static let ignoredEndBits = Self(rawValue: 0x1C0)

  package static func ignoringEndBits(_ count: Int) -> Self {
    precondition((0...7).contains(count), "more end bits than a byte has besides")
    return Self(rawValue: UInt16(count) << 6)
  }

  /// The bits to ignore at the end.
  package var ignoredEndBitCount: Int { Int(intersection(.ignoredEndBits).rawValue >> 6) }

  /// As the driver: 0x0f. Stops at the first end-of-block.
  package static let oneBlock: Self = [.enable, .flushOutput, .stopOnEndOfBlock, .checkEndOfBlock]
  /// For streams of several blocks, which 0x0f would cut short: 0x1f. Ours, not the driver's.
  package static let severalBlocks: Self = [.oneBlock, .finalBlockOnly]
  /// As the driver verifies: 0x20f.
  package static let verify: Self = [.oneBlock, .suppressOutput]
  /// As the driver has a block's header read and nothing else, 0x201, beside the bits to ignore.
  package static let headerAlone: Self = [.enable, .suppressOutput]
}

/// What a device of the second generation says in `iaa_cap`; the names are the driver's (union iaacap_reg in its
/// registers.h).
public struct IAACapabilities: OptionSet, Sendable, Hashable {
  /// The bits.
  public let rawValue: UInt64

  /// Creates a set of any bits.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// `dec_aecs_format_ver`: a decompressor's state has format 2, 1248 bytes and not 1088.
  public static let secondStateFormat = Self(rawValue: 1 << 0)
  /// `header_gen`: it makes the headers of dynamic blocks.
  public static let headerGeneration = Self(rawValue: 1 << 8)

  /// Bytes of a decompressor's state without its history, as the driver gives them in canned mode.
  package var decompressionStateByteCount: Int { contains(.secondStateFormat) ? 1248 : 1088 }
}
