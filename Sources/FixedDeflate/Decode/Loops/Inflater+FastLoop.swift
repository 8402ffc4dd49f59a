// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The way into the hot loop and back: it runs while its margins of input and output last, always
// on whole tokens; whatever it does not take is the careful path's.

extension Inflater {
  /// Decodes as many tokens as the hot loop takes, maybe none.
  mutating func runFastLoop(
    _ input: RawSpan, into output: inout OutputRawSpan, origin: Int
  ) {
    // Bits of an earlier piece must have been taken: the loop reads this one alone.
    let start = bits.nextByte * 8 - bits.bitCount
    guard start >= 0 else { return }
    let limit = limit.maximumDistance
    // SAFETY: the loop reads within the input's bytes and writes within the output's from `origin`
    // on, by the margins it checks; all bytes before `outputPosition` are initialised, and it
    // reports how many more are.
    let end = unsafe input.withUnsafeBytes { input in
      unsafe output.withUnsafeMutableBytes { output, count in
        guard let inputBase = input.baseAddress, let outputBase = output.baseAddress
        else { return start }
        var state = unsafe FastLoopState(
          input: inputBase.assumingMemoryBound(to: UInt8.self), inputCount: input.count,
          readableCount: input.count, bitPosition: start,
          output: (outputBase + origin).assumingMemoryBound(to: UInt8.self),
          outputCount: output.count - origin, outputPosition: count - origin,
          distanceLimit: limit)
        if usesFixedCode {
          unsafe LoopSelection.runFixedBlock(&state, scratch: scratch, cpu: cpu)
        } else {
          unsafe dynamicLoops.run(&state, tables: &tables, cpu: cpu)
        }
        count = unsafe origin + state.outputPosition
        return unsafe state.bitPosition
      }
    }
    bits.move(to: end, in: input)
    bits.position += end - start
  }
}
