// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Which decode loop runs when, and every threshold of that choice. A loop takes whole tokens and stops before
// one it does not take; the careful path (Inflater+Tokens) decodes that one, judges it, and comes back here.
//
//   Code     Build         Input bits a byte      Where in the block             Loop
//   -------  ------------  ---------------------  -----------------------------  -----------------------------
//   fixed    avx512        any                    all of it                      VectorLoop
//            avx512        any                    behind a match longer than 32  TableLoop, for 4 KiB; each time
//                                                 or from beyond 4096            the vector loop then takes less
//                                                                                than that, for twice as much,
//                                                                                up to 128 KiB
//            avx2          1 to 7.75              all of it but the last 320     LaneLoop
//                                                 bytes of input
//            avx2          others                 with more than 8 KiB of room,  as in plain, for 128 KiB
//                                                 judged by the first 256 bytes
//                                                 and by each 2560 of input
//            avx2          any                    the last bytes, and behind     as in plain, for as long as the
//                                                 what the lane loop does not    table loop in avx512
//                                                 take
//            plain         fewer than 7.75        all of it but the last bytes   FixedStepLoop
//            plain         7.75 and more          all of it but the last bytes   the same, six literals at a time
//            plain         any                    behind a match longer than 32  TableLoop
//            plain         any                    last 50 bytes of output or 16  runFixedTail
//                                                 bytes of input
//   dynamic  all           any                    first 2 KiB                    TableLoop
//            avx512        fewer than 5           from 2 KiB on                  TokenStepLoop, and TableLoop
//                                                                                where that stops
//            avx2, plain   fewer than 2           from 2 KiB on                  the same
//            all           others                 from 2 KiB on                  TableLoop
//
// Input bits a byte of output are counted over the interval before: 256 bytes, then 8 KiB in fixed blocks;
// 2 KiB, then 16 KiB in dynamic ones. Many of them mean that nearly all tokens are literals, where branching on
// what a token is mispredicts nothing and is faster.
//
// Pages of one call (Decoder+Pages) are decoded eight at a time by PageLanes in avx2, if they are five or more and
// each stream is a plainly good fixed block of 320 to 4608 bytes; all others one after the other, as above.
//
// A new loop is a file of its own, with its trampoline's call in it; here it gets its row and its branch.

/// The choice of a decode loop.
enum LoopSelection {
  /// Output bytes of a fixed block that are decoded before the step loop is first judged, and between later
  /// judgements.
  static let firstFixedInterval = 256
  static let fixedInterval = 8 << 10
  /// The same for dynamic blocks. The first is the table loop's: what it costs to make the leading literals'
  /// table does not come back in a shorter block.
  static let firstDynamicInterval = 2 << 10
  static let dynamicInterval = 16 << 10
  /// Output bytes that another loop takes where the vector loop or the lane loop stopped.
  static let tableTurn = (4 << 10)...(128 << 10)

  /// Whether so many input bits for so many output bytes mean a fixed block of nearly all literals: 7.75 bits a
  /// byte and more.
  @inline(__always)
  static func isMostlyFixedLiterals(bits: Int, bytes: Int) -> Bool { 4 &* bits >= 31 &* bytes }

  /// Whether so many input bits for so many output bytes of a fixed block are the lane loop's: neither nearly all
  /// literals nor nearly all long matches, fewer than a bit a byte, in both of which walks rarely meet and nothing is
  /// mispredicted.
  @inline(__always)
  static func isForLanes(bits: Int, bytes: Int) -> Bool {
    bytes == 0 || bits >= bytes && !isMostlyFixedLiterals(bits: bits, bytes: bytes)
  }

  /// Whether so many input bits for so many output bytes of a dynamic block are the step loop's: fewer than 5 bits
  /// a byte where a wrong guess costs most, elsewhere fewer than 2, which are long matches.
  @inline(__always)
  static func isForStepLoop(bits: Int, bytes: Int, cpu: CPUKind) -> Bool {
    bits < (cpu >= .avx512 ? 5 : 2) &* bytes
  }

  /// Whether a build has the vector loop, or the lane loop: each needs its ``LoopScratch``.
  static func hasVectorLoop(_ cpu: CPUKind) -> Bool { cpu >= .avx512 }
  static func hasLaneLoop(_ cpu: CPUKind) -> Bool { cpu == .avx2 }

  /// Runs the loops of a fixed block, until the next token is the end of the block, an error, or does not fit
  /// what is left of input or output. Nothing runs when that is so at once.
  static func runFixedBlock(
    _ state: inout FastLoopState, scratch: borrowing LoopScratch, cpu: CPUKind
  ) {
    #if arch(x86_64)
      // SAFETY: the scratch memory lives as long as its owner, which is borrowed.
      if let memory = unsafe scratch.base {
        let input = unsafe state.inputCount &- state.bitPosition &>> 3
        if hasVectorLoop(cpu) || input >= LaneLayout.shortest {
          return unsafe runInTurns(&state, scratch: memory, cpu: cpu)
        }
      }
    #endif
    unsafe runBySteps(&state, cpu: cpu)
  }

