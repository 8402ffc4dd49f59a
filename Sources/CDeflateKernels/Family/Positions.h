// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What of a page's positions does not depend on where steps begin: buckets, entries, and which neighbours share a
// bucket or a bank.
#pragma once
#include "Family.h"
#include <string.h>

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang assume_nonnull begin

typedef uint16_t dk_v8u16 __attribute__((ext_vector_type(8)));

// Buckets and entries of `count` positions, a multiple of 16.
DK_INLINE void dk_family_hashes(const uint8_t *p, intptr_t count, uint16_t *offsets, uint32_t *entries) {
  const dk_v16u16 iota = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  dk_v16u16 at = iota + (uint16_t)DK_F_ORIGIN;
  for (intptr_t i = 0; i < count; i += 16) {
    // Bytes 0 and 1, and bytes 1 and 2, of each position: every position's own two loads.
    dk_v16u8 b0, b1, b2; memcpy(&b0, p + i, 16); memcpy(&b1, p + i + 1, 16); memcpy(&b2, p + i + 2, 16);
    dk_v16u16 c0 = __builtin_convertvector(b0, dk_v16u16), c1 = __builtin_convertvector(b1, dk_v16u16),
              c2 = __builtin_convertvector(b2, dk_v16u16);
    dk_v16u16 tag = (c1 >> 2) | (c2 << 6), h = dk_bucket16(c0 | (c1 << 8), tag);
    memcpy(offsets + i, &h, 32);
    dk_v16u32 e = __builtin_convertvector(at, dk_v16u32) | (__builtin_convertvector(tag, dk_v16u32) << 16);
    memcpy(entries + i, &e, 64);
    at += 16;
  }
}

// A page's buckets and entries, and those of what lies ahead. The input ends at `limit`: behind its last three bytes no
// entry matches.
DK_INLINE void dk_family_prepare(dk_family_state *s, intptr_t limit) {
  // The last two of the page before may have to be inserted yet.
  for (intptr_t i = -2; i < 0; i++) {
    s->offsets[i] = s->offsets[DK_F_PAGE + i];
    s->entries[i] = s->entries[DK_F_PAGE + i] - DK_F_PAGE;
  }
  dk_family_hashes(s->window, DK_F_PAGE + DK_F_AHEAD, s->offsets, s->entries);
  // Tags that no three bytes have, each another, since these are inserted, too.
  for (intptr_t i = limit > 2 ? limit - 2 : 0; i < limit + 2 && i < DK_F_PAGE + DK_F_AHEAD; i++)
    s->entries[i] = (uint32_t)(0x7ff0 + (i & 3)) << 16 | (s->entries[i] & 0xffff);
}

// Which positions conflict with which before them.
DK_INLINE void dk_family_find_pairs(const dk_family_rules *r, dk_family_state *s) {
  uint32_t size = r->literal.size > r->match.size ? r->literal.size : r->match.size;
  int equal = (r->literal.equal | r->match.equal) != 0, conflict = (r->literal.conflict | r->match.conflict) != 0;
  if (!(equal | conflict)) return;
  const uint16_t bank = (uint16_t)(r->literal.bank | r->match.bank);
  for (uint32_t back = 1; back < size; back++) {
    for (intptr_t i = 0; i < DK_F_PAGE + DK_F_AHEAD; i += 32) {
      dk_v32u16 a, b; memcpy(&a, s->offsets + i, 64); memcpy(&b, s->offsets + i - back, 64);
      a ^= b;
      dk_v32b same = __builtin_convertvector(a == 0, dk_v32b); memcpy(s->equals[back - 1] + i / 8, &same, 4);
      if (!conflict) continue;
      dk_v32b q = __builtin_convertvector((a != 0) & ((a & bank) == 0), dk_v32b); memcpy(s->banks[back - 1] + i / 8, &q, 4);
    }
  }
}

// Which steps would see `most` positions before their base, if these were inserted: one of the step's shares its bucket
// with one of them.
DK_INLINE void dk_family_find_seen(dk_family_state *s, intptr_t most) {
  for (intptr_t i = 0; i < DK_F_PAGE + DK_F_AHEAD; i += 32) {
    dk_v32u16 zero, one, seen = 0; memcpy(&zero, s->offsets + i, 64); memcpy(&one, s->offsets + i + 1, 64);
    for (intptr_t back = 1; back <= most; back++) {
      dk_v32u16 other; memcpy(&other, s->offsets + i - back, 64);
      seen |= (dk_v32u16)(zero == other) | (dk_v32u16)(one == other);
    }
    dk_v32b bits = __builtin_convertvector(seen != 0, dk_v32b); memcpy(s->seen + i / 8, &bits, 4);
  }
}

#pragma clang assume_nonnull end
#pragma clang diagnostic pop
