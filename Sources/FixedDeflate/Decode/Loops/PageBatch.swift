// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Many pages in one call. The vector loop takes one after the other, and reads on into the next page's
// stream where it would have to copy the end of a single one. Elsewhere two streams are decoded in
// turn, step by step, so that each one's waiting for its next token is the other's time to work. Only
// fixed final blocks run so; a stream of any other kind, and every verdict, are the ordinary decoder's.

/// The pages of one call.
struct PageBatch {
  /// A page being decoded.
  @safe
  struct Lane {
    let index: Int
    /// The stream's first byte in the input, and its length.
    let start: Int
    let count: Int
    /// Whether the stream is a fixed final block; `state` then stands at its first token or later.
    let isFixed: Bool
    var state: FastLoopState

    /// Whether the page must be decoded alone: where it is not one fixed final block, or nearly all its
    /// tokens are literals, taking two in turn does not pay.
    func isForOneAlone(pageSize: Int) -> Bool {
      !LoopSelection.isForPair(isFixed: isFixed, streamBytes: count, pageBytes: pageSize)
    }
  }

  let pageSize: Int
  let count: Int
  let limit: Int
  var failure: (index: Int, error: DeflateError)?
  private var next = 0
  private var nextStart = 0
  private var lastPageCount = 0

  init(pageSize: Int, count: Int, limit: DistanceLimit) {
    self.pageSize = pageSize
    self.count = count
    self.limit = limit.maximumDistance
  }

