// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Each rule of a profile, by the smallest input on which its values differ.

import Testing

@testable import FixedDeflate

@Suite struct MatchProfileTests {
  /// The matches of an input as (start, length, distance), read back from the stream.
  private func matches(_ input: String, _ change: (inout MatchProfile) -> Void = { _ in })
    -> [[Int]]
  {
    var profile = MatchProfile.iaaV1
    change(&profile)
    return matches(Array(input.utf8), profile)
  }

  private func matches(_ input: [UInt8], _ profile: MatchProfile) -> [[Int]] {
    var encoder = Encoder(profile: profile)
    // SAFETY: bytes have no padding.
    let stream = unsafe encoder.compress(input.span.bytes)
    var bits = BitReader()
    var (literalLength, distance) = (HuffmanCode(), HuffmanCode())
    let (lengths, distanceLengths) = (FixedCode.literalLengthLengths, FixedCode.distanceLengths)
    _ = literalLength.assign(lengths.span)
    _ = distance.assign(distanceLengths.span)
    func next(_ code: HuffmanCode) -> Int {
      guard case .symbol(let symbol, let count) = unsafe code.next(&bits, in: stream.span.bytes)
      else { return 256 }
      bits.take(count)
      return symbol
    }
    func extra(_ count: Int) -> Int {
      guard unsafe bits.has(count, in: stream.span.bytes) else { return 0 }
      defer { bits.take(count) }
      return bits.peek(count)
    }
    _ = extra(3)
    var position = 0
    var found: [[Int]] = []
    while true {
      let symbol = next(literalLength)
      if symbol == 256 { break }
      if symbol < 256 {
        position += 1
        continue
      }
      let (length, lengthBits) = LengthAlphabet.base(ofSymbol: symbol)
      let fullLength = length + extra(lengthBits)
      let (base, distanceBits) = DistanceAlphabet.base(ofSymbol: next(distance))
      found.append([position, fullLength, base + extra(distanceBits)])
      position += fullLength
    }
    #expect(position == input.count)
    return found
  }

  @Test func theVersionAloneMakesNoOtherProfileAndKeepsTheFastPath() {
    var renamed = MatchProfile.iaaV1
    renamed.version += 1
    #expect(renamed == .iaaV1 && Set([renamed, .iaaV1]).count == 1)
    #expect(renamed.version == MatchProfile.iaaV1.version + 1)
    let path = Encoder(profile: renamed).path
    #expect(path == .fast(.current))
  }

  @Test func everyRuleMakesAnotherProfileAndNoneButPairFirstHasVersionOnesPath() {
    let changes: [(inout MatchProfile) -> Void] = [
      { $0.historySize = 2048 }, { $0.hash = PolynomialHash(polynomial: 0x805) },
      { $0.bucketDepth = 2 }, { $0.pointerBits = 11 }, { $0.zeroPointer = .always },
      { $0.insertion = .tokenStarts }, { $0.visibility = .beforeLane },
      { $0.candidates = .newest }, { $0.minimumMatchLength = 4 }, { $0.compareWindow = 16 },
      { $0.compareWindowStart = .fromLane }, { $0.lanes = .longest }, { $0.laneCount = 1 },
      { $0.hashedByteCount = 4 }, { $0.lookupConflictMask = 1 }, { $0.hiddenMatchTail = 1 },
      { $0.banks = .init(by: .lane) }, { $0.laterLaneSlots = 1 }, { $0.minimumDistance = 2 },
      { $0.meta = .filters }, { $0.sufficientLength = 6 }, { $0.groupSize = 4 },
      { $0.matchGroupSize = 4 }, { $0.groupAlignment = .absolute },
      { $0.incompleteGroups = .dropped }, { $0.equalHashes = .keepFirst },
      { $0.equalHashScope = .matchSteps }, { $0.bankConflict = .init(winner: .last, mask: 960) },
      { $0.duplicates = .replaceAny }, { $0.duplicateReach = 32 },
      { $0.refresh = .overwriteMatched },
    ]
    // One for each field but the version.
    #expect(changes.count == Mirror(reflecting: MatchProfile.iaaV1).children.count - 1)
    for (index, change) in changes.enumerated() {
      var profile = MatchProfile.iaaV1
      change(&profile)
      let path = Encoder(profile: profile).path
      #expect(profile != .iaaV1, "change \(index)")
      #expect((path == .fast(.current)) == (profile == .iaaPairFirst), "change \(index)")
    }
  }

