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
  DK_DOUBTS = DK_SEGMENT / 3 + 24,  // a segment's matches, and one more
  DK_PAIRS_AHEAD = 96,              // positions behind a base whose parity is noted with it
};

/// A guess that hangs on what was inserted earlier: the number of the match that was chosen next, and the earliest
/// position of the page that it was asked of.
typedef struct dk_doubt { uint16_t match, earliest; } dk_doubt;

/// What a parse knows of doubtful positions. Bases and ends are positions of the page.
typedef struct dk_pairs_view {
  dk_token *list;        // the parse's matches
  uint8_t *odd;          // of each position of the page: whether it is an odd number of positions behind its base
  intptr_t first;        // the base that it began with
  intptr_t known;        // before that it is guessed, from the parity alone
  intptr_t doubt_count;
} dk_pairs_view;

/// What is known of doubtful positions, from block to block.
typedef struct dk_pairs {
  uint16_t seen[8];       // a row as it is, and room
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
  uint8_t odd[DK_BLOCK + 256], guessed_odd[DK_CURSORS - 1][DK_SEGMENT + 256];
} dk_pairs;

DK_INLINE uint32_t *dk_pairs_equals(dk_pairs *pairs) { return pairs->equals; }

DK_INLINE const dk_pairs_view *dk_pairs_view_of(const dk_pairs *pairs, intptr_t i) { return &pairs->views[i]; }

// Notes parities from a base on.
DK_INLINE void dk_pairs_note(const dk_pairs_view *v, intptr_t base) {
  const dk_v16u16 parities = 0x0100;
  uint8_t *odd = v->odd + base;
#pragma clang loop unroll(full)
  for (intptr_t i = 0; i < DK_PAIRS_AHEAD; i += 32) memcpy(odd + i, &parities, 32);
}

// Goes on with that, from where it was noted last, to `end`.
DK_INLINE void dk_pairs_note_on(const dk_pairs_view *v, intptr_t *noted, intptr_t end) {
  while (end > *noted + DK_PAIRS_AHEAD) dk_pairs_note(v, *noted += DK_PAIRS_AHEAD);
}

/// Before a block is parsed, whose cursors are at their places. `rows`: of the block's first position.
static inline void dk_pairs_begin(dk_pairs *pairs, const dk_cursor *cursors, const uint8_t *rows, intptr_t start) {
  pairs->start = start + DK_ORIGIN;
  pairs->rows = rows - 8 * pairs->start;
  for (intptr_t i = 0; i < DK_CURSORS; i++) {
    intptr_t base = cursors[i].base, known = i > 0 ? base : start;
    uint8_t *odd = i > 0 ? pairs->guessed_odd[i - 1] : pairs->odd;
    dk_pairs_view v = {cursors[i].next, odd + 64 - known, base, known, 0};
    // Of those before the base of a guess as well, and before the true one from the base before it.
    dk_pairs_note(&v, i > 0 ? known - 2 : known - ((known - pairs->before) & 1));
    dk_pairs_note(&v, base > known ? base : known - ((known - base) & 1));
    if (start == 0 && i == 0 && !pairs->zero_doubtful) v.odd[0] = 0;
    pairs->views[i] = v;
  }
}

/// Gathers the buckets of the block's doubtful positions, of neighbours one.
DK_INLINE void dk_pairs_buckets(dk_pairs *pairs, const uint16_t *buckets) {
  intptr_t n = 0;
  uint64_t before = 0;
  for (intptr_t i = 0; i < DK_BLOCK; i += 64) {
    uint64_t m; memcpy(&m, pairs->equals + i / 32, 8);
    uint64_t first = m & ~(m << 1 | before);
    before = m >> 63;
    // Two without a branch: mostly there are no more.
#pragma clang loop unroll(full)
    for (intptr_t k = 0; k < 2; k++) {
      pairs->buckets[n] = buckets[i + __builtin_ctzll(first | 1ull << 63)];
      n += first != 0;
      first &= first - 1;
    }
    for (; first; first &= first - 1) pairs->buckets[n++] = buckets[i + __builtin_ctzll(first)];
  }
  pairs->bucket_count = n;
}

// Copies so many bytes, and up to 127 more: how often is easier to foresee than of smaller steps.
DK_INLINE void dk_pairs_copy(void *to, const void *from, intptr_t count) {
  for (intptr_t i = 0; i < count; i += 128) {
#pragma clang loop unroll(full)
    for (intptr_t j = i; j < i + 128; j += 32) {
      dk_v32u8 v; memcpy(&v, (const uint8_t *)from + j, 32); memcpy((uint8_t *)to + j, &v, 32);
    }
  }
}

