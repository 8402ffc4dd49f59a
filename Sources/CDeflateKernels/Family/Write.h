// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A page's matches and literals as bits.
#pragma once
#include "Family.h"
#include <string.h>

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang assume_nonnull begin

#if DK_FAMILY_AVX2
// Writes matches and the literals from `from` on, up to `end` of a block of the page; returns what is written then.
DK_INLINE intptr_t dk_family_write_block(dk_family_state *s, dk_sink *sink, const dk_coded *match, intptr_t count, intptr_t from,
                                         intptr_t start, intptr_t end) {
  const uint8_t *bytes = s->window + start;
  const uint8_t *literals = s->codes;
  intptr_t wide = dk_any_long(bytes, DK_BLOCK);
  for (intptr_t i = 0; i < DK_BLOCK; i += 32) {
    if (wide) dk_slots32(bytes + i, s->slots + 2 * i);
    else dk_literals32(bytes + i, s->codes + start + i);
  }
  if (wide) literals = s->slots - 2 * start;
  dk_write_matches_bmi2(sink, literals, wide, from, match, count);
  if (count > 0) from = match[count - 1].end;
  if (from >= end) return from;
  const dk_coded none = {(uint16_t)end, (uint16_t)end, 0};
  dk_write_matches_bmi2(sink, literals, wide, from, &none, 1);
  return end;
}
#else
DK_INLINE void dk_family_append(dk_sink *o, uint64_t bits, uint64_t n) {
  o->buffer |= bits << o->count; o->count += n;
  memcpy(o->next, &o->buffer, 8);
  o->next += o->count >> 3; o->buffer >>= o->count & 0x38; o->count &= 7;
}

// Literals whose codewords have eight bits.
DK_INLINE void dk_family_bytes(dk_sink *o, const uint8_t *from, intptr_t n) {
  uint64_t codes;
  for (; n > 7; n -= 7, from += 7) {
    memcpy(&codes, from, 8);
    o->buffer |= codes << o->count; memcpy(o->next, &o->buffer, 8); o->next += 7;
    o->buffer = (o->buffer >> 56) & ((1ull << o->count) - 1);
  }
  memcpy(&codes, from, 8);
  o->buffer |= (codes & ((1ull << 8 * n) - 1)) << o->count; memcpy(o->next, &o->buffer, 8);
  o->next += n; o->buffer >>= 8 * n;
}

DK_INLINE void dk_family_literals(const dk_family_state *s, dk_sink *o, intptr_t from, intptr_t to, int wide) {
  if (!wide) { dk_family_bytes(o, s->codes + from, to - from); return; }
  // The first even where there are none: a branch that cannot be foreseen costs more.
  for (intptr_t i = from; i == from || i < to; i += 6) {
    intptr_t k = to - i < 6 ? to - i : 6;
    uint64_t codes, longs; memcpy(&codes, s->codes + i, 8); memcpy(&longs, s->longs + (i >> 3), 8);
    longs >>= i & 7;
    uint64_t bits = 0, n = 0;
    for (intptr_t j = 0; j < k; j++) {
      uint64_t l = (longs >> j) & 1, c = (codes >> (8 * j)) & 255;
      bits |= (c << l | l) << n; n += 8 + l;
    }
    dk_family_append(o, bits, n);
  }
}

DK_INLINE intptr_t dk_family_write_block(dk_family_state *s, dk_sink *sink, const dk_coded *match, intptr_t count, intptr_t from,
                                         intptr_t start, intptr_t end) {
  uint32_t wide = 0;
  for (intptr_t i = start; i < start + DK_BLOCK; i += 32) {
    uint32_t l = dk_literals32(s->window + i, s->codes + i);
    memcpy(s->longs + i / 8, &l, 4);
    wide |= l;
  }
  for (intptr_t i = 0; i < count; i++) {
    dk_family_literals(s, sink, from, match[i].start, wide != 0);
    dk_family_append(sink, match[i].bits & 0xffffff, match[i].bits >> 24);
    from = match[i].end;
  }
  if (from < end) { dk_family_literals(s, sink, from, end, wide != 0); from = end; }
  return from;
}
#endif

/// Writes a block's matches, up to `last`, and its literals.
DK_INLINE void dk_family_write(dk_family_state *s, const dk_token *last, intptr_t start, intptr_t end) {
  dk_coded *const codes = (dk_coded *)(void *)s->tokens;
  const intptr_t count = last - s->tokens;
  for (intptr_t i = 0; i < count; i += 8) dk_codes8(s->tokens + i, DK_F_ORIGIN, codes + i);
  dk_sink sink = {s->bits, s->count, s->next};
  s->literal = dk_family_write_block(s, &sink, codes, count, s->literal, start, end);
  s->bits = sink.buffer; s->count = sink.count; s->next = sink.next;
}

#pragma clang assume_nonnull end
#pragma clang diagnostic pop
