// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The family's loop for any processor, in a file of its own for the reason that TableLoop.c gives.

#include "Family/Page.h"

void dk_family_page_plain(const dk_family_rules *rules, dk_family_state *state, intptr_t end, intptr_t limit) {
  dk_family_page(rules, state, end, limit);
}

void dk_family_age(uint8_t *table) {
  for (intptr_t i = 0; i < DK_F_TABLE; i += 64) dk_age16((uint32_t *)(void *)(table + i), DK_F_NONE);
}