// Goes on with `seen`, of which there are `n`, from a row whose entries may be older than what a parse knows. Returns the
// earliest position of the page that was asked of, or `earliest`.
static inline __attribute__((noinline)) intptr_t dk_pairs_resolve_old(dk_pairs *pairs, const dk_pairs_view *v, const uint16_t *row,
                                                                      intptr_t n, intptr_t earliest) {
  const intptr_t start = pairs->start, least = v->known - 2;
  uint16_t *seen = pairs->seen;
  do {
    intptr_t position = row[0] & ~DK_DOUBTFUL;
    // All that was there before the block is known.
    if (position < start) {
      uint64_t four; memcpy(&four, row, 8);
      four &= ~DK_DOUBTFUL_ROW; memcpy(seen + n, &four, 8);
      break;
    }
    // Those of the block come first, and the row of the last of them has what came before it.
#pragma clang loop unroll(full)
    for (intptr_t slot = 0; slot < 4; slot++) {
      uint32_t entry = row[slot];
      intptr_t at = entry & ~DK_DOUBTFUL, of_page = at - DK_ORIGIN, low = least + (of_page & 1), of_block = at >= start;
      position = of_block ? at : position;
      earliest = of_block & (intptr_t)(entry >> 15) ? of_page : earliest;
      seen[n] = (uint16_t)at;
      n += of_block & ~(intptr_t)(entry >> 15 & v->odd[of_page > low ? of_page : low]);
    }
    row = (const uint16_t *)(const void *)(pairs->rows + 8 * position);
  } while (n < 4);
  return earliest;
}

