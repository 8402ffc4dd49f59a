// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A page by the family's rules, in copies of its loop for what a rule would cost where it is not at work.
#pragma once
#include "Steps.h"
#include "Write.h"

#pragma clang assume_nonnull begin

DK_INLINE void dk_family_page(const dk_family_rules *r, dk_family_state *s, intptr_t end, intptr_t limit) {
  dk_family_prepare(s, limit);
  dk_family_find_pairs(r, s);
  const uint32_t unseen = dk_family_unseen(r, 1);
  s->slow = dk_family_next_slow(s, s->base - (intptr_t)unseen);
  if (unseen) dk_family_find_seen(s, unseen);
  for (intptr_t start = 0; start < end; start += DK_BLOCK) {
    const intptr_t stop = start + DK_BLOCK < end ? start + DK_BLOCK : end;
    const int cuts = r->enough < DK_WINDOW;
    const dk_token *last = r->duplicates == 1 ? dk_family_steps(r, s, stop, limit, 0, 1, 1)
      : r->duplicates == 2 ? dk_family_steps(r, s, stop, limit, 0, 2, 1)
      : unseen ? (cuts ? dk_family_steps(r, s, stop, limit, 1, 0, 1) : dk_family_steps(r, s, stop, limit, 1, 0, 0))
      : cuts ? dk_family_steps(r, s, stop, limit, 0, 0, 1) : dk_family_steps(r, s, stop, limit, 0, 0, 0);
    dk_family_write(s, last, start, stop);
  }
}

#pragma clang assume_nonnull end
