// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The fast encoder's loops where the compiler's own choice of instructions is slower, or Swift cannot spell them:
// insertion and common steps with AVX2, writing with BMI2.
#pragma once
#include "Pairs.h"

#if defined(__x86_64__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang assume_nonnull begin

#define DK_AVX2_HELPER __attribute__((target("avx2"), always_inline)) static inline
DK_AVX2_HELPER __m128i dk_insert_avx2(uint8_t *table, uint16_t h, const uint32_t *entry) {
  __m128i *bucket = (__m128i *)(table + h), w = _mm_load_si128(bucket);
  _mm_store_si128(bucket, _mm_alignr_epi8(w, _mm_loadu_si128((const __m128i *)(entry - 3)), 12));
  return w;
}
DK_AVX2_HELPER __m256i dk_pair_avx2(__m128i a, __m128i b) {
  return _mm256_inserti128_si256(_mm256_castsi128_si256(a), b, 1);
}
// What the compiler knows of a pattern makes it choose slower shuffles.
#define DK_OPAQUE(v) __asm__("" : "+x"(v))
typedef struct dk_row_patterns { __m256i parts, tags, positions; } dk_row_patterns;
DK_AVX2_HELPER dk_row_patterns dk_make_row_patterns(void) {
  dk_row_patterns k;
  k.parts = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15));
  k.positions = _mm256_setr_epi32(0x01000100, 0x01000100, 0x05040504, 0x05040504, 0x09080908, 0x09080908, 0x0d0c0d0c, 0x0d0c0d0c);
  k.tags = _mm256_add_epi8(k.positions, _mm256_set1_epi8(2));
  DK_OPAQUE(k.parts); DK_OPAQUE(k.tags); DK_OPAQUE(k.positions);
  return k;
}
// Rows of four positions, of which `a` has the first and the third, `b` the others. Words of what it returns are all
// ones for slots that hold the position's bytes and, with `exact`, are at most 4096 back; with `pairs` those of doubtful
// slots are negative.
DK_AVX2_HELPER __m256i dk_match_rows_avx2(__m256i a, __m256i b, const uint32_t *entries, void *rows, intptr_t exact, intptr_t pairs,
                                          dk_row_patterns k) {
  a = _mm256_shuffle_epi8(a, k.parts); b = _mm256_shuffle_epi8(b, k.parts);
  __m256i positions = _mm256_unpacklo_epi64(a, b), own = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)entries));
  _mm256_storeu_si256((__m256i *)rows, positions);
  __m256i same = _mm256_cmpeq_epi16(_mm256_unpackhi_epi64(a, b), _mm256_shuffle_epi8(own, k.tags));
  if (exact) {
    if (pairs) own = _mm256_andnot_si256(_mm256_set1_epi32(DK_DOUBTFUL), own);
    __m256i distance = _mm256_sub_epi16(_mm256_shuffle_epi8(own, k.positions), positions), most = _mm256_set1_epi16(DK_HISTORY);
    same = _mm256_and_si256(same, _mm256_cmpeq_epi16(_mm256_max_epu16(distance, most), most));
  }
  return pairs ? _mm256_or_si256(same, positions) : same;
}
// Inserts four positions; with `runs` neighbours of one bucket do not wait for each other in memory, which is a branch.
DK_AVX2_HELPER __m256i dk_insert4_avx2(uint8_t *table, const uint16_t *h, const uint32_t *entries, void *rows, intptr_t runs, intptr_t exact,
                                       intptr_t pairs, dk_row_patterns k) {
  __m128i w0, w1, w2, w3;
  uint64_t four; memcpy(&four, h, 8);
  uint64_t differ = four ^ (four << 16);
  if (runs && differ >> 32 == 0) {
    // The last three, and perhaps all.
    __m128i e = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)entries), 0x1b), *bucket = (__m128i *)(table + h[1]);
    if ((uint32_t)differ >> 16 == 0) {
      w0 = _mm_load_si128(bucket);
      w1 = _mm_alignr_epi8(w0, e, 12);
      w2 = _mm_alignr_epi8(w0, e, 8);
      w3 = _mm_alignr_epi8(w0, e, 4);
      _mm_store_si128(bucket, e);
    } else {
      w0 = dk_insert_avx2(table, h[0], entries);
      w1 = _mm_load_si128(bucket);
      w2 = _mm_alignr_epi8(w1, _mm_loadu_si128((const __m128i *)(entries - 2)), 12);
      w3 = _mm_alignr_epi8(w2, _mm_loadu_si128((const __m128i *)(entries - 1)), 12);
      _mm_store_si128(bucket, _mm_alignr_epi8(w3, _mm_loadu_si128((const __m128i *)entries), 12));
    }
  } else if (runs && (uint32_t)(differ >> 16) == 0) {
    __m128i *bucket = (__m128i *)(table + h[0]);
    w0 = _mm_load_si128(bucket);
    w1 = _mm_alignr_epi8(w0, _mm_loadu_si128((const __m128i *)(entries - 3)), 12);
    w2 = _mm_alignr_epi8(w1, _mm_loadu_si128((const __m128i *)(entries - 2)), 12);
    _mm_store_si128(bucket, _mm_alignr_epi8(w2, _mm_loadu_si128((const __m128i *)(entries - 1)), 12));
    w3 = dk_insert_avx2(table, h[3], entries + 3);
  } else {
    w0 = dk_insert_avx2(table, h[0], entries); w1 = dk_insert_avx2(table, h[1], entries + 1);
    w2 = dk_insert_avx2(table, h[2], entries + 2); w3 = dk_insert_avx2(table, h[3], entries + 3);
  }
  return dk_match_rows_avx2(dk_pair_avx2(w0, w2), dk_pair_avx2(w1, w3), entries, rows, exact, pairs, k);
}
DK_AVX2_HELPER intptr_t dk_insert_loop_avx2(
    uint8_t *table, const uint16_t *h, const uint32_t *entries, uint64_t *rows, uint8_t *bits, intptr_t count,
    intptr_t runs, intptr_t exact, intptr_t pairs) {
  intptr_t i = 0;
  dk_row_patterns k = dk_make_row_patterns();
  for (; i + 8 <= count; i += 8) {
    __m256i a = dk_insert4_avx2(table, h + i, entries + i, rows + i, runs, exact, pairs, k);
    __m256i b = dk_insert4_avx2(table, h + i + 4, entries + i + 4, rows + i + 4, runs, exact, pairs, k);
    int m = _mm256_movemask_epi8(_mm256_permute4x64_epi64(_mm256_packs_epi16(a, b), 0xd8));
    memcpy(bits + i / 2, &m, 4);
  }
  return i;
}
// Inserts positions eight at a time, with four bits each as dk_match_rows4; returns how many it has.
__attribute__((target("avx2"), noinline)) static inline intptr_t dk_insert8s_avx2(
    uint8_t *table, const uint16_t *h, const uint32_t *entries, uint64_t *rows, uint8_t *bits, intptr_t count,
    intptr_t runs, intptr_t exact) {
  if (runs) {
    return exact ? dk_insert_loop_avx2(table, h, entries, rows, bits, count, 1, 1, 0)
                 : dk_insert_loop_avx2(table, h, entries, rows, bits, count, 1, 0, 0);
  }
  return exact ? dk_insert_loop_avx2(table, h, entries, rows, bits, count, 0, 1, 0)
               : dk_insert_loop_avx2(table, h, entries, rows, bits, count, 0, 0, 0);
}
// The same where entries may be doubtful.
__attribute__((target("avx2"), noinline)) static inline intptr_t dk_insert8s_pairs_avx2(
    uint8_t *table, const uint16_t *h, const uint32_t *entries, uint64_t *rows, uint8_t *bits, intptr_t count,
    intptr_t runs, intptr_t exact) {
  if (runs) {
    return exact ? dk_insert_loop_avx2(table, h, entries, rows, bits, count, 1, 1, 1)
                 : dk_insert_loop_avx2(table, h, entries, rows, bits, count, 1, 0, 1);
  }
  return exact ? dk_insert_loop_avx2(table, h, entries, rows, bits, count, 0, 1, 1)
               : dk_insert_loop_avx2(table, h, entries, rows, bits, count, 0, 0, 1);
}
#define DK_BMI2_HELPER __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"), always_inline)) static inline
// The bytes that agree, of 32, as that many ones and one more.
DK_BMI2_HELPER uint64_t dk_agree_avx2(__m256i a, const uint8_t *b) {
  uint64_t m = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, _mm256_loadu_si256((const __m256i *)b)));
  return m ^ (m + 1);
}
DK_BMI2_HELPER uint64_t dk_word64(const uint8_t *p) { uint64_t w; memcpy(&w, p, 8); return w; }
DK_BMI2_HELPER uintptr_t dk_word16(const uint8_t *p) { uint16_t w; memcpy(&w, p, 2); return w; }
// The step of a common match of cursor `i`: near the base, of at least three bytes, not too far back, not cut short by the window or
// the input. Says whether there was one, and moves `at` to its end then; else nothing changes.
DK_BMI2_HELPER _Bool dk_step_avx2(dk_cursor *c, uintptr_t *at, const uint8_t *state, const uint8_t *rows, intptr_t far,
                                  dk_pairs *_Nullable pairs, intptr_t i) {
  uintptr_t base = *at;
  const uint8_t *window = state + DK_STATE_WINDOW;
  uint64_t word; memcpy(&word, state + DK_STATE_MATCH_BITS + ((intptr_t)base >> 3), 8); word >>= base & 7;
  if (__builtin_expect(word == 0, 0)) return 0;
  uintptr_t ahead = (uintptr_t)__builtin_ctzll(word), search = base + ahead, lane = ahead & 1;
  if (__builtin_expect((intptr_t)search >= c->common, 0)) return 0;
  const uint8_t *row = rows + search * 8;
  uintptr_t source = dk_word16(row);
  // Where lane 1 shares lane 0's bucket, it sees what lane 0 sees.
  if (__builtin_expect(source + lane == search + DK_ORIGIN, 0)) { row -= 8; source = dk_word16(row); }
  if (pairs && __builtin_expect((dk_word64(row) & DK_DOUBTFUL_ROW) != 0, 0)) {
    dk_pairs_see_aside(pairs, c, i, window + DK_ORIGIN + search, (intptr_t)search, (intptr_t)lane);
    row = (const uint8_t *)pairs->seen;
    source = dk_word16(row);
  }
  __m256i own = _mm256_loadu_si256((const __m256i *)(window + DK_ORIGIN + search));
  uint64_t most = dk_agree_avx2(own, window + source);
  // A loop of its own is faster than the same in a row.
#pragma clang loop unroll(disable)
  for (intptr_t slot = 2; slot < 8; slot += 2) {
    uintptr_t p = dk_word16(row + slot);
    uint64_t x = dk_agree_avx2(own, window + p);
    int more = __builtin_unpredictable(x > most);
    source = more ? p : source; most = more ? x : most;
  }
  // Three bytes at least, and 31 at most in lane 1.
  if (__builtin_expect(most < 15, 0) || __builtin_expect(most > 0x1ffffffffull >> lane, 0)) return 0;
  if (far && __builtin_expect(source < search + (DK_ORIGIN - DK_HISTORY), 0)) return 0;
  uintptr_t end = search + (uintptr_t)__builtin_popcountll(most) - 1;
  dk_token *token = c->next++;
  token->start = (uint16_t)search; token->end = (uint16_t)end; token->source = (uint16_t)source;
  if (pairs) dk_pairs_note(&pairs->views[i], (intptr_t)end);
  *at = end;
  return 1;
}
// Common steps of the cursors of a ring in turn, until one has another kind before it, which is returned.
DK_BMI2_HELPER dk_cursor *dk_ring_loop_avx2(dk_cursor *c, const uint8_t *state, const uint8_t *rows, intptr_t far, dk_pairs *_Nullable pairs) {
  for (;;) {
    uintptr_t base = (uintptr_t)c->base;
    intptr_t i = pairs ? c - (const dk_cursor *)(const void *)(state + DK_STATE_CURSORS) : 0;
    if (!dk_step_avx2(c, &base, state, rows, far, pairs, i)) return c;
    c->base = (intptr_t)base;
    c = c->next_at_work;
  }
}
// The same while all four are at work, their bases in registers; begins with cursor `i`.
DK_BMI2_HELPER dk_cursor *dk_four_loop_avx2(intptr_t i, uint8_t *state, const uint8_t *rows, intptr_t far, dk_pairs *_Nullable pairs) {
  dk_cursor *c = (dk_cursor *)(void *)(state + DK_STATE_CURSORS);
  uintptr_t b0 = (uintptr_t)c[0].base, b1 = (uintptr_t)c[1].base, b2 = (uintptr_t)c[2].base, b3 = (uintptr_t)c[3].base;
  switch (i) {
    for (;;) {
      case 0: i = 0; if (!dk_step_avx2(c, &b0, state, rows, far, pairs, 0)) break; __attribute__((fallthrough));
      case 1: i = 1; if (!dk_step_avx2(c + 1, &b1, state, rows, far, pairs, 1)) break; __attribute__((fallthrough));
      case 2: i = 2; if (!dk_step_avx2(c + 2, &b2, state, rows, far, pairs, 2)) break; __attribute__((fallthrough));
      default: i = 3; if (!dk_step_avx2(c + 3, &b3, state, rows, far, pairs, 3)) break;
    }
  }
  c[0].base = (intptr_t)b0; c[1].base = (intptr_t)b1; c[2].base = (intptr_t)b2; c[3].base = (intptr_t)b3;
  return c + i;
}
#define DK_BMI2_CALL __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"), noinline)) static inline
DK_BMI2_CALL dk_cursor *dk_ring_avx2(dk_cursor *c, const void *state, const void *rows, intptr_t far) {
  return far ? dk_ring_loop_avx2(c, state, rows, 1, NULL) : dk_ring_loop_avx2(c, state, rows, 0, NULL);
}
DK_BMI2_CALL dk_cursor *dk_four_avx2(dk_cursor *c, void *state, const void *rows, intptr_t far) {
  intptr_t i = c - (dk_cursor *)(void *)((uint8_t *)state + DK_STATE_CURSORS);
  return far ? dk_four_loop_avx2(i, state, rows, 1, NULL) : dk_four_loop_avx2(i, state, rows, 0, NULL);
}
DK_BMI2_CALL dk_cursor *dk_ring_pairs_avx2(dk_cursor *c, const void *state, const void *rows, intptr_t far, dk_pairs *pairs) {
  // Else every step asks.
  __builtin_assume(pairs != NULL);
  return far ? dk_ring_loop_avx2(c, state, rows, 1, pairs) : dk_ring_loop_avx2(c, state, rows, 0, pairs);
}
DK_BMI2_CALL dk_cursor *dk_four_pairs_avx2(dk_cursor *c, void *state, const void *rows, intptr_t far, dk_pairs *pairs) {
  __builtin_assume(pairs != NULL);
  intptr_t i = c - (dk_cursor *)(void *)((uint8_t *)state + DK_STATE_CURSORS);
  return far ? dk_four_loop_avx2(i, state, rows, 1, pairs) : dk_four_loop_avx2(i, state, rows, 0, pairs);
}
DK_BMI2_HELPER void dk_append_bmi2(dk_sink *sink, uint64_t bits, uint64_t count) {
  sink->buffer |= bits << sink->count; sink->count += count;
  memcpy(sink->next, &sink->buffer, 8);
  sink->next += sink->count >> 3; sink->buffer >>= sink->count & 0x38; sink->count &= 7;
}
// `n` literals of eight bits, which leave the count of waiting bits as it is.
DK_BMI2_HELPER void dk_bytes_bmi2(dk_sink *sink, const uint8_t *codes, unsigned n) {
  sink->buffer |= dk_word64(codes) << sink->count;
  memcpy(sink->next, &sink->buffer, 8);
  sink->next += n; sink->buffer = sink->buffer >> (8 * n) & ((1ull << sink->count) - 1);
}
// The first `n` of four literals in slots, all where `n` is larger: codewords in `bits`, returns their count.
DK_BMI2_HELPER uint64_t dk_four_bmi2(const uint8_t *slots, unsigned n, uint64_t *bits) {
  uint64_t mask = _bzhi_u64(dk_word64(slots + DK_STATE_SLOT_MASKS), n * 16);
  *bits = _pext_u64(dk_word64(slots), mask);
  return (uint64_t)__builtin_popcountll(mask);
}
// Literals from..<to and a token of at most 24 bits behind the last. Up to seven without a branch, which would be
// mispredicted. `slots`: as dk_slots32.
DK_BMI2_HELPER void dk_write_wide_bmi2(dk_sink *sink, const uint8_t *slots, intptr_t from, intptr_t to, uint64_t bits,
                                       uint64_t count) {
  intptr_t k = to - from;
  uint64_t four;
  for (; k > 7; from += 4, k -= 4) { uint64_t n = dk_four_bmi2(slots + from * 2, 4, &four); dk_append_bmi2(sink, four, n); }
  uint64_t n = dk_four_bmi2(slots + from * 2, (unsigned)k, &four);
  dk_append_bmi2(sink, four, n);
  n = dk_four_bmi2(slots + from * 2 + 8, k > 4 ? (unsigned)k - 4 : 0, &four);
  dk_append_bmi2(sink, four | bits << n, count + n);
}
// The same with literals of eight bits, a byte each in `codes`.
DK_BMI2_HELPER void dk_write_narrow_bmi2(dk_sink *sink, const uint8_t *codes, intptr_t from, intptr_t to, uint64_t bits,
                                         uint64_t count) {
  intptr_t k = to - from;
  for (; k > 7; from += 7, k -= 7) dk_bytes_bmi2(sink, codes + from, 7);
  dk_bytes_bmi2(sink, codes + from, (unsigned)k);
  dk_append_bmi2(sink, bits, count);
}
// Writes `count` matches and the literals before each, from `literal` on.
__attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"), noinline)) static inline void dk_write_matches_bmi2(
    dk_sink *to, const void *literals, intptr_t wide, intptr_t literal, const dk_coded *match, intptr_t count) {
  dk_sink sink = *to;
  const dk_coded *last = match + count;
  if (wide) {
    for (; match < last; literal = match->end, match++)
      dk_write_wide_bmi2(&sink, literals, literal, match->start, match->bits & 0xffffff, match->bits >> 24);
  } else {
    for (; match < last; literal = match->end, match++)
      dk_write_narrow_bmi2(&sink, literals, literal, match->start, match->bits & 0xffffff, match->bits >> 24);
  }
  *to = sink;
}

#pragma clang assume_nonnull end
#pragma clang diagnostic pop
#endif
