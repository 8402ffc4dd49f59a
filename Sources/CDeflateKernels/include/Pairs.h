// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the fast encoder's parse needs where of two equal hashes in a pair only the first is inserted. Rows are prepared
// as if all positions were. A position that shares its bucket with the one before it is doubtful: it was not inserted
// if it stands an odd number of positions behind its step's base, which is where the last match before it ended. Its
// entry says so, and where a row has such an entry the true one is looked for here.
//
// Positions are numbered as in the window, so that they can be compared with what rows hold, or, where they are said
// to be of the page, from the page's first byte.
#pragma once
#include "Encode.h"

#pragma clang assume_nonnull begin

enum {
  DK_CURSORS = 4, DK_SEGMENT = DK_BLOCK / DK_CURSORS,
  DK_DOUBTS = DK_SEGMENT / 3 + 24,  // a segment's matches, and one more
};

/// A guess that hangs on what was inserted earlier: the number of the match that was chosen next, and the earliest
/// position of the page that it was asked of.
typedef struct dk_doubt { uint16_t match, earliest; } dk_doubt;

/// What a parse knows of doubtful positions. Bases and ends are positions of the page.
typedef struct dk_pairs_view {
  dk_token *list;        // the parse's matches
  intptr_t first;        // the base that it began with
  intptr_t before;       // the base before that, or one of its parity
  intptr_t known;        // before that it is guessed
  // Between these two was asked last, and they were counted from this base.
  intptr_t low, high, base;
  intptr_t doubt_count;
} dk_pairs_view;

/// What is known of doubtful positions, from block to block.
typedef struct dk_pairs {
  uint16_t seen[4];       // a row as it is
  intptr_t before;        // of the page: the base before the one that the block begins with, or one of its parity
  intptr_t start;         // the block's first position
  const uint8_t *rows;    // of position 0
  intptr_t zero_doubtful; // whether the page's first position is
  // Buckets whose newest entry may be pointer 0, as the page's first position or that of the page before; -1 for none.
  intptr_t zero, old_zero;
  intptr_t bucket_count;
  dk_pairs_view views[DK_CURSORS];
  uint32_t equals[DK_BLOCK / 32];         // a bit a position of the block: it is doubtful
  uint16_t buckets[DK_BLOCK / 2 + 8];     // of the block's doubtful positions
  dk_doubt doubts[DK_CURSORS][DK_DOUBTS]; // of those parses that begin with a guess
} dk_pairs;

DK_INLINE uint32_t *dk_pairs_equals(dk_pairs *pairs) { return pairs->equals; }

/// Before a block is parsed, whose cursors are at their places. `rows`: of the block's first position.
DK_INLINE void dk_pairs_begin(dk_pairs *pairs, const dk_cursor *cursors, const uint8_t *rows, intptr_t start) {
  pairs->start = start + DK_ORIGIN;
  pairs->rows = rows - 8 * pairs->start;
  for (intptr_t i = 0; i < DK_CURSORS; i++) {
    intptr_t base = cursors[i].base;
    pairs->views[i] = (dk_pairs_view){cursors[i].next, base, pairs->before, i > 0 ? base : -DK_HISTORY, 0, 0, 0, 0};
  }
}

/// Gathers the buckets of the block's doubtful positions, of neighbours one.
DK_INLINE void dk_pairs_buckets(dk_pairs *pairs, const uint16_t *buckets) {
  intptr_t n = 0;
  uint32_t before = 0;
  for (intptr_t i = 0; i < DK_BLOCK; i += 32) {
    uint32_t m = pairs->equals[i / 32], first = m & ~(m << 1 | before);
    before = m >> 31;
    for (; first; first &= first - 1) pairs->buckets[n++] = buckets[i + __builtin_ctz(first)];
  }
  pairs->bucket_count = n;
}

