// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What steps insert of their positions, and how.
#pragma once
#include "Positions.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang assume_nonnull begin

// An insertion where pointer 0 is not at work. With `duplicates`, which is the rule, the newest entry stays if it holds
// the same bytes near by, or gives its place.
DK_INLINE void dk_family_put(uint8_t *bucket, const uint32_t *entry, uint32_t duplicates, uint32_t near) {
  // By an unaligned load and one shuffle.
  dk_v4u32 w, e; memcpy(&w, bucket, 16); memcpy(&e, entry - 3, 16);
  dk_v4u32 pushed = __builtin_shufflevector(e, w, 3, 4, 5, 6);
  if (duplicates) {
    dk_v4u32 all = __builtin_shufflevector(e, e, 3, 3, 3, 3);
    dk_v4u32 same = (dk_v4u32)((all - w) < near), kept = duplicates == 1 ? w : __builtin_shufflevector(all, w, 0, 5, 6, 7);
    same = __builtin_shufflevector(same, same, 0, 0, 0, 0);
    pushed = (same & kept) | (~same & pushed);
  }
  memcpy(bucket, &pushed, 16);
}

// Inserts those of the positions that have a bit in `in`. Eight at a time without a branch: those that have none go
// to buckets behind the table.
DK_INLINE void dk_family_put_all(const dk_family_rules *r, uint8_t *table, const uint16_t *offsets, const uint32_t *entries,
                                 uint64_t in, uint32_t duplicates) {
  const uint32_t near = r->near, five = r->five;
  const dk_v8u16 places = {1, 2, 4, 8, 16, 32, 64, 128};
  const dk_v8u16 nowhere = {DK_F_TABLE,      DK_F_TABLE + 16, DK_F_TABLE + 32, DK_F_TABLE + 48,
                            DK_F_TABLE + 64, DK_F_TABLE + 80, DK_F_TABLE + 96, DK_F_TABLE + 112};
  do {
    dk_v8u16 o, bits = (uint16_t)in; memcpy(&o, offsets, 16);
    dk_v8u16 kept = (dk_v8u16)((bits & places) == places);
    o = (o & kept) | (nowhere & ~kept);
    uint16_t at[8]; memcpy(at, &o, 16);
#pragma clang loop unroll(full)
    for (intptr_t j = 0; j < 8; j++) {
      // What never changes while a page is compressed is a branch that costs nothing.
      if (j == 5 && five) break;
      dk_family_put(table + at[j], entries + j, duplicates, near);
    }
    in >>= 8; offsets += 8; entries += 8;
  } while (in);
}

// An insertion with all that can happen to it.
DK_INLINE void dk_family_insert(const dk_family_rules *r, dk_family_state *s, uint16_t offset, const uint32_t *entry) {
  uint8_t *bucket = s->table + offset;
  uint32_t newest; memcpy(&newest, bucket, 4);
  int isZero = (*entry & (DK_F_PAGE - 1)) == 64;
  if (r->duplicates && *entry - newest < r->near) {
    if (r->duplicates == 1) return;
    memcpy(bucket, entry, 4);
    if (s->zero == offset) s->zero = -1;
    if (isZero) s->zero = offset;
    return;
  }
  if (s->zero == offset) {
    // Pointer 0 is not the newest any more: it holds its slot, and never matches.
    uint32_t none = DK_F_NONE; memcpy(bucket, &none, 4);
    s->zero = -1;
  }
  dk_family_put(bucket, entry, 0, 0);
  if (isZero) s->zero = offset;
}

// Of 57 positions from the base on, those that share a bucket, or else a bank, with the one so far back.
DK_INLINE uint64_t dk_family_pairs(const uint8_t *bits, intptr_t base) {
  uint64_t word; memcpy(&word, bits + (base >> 3), 8);
  return word >> (base & 7);
}