  #if arch(x86_64)
    /// The vector loop, or the lane loop where the input is of its kind, and another where that stops or the input is
    /// of another kind.
    private static func runInTurns(
      _ state: inout FastLoopState, scratch: UnsafeMutableRawPointer, cpu: CPUKind
    ) {
      let byVectors = hasVectorLoop(cpu)
      var isSuited = unsafe byVectors || beginsForLanes(&state, cpu: cpu)
      var turn = tableTurn.lowerBound
      while true {
        let start = unsafe state.outputPosition
        if byVectors {
          unsafe runVectorLoop(&state, scratch: scratch)
        } else if isSuited {
          unsafe runLaneLoop(&state, scratch: scratch)
        }
        let (bits, bytes) = unsafe (state.bitPosition, state.outputPosition)
        if unsafe state.isAtFixedEndOfBlock { break }
        // The less came of it, the longer the other loop's turn.
        if bytes &- start >= turn {
          turn = tableTurn.lowerBound
        } else {
          turn = isSuited ? min(2 &* turn, tableTurn.upperBound) : tableTurn.upperBound
        }
        unsafe state.withOutputCount(atMost: bytes &+ turn) { state in
          if byVectors {
            unsafe DecodingTables.fixed.withTables { tables in
              unsafe runTableLoop(&state, tables: tables, cpu: cpu)
            }
          } else {
            unsafe runBySteps(&state, cpu: cpu)
          }
        }
        if unsafe state.bitPosition == bits { break }
        isSuited =
          unsafe byVectors
          || isForLanes(bits: state.bitPosition &- bits, bytes: state.outputPosition &- bytes)
      }
    }

    /// Whether a block begins as one for the lane loop. Where there is room for many more, the step loop takes the
    /// first bytes, to be judged by.
    private static func beginsForLanes(_ state: inout FastLoopState, cpu: CPUKind) -> Bool {
      let (bits, bytes) = unsafe (state.bitPosition, state.outputPosition)
      guard unsafe state.outputCount &- bytes > fixedInterval else { return true }
      unsafe state.withOutputCount(
        atMost: bytes &+ firstFixedInterval &+ FixedStepLoop.outputMargin
      ) { state in
        unsafe runFixedStepLoop(
          &state, tables: .upTo(state.distanceLimit), mostlyLiterals: false, cpu: cpu)
      }
      return unsafe isForLanes(
        bits: state.bitPosition &- bits, bytes: state.outputPosition &- bytes)
    }
  #endif

  private static func runBySteps(_ state: inout FastLoopState, cpu: CPUKind) {
    let tables = unsafe FixedTables.upTo(state.distanceLimit)
    var interval = firstFixedInterval
    var (mostlyLiterals, usesTableLoop) = (false, false)
    while true {
      let (bits, bytes) = unsafe (state.bitPosition, state.outputPosition)
      unsafe state.withOutputCount(atMost: bytes &+ interval &+ FixedStepLoop.outputMargin) {
        state in
        if usesTableLoop {
          unsafe DecodingTables.fixed.withTables { tables in
            unsafe runTableLoop(&state, tables: tables, cpu: cpu)
          }
        } else {
          unsafe runFixedStepLoop(
            &state, tables: tables, mostlyLiterals: mostlyLiterals, cpu: cpu)
        }
      }
      let made = unsafe state.outputPosition &- bytes
      if made < interval {
        // Something other than the interval's end stopped the loop: the table loop may go on.
        if unsafe usesTableLoop || state.isWithinFixedMargins { break }
        usesTableLoop = true
      } else {
        usesTableLoop = false
        mostlyLiterals = isMostlyFixedLiterals(
          bits: unsafe state.bitPosition &- bits, bytes: made)
      }
      interval = fixedInterval
    }
    if unsafe state.isWithinFixedMargins { unsafe runFixedTail(&state, tables: tables) }
  }
}

/// The choice within one dynamic block, and what it remembers between two calls.
struct DynamicLoopSelection {
  private var isForStepLoop = true

  /// Runs the loops of a dynamic block with its tables, until the next token is the end of the block, an error,
  /// or does not fit what is left of input or output.
  mutating func run(
    _ state: inout FastLoopState, tables: inout DecodingTables, cpu: CPUKind
  ) {
    var interval =
      tables.hasLeads ? LoopSelection.dynamicInterval : LoopSelection.firstDynamicInterval
    while true {
      let (bits, bytes) = unsafe (state.bitPosition, state.outputPosition)
      let steps = tables.hasLeads && isForStepLoop
      // With room for the longest match behind it, nothing but the block's end or the buffers' stops a
      // loop within the interval.
      let end =
        bytes &+ interval &+ TokenStepLoop.outputMargin &+ LengthAlphabet.lengths.upperBound
      unsafe state.withOutputCount(atMost: end) { state in
        unsafe tables.withTables { tables in
          if steps {
            unsafe runTokenStepLoop(&state, tables: tables, cpu: cpu)
          } else {
            unsafe runTableLoop(&state, tables: tables, cpu: cpu)
          }
        }
      }
      let made = unsafe state.outputPosition &- bytes
      guard made >= interval else {
        if steps {
          unsafe tables.withTables { tables in unsafe runTableLoop(&state, tables: tables, cpu: cpu)
          }
        }
        return
      }
      isForStepLoop = LoopSelection.isForStepLoop(
        bits: unsafe state.bitPosition &- bits, bytes: made, cpu: cpu)
      if isForStepLoop && !tables.hasLeads { tables.buildLeads() }
      interval = LoopSelection.dynamicInterval
    }
  }
}

extension FastLoopState {
  /// Lets `body` write no further than to a position.
  @inline(__always)
  fileprivate mutating func withOutputCount(
    atMost count: Int, _ body: (inout FastLoopState) -> Void
  ) {
    let whole = unsafe outputCount
    unsafe outputCount = min(count, whole)
    unsafe body(&self)
    unsafe outputCount = whole
  }
}