// The bucket whose newest entries would be `row` if all were inserted, as a parse has it, into `seen`; slots that hold
// nothing get `none`. Returns the earliest position of the page that was asked of, or one before it.
DK_INLINE intptr_t dk_pairs_resolve(dk_pairs *pairs, const dk_pairs_view *v, const uint16_t *row, uint16_t none) {
  intptr_t n = 0, earliest = DK_ORIGIN;
  uint16_t *seen = pairs->seen;
  const uint8_t *odd = v->odd - DK_ORIGIN;
  do {
    intptr_t last = row[3] & ~DK_DOUBTFUL;
    // Four at once where all are of the parse itself.
    if (last < v->known + DK_ORIGIN) { earliest = dk_pairs_resolve_old(pairs, v, row, n, earliest); break; }
    earliest = last - DK_ORIGIN;
#pragma clang loop unroll(full)
    for (intptr_t slot = 0; slot < 4; slot++) {
      uint32_t entry = row[slot], at = entry & ~DK_DOUBTFUL;
      seen[n] = (uint16_t)at;
      n += 1 - (intptr_t)(entry >> 15 & odd[at]);
    }
    row = (const uint16_t *)(const void *)(pairs->rows + 8 * last);
  } while (n < 4);
  // Pointer 0 is worth nothing behind another entry, and older than all others.
  if (__builtin_expect(seen[3] <= DK_ORIGIN, 0)) {
    for (intptr_t slot = 1; slot < 4; slot++) {
      if ((seen[slot] & (DK_HISTORY - 1)) == 64) seen[slot] = none;
    }
  }
  return earliest;
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
  intptr_t earliest = dk_pairs_resolve(pairs, v, row, bytes & 0xffffff ? 0 : 32);
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

/// A step that is not common: goes to the next match, or to the cursor's end, and says whether there was a match.
/// `rows`: of the page's first position. `doubtful`: whether a position may not have been inserted; else there are no
/// `pairs`.
DK_INLINE int dk_rare_step(dk_pairs *_Nullable pairs, int doubtful, uint8_t *state, dk_cursor *c, const uint8_t *rows,
                           intptr_t limit, intptr_t bmi) {
  const uint8_t *window = state + DK_STATE_WINDOW;
  intptr_t base = c->base, end = c->end, search = c->search > base ? c->search : base;
  intptr_t i = 0, noted = 0;
  const dk_pairs_view *_Nullable v = 0;
  if (doubtful) {
    intptr_t start = pairs->start - DK_ORIGIN;
    i = c - (dk_cursor *)(void *)(state + DK_STATE_CURSORS);
    v = &pairs->views[i];
    noted = base > start ? base : start - ((start - base) & 1);
  }
  while (search < end) {
    uint64_t word; memcpy(&word, state + DK_STATE_MATCH_BITS + (search >> 3), 8); word >>= search & 7;
    if (word == 0) { search += 57; continue; }
    search += __builtin_ctzll(word);
    if (search >= end) break;
    intptr_t lane = (search - base) & 1, at = DK_ORIGIN + search;
    intptr_t stop = 32 - lane;
    if (limit - search < stop) stop = limit - search;
    const uint16_t *row = dk_row(rows + 8 * search, lane, at);
    if (doubtful) {
      uint64_t four; memcpy(&four, row, 8);
      if (four & DK_DOUBTFUL_ROW) {
        dk_pairs_note_on(v, &noted, search);
        dk_pairs_see(pairs, c, i, window + at, search, lane);
        row = pairs->seen;
      }
    }
    intptr_t length = 0, source = 0;
#pragma clang loop unroll(full)
    for (intptr_t slot = 0; slot < 4; slot++) {
      intptr_t p = row[slot], run = dk_run32(window + at, window + p, bmi);
      if (run > stop) run = stop;
      if (p >= at - DK_HISTORY && run > length) { length = run; source = p; }
    }
    if (length >= 3) {
      dk_token *token = c->next++;
      token->start = (uint16_t)search; token->end = (uint16_t)(search + length); token->source = (uint16_t)source;
      c->base = search + length;
      if (doubtful) {
        dk_pairs_note_on(v, &noted, c->base);
        dk_pairs_note(v, c->base);
      }
      c->common = dk_common_end(end, limit);
      return 1;
    }
    search++;
  }
  c->search = base > end ? base : end;
  return 0;
}
// Not inlined: they are rare, and would share registers with the loops.
static inline __attribute__((noinline)) int dk_rare_plain(uint8_t *state, dk_cursor *c, const uint8_t *rows, intptr_t limit) {
  return dk_rare_step(0, 0, state, c, rows, limit, 0);
}
/// The same with a look at what was inserted.
static inline __attribute__((noinline)) int dk_rare_pairs_plain(dk_pairs *pairs, uint8_t *state, dk_cursor *c, intptr_t limit) {
  return dk_rare_step(pairs, 1, state, c, pairs->rows + 8 * DK_ORIGIN, limit, 0);
}
#if defined(__x86_64__)
__attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"), noinline)) static inline int dk_rare_avx2(
    uint8_t *state, dk_cursor *c, const uint8_t *rows, intptr_t limit) {
  return dk_rare_step(0, 0, state, c, rows, limit, 1);
}
__attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"), noinline)) static inline int dk_rare_pairs_avx2(
    dk_pairs *pairs, uint8_t *state, dk_cursor *c, intptr_t limit) {
  return dk_rare_step(pairs, 1, state, c, pairs->rows + 8 * DK_ORIGIN, limit, 1);
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
    dk_pairs_copy(c->next, from, (to - from) * (intptr_t)sizeof(dk_token));
    c->next += to - from;
    if (to > from) {
      intptr_t base = to[-1].end;
      dk_pairs_copy(pairs->views->odd + c->base, v->odd + c->base, base - c->base);
      dk_pairs_note(pairs->views, base);
      c->base = base;
    }
    c->other = from = to;
    if (d == v->doubt_count) break;
    c->search = c->base; c->end = last;
    int found = dk_rare_pairs_plain(pairs, state, c, limit);
    if (!found && to == stop) break;
    if (!found || to == stop || memcmp(&c->next[-1], to, 6) != 0) return 0;
    from = to + 1;
  }
  c->search = c[i].search > c->base ? c[i].search : c->base;
  c->other = stop;
  return 1;
}

