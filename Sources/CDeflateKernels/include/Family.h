// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The match stage of profiles that are not version 1, step by step: what a step inserts depends on where it begins,
// so nothing of the table can be prepared for all positions as Encode.h's kernels do. Positions are numbered as
// there. Every offset is a position of the page, at most DK_F_AHEAD beyond it, or a bucket's, below 16 KiB.
#pragma once
#include "Encode.h"
#include <stdint.h>

#pragma clang assume_nonnull begin

enum {
  DK_F_PAGE = 4096,
  DK_F_AHEAD = 64,                 // positions beyond the page that have a bucket and an entry
  DK_F_ORIGIN = 64 + DK_F_PAGE,    // window position of the page's first byte
  DK_F_TABLE = 16384,              // bytes of the table; eight buckets more take what is not inserted
  DK_F_NONE = 0x7fff0000,          // an entry that never matches: no three bytes have that tag
  DK_F_MOST_BACK = 15,             // of a group of 16
  DK_F_BITS = (DK_F_PAGE + DK_F_AHEAD) / 8 + 8,
  DK_F_TOKENS = DK_BLOCK / 3 + 16, // a block's matches, in groups of eight
  DK_F_SLOTS = 2 * DK_STATE_SLOT_MASKS + 64, // bytes of a block's literals in slots of 16 bits
  DK_F_ALL = 0, DK_F_STARTS = 1, DK_F_NOT_LAST = 2, DK_F_FIRST = 3, DK_F_LAST = 4, DK_F_ENDS = 5,
  DK_F_PERIOD_BASE = 6, DK_F_PERIOD_MATCH = 7, DK_F_PERIOD_CHUNK = 8,
};

/// What a group loses, of one kind of step.
typedef struct {
  uint32_t size;        // positions of a group, a power of two
  uint32_t phase;       // size - 1 where groups stand at its multiples, else 0
  uint32_t equal;       // of equal hashes: 0 all, 1 the first, 2 the last is kept
  uint32_t conflict;    // of unequal ones of a bank: the same
  uint32_t bank;        // the bits of a bucket's offset that name a bank
  uint32_t drops;       // whether incomplete groups are lost
  uint32_t pairs;       // whether groups are pairs from the base on, of which none is lost for being incomplete
  uint32_t fours;       // whether they are fours, and only equal ones are lost
  // Which of two loses where both share a bucket, and where they share a bank but no bucket: all ones or 0 each.
  uint64_t equal_second, equal_first, bank_second, bank_first;
} dk_family_group;

/// A profile as the loop takes it.
typedef struct {
  uint32_t reach;           // the largest distance and one
  uint32_t slots0, slots1;  // slots that lane 0 and lane 1 try, a bit each
  uint32_t lookup;          // bits of a bucket's offset that keep lane 1 from being looked up
  uint32_t enough;          // a length that ends the search; above 32 for none
  uint32_t rule, first, last, period;  // what is inserted of a match
  uint32_t hidden, tail;    // positions before the base, and of a match before it, that are not seen yet; at most 2
  uint32_t refresh;         // whether a match's start takes its entry's place
  uint32_t duplicates;      // 0 all are inserted, 1 none whose bytes the newest entry has, 2 that takes its place
  uint32_t near;            // how far back that is looked for, and one
  uint32_t five;            // whether of each eight positions from a step's base on only the first five may be inserted
  dk_family_group literal, match;
  uint64_t periods[64];     // of 64 positions from each place in a period on, those that are inserted
} dk_family_rules;

/// Where an encoder stands. Positions count from the page's first byte.
typedef struct {
  uint64_t bits, count; // fewer than eight bits on their way to `next`; with it a dk_sink
  uint8_t *next;        // output, with room for a page's worst case
  uint8_t *window;      // the page's first byte
  uint8_t *table;       // 1024 buckets of four entries: position below, tag above, newest first
  uint16_t *offsets;    // each position's bucket
  uint32_t *entries;    // each position's own entry
  dk_token *tokens;     // a block's matches
  uint8_t *codes;       // of each literal the low eight bits of its codeword
  uint8_t *longs;       // a bit a position: the literal takes nine bits
  uint8_t *slots;       // a block's literals, where some take nine bits
  intptr_t base;
  intptr_t literal;     // the first position that is not written yet
  intptr_t slow;        // steps beyond this have to do with pointer 0
  intptr_t zero;        // the bucket whose newest entry is pointer 0; -1 for none
  intptr_t phase;       // the page's place in a period of the chunk
  uint64_t late;        // bits of the two positions before the base: to be inserted with the next step's
  // A bit a position: a step from there on would see one of those that it must not see, if that were inserted.
  uint8_t seen[DK_F_BITS];
  // A bit a position, for each number of positions back that a group spans: both share a bucket, or a bank but no bucket.
  uint8_t equals[DK_F_MOST_BACK][DK_F_BITS], banks[DK_F_MOST_BACK][DK_F_BITS];
} dk_family_state;

/// Matches the steps that begin before `end` and writes all before it, but for bits that do not fill a byte. The
/// input ends at `limit`.
void dk_family_page_plain(const dk_family_rules *rules, dk_family_state *state, intptr_t end, intptr_t limit);
#if defined(__x86_64__)
void dk_family_page_avx2(const dk_family_rules *rules, dk_family_state *state, intptr_t end, intptr_t limit);
#endif
/// A page on: 4096 bytes back for all entries of the table.
void dk_family_age(uint8_t *table);

#pragma clang assume_nonnull end
