// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Steps: where the next match is, how long it is, and what is inserted.
#pragma once
#include "Insert.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang assume_nonnull begin

typedef _Bool dk_v8b __attribute__((ext_vector_type(8)));
// Which entries of two positions' buckets hold their three bytes, four bits each: with equal tags the difference is the
// distance. `far`: the largest.
DK_INLINE uint32_t dk_family_look2(const uint8_t *bucket0, const uint8_t *bucket1, const uint32_t *entries, uint32_t far) {
  dk_v4u32 w0, w1; memcpy(&w0, bucket0, 16); memcpy(&w1, bucket1, 16);
#if DK_FAMILY_AVX2
  const __m256i lanes = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1);
  dk_v8u32 e = (dk_v8u32)_mm256_permutevar8x32_epi32(_mm256_loadu_si256((const __m256i *)(const void *)entries), lanes);
#else
  dk_v4u32 e0 = entries[0], e1 = entries[1];
  dk_v8u32 e = __builtin_shufflevector(e0, e1, 0, 1, 2, 3, 4, 5, 6, 7);
#endif
  dk_v8u32 w = __builtin_shufflevector(w0, w1, 0, 1, 2, 3, 4, 5, 6, 7);
  dk_v8b m = __builtin_convertvector((e - w) <= far, dk_v8b);
  uint8_t r; memcpy(&r, &m, 1); return r;
}

// All ones for each slot that has a bit in the first index.
#define DK_F_SLOTS_OF(m) {(m) & 1 ? ~0ull : 0, (m) & 2 ? ~0ull : 0, (m) & 4 ? ~0ull : 0, (m) & 8 ? ~0ull : 0}
static const uint64_t dk_family_slots[16][4] = {
  DK_F_SLOTS_OF(0), DK_F_SLOTS_OF(1), DK_F_SLOTS_OF(2), DK_F_SLOTS_OF(3), DK_F_SLOTS_OF(4), DK_F_SLOTS_OF(5),
  DK_F_SLOTS_OF(6), DK_F_SLOTS_OF(7), DK_F_SLOTS_OF(8), DK_F_SLOTS_OF(9), DK_F_SLOTS_OF(10), DK_F_SLOTS_OF(11),
  DK_F_SLOTS_OF(12), DK_F_SLOTS_OF(13), DK_F_SLOTS_OF(14), DK_F_SLOTS_OF(15),
};

// The four runs of a lane at once, of which the longest wins and then the newest, with `cuts` as if none were longer than
// `enough`: length << 2 | slot. Of the entries those in `m` count, of which there is one at least.
DK_INLINE uint32_t dk_family_longest(const uint8_t *at, const uint8_t *window, const uint8_t *bucket, uint32_t m,
                                     uint32_t limit, uint32_t enough, int cuts) {
  // The bytes that agree as that many ones and one more, which are cut off at the limits.
  const uint64_t whole = (2ull << limit) - 1, most = whole & (cuts ? (2ull << (enough < 32 ? enough : 32)) - 1 : ~0ull);
  const uint64_t *counts = dk_family_slots[m];
  const dk_v32u8 own = dk_load32(at);
  uint64_t best = 0, longest = 0;
  uint32_t newest = 0;
#pragma clang loop unroll(full)
  for (uint32_t slot = 0; slot < 4; slot++) {
    uint16_t position; memcpy(&position, bucket + 4 * slot, 2);
    dk_v32b equal = __builtin_convertvector((dk_v32u8)(own == dk_load32(window - DK_F_ORIGIN + position)), dk_v32b);
    uint32_t same; memcpy(&same, &equal, 4);
    uint64_t x = (same ^ (same + 1ull)) & counts[slot], cut = x & most;
    int more = slot == 0 || __builtin_unpredictable(cut > best);
    if (cuts) longest = more ? x : longest;
    newest = more ? slot : newest; best = more ? cut : best;
  }
  return (uint32_t)(63 - __builtin_clzll(cuts ? longest & whole : best)) * 4 + newest;
}

