// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The hot loops of fixed blocks (RFC 1951 §3.2.6), in a file of their own for the reason that TableLoop.c gives. A
// step takes a literal if there is one, another if there is one, and then one token of any kind, without a branch on
// what they are: mispredicted branches between literals and matches cost a table decoder about as much as everything
// else. What binds then is the chain from one step to the next, so that the first literal is looked up without
// waiting for the refill, the second is known by its first five bits, and all of the token's bits come from one
// lookup. Where nearly all tokens are literals a round takes six of them, two a lookup.
//
// Margins. Input: a step or round loads eight bytes once, from `at` on, which is compared before. Output: two
// literals, then a copy, which writes fewer than 48 bytes; a match has at most 32.

#include "Kernels.h"
#include "Words.h"

// The first five bits, lowest first, of literals of eight bits, codewords 00110000 to 10111111, and of literals of
// nine, 110010000 and above.
#define DK_EIGHT_BITS 0x76667666u
#define DK_NINE_BITS 0x88888880u

/// The bytes from `distance` (2 to 31) before `to` on, again and again, `length` (up to 32) of them.
DK_INLINE void dk_repeat(uint8_t *to, uint32_t distance, uint32_t length) {
  // A pattern of fewer than eight bytes fills a word by this multiplication.
  static const uint64_t factors[8] = {0, 0, 0x0001000100010001, 0x0001000001000001, 0x0000000100000001,
                                      0x0000010000000001, 0x0001000000000001, 0x0100000000000001};
  const uint8_t *from = to - distance;
  const uint8_t *const end = to + length;
  if (distance >= 16) {
    dk_copy16(to, from);
    dk_copy16(to + 16, from + 16);
  } else if (distance >= 8) {
    do {
      dk_copy8(to, from);
      dk_copy8(to + 8, from + 8);
      to += distance;
      from += distance;
    } while (to < end);
  } else {
    // What was loaded beyond the pattern is shifted out.
    const uint32_t unused = 64 - 8 * distance;
    const uint64_t pattern = (dk_load64(from) << unused >> unused) * factors[distance];
    const uint32_t step = distance == 3 ? 6 : distance == 2 || distance == 4 ? 8 : distance;
    do {
      dk_store64(to, pattern);
      to += step;
    } while (to < end);
  }
}

DK_INLINE void dk_fill32(uint8_t *to, uint8_t byte) {
  const uint64_t pattern = byte * UINT64_C(0x0101010101010101);
  for (int i = 0; i < 32; i += 8) dk_store64(to + i, pattern);
}

// Two literals from the first bit of `bits` on; `literals` keeps bit 3 if they are.
#define DK_PAIR(to)                                                                                 \
  do {                                                                                              \
    const uint32_t size = pairs[bits & 8191], one = leads[bits & 511];                              \
    const uint32_t two = leads[bits >> (one & 15) & 511];                                           \
    (to)[0] = (uint8_t)(one >> 8);                                                                  \
    (to)[1] = (uint8_t)(two >> 8);                                                                  \
    literals &= one & two;                                                                          \
    used += size;                                                                                   \
    bits >>= size;                                                                                  \
  } while (0)

