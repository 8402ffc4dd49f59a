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
  package static let crc32C = Self(rawValue: 0x20_0000)

  /// As the driver's fixed mode submits: 0x1010c.
  package static let compress: Self = [
    .completionRecordAddressValid, .requestCompletionRecord, .cacheControl, .readSource2AECS,
  ]
  /// As the driver's fixed mode submits: 0x10c.
  package static let decompress: Self = [
    .completionRecordAddressValid, .requestCompletionRecord, .cacheControl,
  ]
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

  /// As the driver: 0x0f. Stops at the first end-of-block.
  package static let oneBlock: Self = [.enable, .flushOutput, .stopOnEndOfBlock, .checkEndOfBlock]
  /// For streams of several blocks, which 0x0f would cut short: 0x1f. Ours, not the driver's.
  package static let severalBlocks: Self = [.oneBlock, .finalBlockOnly]
  /// As the driver verifies: 0x20f.
  package static let verify: Self = [.oneBlock, .suppressOutput]
}
