// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Matches as far back and as long as RFC 1951 has them, for blocks of which no device says how they have to look. In a
// file of its own for the reason that TableLoop.c gives.
//
// A mispredicted branch for each literal or match would cost more than all the rest. So one pass looks every position
// up and inserts it, without a branch, and leaves a bit for each that has a candidate. The next pass goes from bit to
// bit. From where one match ends to where the next does is a long chain of loads, so that four walks take turns, each
// through a quarter of a block; a match ends where its quarter does.
//
// Margins. Positions are prepared in groups of eight, whose first has more than `DK_LONG_TAIL` bytes of the chunk from
// it on, so that every candidate has 42. Preparing reads 16 bytes from the first on; comparing reads 32 from a candidate
// on. All distances are at most as long as the way to the chunk's start.

#include "Encode.h"
#include "Kernels.h"
#include <stddef.h>

enum {
  DK_LONG_TAIL = 48,
  DK_LONG_INDEX_BITS = 14,      // of the hash, by which the table is indexed; 13 cost 1 % of size, 15 the cache
  DK_LONG_WALKS = 4,
  DK_LONG_BLOCK = 32 << 10,     // positions prepared at a time
  DK_LONG_SHORTEST = 4,         // bytes that are hashed
  DK_LONGEST_LENGTH = 258,      // RFC 1951 3.2.5
  DK_LONG_RUN = 32,             // bytes compared at once
  DK_LONG_SEEN = 57,            // positions whose bits one load has, wherever it begins
};

// An entry is a position modulo 65536 below, and 16 bits of its hash that are no part of its index above. The hash is
// one to one, so that 30 of its bits nearly say the four bytes; what they do not say the comparison does, as it does
// of entries that are 64 KiB too old.
typedef struct {
  uint32_t table[1 << DK_LONG_INDEX_BITS];
  uint16_t distances[DK_LONG_BLOCK + 8];
  uint8_t candidates[DK_LONG_BLOCK / 8 + 16];
} dk_long_state;

typedef struct {
  intptr_t start, end;
  intptr_t at, literal;  // where the next match is looked for, and the last one's end
  dk_chunk_match *list, *next;
} dk_long_walk;

typedef _Bool dk_v8b __attribute__((ext_vector_type(8)));
typedef uint16_t dk_v8u16 __attribute__((ext_vector_type(8)));

intptr_t dk_long_matches_bytes(void) { return sizeof(dk_long_state); }

// Looks up and inserts the positions of a block that begin before `last`: where each one's candidate is, and which have
// one.
DK_INLINE void dk_long_prepare(dk_long_state *state, const uint8_t *input, intptr_t start, intptr_t end, intptr_t last) {
  const dk_v8u32 steps = {0, 1, 2, 3, 4, 5, 6, 7};
  intptr_t i = 0;
  for (; start + i < end && start + i < last; i += 8) {
    const intptr_t at = start + i;
    // Knuth's multiplicative hash, of four bytes from each of eight positions on.
    dk_v16u8 bytes;
    memcpy(&bytes, input + at, 16);
    const dk_v8u32 words = (dk_v8u32)__builtin_shufflevector(
        bytes, bytes, 0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6, 4, 5, 6, 7, 5, 6, 7, 8, 6, 7, 8, 9, 7, 8, 9, 10);
    const dk_v8u32 hashes = words * 2654435761u, indices = hashes >> (32 - DK_LONG_INDEX_BITS);
    const dk_v8u32 positions = ((uint32_t)at + steps) & 0xffff;
    const dk_v8u32 entries = (hashes << DK_LONG_INDEX_BITS & 0xffff0000) | positions;
    // By arrays, which become vectors again: elements of a vector are set one behind the other.
    uint32_t index[8], entry[8], replaced[8];
    memcpy(index, &indices, sizeof index);
    memcpy(entry, &entries, sizeof entry);
    for (int k = 0; k < 8; k++) {
      replaced[k] = state->table[index[k]];
      state->table[index[k]] = entry[k];
    }
    dk_v8u32 before;
    memcpy(&before, replaced, sizeof before);
    const dk_v8u32 distances = (positions - before) & 0xffff;
    // As far as the first of the eight may look: the others could look a few bytes farther.
    const uint32_t farthest = at < DK_LONGEST_DISTANCE ? (uint32_t)at : DK_LONGEST_DISTANCE;
    const dk_v8b found = __builtin_convertvector(((before ^ entries) < 0x10000) & (distances - 1 < farthest), dk_v8b);
    memcpy(state->candidates + i / 8, &found, 1);
    const dk_v8u16 narrow = __builtin_convertvector(distances, dk_v8u16);
    memcpy(state->distances + i, &narrow, 16);
  }
  memset(state->candidates + i / 8, 0, sizeof state->candidates - (size_t)(i / 8));
}

// How far beyond `length` bytes a match goes on, up to `longest`.
DK_INLINE intptr_t dk_long_extend(const uint8_t *at, const uint8_t *from, intptr_t length, intptr_t longest, intptr_t bmi) {
  while (length + DK_LONG_RUN <= longest) {
    const intptr_t run = dk_run32(at + length, from + length, bmi);
    length += run;
    if (run < DK_LONG_RUN) return length;
  }
  while (length < longest && at[length] == from[length]) length++;
  return length;
}