// Whether a doubtful position of the page was not inserted, when position `from` is looked up. `next`: behind the
// parse's last match.
DK_INLINE int dk_pairs_dropped(dk_pairs_view *v, const dk_token *next, intptr_t position, intptr_t from) {
  // In a run matches have the window's length, which is even.
  if (position < v->known) return (from - position) & 1;
  if (position < v->low || position >= v->high) {
    const dk_token *t = next;
    // Runs ask of what has just been parsed, others of anything.
    if (t - v->list > 4 && t[-4].end > position) {
      const dk_token *low = v->list;
      for (t -= 4; low < t;) {
        const dk_token *middle = low + (t - low) / 2;
        if (middle->end <= position) low = middle + 1; else t = middle;
      }
    }
    while (t > v->list && t[-1].end > position) t--;
    v->high = t < next ? t->end : from;
    if (t > v->list) {
      v->base = v->low = t[-1].end;
    } else if (position < v->first) {
      v->base = v->before; v->low = position; v->high = v->first;
    } else {
      v->base = v->low = v->first;
    }
  }
  return (position - v->base) & 1;
}

// The next slot, in which pointer 0 is worth nothing behind another entry.
DK_INLINE intptr_t dk_pairs_take(uint16_t *seen, intptr_t n, intptr_t position, uint16_t none) {
  seen[n] = position < 64 || (n > 0 && (position & (DK_HISTORY - 1)) == 64) ? none : (uint16_t)position;
  return n + 1;
}

// The bucket whose newest entries would be `row` if all were inserted, as parse `i` has it, into `seen`; slots that hold
// nothing get `none`. Position `from` of the page is looked up. Returns the earliest position that was asked of.
DK_INLINE intptr_t dk_pairs_resolve(dk_pairs *pairs, dk_pairs_view *v, const dk_token *next, const uint16_t *row,
                                    intptr_t from, uint16_t none) {
  intptr_t n = 0, earliest = DK_ORIGIN;
  uint16_t *seen = pairs->seen;
  for (;;) {
    intptr_t position = row[0] & ~DK_DOUBTFUL;
    if (position < pairs->start) {
      // What was there before the block is all known.
      for (intptr_t slot = 0; n < 4; slot++) n = dk_pairs_take(seen, n, row[slot] & ~DK_DOUBTFUL, none);
      return earliest;
    }
    int dropped = 0;
    if ((row[0] & DK_DOUBTFUL) && (position != DK_ORIGIN || pairs->zero_doubtful)) {
      earliest = position - DK_ORIGIN;
      dropped = dk_pairs_dropped(v, next, earliest, from);
    }
    if (!dropped) {
      n = dk_pairs_take(seen, n, position, none);
      if (n == 4) return earliest;
    }
    row = (const uint16_t *)(const void *)(pairs->rows + 8 * position);
  }
}

DK_INLINE void dk_pairs_look(dk_pairs *pairs, const dk_cursor *c, intptr_t i, const uint8_t *own, intptr_t search,
                             intptr_t lane) {
  dk_pairs_view *v = &pairs->views[i];
  intptr_t at = DK_ORIGIN + search;
  const uint16_t *row = (const uint16_t *)(const void *)(pairs->rows + 8 * at);
  // Where lane 1 shares lane 0's bucket, it sees what lane 0 sees.
  if ((row[0] & ~DK_DOUBTFUL) + lane == at) row -= 4;
  // What holds nothing has other bytes than these.
  uint32_t bytes; memcpy(&bytes, own, 4);
  intptr_t earliest = dk_pairs_resolve(pairs, v, c->next, row, search - lane, bytes & 0xffffff ? 0 : 32);
  if (i == 0 || earliest == DK_ORIGIN) return;
  dk_doubt doubt = {(uint16_t)(c->next - v->list), (uint16_t)earliest}, *last = pairs->doubts[i] + v->doubt_count;
  if (v->doubt_count > 0 && last[-1].match == doubt.match) {
    if (doubt.earliest < last[-1].earliest) last[-1].earliest = doubt.earliest;
  } else {
    *last = doubt;
    v->doubt_count++;
  }
}

/// The row of a position of the page, as it is, where it is doubtful: into `seen`.
static inline __attribute__((noinline)) void dk_pairs_see(dk_pairs *pairs, const dk_cursor *c, intptr_t i, const uint8_t *own,
                                                          intptr_t search, intptr_t lane) {
  dk_pairs_look(pairs, c, i, own, search, lane);
}
#if defined(__x86_64__)
/// The same for a loop that needs its registers. Swift knows nothing of such calls.
static inline __attribute__((noinline, preserve_most)) void dk_pairs_see_aside(
    dk_pairs *pairs, const dk_cursor *c, intptr_t i, const uint8_t *own, intptr_t search, intptr_t lane) {
  dk_pairs_look(pairs, c, i, own, search, lane);
}
#endif

