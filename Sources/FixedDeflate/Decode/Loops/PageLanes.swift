// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Many pages of one call where the processor has AVX2 and no AVX-512 VBMI. As in LaneLoop several walks take turns, but
// each has a page's stream of its own: none is walked in vain, and no two have to meet. A page whose walk is done
// has its tokens parted and taken apart; with four such, their matches are written in turn, so that where one
// waits for bytes it wrote a moment ago, the others go on.
//
// A page counts only if all of it is what the loop takes, it ends with the end of block within its stream, and has as
// many bytes as a page; of all others nothing is kept, and the ordinary loops decode and judge them.
//
// SAFETY: whoever makes one vouches for the streams and pages. A walk reads `lookAhead` bytes behind its stream, which
// are there or else it reads a copy; lists are as long as PageLayout shows them to need. LaneReplay's contract
// holds: a page's matches reach back within the page, and its bytes fit it exactly.

import CDeflateKernels

#if arch(x86_64)

  /// Eight walks, and the pages that wait to be written.
  @unsafe struct PageLanes {
    typealias Page = PageBatch.Page

    private let memory: UnsafeMutableRawPointer
    private let tables: UnsafePointer<UInt8>
    /// Start of the whole output, the bytes of a page, and the end of what may be read.
    private let output: UnsafeMutablePointer<UInt8>
    private let pageSize: Int
    private let inputEnd: UnsafePointer<UInt8>
    /// Of each lane: its page, and where its tokens start in the list.
    private var pages: InlineArray<8, Page?> = .init(repeating: nil)
    private var firsts: InlineArray<8, Int> = .init(repeating: 0)
    /// Tokens in the lists.
    private var row = 0
    /// Whether the copy of the input's end is taken.
    private var hasCopied = false
    /// Pages to be written, and how many matches each has.
    private var waiting = 0
    private var outputs: InlineArray<4, UnsafeMutablePointer<UInt8>>
    private var matches: InlineArray<4, Int> = .init(repeating: 0)

    init(
      _ memory: UnsafeMutableRawPointer, output: UnsafeMutablePointer<UInt8>, pageSize: Int,
      inputEnd: UnsafePointer<UInt8>
    ) {
      unsafe self.memory = memory
      unsafe tables = LaneTables.shared.base.assumingMemoryBound(to: UInt8.self)
      unsafe self.output = output
      unsafe self.pageSize = pageSize
      unsafe self.inputEnd = inputEnd
      unsafe outputs = .init(repeating: output)
    }

    private var walks: UnsafeMutablePointer<UInt64> {
      unsafe (memory + PageLayout.walks).assumingMemoryBound(to: UInt64.self)
    }

    private func words(_ lane: Int) -> UnsafeMutablePointer<UInt32> {
      unsafe (memory + PageLayout.words).assumingMemoryBound(to: UInt32.self)
        + lane &* Int(DK_PAGE_WORDS)
    }

    private func records(_ slot: Int) -> UnsafeMutablePointer<UInt64> {
      unsafe (memory + slot &* PageLayout.page).assumingMemoryBound(to: UInt64.self)
    }

    private func indices(_ slot: Int) -> UnsafeMutablePointer<UInt32> {
      unsafe (memory + slot &* PageLayout.page + PageLayout.indices)
        .assumingMemoryBound(to: UInt32.self)
    }

    private func literals(_ slot: Int) -> UnsafeMutablePointer<UInt8> {
      unsafe (memory + slot &* PageLayout.page + PageLayout.literals)
        .assumingMemoryBound(to: UInt8.self)
    }

    /// Whether a page may have a lane.
    func takes(_ page: Page) -> Bool {
      guard page.isFixed, (PageLayout.shortest...PageLayout.longest).contains(page.count),
        unsafe pageSize >= LaneLayout.width
      else { return false }
      return unsafe inputEnd - (page.state.input + page.count) >= PageLayout.lookAhead || !hasCopied
    }

    /// Gives a lane its next page, one that it takes.
    mutating func begin(_ page: Page, lane: Int) {
      var input = unsafe page.state.input
      if unsafe inputEnd - (input + page.count) < PageLayout.lookAhead {
        let copy = unsafe memory + PageLayout.input
        unsafe copy.copyMemory(from: input, byteCount: page.count)
        unsafe (copy + page.count).initializeMemory(
          as: UInt8.self, repeating: 0, count: PageLayout.lookAhead)
        unsafe input = UnsafePointer(copy.assumingMemoryBound(to: UInt8.self))
        unsafe hasCopied = true
      }
      let start = UInt64(UInt(bitPattern: input)) &* 8
      unsafe walks[lane] = start &+ UInt64(page.state.bitPosition)
      unsafe walks[lane &+ PageLayout.lanes] = start &+ 8 &* UInt64(page.count)
      unsafe pages[lane] = page
      unsafe firsts[lane] = row
    }

    /// Walks until at least one lane's stream is at its end; false if no lane has a page.
    mutating func walk() -> Bool {
      guard let live = (0..<PageLayout.lanes).first(where: { unsafe pages[$0] != nil }) else {
        return false
      }
      // A lane without a page walks with one that has one.
      for lane in 0..<PageLayout.lanes where unsafe pages[lane] == nil {
        unsafe walks[lane] = walks[live]
        unsafe walks[lane &+ PageLayout.lanes] = walks[live &+ PageLayout.lanes]
      }
      unsafe makeRoom()
      unsafe row &+= unsafe dk_page_walk(
        UnsafeMutableRawPointer(walks).assumingMemoryBound(to: dk_walks.self), words(0) + row,
        PageLayout.room &- row, tables)
      return true
    }

    /// Moves the lists' tokens to the front when there is no room behind them.
    private mutating func makeRoom() {
      guard unsafe row >= PageLayout.room else { return }
      var first = unsafe row
      for lane in 0..<PageLayout.lanes where unsafe pages[lane] != nil {
        first = unsafe min(first, firsts[lane])
      }
      for lane in 0..<PageLayout.lanes where unsafe pages[lane] != nil {
        let list = unsafe words(lane) + firsts[lane]
        unsafe (list - first).update(from: list, count: row &- firsts[lane])
        unsafe firsts[lane] &-= first
      }
      unsafe row &-= first
    }

    /// The page of a lane whose stream is at its end, and whether it will be written.
    mutating func end(_ lane: Int) -> (page: Page, isTaken: Bool)? {
      guard let page = unsafe pages[lane],
        unsafe walks[lane] >= walks[lane &+ PageLayout.lanes]
      else { return nil }
      unsafe pages[lane] = nil
      let (slot, words) = unsafe (waiting, words(lane) + firsts[lane])
      let count = unsafe row &- firsts[lane]
      let indices = unsafe indices(slot)
      unsafe indices[-1] = UInt32.max
      let windows = unsafe (memory + PageLayout.windows).assumingMemoryBound(to: UInt32.self)
      let others = unsafe dk_lane_split(
        words, count, 0, tables, windows, indices, literals(slot))
      unsafe indices[others] = UInt32(truncatingIfNeeded: count)
      var produced = 0
      let matches = unsafe dk_lane_records(
        windows, indices, others, tables, 0, records(slot), &produced)
      let tokens = unsafe Int(indices[matches])
      // Only the end of block may stop them, and has to end within the stream.
      guard tokens < count, unsafe words[tokens] & 0x7F == 0,
        unsafe produced &+ tokens &- matches == pageSize
      else { return (page, false) }
      var end = unsafe walks[lane]
      for token in tokens..<count {
        unsafe end &-= UInt64(
          tables[LaneTables.steps &+ Int(truncatingIfNeeded: words[token] & 0x1FFF)])
      }
      guard unsafe end &+ 7 <= walks[lane &+ PageLayout.lanes] else { return (page, false) }
      unsafe outputs[slot] = page.state.output
      unsafe self.matches[slot] = matches
      unsafe waiting &+= 1
      if unsafe waiting == PageLayout.together { unsafe write() }
      return (page, true)
    }

    /// Writes the pages that wait.
    mutating func write() {
      let count = unsafe waiting
      unsafe waiting = 0
      unsafe withUnsafeTemporaryAllocation(of: LaneReplay.self, capacity: count) { list in
        var lasts: InlineArray<4, Int> = .init(repeating: 0)
        var (from, upTo) = (0, Int.max)
        for slot in 0..<count {
          var page = unsafe LaneReplay(
            records(slot), matches: matches[slot], indices: indices(slot),
            literals: literals(slot), to: outputs[slot], output: output,
            end: outputs[slot] + pageSize, tables: tables)
          _ = unsafe page.start()
          unsafe lasts[slot] = page.lastWhole(spare: 0) - page.records
          from = unsafe max(from, page.at.next - page.records)
          upTo = min(upTo, lasts[slot])
          unsafe list.initializeElement(at: slot, to: page)
        }
        if count == PageLayout.together && from < upTo {
          unsafe writeTogether(list, from: from, upTo: upTo)
        }
        unsafe writeInPairs(list, lasts)
        for slot in 0..<count { _ = unsafe list[slot].finish() }
      }
    }

    /// Writes the matches from one number up to another of four pages in turn.
    private func writeTogether(
      _ list: UnsafeMutableBufferPointer<LaneReplay>, from: Int, upTo: Int
    ) {
      unsafe withUnsafeTemporaryAllocation(of: dk_replay.self, capacity: list.count) { pages in
        for slot in 0..<list.count {
          unsafe dk_replay_matches(&list[slot].at, list[slot].records + from, tables)
          unsafe pages.initializeElement(at: slot, to: list[slot].at)
        }
        guard let first = pages.baseAddress else { return }
        unsafe dk_replay_four(first, upTo &- from, tables)
        for slot in 0..<list.count { unsafe list[slot].at = pages[slot] }
      }
    }

    /// Writes the matches before `lasts`, of the two pages that have the most of them left in turn.
    private func writeInPairs(
      _ list: UnsafeMutableBufferPointer<LaneReplay>, _ lasts: InlineArray<4, Int>
    ) {
      while true {
        var (most, second) = ((slot: 0, left: 0), (slot: 0, left: 0))
        for slot in 0..<list.count {
          let left = unsafe lasts[slot] &- (list[slot].at.next - list[slot].records)
          if left > most.left {
            (most, second) = ((slot, left), most)
          } else if left > second.left {
            second = (slot, left)
          }
        }
        guard second.left > 0, let base = list.baseAddress else {
          guard most.left > 0 else { return }
          unsafe dk_replay_matches(
            &list[most.slot].at, list[most.slot].records + lasts[most.slot], tables)
          return
        }
        unsafe dk_replay_two(
          &base[most.slot].at, &base[second.slot].at, second.left, tables)
      }
    }
  }

#endif