// A bit for each of the step's first 64 positions that stands at least `back` places behind its group's beginning.
DK_INLINE uint64_t dk_family_inside(const dk_family_group *g, intptr_t base, uint32_t back) {
  static const uint64_t every[] = {~0ull, 0x5555555555555555ull, 0x1111111111111111ull, 0x0101010101010101ull, 0x0001000100010001ull};
  uint64_t first = every[__builtin_ctz(g->size)], m = 0;
  // Of a group's places those from `back` on.
  uint64_t group = g->size == 64 ? ~0ull : (1ull << g->size) - 1;
  group &= ~((1ull << back) - 1);
  m = first * group;
  uint32_t phase = (uint32_t)base & g->phase;
  return phase == 0 ? m : (m >> phase) | (m << (64 - phase));
}

// What is left of a step's positions `in` after conflicts, and without incomplete groups.
__attribute__((noinline)) static uint64_t dk_family_survivors_of_groups(const dk_family_group *g, const dk_family_state *s,
                                                                        intptr_t base, intptr_t total, uint64_t in) {
  if (g->drops) {
    uint32_t phase = (uint32_t)base & g->phase;
    uint32_t begin = phase ? g->size - phase : 0;
    intptr_t end = total - (intptr_t)(((uint32_t)(base & (g->phase)) + (uint32_t)total) & (g->size - 1));
    if (!g->phase) end = total - (intptr_t)((uint32_t)total & (g->size - 1));
    in = end > (intptr_t)begin ? in & ((1ull << end) - 1) & ~((1ull << begin) - 1) : 0;
  }
  if (g->size == 1 || !(g->equal | g->conflict)) return in;
  uint32_t most = total < (intptr_t)g->size ? (uint32_t)total : g->size;
  if (g->conflict) {
    uint64_t lost = 0;
    for (uint32_t back = 1; back < most; back++) {
      uint64_t pairs = dk_family_pairs(s->banks[back - 1], base) & dk_family_inside(g, base, back) & in & (in << back);
      lost |= g->conflict == 1 ? pairs : pairs >> back;
    }
    in &= ~lost;
  }
  if (g->equal) {
    uint64_t lost = 0;
    for (uint32_t back = 1; back < most; back++) {
      uint64_t pairs = dk_family_pairs(s->equals[back - 1], base) & dk_family_inside(g, base, back) & in & (in << back);
      lost |= g->equal == 1 ? pairs : pairs >> back;
    }
    in &= ~lost;
  }
  return in;
}

// The same where groups are pairs.
DK_INLINE uint64_t dk_family_survivors_of_pairs(const dk_family_group *g, const dk_family_state *s, intptr_t base, uint64_t in) {
  // Second ones of a pair whose first is there.
  uint64_t seconds = in & (in << 1) & 0xaaaaaaaaaaaaaaaaull;
  uint64_t equal = dk_family_pairs(s->equals[0], base) & seconds;
  uint64_t second = equal & g->equal_second, first = equal & g->equal_first;
  if (g->conflict) {
    uint64_t bank = dk_family_pairs(s->banks[0], base) & seconds;
    second |= bank & g->bank_second; first |= bank & g->bank_first;
  }
  return in & ~(second | first >> 1);
}

DK_INLINE uint64_t dk_family_survivors(const dk_family_group *g, const dk_family_state *s, intptr_t base, intptr_t total,
                                       uint64_t in) {
  if (g->pairs) return dk_family_survivors_of_pairs(g, s, base, in);
  if (!g->fours) return dk_family_survivors_of_groups(g, s, base, total, in);
  // Places of a group that are so far behind another of its places.
  uint64_t one = dk_family_pairs(s->equals[0], base) & in & (in << 1) & 0xeeeeeeeeeeeeeeeeull;
  uint64_t two = dk_family_pairs(s->equals[1], base) & in & (in << 2) & 0xccccccccccccccccull;
  uint64_t three = dk_family_pairs(s->equals[2], base) & in & (in << 3) & 0x8888888888888888ull;
  return in & ~(((one | two | three) & g->equal_second) | ((one >> 1 | two >> 2 | three >> 3) & g->equal_first));
}

