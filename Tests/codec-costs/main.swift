// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What calls of the codec cost where no clock is asked: instructions, under callgrind, allocations and stack; and
// what becomes of a call when an allocation fails. `Scripts/check-speed` compares that with what is committed.

@_spi(Builds) import FixedDeflate

let words = CommandLine.arguments.dropFirst()
let number = words.dropFirst().first.flatMap { Int($0) }
switch words.first {
case "instructions": countInstructions(Call.codec())
case "allocations": countAllocations(Call.codec() + Call.containers())
case "failures":
  failAllocations(Call.codec() + Call.containers(), most: number.map(UInt64.init) ?? .max)
case "stack":
  measureStacks(
    Call.codec(CodecBuild.available) + Call.containers(), size: number ?? 64 << 10)
default: fail("usage: codec-costs instructions|allocations|failures [MOST]|stack [BYTES]")
}
