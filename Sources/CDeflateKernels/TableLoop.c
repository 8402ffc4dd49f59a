// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The general hot loop, of a block coded by any two Huffman tables: RFC 1951 §3.2.3. In a file of its own, not in
// a header, because what is inlined into Swift is compiled for small size.
//
// Margins. Input: a round refills twice at most; each refill loads eight bytes and moves `at` by seven at most, so
// that 15 bytes are read, 16 with the rounding. Output: two literals, then a match; a copy writes 31 bytes beyond its
// end at most, or 40 from its start on. With checks a match's end is at most `farthest`, 32 bytes behind the last
// place where a round may begin; without, it is 260 bytes behind that place at most.

#include "Kernels.h"
#include "Words.h"

// The lowest `count` bits, of which six count.
DK_INLINE uint64_t dk_low_bits(uint64_t bits, uint32_t count) {
  return bits & ~(~UINT64_C(0) << (count & 63));
}

// The length or distance of a plain entry, whose code and extra bits come first in `bits`. Bits 6 and 7 of an entry
// are 0, so that its low byte is a count as it is.
DK_INLINE uint32_t dk_value(uint32_t entry, uint64_t bits) {
  return (entry >> 16) + (uint32_t)((bits & ~(~UINT64_C(0) << (uint8_t)entry)) >> (entry >> 8 & 63));
}

// Where in a table a link leads; the main index comes first in `bits`.
DK_INLINE uint64_t dk_follow(uint32_t link, uint64_t bits, int main_bits) {
  return (link >> 16) + dk_low_bits(bits >> main_bits, link >> 8);
}

// Makes the compiler compute a value here and not where it is used. A third of the branches on what a token is are
// mispredicted, and then it counts in which order instructions come: the next lookup first.
#define DK_HERE(value) __asm__ volatile("" : "+r"(value))
// Copies stay the few words they are.
#define DK_AS_WRITTEN _Pragma("clang loop vectorize(disable) unroll(disable)")

// Only the low six bits of `count` count: whole entries are subtracted from it. Bits below `count` are valid; those
// above may be set too, with the right values.
#define DK_TAKE(entry) (bits >>= (entry) & 63, count -= (entry))
#define DK_NEXT (tables[bits & (((uint64_t)1 << DK_LITERAL_LENGTH_BITS) - 1)])
// Ends the loop, with so many bits given back: those of a token that is refused.
#define DK_LEAVE(refused)                                                                    \
  do {                                                                                       \
    state->bit_position = (at - state->input) * 8 - (intptr_t)(count & 63) - (refused);      \
    state->output_position = to - state->output;                                             \
    return;                                                                                  \
  } while (0)

