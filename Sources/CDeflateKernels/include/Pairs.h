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

/// What is known of doubtful positions, from block to block.
typedef struct dk_pairs {
  intptr_t first;         // of the page: the base that the block begins with
  intptr_t before;        // of the page: the base before that, or one of its parity
  intptr_t zero_doubtful; // whether the page's first position is
  // Buckets whose newest entry may be pointer 0, as the page's first position or that of the page before; -1 for none.
  intptr_t zero, old_zero;
  intptr_t bucket_count;
  intptr_t doubt_counts[DK_CURSORS], parked[DK_CURSORS];
  uint32_t equals[DK_BLOCK / 32];         // a bit a position of the block: it is doubtful
  uint16_t buckets[DK_BLOCK / 2 + 8];     // of the block's doubtful positions
  dk_doubt doubts[DK_CURSORS][DK_DOUBTS]; // of those parses that begin with a guess
} dk_pairs;

/// A parse as far as it has come, asked of what it did not insert.
typedef struct dk_pairs_view {
  const dk_token *list, *next;  // its matches
  intptr_t first;               // of the page: the base that it began with
  intptr_t before;              // of the page: the base before that
  intptr_t known;               // from here on it can be asked
  intptr_t start;               // the block's first position
  intptr_t zero_doubtful;
  const uint8_t *rows;          // of position 0
  intptr_t earliest;            // that it was asked of
} dk_pairs_view;

DK_INLINE uint32_t *dk_pairs_equals(dk_pairs *pairs) { return pairs->equals; }

