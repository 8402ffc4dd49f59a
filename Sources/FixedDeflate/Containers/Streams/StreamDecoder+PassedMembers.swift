// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Going on behind gzip members that were decoded elsewhere: a parallel reader deals with those it
// can and leaves the rest, and every verdict on bad data, to the stream decoder.

extension StreamDecoder {
  /// What is known of gzip members that stand before what a decoder gets to see.
  package struct PassedMembers: Sendable, Hashable {
    /// The first member's header.
    package var header: GzipHeader?
    /// How many members.
    package private(set) var memberCount = 0
    /// Bytes of all members.
    package private(set) var inputCount: UInt64 = 0
    /// Bytes of their data.
    package private(set) var outputCount: UInt64 = 0
    /// The CRC-32 of all their data.
    package private(set) var checksum = CRC32()
    /// The CRC-32 of the last member's data.
    package private(set) var lastChecksum: CRC32?

    var chain = BGZFChain()

    /// No members yet.
    package init() {}

    /// Counts one more member.
    ///
    /// - Parameters:
    ///   - inputCount: Bytes of the member.
    ///   - outputCount: Bytes of its data.
    ///   - checksum: The CRC-32 of its data.
    ///   - isBGZF: Whether its header says its size, as BGZF's do.
    package mutating func append(
      inputCount: Int, outputCount: Int, checksum: CRC32, isBGZF: Bool
    ) {
      memberCount += 1
      self.inputCount += UInt64(inputCount)
      self.outputCount += UInt64(outputCount)
      self.checksum = self.checksum.combined(with: checksum, count: outputCount)
      lastChecksum = checksum
      chain.beginMember(blockSize: isBGZF ? inputCount : nil)
      chain.endMember(dataCount: UInt64(outputCount))
    }

    /// Counts the members that follow these.
    ///
    /// - Parameter other: The members behind.
    package mutating func append(_ other: PassedMembers) {
      memberCount += other.memberCount
      inputCount += other.inputCount
      outputCount += other.outputCount
      checksum = checksum.combined(with: other.checksum, count: Int(other.outputCount))
      lastChecksum = other.lastChecksum ?? lastChecksum
      chain.append(other.chain)
    }
  }

  /// Creates a gzip decoder for what stands behind members decoded elsewhere.
  ///
  /// - Parameters:
  ///   - members: The members passed; their bytes and data count in all that the decoder reports.
  ///   - limit: How far back a distance may reach.
  package init(after members: PassedMembers, limit: DistanceLimit = .rfc1951) {
    self.init(format: .gzip, limit: limit)
    guard members.memberCount > 0 else { return }
    header = members.header
    memberCount = members.memberCount
    inputCount = members.inputCount
    outputCount = members.outputCount
    storedChecksum = members.lastChecksum?.value
    chain = members.chain
    headerParser = GzipHeaderParser(keepsFields: chain.isUnbroken)
    stage = .betweenMembers(.nothing)
  }
}