/// A cursor at the end of its segment goes on until it meets the parse of the next one, that is until it ends a match
/// where that one does: says how far, or returns false where it has no more to do. `doubtful`: whether guesses may be
/// wrong; then cursor 0 alone goes on, and takes over those that it has met.
DK_INLINE int dk_go_on_to_next(dk_pairs *_Nullable pairs, int doubtful, uint8_t *state, dk_cursor *c, dk_token *lists,
                               intptr_t start, intptr_t end, intptr_t limit, intptr_t count) {
  const dk_cursor *cursors = (const dk_cursor *)(const void *)(state + DK_STATE_CURSORS);
  intptr_t next = end;
  while (c->search < end && c->next_segment < count) {
    intptr_t i = c->next_segment, last = start + (i + 1) * DK_SEGMENT;
    dk_token *stop = cursors[i].next;
    while (c->other_end != c->base && c->other_end <= c->search && c->other < stop) c->other_end = c->other++->end;
    if (c->other_end == c->base) {
      if (!doubtful) { c->other_end = -1; return 0; }
      if (!dk_pairs_take_over(pairs, state, c, i, last, limit) && c->other < stop) {
        c->other_end = c->other++->end;
        continue;
      }
    } else if (c->search < last) {
      // One that has not come so far yet is asked again soon; where guesses may be wrong all have come to their ends.
      next = c->other_end > c->search ? c->other_end : doubtful ? last : c->search + 32;
      if (next > last) next = last;
      break;
    }
    // They never met. The segment after is tried.
    c->next_segment = i + 1;
    c->other = lists + dk_list(i + 1);
    c->other_end = last;
  }
  c->end = next;
  c->common = c->base < start ? c->base : dk_common_end(next, limit);
  return c->search < end;
}
static inline __attribute__((noinline)) int dk_go_on(uint8_t *state, dk_cursor *c, dk_token *lists, intptr_t start,
                                                     intptr_t end, intptr_t limit, intptr_t count) {
  return dk_go_on_to_next(0, 0, state, c, lists, start, end, limit, count);
}
static inline __attribute__((noinline)) int dk_pairs_go_on(dk_pairs *pairs, uint8_t *state, dk_cursor *c, dk_token *lists,
                                                           intptr_t start, intptr_t end, intptr_t limit, intptr_t count) {
  return dk_go_on_to_next(pairs, 1, state, c, lists, start, end, limit, count);
}

// An entry of the table.
DK_INLINE uint32_t dk_pairs_entry(const uint8_t *window, uint32_t position, uint16_t bucket) {
  // Below the history there is nothing that matches; of bucket 0 one has other bytes than those that are there.
  if (position < 64) return 0x7fff0000u | (bucket == 0 ? 32 : 0);
  uint32_t word; memcpy(&word, window + position, 4);
  return position | ((word >> 10) & 0x3fff) << 16;
}

// Makes a bucket what it is.
static inline void dk_pairs_mend(dk_pairs *pairs, const uint8_t *window, uint8_t *table, uint16_t bucket) {
  uint32_t entries[4]; memcpy(entries, table + bucket, 16);
  if (((entries[0] | entries[1] | entries[2] | entries[3]) & DK_DOUBTFUL) == 0) return;
  uint16_t row[4];
  for (intptr_t slot = 0; slot < 4; slot++) row[slot] = (uint16_t)entries[slot];
  dk_pairs_resolve(pairs, pairs->views, row, 0);
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
  // Literals behind the last match.
  intptr_t start = pairs->start - DK_ORIGIN, noted = c->base > start ? c->base : start - ((start - c->base) & 1);
  dk_pairs_note_on(pairs->views, &noted, end);
  for (intptr_t i = 0; i < pairs->bucket_count; i++) dk_pairs_mend(pairs, window, table, pairs->buckets[i]);
  if (pairs->old_zero >= 0) dk_pairs_mend(pairs, window, table, (uint16_t)pairs->old_zero);
  pairs->old_zero = -1;
  if (pairs->zero >= 0) {
    dk_pairs_mend(pairs, window, table, (uint16_t)pairs->zero);
    uint32_t newest; memcpy(&newest, table + pairs->zero, 4);
    if (!(newest & DK_DOUBTFUL)) pairs->zero = -1;
  }
  const uint16_t *row = (const uint16_t *)(const void *)(pairs->rows + 8 * (end - 1 + DK_ORIGIN));
  uint64_t four; memcpy(&four, row, 8);
  if (four & DK_DOUBTFUL_ROW) {
    uint32_t bytes; memcpy(&bytes, window + DK_ORIGIN + end - 1, 4);
    dk_pairs_resolve(pairs, pairs->views, row, bytes & 0xffffff ? 0 : 32);
    memcpy(last_row, pairs->seen, 8);
  }
  const dk_pairs_view *v = pairs->views;
  intptr_t n = c->next - v->list;
  if (n > 0) pairs->before = n > 1 ? v->list[n - 2].end : v->first;
}

#pragma clang assume_nonnull end
