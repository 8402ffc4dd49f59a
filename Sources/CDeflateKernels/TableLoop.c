// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The general hot loop, of a block coded by any two Huffman tables: RFC 1951 §3.2.3. In a file of its own, not in
// a header, because what is inlined into Swift is compiled for small size.
//
// Margins. Input: a round refills twice at most; each refill loads eight bytes and moves `at` by seven at most, so
// that 15 bytes are read, 16 with the rounding. Output: two literals, then a match whose end is checked against
// `farthest`, 32 bytes behind the last place where a round may begin; a copy writes 31 bytes beyond its end at
// most, or 32 from its start on.

#include "Kernels.h"
#include "Words.h"

// The lowest `count` bits, of which six count.
DK_INLINE uint64_t dk_low_bits(uint64_t bits, uint32_t count) {
  return bits & ~(~UINT64_C(0) << (count & 63));
}

// The length or distance of a plain entry, whose code and extra bits come first in `bits`.
DK_INLINE uint32_t dk_value(uint32_t entry, uint64_t bits) {
  return (entry >> 16) + (uint32_t)(dk_low_bits(bits, entry) >> (entry >> 8 & 63));
}

// The entry that a link leads to; the main index comes first in `bits`.
DK_INLINE uint32_t dk_follow(const uint32_t *table, uint32_t link, uint64_t bits, int main_bits) {
  return table[(link >> 16) + dk_low_bits(bits >> main_bits, link >> 8)];
}

// Only the low six bits of `count` count: whole entries are subtracted from it. Bits below `count` are valid; those
// above may be set too, with the right values.
#define DK_TAKE(entry) (bits >>= (entry) & 63, count -= (entry))
#define DK_NEXT (literals_lengths[bits & (((uint64_t)1 << DK_LITERAL_LENGTH_BITS) - 1)])

// Copies by 16 bytes if `vectors`, else by words.
DK_INLINE void dk_table_loop(dk_loop_state *state, const uint32_t *literals_lengths, int vectors) {
  const intptr_t first = state->bit_position >> 3, last_in = state->input_count - DK_TABLE_INPUT_MARGIN,
                 last_out = state->output_count - DK_TABLE_OUTPUT_MARGIN;
  if (first >= last_in || state->output_position > last_out) return;
  // In memory, where a comparison finds them as fast: the loop has no registers left.
  struct { const uint8_t *input_last; uint8_t *output, *output_last, *farthest; uint64_t limit; } bounds = {
      state->input + last_in, state->output, state->output + last_out, state->output + last_out + 32,
      (uint64_t)state->distance_limit};
  __asm__ volatile("" : : "r"(&bounds) : "memory");
  const uint8_t *at = state->input + first;
  uint8_t *to = state->output + state->output_position;
  intptr_t rewind = 0;  // bits to give back when a token is refused

  uint32_t count = (uint32_t)(56 - (state->bit_position & 7));
  uint64_t bits = dk_load64(at) >> (state->bit_position & 7);
  at += 7;
  DK_REFILL(bits);
  uint32_t entry = DK_NEXT;
  while (at <= bounds.input_last && to <= bounds.output_last) {
    // 56 bits: two literals of 11 bits, a length of 20, and 14 to look a distance up with.
    uint64_t before = bits;
    DK_TAKE(entry);
    if (entry & DK_LITERAL) {
      *to++ = (uint8_t)(entry >> 16);
      entry = DK_NEXT;
      before = bits;
      DK_TAKE(entry);
      if (entry & DK_LITERAL) {
        *to++ = (uint8_t)(entry >> 16);
        entry = DK_NEXT;
        before = bits;
        DK_TAKE(entry);
        if (entry & DK_LITERAL) {
          uint8_t literal = (uint8_t)(entry >> 16);
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
      if (!(entry & DK_LINK)) break;
      entry = dk_follow(literals_lengths, entry, bits, DK_LITERAL_LENGTH_BITS);
      if (entry & DK_EXCEPTIONAL) break;
      DK_TAKE(entry);
      if (entry & DK_LITERAL) {
        uint8_t literal = (uint8_t)(entry >> 16);
        entry = DK_NEXT;
        DK_REFILL(bits);
        *to++ = literal;
        continue;
      }
    }
    const uint32_t length_entry = entry, length = dk_value(entry, before);
    entry = literals_lengths[DK_LITERAL_LENGTH_COUNT + (bits & (((uint64_t)1 << DK_DISTANCE_BITS) - 1))];
    // A distance of 28 bits, or 21 without a subtable, and the next index: seven bits more than `count` are right.
    if (DK_UNLIKELY(entry & DK_EXCEPTIONAL)) {
      if ((count & 63) < 28 + DK_LITERAL_LENGTH_BITS - 7) DK_REFILL(bits);
      if (entry & DK_LINK)
        entry = dk_follow(literals_lengths + DK_LITERAL_LENGTH_COUNT, entry, bits, DK_DISTANCE_BITS);
      if (entry & DK_EXCEPTIONAL) {
        rewind = length_entry & 63;
        break;
      }
    } else if (DK_UNLIKELY((count & 63) < 21 + DK_LITERAL_LENGTH_BITS - 7)) {
      DK_REFILL(bits);
    }
    const uint64_t distance = dk_value(entry, bits);
    DK_TAKE(entry);
    uint8_t *const end = to + length;
    if (DK_UNLIKELY(distance > (uint64_t)(to - bounds.output) || distance > bounds.limit || end > bounds.farthest)) {
      rewind = (intptr_t)(length_entry & 63) + (intptr_t)(entry & 63);
      break;
    }
    entry = DK_NEXT;
    DK_REFILL(bits);

    const uint8_t *from = to - distance;
    if (vectors && distance >= 16) {
      do {
        dk_copy16(to, from);
        dk_copy16(to + 16, from + 16);
        to += 32;
        from += 32;
      } while (to < end);
    } else if (distance >= 8) {
      do {
        dk_copy8(to, from);
        dk_copy8(to + 8, from + 8);
        dk_copy8(to + 16, from + 16);
        dk_copy8(to + 24, from + 24);
        to += 32;
        from += 32;
      } while (to < end);
    } else if (distance == 1) {
      uint8_t pattern[16];
      __builtin_memset(pattern, *from, 16);
      do {
        dk_copy16(to, pattern);
        dk_copy16(to + 16, pattern);
        to += 32;
      } while (to < end);
    } else {
      do {
        dk_copy8(to, from);
        to += distance;
        from += distance;
      } while (to < end);
    }
    to = end;
  }
  state->bit_position = (at - state->input) * 8 - (intptr_t)(count & 63) - rewind;
  state->output_position = to - state->output;
}

void dk_table_loop_plain(dk_loop_state *state, const uint32_t *tables) { dk_table_loop(state, tables, 0); }

#if defined(__x86_64__)
__attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"))) void dk_table_loop_avx2(dk_loop_state *state,
                                                                              const uint32_t *tables) {
  dk_table_loop(state, tables, 1);
}
#endif