DK_INLINE void dk_fixed_loop(dk_loop_state *state, const uint8_t *advance, int mostly_literals) {
  const intptr_t first = state->bit_position >> 3, last_in = state->input_count - DK_FIXED_INPUT_MARGIN,
                 last_out = state->output_count - DK_FIXED_OUTPUT_MARGIN;
  if (first >= last_in || state->output_position > last_out) return;
  const int32_t *const symbols = (const int32_t *)(const void *)(advance + DK_FIXED_SYMBOLS);
  const uint16_t *const leads = (const uint16_t *)(const void *)(advance + DK_FIXED_LEADS);
  const uint32_t(*const distances)[2] = (const uint32_t(*)[2])(const void *)(advance + DK_FIXED_DISTANCES);
  const uint8_t *const pairs = advance + DK_FIXED_PAIRS;
  uint8_t *const output = state->output;
  // In memory, where a comparison finds them as fast: the loop has no registers left.
  struct { const uint8_t *input_last; uint8_t *output_last; } bounds = {state->input + last_in, output + last_out};
  __asm__ volatile("" : : "r"(&bounds) : "memory");
  const uint8_t *at = state->input + first;
  uint8_t *to = output + state->output_position;
  // Six bits of `count` count. A step uses 45 of 56, so that nine are left for the next one's first lookup.
  uint32_t count = (uint32_t)(56 - (state->bit_position & 7));
  uint64_t bits = dk_load64(at) >> (state->bit_position & 7);
  at += 7;
  while (at <= bounds.input_last && to <= bounds.output_last) {
    if (mostly_literals) {
      DK_REFILL(bits);
      const uint64_t whole = bits;
      uint32_t literals = 8, used = 0;
      DK_PAIR(to);
      DK_PAIR(to + 2);
      DK_PAIR(to + 4);
      if (literals) {
        count -= used;
        to += 6;
        continue;
      }
      bits = whole;
      if (at > bounds.input_last) break;
    }
    uint8_t *next = to;
    const uint32_t lead = leads[bits & 511];
    DK_REFILL(bits);
    *next = (uint8_t)(lead >> 8);
    next += lead >> 3 & 1;
    uint64_t rest = bits >> (lead & 15);
    count -= (uint8_t)lead;

    const uint32_t nine = DK_NINE_BITS >> (rest & 31) & 1;
    const uint32_t literal = (DK_EIGHT_BITS | DK_NINE_BITS) >> (rest & 31) & 1;
    *next = (uint8_t)(symbols[rest & 511] >> 16);
    next += literal;
    rest >>= 8 * literal + nine;
    count -= 8 * literal + nine;

    const uint32_t size = advance[rest & 8191];
    const int32_t symbol = symbols[rest & 511];
    // For a literal that is the first distance, 1: not too far, as both leads come before it.
    const uint64_t behind = rest >> (symbol & 63);
    const uint32_t *const entry = distances[(uint32_t)behind & (uint32_t)symbol >> 27];
    const uint32_t distance = ((uint32_t)(behind >> 5) & entry[0]) + entry[1];
    const uint32_t length = (uint8_t)(symbol >> 8);
    const intptr_t reach = next - output - (intptr_t)distance;
    if (DK_UNLIKELY((uint32_t)symbol & DK_FIXED_LEAVE) || DK_UNLIKELY(reach < 0)) {
      to = next;
      bits = rest;
      break;
    }
    // A literal goes by this store; its copy then moves old bytes behind it, for nothing.
    *next = (uint8_t)(symbol >> 16);
    if (DK_UNLIKELY((int32_t)distance < (int32_t)length)) {
      if ((int32_t)distance < 0) {  // DK_FIXED_NO_DISTANCE
        to = next;
        bits = rest;
        break;
      }
      to = next + length;
      bits = rest >> size;
      count -= size;
      if (distance > 1) {
        dk_repeat(next, distance, length);
        continue;
      }
      // As long as the very same token follows, it is taken without being looked up (uniform pages).
      const uint64_t mask = (UINT64_C(1) << size) - 1;
      const uint8_t byte = next[-1];
      dk_fill32(next, byte);
      while (at <= bounds.input_last && to <= bounds.output_last) {
        DK_REFILL(bits);
        if ((bits ^ rest) & mask) break;
        dk_fill32(to, byte);
        to += length;
        bits >>= size;
        count -= size;
      }
      continue;
    }
    to = next + length;
    bits = rest >> size;
    count -= size;
    const intptr_t match = symbol >> 31;
    const uint8_t *const from = output + (reach & match);
    dk_copy16(next + 1 + match, from);
    dk_copy16(next + 17 + match, from + 16);
  }
  state->bit_position = (at - state->input) * 8 - (intptr_t)(count & 63);
  state->output_position = to - output;
}

void dk_fixed_step_loop_plain(dk_loop_state *state, const uint8_t *tables) { dk_fixed_loop(state, tables, 0); }
void dk_fixed_literal_loop_plain(dk_loop_state *state, const uint8_t *tables) { dk_fixed_loop(state, tables, 1); }

#if defined(__x86_64__)
#define DK_FIXED_AVX2 __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))
DK_FIXED_AVX2 void dk_fixed_step_loop_avx2(dk_loop_state *state, const uint8_t *tables) {
  dk_fixed_loop(state, tables, 0);
}
DK_FIXED_AVX2 void dk_fixed_literal_loop_avx2(dk_loop_state *state, const uint8_t *tables) {
  dk_fixed_loop(state, tables, 1);
}
#endif