DK_INLINE intptr_t dk_common_end(intptr_t end, intptr_t limit) { return end < limit - 31 ? end : limit - 31; }

/// A step that is not common: goes to the next match, or to the cursor's end, and says whether there was a match.
DK_INLINE int dk_pairs_step(dk_pairs *pairs, uint8_t *state, dk_cursor *c, intptr_t limit, intptr_t bmi) {
  intptr_t i = c - (dk_cursor *)(void *)(state + DK_STATE_CURSORS);
  const uint8_t *window = state + DK_STATE_WINDOW;
  intptr_t base = c->base, end = c->end, search = c->search > base ? c->search : base;
  while (search < end) {
    uint64_t word; memcpy(&word, state + DK_STATE_MATCH_BITS + (search >> 3), 8); word >>= search & 7;
    if (word == 0) { search += 57; continue; }
    search += __builtin_ctzll(word);
    if (search >= end) break;
    intptr_t lane = (search - base) & 1, at = DK_ORIGIN + search;
    intptr_t stop = 32 - lane;
    if (limit - search < stop) stop = limit - search;
    const uint16_t *row = (const uint16_t *)(const void *)(pairs->rows + 8 * at);
    if (row[0] + lane == at) row -= 4;
    uint64_t four; memcpy(&four, row, 8);
    if (four & DK_DOUBTFUL_ROW) {
      dk_pairs_see(pairs, c, i, window + at, search, lane);
      row = pairs->seen;
    }
    intptr_t length = 0, source = 0;
    for (intptr_t slot = 0; slot < 4; slot++) {
      intptr_t p = row[slot], run = dk_run32(window + at, window + p, bmi);
      if (run > stop) run = stop;
      if (p >= at - DK_HISTORY && run > length) { length = run; source = p; }
    }
    if (length >= 3) {
      dk_token *token = c->next++;
      token->start = (uint16_t)search; token->end = (uint16_t)(search + length); token->source = (uint16_t)source;
      c->base = search + length;
      c->common = dk_common_end(end, limit);
      return 1;
    }
    search++;
  }
  c->search = base > end ? base : end;
  return 0;
}
static inline __attribute__((noinline)) int dk_pairs_step_plain(dk_pairs *pairs, uint8_t *state, dk_cursor *c, intptr_t limit) {
  return dk_pairs_step(pairs, state, c, limit, 0);
}
#if defined(__x86_64__)
__attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"), noinline)) static inline int dk_pairs_step_avx2(
    dk_pairs *pairs, uint8_t *state, dk_cursor *c, intptr_t limit) {
  return dk_pairs_step(pairs, state, c, limit, 1);
}
#endif

/// Takes over the matches of guessed parse `i`, which cursor 0 has met, as far as they are right: those that hang on
/// what is before the meeting are sought again. Returns whether that is all of them.
static inline int dk_pairs_take_over(dk_pairs *pairs, uint8_t *state, dk_cursor *c, intptr_t i, intptr_t last,
                                     intptr_t limit) {
  const dk_pairs_view *v = &pairs->views[i];
  dk_token *from = c->other, *stop = c[i].next;
  intptr_t meeting = c->base;
  for (intptr_t d = 0; d <= v->doubt_count; d++) {
    dk_token *to = stop;
    if (d < v->doubt_count) {
      dk_doubt doubt = pairs->doubts[i][d];
      to = v->list + doubt.match;
      if (to < from || doubt.earliest >= meeting) continue;
    }
    memcpy(c->next, from, (size_t)(to - from) * sizeof(dk_token));
    c->next += to - from;
    if (to > from) c->base = to[-1].end;
    c->other = from = to;
    if (d == v->doubt_count) break;
    c->search = c->base; c->end = last;
    int found = dk_pairs_step(pairs, state, c, limit, 0);
    if (!found && to == stop) break;
    if (!found || to == stop || memcmp(&c->next[-1], to, 6) != 0) return 0;
    from = to + 1;
  }
  c->search = c[i].search > c->base ? c[i].search : c->base;
  c->other = stop;
  return 1;
}

