// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Many pages in one call. With AVX2 eight are decoded at a time (PageLanes); else one after the other, as the
// vector loop finds enough to do in one, and reads on into the next page's stream where it would have to copy the
// end of a single one. Only fixed final blocks run so; a stream of any other kind, and every verdict, are the
// ordinary decoder's.

/// The pages of one call.
struct PageBatch {
  /// A page being decoded.
  @safe
  struct Page {
    let index: Int
    /// The stream's first byte in the input, and its length.
    let start: Int
    let count: Int
    /// Whether the stream is a fixed final block; `state` then stands at its first token or later.
    let isFixed: Bool
    var state: FastLoopState
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
    // SAFETY: the pages' states describe buffers that live as long as this call.
    #if arch(x86_64)
      if LoopSelection.hasLaneLoop(inflater.cpu), count >= PageLayout.fewest {
        unsafe runLanes(input, byteCounts, output, &inflater)
      }
    #endif
    while let page = unsafe takePage(input, byteCounts, output) { decode(page, &inflater) }
    guard let failure else { return count == 0 ? 0 : (count - 1) * pageSize + lastPageCount }
    return failure.index * pageSize
  }

  #if arch(x86_64)
    /// Decodes pages eight at a time, and by themselves those that this is not for or that are not plainly good.
    private mutating func runLanes(
      _ input: UnsafeRawBufferPointer, _ byteCounts: Span<Int>,
      _ output: UnsafeMutableRawBufferPointer, _ inflater: inout Inflater
    ) {
      guard let outputBase = output.baseAddress, let inputBase = input.baseAddress else { return }
      // SAFETY: `takePage` gives streams within the input and pages within the output.
      var lanes = unsafe PageLanes(
        inflater.pageScratch.memory(), output: outputBase.assumingMemoryBound(to: UInt8.self),
        pageSize: pageSize,
        inputEnd: (inputBase + input.count).assumingMemoryBound(to: UInt8.self))
      for lane in 0..<PageLayout.lanes {
        unsafe fill(&lanes, lane, input, byteCounts, output, &inflater)
      }
      while unsafe lanes.walk() {
        for lane in 0..<PageLayout.lanes {
          guard let (page, isTaken) = unsafe lanes.end(lane) else { continue }
          if isTaken {
            _ = isWhole(pageSize, page)
          } else {
            decode(page, &inflater)
          }
          unsafe fill(&lanes, lane, input, byteCounts, output, &inflater)
        }
      }
      unsafe lanes.write()
    }

    /// Gives a lane the next page that it takes; those before it are decoded by themselves.
    private mutating func fill(
      _ lanes: inout PageLanes, _ lane: Int, _ input: UnsafeRawBufferPointer,
      _ byteCounts: Span<Int>, _ output: UnsafeMutableRawBufferPointer,
      _ inflater: inout Inflater
    ) {
      while let page = unsafe takePage(input, byteCounts, output) {
        if unsafe lanes.takes(page) {
          unsafe lanes.begin(page, lane: lane)
          return
        }
        decode(page, &inflater)
      }
    }
  #endif

  /// Decodes a page, or what its state leaves of it.
  private mutating func decode(_ page: Page, _ inflater: inout Inflater) {
    var page = page
    if page.isFixed {
      // SAFETY: the page's buffers live as long as the call of `run`.
      unsafe LoopSelection.runFixedBlock(
        &page.state, scratch: inflater.scratch, cpu: inflater.cpu)
      if unsafe page.state.outputPosition == pageSize && page.state.isAtFixedEndOfBlock {
        _ = isWhole(pageSize, page)
        return
      }
    }
    finish(page, &inflater)
  }

  /// The next page, at the first token of its stream if that is a final fixed block, else before
  /// its first bit; nil when there are no more, or none that matter behind a failure.
  private mutating func takePage(
    _ input: UnsafeRawBufferPointer, _ byteCounts: Span<Int>,
    _ output: UnsafeMutableRawBufferPointer
  ) -> Page? {
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
    return unsafe Page(index: index, start: start, count: bytes, isFixed: isFixed, state: state)
  }

  /// Decodes what is left of a page, and judges it.
  private mutating func finish(_ page: Page, _ inflater: inout Inflater) {
    // SAFETY: the page's buffers live as long as the call of `run`; the first `outputPosition` bytes
    // of the page are initialised.
    let input = unsafe RawSpan(
      _unsafeBytes: UnsafeRawBufferPointer(start: page.state.input, count: page.count))
    var output = unsafe OutputRawSpan(
      buffer: UnsafeMutableRawBufferPointer(start: page.state.output, count: pageSize),
      initializedCount: page.state.outputPosition)
    inflater.reset()
    if page.isFixed { unsafe inflater.resume(fixedBlockAt: page.state.bitPosition, of: input) }
    let kind: DeflateError.Kind
    var position = page.count * 8
    do throws(DeflateError) {
      switch try inflater.run(input, into: &output, origin: 0) {
      case .finished where isWhole(output.byteCount, page): return
      case .finished: (kind, position) = (.lengthMismatch, inflater.bits.position)
      case .needsInput: kind = .truncatedInput
      case .outputFull: (kind, position) = (.outputFull, inflater.bits.position)
      }
    } catch {
      (kind, position) = (error.kind, error.bitPosition)
    }
    guard page.index < failure?.index ?? .max else { return }
    failure = (page.index, DeflateError(kind, bitPosition: page.start * 8 + position))
  }

  /// Whether a page has as much data as it should; notes how much the last has.
  private mutating func isWhole(_ byteCount: Int, _ page: Page) -> Bool {
    if page.index == count - 1 { lastPageCount = byteCount }
    return byteCount == pageSize || page.index == count - 1
  }
}
