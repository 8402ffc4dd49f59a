// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What several pages in one call do with AVX2, a page a lane: the walks, and the writing of four pages or two in turn.
// The tables are LaneTables, the order of things is PageLanes'.
#pragma once
#include "Lanes.h"

#if defined(__x86_64__)

/// Words of room for one walk's tokens. No two walks' lists are a multiple of 4096 bytes apart: the first cache keeps
/// so many.
#define DK_PAGE_WORDS 5400
/// Bytes of room for what is known of one page's tokens, a multiple of eight.
#define DK_PAGE_ROOM 70720

/// Where eight walks stand, and where each one's stream ends, in bits from address 0.
typedef struct {
  uint64_t at[8], end[8];
} dk_walks;

#define DK_EACH(m) m(0) m(1) m(2) m(3) m(4) m(5) m(6) m(7)
#define DK_LOAD(i) uint64_t at##i = walks->at[i];
#define DK_SAVE(i) walks->at[i] = at##i;
// Two tokens. A token takes 24 bits at most, and of the 57 loaded the second one's 32 or 33 are left.
#define DK_TWO(i)                                                         \
  {                                                                       \
    uint64_t first;                                                       \
    memcpy(&first, (const void *)(uintptr_t)(at##i >> 3), sizeof first);  \
    first >>= at##i & 7;                                                  \
    uint64_t bits = steps[first & 0x1fff], second = first >> bits;        \
    words[i * DK_PAGE_WORDS] = (uint32_t)first;                           \
    words[i * DK_PAGE_WORDS + 1] = (uint32_t)second;                      \
    at##i += bits + steps[second & 0x1fff];                               \
  }
#define DK_DONE(i) done |= at##i >= walks->end[i];

/// Goes from token to token in eight streams, and notes each one's first 32 bits, from `words` on. Returns how many
/// tokens of each, a multiple of eight, when at least one walk has come to its stream's end or `room` (>= 1) tokens are noted.
/// Reads 32 bytes behind a stream.
DK_LANES intptr_t dk_page_walk(dk_walks *_Nonnull walks, uint32_t *_Nonnull words, intptr_t room,
                               const uint8_t *_Nonnull tables) {
  const uint8_t *steps = tables + 4480;
  const uint32_t *first = words, *stop = words + room;
  DK_EACH(DK_LOAD)
  int done;
  do {
    for (int i = 0; i < 4; i++) {
      DK_EACH(DK_TWO)
      words += 2;
    }
    done = 0;
    DK_EACH(DK_DONE)
  } while (!done && words < stop);
  DK_EACH(DK_SAVE)
  return words - first;
}
#undef DK_EACH
#undef DK_LOAD
#undef DK_SAVE
#undef DK_TWO
#undef DK_DONE

#define DK_BEGIN(i)                         \
  const uint8_t *literals##i = pages[i].literals; \
  uint8_t *to##i = pages[i].to;
#define DK_MATCH(i) ((const dk_match *)((const uint8_t *)match + i * DK_PAGE_ROOM))
#define DK_STEP(i)                                                     \
  {                                                                    \
    DK_REPLAY_STEP(DK_MATCH(i), literals##i, to##i, {                  \
      pages[i] = (dk_replay){DK_MATCH(i), literals##i, to##i};         \
      dk_replay_long(&pages[i], tables);                               \
      to##i = pages[i].to, literals##i = pages[i].literals;            \
    })                                                                 \
  }
#define DK_END(i) pages[i] = (dk_replay){DK_MATCH(i), literals##i, to##i};

/// Writes `count` matches of each of four pages in turn, each with the literals behind it, as `dk_replay_matches` does:
/// where one waits for what it wrote, the others go on. The pages' next matches are DK_PAGE_ROOM bytes apart.
DK_LANES void dk_replay_four(dk_replay *_Nonnull pages, intptr_t count, const uint8_t *_Nonnull tables) {
  const uint8_t *patterns = tables + 2304, *behind = tables + 4416 + 32;
  const dk_match *match = pages[0].next, *stop = match + count;
  DK_BEGIN(0) DK_BEGIN(1) DK_BEGIN(2) DK_BEGIN(3)
  for (; match < stop; match++) {
    DK_STEP(0) DK_STEP(1) DK_STEP(2) DK_STEP(3)
  }
  DK_END(0) DK_END(1) DK_END(2) DK_END(3)
}
#undef DK_MATCH
#undef DK_STEP
#undef DK_END

#define DK_STEP(i, page)                                               \
  {                                                                    \
    DK_REPLAY_STEP(match##i, literals##i, to##i, {                     \
      *page = (dk_replay){match##i, literals##i, to##i};               \
      dk_replay_long(page, tables);                                    \
      to##i = page->to, literals##i = page->literals;                  \
    })                                                                 \
    match##i++;                                                        \
  }

/// The same of two pages wherever they are.
DK_LANES void dk_replay_two(dk_replay *_Nonnull one, dk_replay *_Nonnull other, intptr_t count,
                            const uint8_t *_Nonnull tables) {
  const uint8_t *patterns = tables + 2304, *behind = tables + 4416 + 32;
  const dk_match *match0 = one->next, *match1 = other->next, *stop = match0 + count;
  const uint8_t *literals0 = one->literals, *literals1 = other->literals;
  uint8_t *to0 = one->to, *to1 = other->to;
  while (match0 < stop) {
    DK_STEP(0, one)
    DK_STEP(1, other)
  }
  *one = (dk_replay){match0, literals0, to0};
  *other = (dk_replay){match1, literals1, to1};
}
#undef DK_BEGIN
#undef DK_STEP
#undef DK_REPLAY_STEP
#undef DK_LANES
#endif