/// Before a block is parsed from `base` on.
DK_INLINE void dk_pairs_begin(dk_pairs *pairs, intptr_t base) {
  pairs->first = base;
  for (intptr_t i = 0; i < DK_CURSORS; i++) pairs->doubt_counts[i] = pairs->parked[i] = 0;
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

/// Whether a position that may not have been inserted was not.
DK_INLINE int dk_pairs_dropped(const dk_pairs_view *v, intptr_t position) {
  if (position == DK_ORIGIN && !v->zero_doubtful) return 0;
  intptr_t of_page = position - DK_ORIGIN;
  const dk_token *t = v->next;
  // Runs ask of what has just been parsed, others of anything.
  if (t - v->list > 4 && t[-4].end > of_page) {
    const dk_token *low = v->list;
    for (t -= 4; low < t;) {
      const dk_token *middle = low + (t - low) / 2;
      if (middle->end <= of_page) low = middle + 1; else t = middle;
    }
  }
  while (t > v->list && t[-1].end > of_page) t--;
  intptr_t base = t > v->list ? t[-1].end : of_page < v->first ? v->before : v->first;
  return (of_page - base) & 1;
}

// The next slot, in which pointer 0 is worth nothing behind another entry.
DK_INLINE intptr_t dk_pairs_take(uint16_t *seen, intptr_t n, intptr_t position) {
  seen[n] = n > 0 && (position & (DK_HISTORY - 1)) == 64 ? 0 : (uint16_t)position;
  return n + 1;
}

/// The bucket whose newest entries are `row` if all were inserted, as it is. Returns whether that is known.
DK_INLINE int dk_pairs_resolve(dk_pairs_view *v, const uint16_t *row, uint16_t *seen) {
  intptr_t n = 0;
  for (;;) {
    intptr_t position = row[0] & ~DK_DOUBTFUL;
    if (position < v->start) {
      // What was there before the block is all known.
      for (intptr_t slot = 0; slot < 4 && n < 4; slot++) n = dk_pairs_take(seen, n, row[slot] & ~DK_DOUBTFUL);
      return 1;
    }
    int dropped = 0;
    if (row[0] & DK_DOUBTFUL) {
      if (position < v->known) return 0;
      if (position < v->earliest) v->earliest = position;
      dropped = dk_pairs_dropped(v, position);
    }
    if (!dropped) {
      n = dk_pairs_take(seen, n, position);
      if (n == 4) return 1;
    }
    row = (const uint16_t *)(const void *)(v->rows + 8 * position);
  }
}

DK_INLINE intptr_t dk_common_end(intptr_t end, intptr_t limit) { return end < limit - 31 ? end : limit - 31; }

/// What cursor `i` can be asked of.
DK_INLINE dk_pairs_view dk_pairs_look(const dk_pairs *pairs, const dk_cursor *c, intptr_t i, const dk_token *list,
                                      const uint8_t *rows, intptr_t start) {
  dk_pairs_view v = {list, c->next, pairs->first, pairs->before, 0, start + DK_ORIGIN, pairs->zero_doubtful,
                     rows - 8 * (DK_ORIGIN + start), DK_ORIGIN * 4};
  if (i > 0) {
    v.first = start + i * DK_SEGMENT;
    v.known = v.first + DK_ORIGIN;
  }
  return v;
}

/// A step that is not common: goes to the next match, or to the cursor's end, and says whether there was a match. A
/// parse that began with a guess stops before what it cannot know. `rows`: of the block's first position.
DK_INLINE int dk_pairs_step(dk_pairs *pairs, uint8_t *state, dk_cursor *c, const dk_token *list, const uint8_t *rows,
                            intptr_t start, intptr_t limit, intptr_t bmi) {
  intptr_t i = c - (dk_cursor *)(void *)(state + DK_STATE_CURSORS);
  const uint8_t *window = state + DK_STATE_WINDOW;
  dk_pairs_view v = dk_pairs_look(pairs, c, i, list, rows, start);
  intptr_t base = c->base, end = c->end, search = c->search > base ? c->search : base;
  int found = 0;
  while (search < end) {
    uint64_t word; memcpy(&word, state + DK_STATE_MATCH_BITS + (search >> 3), 8); word >>= search & 7;
    if (word == 0) { search += 57; continue; }
    search += __builtin_ctzll(word);
    if (search >= end) break;
    intptr_t lane = (search - base) & 1, at = DK_ORIGIN + search;
    intptr_t stop = 32 - lane;
    if (limit - search < stop) stop = limit - search;
    const uint16_t *row = (const uint16_t *)(const void *)(v.rows + 8 * at);
    // Where lane 1 shares lane 0's bucket, it sees what lane 0 sees.
    if ((row[0] & ~DK_DOUBTFUL) + lane == at) row -= 4;
    uint64_t four; memcpy(&four, row, 8);
    uint16_t seen[4]; memcpy(seen, row, 8);
    if ((four & DK_DOUBTFUL_ROW) && !dk_pairs_resolve(&v, row, seen)) {
      pairs->parked[i] = 1;
      search = base; end = base;
      break;
    }
    intptr_t length = 0, source = 0;
    for (intptr_t slot = 0; slot < 4; slot++) {
      intptr_t p = seen[slot], run = dk_run32(window + at, window + p, bmi);
      if (run > stop) run = stop;
      if (p >= at - DK_HISTORY && run > length) { length = run; source = p; }
    }
    if (length >= 3) {
      dk_token *token = c->next++;
      token->start = (uint16_t)search; token->end = (uint16_t)(search + length); token->source = (uint16_t)source;
      c->base = search + length;
      c->common = dk_common_end(end, limit);
      found = 1;
      break;
    }
    search++;
  }
  if (!found) c->search = base > end ? base : end;
  if (i > 0 && v.earliest < DK_ORIGIN * 4) {
    uint16_t match = (uint16_t)(v.next - list), earliest = (uint16_t)(v.earliest - DK_ORIGIN);
    intptr_t n = pairs->doubt_counts[i];
    dk_doubt *last = pairs->doubts[i] + n;
    if (n > 0 && last[-1].match == match) {
      if (earliest < last[-1].earliest) last[-1].earliest = earliest;
    } else {
      *last = (dk_doubt){match, earliest};
      pairs->doubt_counts[i] = n + 1;
    }
  }
  return found;
}

static inline __attribute__((noinline)) int dk_pairs_step_plain(dk_pairs *pairs, uint8_t *state, dk_cursor *c, const dk_token *list,
                                      const uint8_t *rows, intptr_t start, intptr_t limit) {
  return dk_pairs_step(pairs, state, c, list, rows, start, limit, 0);
}
#if defined(__x86_64__)
__attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"), noinline)) static inline int dk_pairs_step_avx2(
    dk_pairs *pairs, uint8_t *state, dk_cursor *c, const dk_token *list, const uint8_t *rows, intptr_t start,
    intptr_t limit) {
  return dk_pairs_step(pairs, state, c, list, rows, start, limit, 1);
}
#endif

/// Takes over the matches of the guessed parse that cursor 0 has met, as far as they hang on nothing before the
/// meeting. Returns whether that is all of them.
static inline int dk_pairs_take_over(const dk_pairs *pairs, dk_cursor *c, const dk_cursor *met, intptr_t i,
                                     dk_token *list) {
  dk_token *from = c->other, *to = met->next;
  int all = !pairs->parked[i];
  for (intptr_t d = 0; d < pairs->doubt_counts[i]; d++) {
    dk_doubt doubt = pairs->doubts[i][d];
    if (list + doubt.match >= from && doubt.earliest < c->base) { to = list + doubt.match; all = 0; break; }
  }
  memcpy(c->next, from, (size_t)(to - from) * sizeof(dk_token));
  c->next += to - from;
  c->other = to;
  if (to > from) c->base = to[-1].end;
  c->search = all && met->search > c->base ? met->search : c->base;
  return all;
}