// Copies by 16 bytes if `vectors`, else by words. Without `checks` any distance that the output holds is taken, and
// rounds begin only where the longest match fits.
DK_INLINE void dk_table_rounds(dk_loop_state *state, const uint32_t *tables, int vectors, int checks) {
  const intptr_t first = state->bit_position >> 3, last_in = state->input_count - DK_TABLE_INPUT_MARGIN,
                 last_out = state->output_count - (checks ? DK_TABLE_OUTPUT_MARGIN : DK_TABLE_FREE_OUTPUT_MARGIN);
  if (first >= last_in || state->output_position > last_out) return;
  // In memory, where a comparison finds them as fast: the loop has no registers left.
  struct { const uint8_t *input_last; uint8_t *output, *output_last, *farthest; uint64_t limit; } bounds = {
      state->input + last_in, state->output, state->output + last_out, state->output + last_out + 32,
      (uint64_t)state->distance_limit};
  __asm__ volatile("" : : "r"(&bounds) : "memory");
  const uint8_t *at = state->input + first;
  uint8_t *to = state->output + state->output_position;

  uint32_t count = (uint32_t)(56 - (state->bit_position & 7));
  uint64_t bits = dk_load64(at) >> (state->bit_position & 7);
  at += 7;
  DK_REFILL(bits);
  uint32_t entry = DK_NEXT;
  while (at <= bounds.input_last && to <= bounds.output_last) {
    // 56 bits: two literals of 11 bits, a length of 20, and 14 to look a distance up with.
    uint64_t before = bits;
    DK_TAKE(entry);
    if (DK_UNLIKELY(entry & DK_LITERAL)) {
      uint8_t literal = (uint8_t)(entry >> 16);
      entry = DK_NEXT;
      DK_HERE(entry);
      *to++ = literal;
      before = bits;
      DK_TAKE(entry);
      if (DK_UNLIKELY(entry & DK_LITERAL)) {
        literal = (uint8_t)(entry >> 16);
        entry = DK_NEXT;
        DK_HERE(entry);
        *to++ = literal;
        before = bits;
        DK_TAKE(entry);
        if (DK_UNLIKELY(entry & DK_LITERAL)) {
          literal = (uint8_t)(entry >> 16);
          entry = DK_NEXT;
          DK_REFILL(bits);
          *to++ = literal;
          continue;
        }
      }
    }
    if (DK_UNLIKELY(entry & DK_EXCEPTIONAL)) {
      bits = before;
      count += entry;
      if (!(entry & DK_LINK)) DK_LEAVE(0);
      entry = tables[dk_follow(entry, bits, DK_LITERAL_LENGTH_BITS)];
      if (entry & DK_EXCEPTIONAL) DK_LEAVE(0);
      DK_TAKE(entry);
      if (entry & DK_LITERAL) {
        const uint8_t literal = (uint8_t)(entry >> 16);
        entry = DK_NEXT;
        DK_REFILL(bits);
        *to++ = literal;
        continue;
      }
    }
    const uint32_t length_entry = entry;
    uint32_t distance_entry = tables[DK_LITERAL_LENGTH_COUNT + (bits & (((uint64_t)1 << DK_DISTANCE_BITS) - 1))];
    DK_HERE(distance_entry);
    const uint32_t length = dk_value(length_entry, before);
    // A distance of 28 bits, or 21 without a subtable, and the next index: seven bits more than `count` are right.
    if (DK_UNLIKELY(distance_entry & DK_EXCEPTIONAL)) {
      if ((count & 63) < 28 + DK_LITERAL_LENGTH_BITS - 7) DK_REFILL(bits);
      if (distance_entry & DK_LINK)
        distance_entry = tables[DK_LITERAL_LENGTH_COUNT + dk_follow(distance_entry, bits, DK_DISTANCE_BITS)];
      if (distance_entry & DK_EXCEPTIONAL) {
        uint32_t refused = length_entry;
        DK_HERE(refused);
        DK_LEAVE((intptr_t)(refused & 63));
      }
    } else if (DK_UNLIKELY((count & 63) < 21 + DK_LITERAL_LENGTH_BITS - 7)) {
      DK_REFILL(bits);
    }
    const uint64_t behind = bits;
    DK_TAKE(distance_entry);
    entry = DK_NEXT;
    DK_HERE(entry);
    uint64_t distance = dk_value(distance_entry, behind);
    DK_HERE(distance);
    DK_REFILL(bits);
    DK_HERE(bits);
    DK_HERE(at);
    if (DK_UNLIKELY(distance > (uint64_t)(to - bounds.output) ||
                    (checks && (distance > bounds.limit || to + length > bounds.farthest)))) {
      // Copies, so that the masked values are not what the way above waits for.
      uint32_t refused[2] = {length_entry, distance_entry};
      DK_HERE(refused[0]);
      DK_HERE(refused[1]);
      DK_LEAVE((intptr_t)(refused[0] & 63) + (intptr_t)(refused[1] & 63));
    }

    uint8_t *const end = to + length;
    const uint8_t *from = to - distance;
    if (vectors && distance >= 16) {
      dk_copy16(to, from);
      dk_copy16(to + 16, from + 16);
      dk_copy8(to + 32, from + 32);
      if (DK_UNLIKELY(length > 40)) {
        to += 40;
        from += 40;
        DK_AS_WRITTEN do {
          dk_copy16(to, from);
          dk_copy16(to + 16, from + 16);
          to += 32;
          from += 32;
        } while (to < end);
      }
    } else if (distance >= 8) {
      DK_AS_WRITTEN do {
        dk_copy8(to, from);
        dk_copy8(to + 8, from + 8);
        dk_copy8(to + 16, from + 16);
        dk_copy8(to + 24, from + 24);
        to += 32;
        from += 32;
      } while (to < end);
    } else if (distance == 1) {
      const uint64_t pattern = *from * UINT64_C(0x0101010101010101);
      DK_AS_WRITTEN do {
        dk_store64(to, pattern);
        dk_store64(to + 8, pattern);
        dk_store64(to + 16, pattern);
        dk_store64(to + 24, pattern);
        to += 32;
      } while (to < end);
    } else {
      DK_AS_WRITTEN do {
        dk_copy8(to, from);
        to += distance;
        from += distance;
      } while (to < end);
    }
    to = end;
  }
  DK_LEAVE(0);
}

// A build: without checks as far as that goes, then with them. Apart, as each needs all registers.
#define DK_TABLE_LOOP(name, target, vectors)                                                                     \
  target static __attribute__((noinline)) void name##_free(dk_loop_state *state, const uint32_t *tables) {       \
    dk_table_rounds(state, tables, vectors, 0);                                                                  \
  }                                                                                                              \
  target static __attribute__((noinline)) void name##_checked(dk_loop_state *state, const uint32_t *tables) {    \
    dk_table_rounds(state, tables, vectors, 1);                                                                  \
  }                                                                                                              \
  void name(dk_loop_state *state, const uint32_t *tables) {                                                      \
    if (state->distance_limit >= DK_LONGEST_DISTANCE) name##_free(state, tables);                                \
    name##_checked(state, tables);                                                                               \
  }

DK_TABLE_LOOP(dk_table_loop_plain, , 0)

#if defined(__x86_64__)
DK_TABLE_LOOP(dk_table_loop_avx2, __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"))), 1)
#endif