  @Test func visibilityDecidesWhetherLaneOneSeesTheBase() {
    #expect(matches("aaaaaaaa") == [[2, 6, 1]])
    #expect(matches("aaaaaaaa") { $0.visibility = .beforeLane } == [[1, 7, 1]])
  }

  @Test func compareWindowStartsAtTheBase() {
    // "abc…" comes again at an odd position, so lane 1 of a pair finds it.
    let alphabet = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF"
    let input = alphabet + "!" + alphabet
    #expect(matches(input).first == [43, 31, 43])
    #expect(matches(input) { $0.compareWindowStart = .fromLane }.first == [43, 32, 43])
    #expect(matches(input) { $0.compareWindow = 20 }.first == [43, 19, 43])
  }

  @Test func aMatchAtLaneZeroIsTakenEvenWhenLaneOneHasALongerOne() {
    let input = "*.bcdefghi;;abc/abcdefghi"
    #expect(matches(input) == [[16, 3, 4], [19, 6, 15]])
    #expect(matches(input) { $0.lanes = .longest } == [[17, 8, 15]])
  }

  @Test func positionZeroCountsOnlyWhileItIsTheNewestOfItsBucket() {
    // "Joi" and "oft" share a bucket, as in vector T1: evidence of rule 12.
    #expect(matches("Joi-oft-Joi").isEmpty)
    #expect(matches("Joi-oft-Joi") { $0.zeroPointer = .always } == [[8, 3, 8]])
    #expect(matches("Joi-xyz-Joi") == [[8, 3, 8]])
  }

  @Test func theLongestCandidateWinsAndOfEqualsTheNewest() {
    let input = "*-abcdX;abcY/abcdZ"
    #expect(matches(input) == [[8, 3, 6], [13, 4, 11]])
    #expect(matches(input) { $0.candidates = .newest } == [[8, 3, 6], [13, 3, 5]])
    #expect(matches("*-abcX.;abcY/:abcZ").last == [14, 3, 6])
  }

  @Test func aBucketForgetsAllButItsNewestEntries() {
    // Of six places of "abc" the oldest is the one that goes on as the last does.
    let input = "*-abcdefg(abc)abc[abc]abc{abcdefg"
    #expect(matches(input).suffix(2) == [[26, 3, 4], [29, 4, 24]])
    #expect(matches(input) { $0.bucketDepth = 5 }.last == [26, 7, 24])
  }

  @Test func distancesEndWithTheHistory() {
    let filler = (0..<4093).map { (index: Int) -> UInt8 in UInt8(128 + (index * index + index) % 61)
    }
    let inside = Array("abc".utf8) + filler + Array("abc".utf8)
    var profile = MatchProfile.iaaV1
    // Position 0 counts only while newest, and nothing else hashes the same here.
    #expect(matches(inside, profile).last == [4096, 3, 4096])
    profile.historySize = 4095
    #expect(!matches(inside, profile).contains { $0[0] == 4096 })
  }

  @Test func insertionMayBeLimitedToTokenStarts() {
    let input = "abcdefgh.abcdefgh,cdefgh"
    #expect(matches(input).last == [18, 6, 7])
    #expect(matches(input) { $0.insertion = .tokenStarts }.last == [18, 6, 16])
  }

  @Test func minimumMatchLengthIsKept() {
    #expect(matches("abc-.abc,;") == [[5, 3, 5]])
    #expect(matches("abc-.abc,;") { $0.minimumMatchLength = 4 }.isEmpty)
  }
}