// Of a match's positions, `in` being those of its step and `lane` those before it, those that the rule inserts.
DK_INLINE uint64_t dk_family_of_match(const dk_family_rules *r, const dk_family_state *s, intptr_t base, intptr_t total,
                                      uint64_t in, uint32_t lane) {
  if (r->rule == DK_F_ALL) return in;
  switch (r->rule) {
  case DK_F_STARTS: return in & 1ull << lane;
  case DK_F_NOT_LAST: return in & in >> 1;
  case DK_F_FIRST: return in & (r->first < 64 ? (1ull << r->first) - 1 : ~0ull);
  case DK_F_LAST: case DK_F_ENDS: {
    uint64_t last = (intptr_t)r->last < total ? ~((1ull << (total - r->last)) - 1) : ~0ull;
    if (r->rule == DK_F_ENDS) last |= r->first < 32 ? ((1ull << r->first) - 1) << lane : ~0ull;
    return in & last;
  }
  case DK_F_PERIOD_BASE: return in & r->periods[0];
  case DK_F_PERIOD_MATCH: return in & r->periods[0] << lane;
  default: return in & r->periods[(uint32_t)(s->phase + base) % r->period];
  }
}

// Where steps have to do with pointer 0 next, from `from` on.
DK_INLINE intptr_t dk_family_next_slow(const dk_family_state *s, intptr_t from) {
  intptr_t page = from <= 0 ? 0 : DK_F_PAGE;
  if (s->zero < 0) return page;
  for (intptr_t i = from; i < page; i += 32) {
    uint32_t m = dk_equal32(s->offsets + i, (uint16_t)s->zero);
    if (m) { i += __builtin_ctz(m); return i < page ? i : page; }
  }
  return page;
}

// How many positions before the end of a step the next one does not see.
DK_INLINE uint32_t dk_family_unseen(const dk_family_rules *r, int tailed) {
  return tailed && r->tail > r->hidden ? r->tail : r->hidden;
}

// Of two positions before a step, `late`, and its own those that are inserted now; the others, of its last two, are late.
DK_INLINE uint64_t dk_family_hold(uint64_t *late, intptr_t total, uint64_t in, uint32_t unseen) {
  static const uint8_t last[] = {0, 2, 3};
  in = *late | in << 2;
  *late = in >> total & last[unseen];
  return in & ~(*late << total);
}

// Inserts `in` of the positions from the base on, those that the next step does not see a step later.
__attribute__((noinline)) static void dk_family_insert_all(const dk_family_rules *r, dk_family_state *s, intptr_t base,
                                                           intptr_t total, uint64_t in, int tailed) {
  uint32_t unseen = dk_family_unseen(r, tailed);
  for (in = dk_family_hold(&s->late, total, in, unseen); in; in &= in - 1) {
    intptr_t i = base - 2 + __builtin_ctzll(in);
    dk_family_insert(r, s, s->offsets[i], s->entries + i);
  }
  s->slow = dk_family_next_slow(s, base + total - (intptr_t)unseen);
}

// Whether what a step before `next` inserts hangs on when: a position before it is late, or the next step would see one
// too early.
DK_INLINE int dk_family_waits(const dk_family_state *s, uint64_t late, intptr_t next, uint32_t unseen) {
  return late != 0 || (unseen != 0 && s->seen[next >> 3] >> (next & 7) & 1);
}

// The same where pointer 0 is not at work. `waits`: whether anything may be late.
DK_INLINE void dk_family_put_step(const dk_family_rules *r, dk_family_state *s, uint64_t *late, intptr_t base, intptr_t total,
                                  uint64_t in, uint32_t unseen, int waits, uint32_t duplicates) {
  if (waits && dk_family_waits(s, *late, base + total, unseen)) { in = dk_family_hold(late, total, in, unseen); base -= 2; }
  dk_family_put_all(r, s->table, s->offsets + base, s->entries + base, in, duplicates);
}

#pragma clang assume_nonnull end
#pragma clang diagnostic pop