// The match of the step at `base`, of whose lane's bucket those in `m` hold its bytes, goes to `to`; what it inserts is
// returned.
DK_INLINE uint64_t dk_family_match(const dk_family_rules *r, dk_family_state *s, intptr_t base, uint32_t lane, uint32_t offset,
                                   uint32_t m, intptr_t limit, dk_token *to, intptr_t *next, int cuts) {
  intptr_t start = base + lane;
  uint32_t room = 32 - lane;
  if (__builtin_expect(limit - start < (intptr_t)room, 0)) room = (uint32_t)(limit - start);
  uint8_t *bucket = s->table + offset;
  uint32_t found = dk_family_longest(s->window + start, s->window, bucket, m, room, r->enough, cuts);
  uint32_t length = found >> 2, slot = found & 3;
  intptr_t total = lane + length;
  *next = base + total;
  to->start = (uint16_t)start; to->end = (uint16_t)*next;
  memcpy(&to->source, bucket + 4 * slot, 2);
  uint64_t before = lane, in = (1ull << total) - 1;
  in = before | dk_family_of_match(r, s, base, total, in & ~before, lane);
  in = dk_family_survivors(&r->match, s, base, total, in);
  if (r->refresh && (in >> lane & 1)) {
    // The entry goes before anything comes: those before it move up one slot.
    if (__builtin_expect(s->zero == (intptr_t)offset, 0) && slot == 0) s->zero = -1;
    const dk_v4u32 none = DK_F_NONE, slots = {0, 1, 2, 3};
    dk_v4u32 w; memcpy(&w, bucket, 16);
    dk_v4u32 behind = (dk_v4u32)(slots >= slot), up = __builtin_shufflevector(w, none, 1, 2, 3, 4);
    w = (behind & up) | (~behind & w); memcpy(bucket, &w, 16);
  }
  return in;
}

/// Matches the steps that begin before `end`; returns where the next match goes.
DK_INLINE dk_token *dk_family_steps(const dk_family_rules *r, dk_family_state *s, intptr_t end, intptr_t limit, int waits,
                                    uint32_t duplicates, int cuts) {
  const uint32_t slots = r->slots0 | r->slots1 << 4, lookup = r->lookup, far = r->reach - 1;
  // Only positions that agree in these bits can lose: of one bucket, or of one bank.
  const uint32_t bank = r->literal.drops ? 0 : r->literal.conflict ? r->literal.bank : 0xffff;
  const uint32_t unseen = dk_family_unseen(r, 1);
  uint64_t late = s->late;
  intptr_t base = s->base;
  dk_token *to = s->tokens;
  while (base < end) {
    const uint16_t *offsets = s->offsets + base; const uint32_t *entries = s->entries + base;
    uint32_t o0 = offsets[0], o1 = offsets[1];
    uint32_t m = dk_family_look2(s->table + o0, s->table + o1, entries, far) & slots;
    if (lookup && ((o0 ^ o1) & lookup) == 0) m &= 15;
    if (m) {
      uint32_t lane = (m & 15) == 0;
      intptr_t next;
      uint64_t in = dk_family_match(r, s, base, lane, lane ? o1 : o0, lane ? m >> 4 : m & 15, limit, to++, &next, cuts);
      if (__builtin_expect(next <= s->slow, 1)) {
        dk_family_put_step(r, s, &late, base, next - base, in, unseen, waits, duplicates);
      } else {
        s->late = late;
        dk_family_insert_all(r, s, base, next - base, in, 1);
        late = s->late;
      }
      base = next;
      continue;
    }
    uint64_t in = 3;
    if (__builtin_expect(((o0 ^ o1) & bank) == 0, 0)) in = dk_family_survivors(&r->literal, s, base, 2, in);
    if (__builtin_expect(base + 2 > s->slow, 0)) {
      s->late = late;
      dk_family_insert_all(r, s, base, 2, in, 0);
      late = s->late;
    } else if (__builtin_expect(in == 3, 1) && !(waits && dk_family_waits(s, late, base + 2, r->hidden))) {
      dk_family_put(s->table + o0, entries, duplicates, r->near);
      dk_family_put(s->table + o1, entries + 1, duplicates, r->near);
    } else {
      dk_family_put_step(r, s, &late, base, 2, in, r->hidden, waits, duplicates);
    }
    base += 2;
  }
  s->base = base; s->late = late;
  return to;
}

#pragma clang assume_nonnull end
#pragma clang diagnostic pop