// One match of a walk, or a stretch that has none. Of a candidate and one that begins a byte later the longer is taken,
// the first if they are as long. Returns whether the walk is at its end.
DK_INLINE int dk_long_step(const dk_long_state *state, const uint8_t *input, intptr_t start, intptr_t count,
                           dk_long_walk *walk, intptr_t bmi) {
  intptr_t i = walk->at - start;
  uint64_t bits;
  memcpy(&bits, state->candidates + (i >> 3), 8);
  bits >>= i & 7;
  if (__builtin_expect(bits == 0, 0)) {
    walk->at += DK_LONG_SEEN;
    return walk->at >= walk->end;
  }
  i += __builtin_ctzll(bits);
  intptr_t at = start + i;
  if (at >= walk->end) {
    walk->at = walk->end;
    return 1;
  }
  // All ones if the position behind has a candidate, else that of the length 0.
  const intptr_t has_later = -(intptr_t)(state->candidates[(i + 1) >> 3] >> ((i + 1) & 7) & 1);
  const intptr_t first = state->distances[i], later = state->distances[i + 1] & has_later;
  const intptr_t first_run = dk_run32(input + at, input + at - first, bmi);
  const intptr_t later_run = dk_run32(input + at + 1, input + at + 1 - later, bmi) & has_later;
  const intptr_t takes_later = later_run > first_run;
  at += takes_later;
  const intptr_t distance = takes_later ? later : first;
  intptr_t length = takes_later ? later_run : first_run;
  if (__builtin_expect(length == DK_LONG_RUN, 0)) {
    const intptr_t longest = count - at < DK_LONGEST_LENGTH ? count - at : DK_LONGEST_LENGTH;
    length = dk_long_extend(input + at, input + at - distance, length, longest, bmi);
  }
  length = length < walk->end - at ? length : walk->end - at;
  if (__builtin_expect(length < DK_LONG_SHORTEST, 0)) {
    walk->at = at + 1;
    return walk->at >= walk->end;
  }
  *walk->next++ = (dk_chunk_match){(uint32_t)(at - walk->literal), (uint16_t)length, (uint16_t)distance};
  walk->at = walk->literal = at + length;
  return walk->at >= walk->end;
}

// The walks through a block take turns until each is at its end.
DK_INLINE void dk_long_parse(const dk_long_state *state, const uint8_t *input, intptr_t start, intptr_t count,
                             dk_long_walk *walks, intptr_t bmi) {
  for (;;) {
    dk_long_walk *at_work[DK_LONG_WALKS];
    int n = 0;
    for (int k = 0; k < DK_LONG_WALKS; k++)
      if (walks[k].at < walks[k].end) at_work[n++] = &walks[k];
    if (n == 0) return;
    int ended = 0;
    // As many as there can be, or fewer: a loop over four is laid out in full.
    if (n == DK_LONG_WALKS)
      while (!ended)
        for (int k = 0; k < DK_LONG_WALKS; k++) ended |= dk_long_step(state, input, start, count, &walks[k], bmi);
    else
      while (!ended)
        for (int k = 0; k < n; k++) ended |= dk_long_step(state, input, start, count, at_work[k], bmi);
  }
}

DK_INLINE intptr_t dk_long_matches(dk_long_state *state, const uint8_t *input, intptr_t count, dk_chunk_match *list,
                                   intptr_t *end, intptr_t bmi) {
  memset(state->table, 0, sizeof state->table);
  dk_chunk_match *next = list;
  intptr_t literal = 0;
  for (intptr_t start = 0; start < count; start += DK_LONG_BLOCK) {
    const intptr_t block_end = count - start < DK_LONG_BLOCK ? count : start + DK_LONG_BLOCK;
    dk_long_prepare(state, input, start, block_end, count - DK_LONG_TAIL);
    const intptr_t quarter = (block_end - start + DK_LONG_WALKS - 1) / DK_LONG_WALKS;
    dk_long_walk walks[DK_LONG_WALKS];
    for (int k = 0; k < DK_LONG_WALKS; k++) {
      const intptr_t from = start + k * quarter < block_end ? start + k * quarter : block_end;
      const intptr_t to = from + quarter < block_end ? from + quarter : block_end;
      // Behind all that the positions before it can have.
      dk_chunk_match *const place = list + from / DK_LONG_SHORTEST;
      walks[k] = (dk_long_walk){from, to, from, from, place, place};
    }
    dk_long_parse(state, input, start, count, walks, bmi);
    for (int k = 0; k < DK_LONG_WALKS; k++) {
      const intptr_t found = walks[k].next - walks[k].list;
      if (found == 0) continue;
      walks[k].list->literals += (uint32_t)(walks[k].start - literal);
      memmove(next, walks[k].list, (size_t)found * sizeof(dk_chunk_match));
      next += found;
      literal = walks[k].literal;
    }
  }
  *end = literal;
  return next - list;
}

// A build for a kind of processor.
#define DK_LONG_MATCHES(name, target, bmi)                                                                         \
  target intptr_t name(void *state, const uint8_t *input, intptr_t count, dk_chunk_match *list, intptr_t *end) {   \
    return dk_long_matches(state, input, count, list, end, bmi);                                                   \
  }

DK_LONG_MATCHES(dk_long_matches_plain, , 0)

#if defined(__x86_64__)
DK_LONG_MATCHES(dk_long_matches_avx2, __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"))), 1)
#endif