  /// Decodes all pages, or those before the first failure, into an output that has room for all.
  mutating func run(
    _ input: RawSpan, _ byteCounts: Span<Int>, into output: inout OutputRawSpan,
    using inflater: inout Inflater
  ) {
    // SAFETY: `run` reads within the input's streams, whose sum it checks, and writes within the
    // pages, for which there is room, checked here; it says how many bytes are initialised.
    precondition(output.freeCapacity / pageSize >= count, "output has too little room")
    unsafe input.withUnsafeBytes { input in
      unsafe output.withUnsafeMutableBytes { buffer, initialized in
        let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[initialized...])
        initialized += unsafe run(input, byteCounts, into: room, using: &inflater)
      }
    }
  }

  /// Decodes all pages; returns the bytes of those before the first failure.
  private mutating func run(
    _ input: UnsafeRawBufferPointer, _ byteCounts: Span<Int>,
    into output: UnsafeMutableRawBufferPointer, using inflater: inout Inflater
  ) -> Int {
    if LoopSelection.takesPagesInPairs(inflater.cpu) {
      unsafe runPairs(input, byteCounts, into: output, using: &inflater)
    } else {
      unsafe runEach(input, byteCounts, into: output, using: &inflater)
    }
    guard let failure else { return count == 0 ? 0 : (count - 1) * pageSize + lastPageCount }
    return failure.index * pageSize
  }

  /// One page after the other: the vector loop finds enough to do in one.
  private mutating func runEach(
    _ input: UnsafeRawBufferPointer, _ byteCounts: Span<Int>,
    into output: UnsafeMutableRawBufferPointer, using inflater: inout Inflater
  ) {
    // SAFETY: the lanes' states describe buffers that live as long as this call.
    while var lane = unsafe takePage(input, byteCounts, output) {
      if lane.isFixed {
        unsafe LoopSelection.runFixedBlock(
          &lane.state, scratch: inflater.scratch, cpu: inflater.cpu)
        if unsafe lane.state.outputPosition == pageSize && lane.state.isAtFixedEndOfBlock {
          lastPageCount = pageSize
          continue
        }
      }
      finish(lane, &inflater)
    }
  }

  /// Two pages in turn, step by step.
  private mutating func runPairs(
    _ input: UnsafeRawBufferPointer, _ byteCounts: Span<Int>,
    into output: UnsafeMutableRawBufferPointer, using inflater: inout Inflater
  ) {
    var first: Lane?
    var second: Lane?
    while true {
      if first == nil { first = unsafe takePage(input, byteCounts, output) }
      if second == nil { second = unsafe takePage(input, byteCounts, output) }
      guard var one = first ?? second else { break }
      guard first != nil, var other = second else {
        finish(one, &inflater)
        (first, second) = (nil, nil)
        continue
      }
      if one.isForOneAlone(pageSize: pageSize) {
        finish(one, &inflater)
        first = nil
      } else if other.isForOneAlone(pageSize: pageSize) {
        finish(other, &inflater)
        second = nil
      } else {
        // SAFETY: both states describe buffers that live as long as this call.
        let stopped = unsafe runFixedPairLoop(
          &one.state, &other.state, tables: FixedTables.upTo(limit), cpu: inflater.cpu)
        (first, second) = (one, other)
        if stopped == 0 {
          finish(one, &inflater)
          first = nil
        } else {
          finish(other, &inflater)
          second = nil
        }
      }
    }
  }

  /// The next page, at the first token of its stream if that is a final fixed block, else before
  /// its first bit; nil when there are no more, or none that matter behind a failure.
  private mutating func takePage(
    _ input: UnsafeRawBufferPointer, _ byteCounts: Span<Int>,
    _ output: UnsafeMutableRawBufferPointer
  ) -> Lane? {
    guard next < count, failure == nil, let outputBase = output.baseAddress else { return nil }
    let (index, start, bytes) = (next, nextStart, byteCounts[next])
    precondition((0...(input.count - start)).contains(bytes), "byteCounts sum to more than input")
    next += 1
    nextStart += bytes
    guard bytes > 0, let inputBase = input.baseAddress else {
      failure = (index, DeflateError(.truncatedInput, bitPosition: start * 8))
      return nil
    }
    let page = unsafe (outputBase + index * pageSize).assumingMemoryBound(to: UInt8.self)
    let stream = unsafe (inputBase + start).assumingMemoryBound(to: UInt8.self)
    let isFixed = unsafe BlockHeader.isFixed(stream[0], isFinal: true)
    let state = unsafe FastLoopState(
      input: stream, inputCount: bytes, readableCount: input.count - start,
      bitPosition: isFixed ? BlockHeader.bitCount : 0, output: page, outputCount: pageSize,
      outputPosition: 0,
      distanceLimit: limit)
    return unsafe Lane(index: index, start: start, count: bytes, isFixed: isFixed, state: state)
  }

  /// Decodes what is left of a page, and judges it.
  private mutating func finish(_ lane: Lane, _ inflater: inout Inflater) {
    // SAFETY: the lane's buffers live as long as the call of `run`; the first `outputPosition` bytes
    // of the page are initialised.
    let input = unsafe RawSpan(
      _unsafeBytes: UnsafeRawBufferPointer(start: lane.state.input, count: lane.count))
    var output = unsafe OutputRawSpan(
      buffer: UnsafeMutableRawBufferPointer(start: lane.state.output, count: pageSize),
      initializedCount: lane.state.outputPosition)
    inflater.reset()
    if lane.isFixed { unsafe inflater.resume(fixedBlockAt: lane.state.bitPosition, of: input) }
    let kind: DeflateError.Kind
    var position = lane.count * 8
    do throws(DeflateError) {
      switch try inflater.run(input, into: &output, origin: 0) {
      case .finished where isWhole(output.byteCount, lane): return
      case .finished: (kind, position) = (.lengthMismatch, inflater.bits.position)
      case .needsInput: kind = .truncatedInput
      case .outputFull: (kind, position) = (.outputFull, inflater.bits.position)
      }
    } catch {
      (kind, position) = (error.kind, error.bitPosition)
    }
    guard lane.index < failure?.index ?? .max else { return }
    failure = (lane.index, DeflateError(kind, bitPosition: lane.start * 8 + position))
  }

  /// Whether a page has as much data as it should; notes how much the last has.
  private mutating func isWhole(_ byteCount: Int, _ lane: Lane) -> Bool {
    if lane.index == count - 1 { lastPageCount = byteCount }
    return byteCount == pageSize || lane.index == count - 1
  }
}