/// Cursor 0 at the end of what it was told to parse: takes over guessed parses that it has met, and says how far to go
/// on. Returns false at the block's end. The lists are the cursors'.
static inline int dk_pairs_go_on(const dk_pairs *pairs, dk_cursor *c, dk_token *list0, dk_token *list1, dk_token *list2,
                                 dk_token *list3, intptr_t start, intptr_t end, intptr_t limit, intptr_t count) {
  dk_token *lists[] = {list0, list1, list2, list3};
  intptr_t next = end;
  while (c->search < end && c->next_segment < count) {
    intptr_t i = c->next_segment, last = start + (i + 1) * DK_SEGMENT;
    const dk_token *stop = c[i].next;
    while (c->other_end != c->base && c->other_end <= c->search && c->other < stop) c->other_end = c->other++->end;
    if (c->other_end == c->base) {
      int all = dk_pairs_take_over(pairs, c, c + i, i, lists[i]);
      if (!all && c->other < stop) { c->other_end = c->other++->end; continue; }
    } else if (c->search < last) {
      next = c->other_end > c->search && c->other_end < last ? c->other_end : last;
      break;
    }
    c->next_segment = i + 1;
    c->other = lists[i + 1 < DK_CURSORS ? i + 1 : i];
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

// Makes a bucket what it is. Returns whether pointer 0 is its newest entry.
static inline int dk_pairs_mend(dk_pairs_view *v, const uint8_t *window, uint8_t *table, uint16_t bucket) {
  uint32_t entries[4]; memcpy(entries, table + bucket, 16);
  if (((entries[0] | entries[1] | entries[2] | entries[3]) & DK_DOUBTFUL) == 0) return 0;
  uint16_t row[4], seen[4];
  for (intptr_t slot = 0; slot < 4; slot++) row[slot] = (uint16_t)entries[slot];
  dk_pairs_resolve(v, row, seen);
  // That of the page before is out of reach now.
  if (seen[0] == 64) seen[0] = 0;
  for (intptr_t slot = 0; slot < 4; slot++) entries[slot] = dk_pairs_entry(window, seen[slot], bucket);
  int zero = seen[0] == DK_ORIGIN;
  if (zero) entries[0] |= DK_DOUBTFUL;
  memcpy(table + bucket, entries, 16);
  return zero;
}

/// Cursor 0 has parsed the block: makes the table, and the row of the block's last position, what they are. `rows`: of
/// the block's first position.
static inline void dk_pairs_settle(dk_pairs *pairs, uint8_t *state, uint8_t *table, const dk_token *list,
                                   const uint8_t *rows, uint16_t *last_row, intptr_t start) {
  const dk_cursor *c = (const dk_cursor *)(const void *)(state + DK_STATE_CURSORS);
  const uint8_t *window = state + DK_STATE_WINDOW;
  dk_pairs_view v = dk_pairs_look(pairs, c, 0, list, rows, start);
  for (intptr_t i = 0; i < pairs->bucket_count; i++) dk_pairs_mend(&v, window, table, pairs->buckets[i]);
  if (pairs->old_zero >= 0) dk_pairs_mend(&v, window, table, (uint16_t)pairs->old_zero);
  pairs->old_zero = -1;
  if (pairs->zero >= 0) {
    // One that has been mended above still says so.
    dk_pairs_mend(&v, window, table, (uint16_t)pairs->zero);
    uint32_t newest; memcpy(&newest, table + pairs->zero, 4);
    if (!(newest & DK_DOUBTFUL)) pairs->zero = -1;
  }
  uint16_t row[4]; memcpy(row, rows + 8 * (DK_BLOCK - 1), 8);
  uint64_t four; memcpy(&four, row, 8);
  if (four & DK_DOUBTFUL_ROW) dk_pairs_resolve(&v, (const uint16_t *)(const void *)(rows + 8 * (DK_BLOCK - 1)), last_row);
  intptr_t n = c->next - list;
  if (n > 0) pairs->before = n > 1 ? list[n - 2].end : pairs->first;
}

#pragma clang assume_nonnull end