/// Cursor 0 at the end of what it was told to parse: takes over guessed parses that it has met, and says how far to go
/// on. Returns false at the block's end.
static inline int dk_pairs_go_on(dk_pairs *pairs, uint8_t *state, dk_cursor *c, intptr_t start, intptr_t end, intptr_t limit,
                                 intptr_t count) {
  intptr_t next = end;
  while (c->search < end && c->next_segment < count) {
    intptr_t i = c->next_segment, last = start + (i + 1) * DK_SEGMENT;
    dk_token *stop = c[i].next;
    while (c->other_end != c->base && c->other_end <= c->search && c->other < stop) c->other_end = c->other++->end;
    if (c->other_end == c->base) {
      if (!dk_pairs_take_over(pairs, state, c, i, last, limit) && c->other < stop) {
        c->other_end = c->other++->end;
        continue;
      }
    } else if (c->search < last) {
      next = c->other_end > c->search && c->other_end < last ? c->other_end : last;
      break;
    }
    c->next_segment = i + 1;
    c->other = i + 1 < DK_CURSORS ? pairs->views[i + 1].list : stop;
    c->other_end = last;
  }
  c->end = next;
  c->common = c->base < start ? c->base : dk_common_end(next, limit);
  return c->search < end;
}

// An entry of the table.
DK_INLINE uint32_t dk_pairs_entry(const uint8_t *window, uint32_t position, uint16_t bucket) {
  // Below the history there is nothing that matches; of bucket 0 one has other bytes than those that are there.
  if (position < 64) return 0x7fff0000u | (bucket == 0 ? 32 : 0);
  uint32_t word; memcpy(&word, window + position, 4);
  return position | ((word >> 10) & 0x3fff) << 16;
}

// Makes a bucket what it is when position `from` is looked up.
static inline void dk_pairs_mend(dk_pairs *pairs, const dk_cursor *c, const uint8_t *window, uint8_t *table, uint16_t bucket,
                                 intptr_t from) {
  uint32_t entries[4]; memcpy(entries, table + bucket, 16);
  if (((entries[0] | entries[1] | entries[2] | entries[3]) & DK_DOUBTFUL) == 0) return;
  uint16_t row[4];
  for (intptr_t slot = 0; slot < 4; slot++) row[slot] = (uint16_t)entries[slot];
  dk_pairs_resolve(pairs, pairs->views, c->next, row, from, 0);
  // That of the page before is out of reach now.
  if (pairs->seen[0] == 64) pairs->seen[0] = 0;
  for (intptr_t slot = 0; slot < 4; slot++) entries[slot] = dk_pairs_entry(window, pairs->seen[slot], bucket);
  if (pairs->seen[0] == DK_ORIGIN) entries[0] |= DK_DOUBTFUL;
  memcpy(table + bucket, entries, 16);
}

/// Cursor 0 has parsed the block up to `end`: makes the table, and the row of the block's last position, what they are.
static inline void dk_pairs_settle(dk_pairs *pairs, uint8_t *state, uint8_t *table, uint16_t *last_row, intptr_t end) {
  const dk_cursor *c = (const dk_cursor *)(const void *)(state + DK_STATE_CURSORS);
  const uint8_t *window = state + DK_STATE_WINDOW;
  for (intptr_t i = 0; i < pairs->bucket_count; i++) dk_pairs_mend(pairs, c, window, table, pairs->buckets[i], end);
  if (pairs->old_zero >= 0) dk_pairs_mend(pairs, c, window, table, (uint16_t)pairs->old_zero, end);
  pairs->old_zero = -1;
  if (pairs->zero >= 0) {
    dk_pairs_mend(pairs, c, window, table, (uint16_t)pairs->zero, end);
    uint32_t newest; memcpy(&newest, table + pairs->zero, 4);
    if (!(newest & DK_DOUBTFUL)) pairs->zero = -1;
  }
  const uint16_t *row = (const uint16_t *)(const void *)(pairs->rows + 8 * (end - 1 + DK_ORIGIN));
  uint64_t four; memcpy(&four, row, 8);
  if (four & DK_DOUBTFUL_ROW) {
    uint32_t bytes; memcpy(&bytes, window + DK_ORIGIN + end - 1, 4);
    dk_pairs_resolve(pairs, pairs->views, c->next, row, end - 1, bytes & 0xffffff ? 0 : 32);
    memcpy(last_row, pairs->seen, 8);
  }
  const dk_pairs_view *v = pairs->views;
  intptr_t n = c->next - v->list;
  if (n > 0) pairs->before = n > 1 ? v->list[n - 2].end : v->first;
}

#pragma clang assume_nonnull end
