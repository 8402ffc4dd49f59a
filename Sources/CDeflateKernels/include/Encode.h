// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Vector operations that Swift cannot spell, in target-neutral form: the compiler lowers them for
// whatever target they are inlined into.
#pragma once
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// The helpers are always inlined: no vector is ever passed by a call.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang assume_nonnull begin

#define DK_INLINE static inline __attribute__((always_inline))
typedef uint8_t dk_v32u8 __attribute__((ext_vector_type(32)));
typedef int8_t dk_v32i8 __attribute__((ext_vector_type(32)));
typedef uint16_t dk_v32u16 __attribute__((ext_vector_type(32)));
typedef uint16_t dk_v64u16 __attribute__((ext_vector_type(64)));
typedef uint32_t dk_v32u32 __attribute__((ext_vector_type(32)));
typedef uint32_t dk_v16u32 __attribute__((ext_vector_type(16)));
typedef uint16_t dk_v4u16 __attribute__((ext_vector_type(4)));
typedef uint16_t dk_v16u16 __attribute__((ext_vector_type(16)));
typedef uint32_t dk_v4u32 __attribute__((ext_vector_type(4)));
typedef _Bool dk_v32b __attribute__((ext_vector_type(32)));
typedef _Bool dk_v16b __attribute__((ext_vector_type(16)));

// What the kernels have of the profile and of the fixed code; ProfileConstantsTests hold them to MatchProfile.iaaV1
// and FixedCode.
enum {
  DK_HISTORY = 4096,             // bytes: the largest distance, and how far positions are renumbered
  DK_WINDOW = 32,                // bytes compared from a pair's base on
  DK_FIRST_LONG_LITERAL = 144,   // from this byte on a literal takes nine bits, below it eight
  DK_FIRST_LITERAL_CODE = 0x30,  // codeword of literal 0 (RFC 1951 3.2.6)
  DK_ORIGIN = 64 + DK_HISTORY,   // where a page's first byte is in the window
};
// In an entry or a row beside a position: it may be that it was not inserted (Pairs.h).
#define DK_DOUBTFUL 0x8000
#define DK_DOUBTFUL_ROW 0x8000800080008000ull
// Where some of the encoder's memory is, as FastEncoderLayout says.
enum {
  DK_STATE_CURSORS = 128,        // four
  DK_STATE_MATCH_BITS = DK_STATE_CURSORS + 4 * 80,
  DK_STATE_LONG_BITS = DK_STATE_MATCH_BITS + DK_HISTORY / 8 + 64,
  DK_STATE_CODES = DK_STATE_LONG_BITS + DK_HISTORY / 8 + 64,
  DK_STATE_WINDOW = DK_STATE_CODES + DK_HISTORY + 64,
  DK_BLOCK = 2048,               // positions prepared at a time
  DK_CURSORS = 4, DK_SEGMENT = DK_BLOCK / DK_CURSORS,  // that parse a block, each its segment
  DK_STATE_SLOT_MASKS = DK_BLOCK * 2 + 64,  // from a block's slots on
};

DK_INLINE dk_v32u8 dk_load32(const void *p) { dk_v32u8 v; memcpy(&v, p, 32); return v; }

// 32 literals: the low 8 bits of each codeword, first bit lowest; returns which have a leading 1 (9 bits).
DK_INLINE uint32_t dk_literals32(const void *from, void *to) {
  dk_v32u8 b = dk_load32(from), long_ = (dk_v32u8)(b >= DK_FIRST_LONG_LITERAL);
  dk_v32u8 x = __builtin_elementwise_bitreverse((dk_v32u8)(b + (~long_ & DK_FIRST_LITERAL_CODE)));
  memcpy(to, &x, 32);
  dk_v32b m = __builtin_convertvector(long_, dk_v32b);
  uint32_t r; memcpy(&r, &m, 4); return r;
}

// Whether any of `count` literals has nine bits; `count` is a multiple of 32.
DK_INLINE int dk_any_long(const uint8_t *from, intptr_t count) {
  dk_v32u8 most = 0;
  for (intptr_t i = 0; i < count; i += 32) most = __builtin_elementwise_max(most, dk_load32(from + i));
  return __builtin_reduce_max(most) >= DK_FIRST_LONG_LITERAL;
}
// 32 literals of eight or nine bits, 16 bits each: the codeword behind a bit 0, or all nine bits; and at
// DK_STATE_SLOT_MASKS behind them which of the 16 count.
DK_INLINE void dk_slots32(const void *from, uint8_t *slots) {
  dk_v32u8 b = dk_load32(from), long_ = (dk_v32u8)(b >= DK_FIRST_LONG_LITERAL);
  dk_v32u8 x = __builtin_elementwise_bitreverse((dk_v32u8)(b + (~long_ & DK_FIRST_LITERAL_CODE)));
  dk_v32u16 first = __builtin_convertvector(long_ & 1, dk_v32u16);
  dk_v32u16 codes = (__builtin_convertvector(x, dk_v32u16) << 1) | first, masks = first | 0x1fe;
  memcpy(slots, &codes, 64); memcpy(slots + DK_STATE_SLOT_MASKS, &masks, 64);
}

// The hash of 16 positions from the words that begin there, and the tags: bits 10 to 23 of their 24.
// With f = tag ^ tag >> 7 ^ tag >> 10 the remainder modulo x^10 + x^3 + 1 is word ^ f ^ f << 3, and its
// bucket's offset 16 times that.
DK_INLINE dk_v16u16 dk_bucket16(dk_v16u16 word, dk_v16u16 tag) {
  dk_v16u16 f = tag ^ (tag >> 7) ^ (tag >> 10);
  return ((word ^ f ^ (f << 3)) << 4) & 0x3ff0;
}
DK_INLINE dk_v16u16 dk_before16(dk_v16u16 a, dk_v16u16 before) {
  return __builtin_shufflevector(before, a, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
}
// Bits of lanes in turn, of which each is all ones or zero.
DK_INLINE uint32_t dk_mask32(dk_v16u16 even, dk_v16u16 odd) {
  dk_v16u16 v = (even & 0xff) | (odd & 0xff00);
  dk_v32i8 b; memcpy(&b, &v, 32);
  dk_v32b m = __builtin_convertvector((dk_v32u8)(b < 0), dk_v32b);
  uint32_t r; memcpy(&r, &m, 4); return r;
}
#define DK_LOW16(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define DK_HIGH16(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
// `count` positions, 32 at a time: the bucket's offset, the entry (quotient tag << 16 | position) and a bit
// for each that shares its bucket, but not its three bytes, with the position before it. Words at even and odd
// places need no widening. Returns how many share a bucket with the position before; with `equals`, which is 0 or
// the same in every call that is inlined, they get a bit there and DK_DOUBTFUL in their entry.
DK_INLINE intptr_t dk_hashes(const uint8_t *p, uint32_t position, intptr_t count, uint16_t *offsets,
                               uint32_t *entries, uint32_t *collisions, uint32_t *_Nullable equals) {
  dk_v16u16 bucketBefore = offsets[-1], tagBefore = (uint16_t)(entries[-1] >> 16);
  const dk_v16u16 iota = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  dk_v16u16 low = iota + (uint16_t)position, repeats = 0;
  for (intptr_t i = 0; i < count; i += 32) {
    dk_v16u16 w0, w1, w2; memcpy(&w0, p + i, 32); memcpy(&w1, p + i + 1, 32); memcpy(&w2, p + i + 2, 32);
    dk_v16u16 t0 = w1 >> 2, t1 = w2 >> 2, h0 = dk_bucket16(w0, t0), h1 = dk_bucket16(w1, t1);
    // In registers: a load right behind the stores of its parts would wait for them.
    dk_v16u16 hb = dk_before16(h1, bucketBefore), tb = dk_before16(t1, tagBefore);
    bucketBefore = h1; tagBefore = t1;
    dk_v16u16 s0 = (dk_v16u16)(h0 == hb), s1 = (dk_v16u16)(h0 == h1);
    repeats -= s0 + s1;
    collisions[i / 32] = dk_mask32(s0 & ~(dk_v16u16)(t0 == tb), s1 & ~(dk_v16u16)(t0 == t1));
    dk_v16u16 a = DK_LOW16(h0, h1), b = DK_HIGH16(h0, h1);
    memcpy(offsets + i, &a, 32); memcpy(offsets + i + 16, &b, 32);
    a = DK_LOW16(t0, t1); b = DK_HIGH16(t0, t1);
    dk_v16u16 c = low + 16, l = low;
    if (equals) {
      equals[i / 32] = dk_mask32(s0, s1);
      s0 &= DK_DOUBTFUL; s1 &= DK_DOUBTFUL;
      l |= DK_LOW16(s0, s1); c |= DK_HIGH16(s0, s1);
    }
    dk_v16u16 e0 = DK_LOW16(l, a), e1 = DK_HIGH16(l, a), e2 = DK_LOW16(c, b), e3 = DK_HIGH16(c, b);
    memcpy(entries + i, &e0, 32); memcpy(entries + i + 8, &e1, 32);
    memcpy(entries + i + 16, &e2, 32); memcpy(entries + i + 24, &e3, 32);
    low += 32;
  }
  return __builtin_reduce_add(repeats);
}

typedef uint8_t dk_v16u8 __attribute__((ext_vector_type(16)));
// Four bits a position to one: whether any of them is set.
DK_INLINE uint32_t dk_any32(const void *nibbles) {
  dk_v16u8 v; memcpy(&v, nibbles, 16);
  dk_v16u8 a = v & 15, b = v >> 4;
  dk_v32u8 x = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  dk_v32b m = __builtin_convertvector((dk_v32u8)(x != 0), dk_v32b);
  uint32_t r; memcpy(&r, &m, 4); return r;
}
// Which of the 32 numbers at `h` equal `k`, one bit each.
DK_INLINE uint32_t dk_equal32(const uint16_t *h, uint16_t k) {
  dk_v32u16 a; memcpy(&a, h, 64);
  dk_v32b m = __builtin_convertvector(a == k, dk_v32b);
  uint32_t r; memcpy(&r, &m, 4); return r;
}

typedef uint32_t dk_v8u32 __attribute__((ext_vector_type(8)));
typedef int32_t dk_v8i32 __attribute__((ext_vector_type(8)));
typedef float dk_v8f32 __attribute__((ext_vector_type(8)));

// Bit i is set when bytes i of a and b differ.
DK_INLINE uint32_t dk_differ32(const void *a, const void *b) {
  dk_v32b m = __builtin_convertvector((dk_v32u8)(dk_load32(a) != dk_load32(b)), dk_v32b);
  uint32_t r; memcpy(&r, &m, 4); return r;
}
// How many of the first 32 bytes are the same. Without `bmi` counting the zeros of 0 would be a slow instruction.
DK_INLINE intptr_t dk_run32(const void *a, const void *b, intptr_t bmi) {
  uint32_t m = dk_differ32(a, b);
  if (bmi) return m ? __builtin_ctz(m) : DK_WINDOW;
  return __builtin_ctzll(m | 1ull << DK_WINDOW);
}
// A match: bytes start..<end of the page, equal to those from `source` on, which is a position in the window.
// `dk_codes8` reads it.
typedef struct dk_token { uint16_t start, end, source, unused; } dk_token;
// A match as it is written, in the eight bytes of its token: codewords and extra bits, first bit lowest, and their
// count above 24 bits.
typedef struct dk_coded { uint16_t start, end; uint32_t bits; } dk_coded;
// Bits gathered low first, stored eight bytes at a time; fewer than eight wait.
typedef struct dk_sink { uint64_t buffer, count; uint8_t *next; } dk_sink;
// Where the parse of a segment stands. The base of the next pair alone decides all that follows.
typedef struct dk_cursor {
  intptr_t base;    // the end of the last match
  // Where a common match must begin before: the part's end, and so far from the input's that nothing is compared
  // beyond it. Nowhere while the base is in the block before, whose rows are gone.
  intptr_t common;
  dk_token *next;   // where in its list the next token goes
  struct dk_cursor *next_at_work, *before_at_work;  // the cursors still at work form a ring
  intptr_t search;  // there is no match from the base to here, if this is farther
  intptr_t end;
  dk_token *other;  // where in the list of the next segment to look for a match that ends where ours does
  intptr_t other_end;     // where the match before `other` ends; -1 once the two have met
  intptr_t next_segment;  // the segment whose parse to meet
} dk_cursor;
// Where a cursor's list begins, in tokens behind the first one's. A parse that meets no other goes on to the block's
// end, so each list is a segment shorter than the one before it.
#define DK_LIST(i) ((i) * (DK_BLOCK / 3 + 32) - (i) * ((i) - 1) / 2 * (DK_SEGMENT / 3))
enum { DK_LISTS = DK_LIST(DK_CURSORS) };  // where the last one ends
DK_INLINE intptr_t dk_list(intptr_t i) { return DK_LIST(i); }
// Where common matches end, of those that begin before `end`.
DK_INLINE intptr_t dk_common_end(intptr_t end, intptr_t limit) { return end < limit - 31 ? end : limit - 31; }
// The bytes that agree, of 32, as that many ones and one more: no slow counting for each candidate.
DK_INLINE uint64_t dk_agree32(const void *a, const void *b) {
  dk_v16u8 v, w, x, y; memcpy(&v, a, 16); memcpy(&w, b, 16); memcpy(&x, (const char *)a + 16, 16); memcpy(&y, (const char *)b + 16, 16);
  dk_v16b low = __builtin_convertvector((dk_v16u8)(v == w), dk_v16b), high = __builtin_convertvector((dk_v16u8)(x == y), dk_v16b);
  uint16_t l, h; memcpy(&l, &low, 2); memcpy(&h, &high, 2);
  uint64_t m = l | (uint32_t)h << 16;
  return m ^ (m + 1);
}
// The longest run among four candidates, as 4 * length + (3 - slot).
DK_INLINE intptr_t dk_longest32(const void *at, const void *c0, const void *c1, const void *c2, const void *c3) {
  uint64_t x0 = dk_agree32(at, c0) * 4 + 3, x1 = dk_agree32(at, c1) * 4 + 2, x2 = dk_agree32(at, c2) * 4 + 1, x3 = dk_agree32(at, c3) * 4;
  uint64_t a = x1 > x0 ? x1 : x0, b = x3 > x2 ? x3 : x2;
  a = b > a ? b : a;
  return (63 - __builtin_clzll(a) - 2) * 4 + (intptr_t)(a & 3);
}
// Bit 4 i + s says that slot s of row i holds the same three bytes as position i, at most 4096 back: with
// equal tags the difference of the entries is the distance, with others it is more than 57,000. With `pairs` the
// same bit says that a slot is doubtful.
DK_INLINE uint64_t dk_match_rows4(dk_v16u32 w, void *rows, const uint32_t *entries, intptr_t pairs) {
  dk_v4u32 e; memcpy(&e, entries, 16);
  if (pairs) e &= ~(uint32_t)DK_DOUBTFUL;
  dk_v16u32 o = __builtin_shufflevector(e, e, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
  dk_v16u16 positions = __builtin_convertvector(w, dk_v16u16);
  memcpy(rows, &positions, 32);
  dk_v16u32 found = (dk_v16u32)((o - w) < DK_HISTORY + 1u);
  if (pairs) found |= (dk_v16u32)((w & DK_DOUBTFUL) != 0);
  dk_v16b m = __builtin_convertvector(found, dk_v16b);
  uint16_t r; memcpy(&r, &m, 2); return r;
}
// Four bits: which entries of a bucket hold the same three bytes as `entry`, at most 4096 back.
DK_INLINE uint64_t dk_match1(const void *bucket, uint32_t entry, intptr_t pairs) {
  dk_v4u32 w, o = pairs ? entry & ~(uint32_t)DK_DOUBTFUL : entry; memcpy(&w, bucket, 16);
  dk_v4u32 m = (dk_v4u32)((o - w) < DK_HISTORY + 1u);
  if (pairs) m |= (dk_v4u32)((w & DK_DOUBTFUL) != 0);
  m &= (dk_v4u32){1, 2, 4, 8};
  return m[0] | m[1] | m[2] | m[3];
}
// Inserts one position; `row` gets the bucket as it saw it. Returns its four bits.
DK_INLINE uint64_t dk_insert1(void *bucket, void *row, uint32_t entry, intptr_t pairs) {
  uint64_t bits = dk_match1(bucket, entry, pairs);
  dk_v4u32 w, e = entry; memcpy(&w, bucket, 16);
  dk_v4u16 positions = __builtin_convertvector(w, dk_v4u16);
  memcpy(row, &positions, 8);
  w = __builtin_shufflevector(e, w, 0, 4, 5, 6); memcpy(bucket, &w, 16);
  return bits;
}
DK_INLINE dk_v16u32 dk_join4(dk_v4u32 a, dk_v4u32 b, dk_v4u32 c, dk_v4u32 d) {
  return __builtin_shufflevector(
      __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7), __builtin_shufflevector(c, d, 0, 1, 2, 3, 4, 5, 6, 7),
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
// Inserts four positions in order; `rows` gets the bucket as each of them saw it.
DK_INLINE uint64_t dk_insert4(uint8_t *table, const uint16_t *h, const uint32_t *entries, void *rows, intptr_t pairs) {
  dk_v4u32 w0, w1, w2, w3, t, e;
  memcpy(&e, entries + 0 - 3, 16); memcpy(&w0, table + h[0], 16); t = __builtin_shufflevector(e, w0, 3, 4, 5, 6); memcpy(table + h[0], &t, 16);
  memcpy(&e, entries + 1 - 3, 16); memcpy(&w1, table + h[1], 16); t = __builtin_shufflevector(e, w1, 3, 4, 5, 6); memcpy(table + h[1], &t, 16);
  memcpy(&e, entries + 2 - 3, 16); memcpy(&w2, table + h[2], 16); t = __builtin_shufflevector(e, w2, 3, 4, 5, 6); memcpy(table + h[2], &t, 16);
  memcpy(&e, entries + 3 - 3, 16); memcpy(&w3, table + h[3], 16); t = __builtin_shufflevector(e, w3, 3, 4, 5, 6); memcpy(table + h[3], &t, 16);
  return dk_match_rows4(dk_join4(w0, w1, w2, w3), rows, entries, pairs);
}
// The same by one load of entries: fewer loads, but a longer wait where a bucket comes again at once.
DK_INLINE uint64_t dk_insert_apart4(uint8_t *table, const uint16_t *h, const uint32_t *entries, void *rows, intptr_t pairs) {
  dk_v4u32 w0, w1, w2, w3, t, e; memcpy(&e, entries, 16);
  memcpy(&w0, table + h[0], 16); t = __builtin_shufflevector(e, w0, 0, 4, 5, 6); memcpy(table + h[0], &t, 16);
  memcpy(&w1, table + h[1], 16); t = __builtin_shufflevector(e, w1, 1, 4, 5, 6); memcpy(table + h[1], &t, 16);
  memcpy(&w2, table + h[2], 16); t = __builtin_shufflevector(e, w2, 2, 4, 5, 6); memcpy(table + h[2], &t, 16);
  memcpy(&w3, table + h[3], 16); t = __builtin_shufflevector(e, w3, 3, 4, 5, 6); memcpy(table + h[3], &t, 16);
  return dk_match_rows4(dk_join4(w0, w1, w2, w3), rows, entries, pairs);
}
// The same where these four positions share one bucket: the table's entry does not wait for itself.
DK_INLINE uint64_t dk_insert_same4(uint8_t *table, const uint16_t *h, const uint32_t *entries, void *rows, intptr_t pairs) {
  dk_v4u32 w, e; memcpy(&w, table + h[0], 16); memcpy(&e, entries, 16);
  dk_v4u32 t = __builtin_shufflevector(e, e, 3, 2, 1, 0); memcpy(table + h[0], &t, 16);
  dk_v16u32 r = __builtin_shufflevector(w, e, 0, 1, 2, 3, 4, 0, 1, 2, 5, 4, 0, 1, 6, 5, 4, 0);
  return dk_match_rows4(r, rows, entries, pairs);
}
// The same where the last three share one bucket.
DK_INLINE uint64_t dk_insert_last3(uint8_t *table, const uint16_t *h, const uint32_t *entries, void *rows, intptr_t pairs) {
  dk_v4u32 v, w, t, e; memcpy(&e, entries, 16);
  memcpy(&v, table + h[0], 16); t = __builtin_shufflevector(e, v, 0, 4, 5, 6); memcpy(table + h[0], &t, 16);
  memcpy(&w, table + h[1], 16); t = __builtin_shufflevector(e, w, 3, 2, 1, 4); memcpy(table + h[1], &t, 16);
  dk_v16u32 r = __builtin_shufflevector(
      __builtin_shufflevector(v, w, 0, 1, 2, 3, 4, 5, 6, 7, -1, -1, -1, -1, -1, -1, -1, -1),
      __builtin_shufflevector(w, e, -1, -1, -1, -1, -1, -1, -1, -1, 5, 0, 1, 2, 6, 5, 0, 1),
      0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31);
  return dk_match_rows4(r, rows, entries, pairs);
}
// The same where the first three do.
DK_INLINE uint64_t dk_insert_first3(uint8_t *table, const uint16_t *h, const uint32_t *entries, void *rows, intptr_t pairs) {
  dk_v4u32 v, w, t, e; memcpy(&e, entries, 16);
  memcpy(&w, table + h[0], 16); t = __builtin_shufflevector(e, w, 2, 1, 0, 4); memcpy(table + h[0], &t, 16);
  memcpy(&v, table + h[3], 16); t = __builtin_shufflevector(e, v, 3, 4, 5, 6); memcpy(table + h[3], &t, 16);
  dk_v16u32 r = __builtin_shufflevector(
      __builtin_shufflevector(w, e, 0, 1, 2, 3, 4, 0, 1, 2, 5, 4, 0, 1, -1, -1, -1, -1),
      __builtin_shufflevector(v, v, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 1, 2, 3),
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 28, 29, 30, 31);
  return dk_match_rows4(r, rows, entries, pairs);
}
// The row before, if this one's newest entry is one before `at` in lane 1.
DK_INLINE const void *dk_row(const void *row, intptr_t lane, intptr_t at) {
  uint16_t newest; memcpy(&newest, row, 2);
  return __builtin_expect(newest + lane == at, 0) ? (const char *)row - 8 : row;
}
// 8 tokens (start | end << 16 | source << 32, `origin` away from start) to start | end << 16 | code << 32:
// codewords with extra bits, count << 24. A float's exponent and first fraction bits are the symbol.
DK_INLINE void dk_codes8(const void *tokens, uint32_t origin, void *codes) {
  dk_v8u32 a, b; memcpy(&a, tokens, 32); memcpy(&b, (const char *)tokens + 32, 32);
  // Within 16 bytes, which is all that one instruction shuffles.
  dk_v8u32 ends = __builtin_shufflevector(a, b, 0, 2, 8, 10, 4, 6, 12, 14), start = ends & 0xffff;
  dk_v8u32 source = __builtin_shufflevector(a, b, 1, 3, 9, 11, 5, 7, 13, 15) & 0xffff;
  dk_v8u32 d = start + (origin - 1) - source, l = (ends >> 16) - start - 3;
  dk_v8f32 df = __builtin_convertvector((dk_v8i32)d, dk_v8f32), lf = __builtin_convertvector((dk_v8i32)l, dk_v8f32);
  dk_v8u32 db, lb; memcpy(&db, &df, 32); memcpy(&lb, &lf, 32);
  dk_v8u32 dshort = (dk_v8u32)((dk_v8i32)d < 2), lshort = (dk_v8u32)((dk_v8i32)l < 4), lplain = (dk_v8u32)((dk_v8i32)l < 8);
  dk_v8u32 dsym = (dshort & d) | (~dshort & ((db >> 22) - 254));
  dk_v8u32 dextra = ~dshort & ((db >> 23) - 128);
  dk_v8u32 lsym = (lshort & l) | (~lshort & ((lb >> 21) - 512));
  dk_v8u32 lextra = ~lplain & ((lb >> 23) - 129);
  dk_v8u32 one = 1;
  dk_v8u32 dlow = d & ((one << dextra) - 1), llow = l & ((one << lextra) - 1);
  // Both symbols, a byte each, first bit last.
  dk_v8u32 both = dsym | ((lsym + 1) << 8); dk_v32u8 bytes; memcpy(&bytes, &both, 32);
  bytes = __builtin_elementwise_bitreverse(bytes); memcpy(&both, &bytes, 32);
  dk_v8u32 dcode = ((both & 0xff) >> 3) | (dlow << 5), lcode = (both >> 9) | (llow << 7);
  dk_v8u32 r = lcode | (dcode << (lextra + 7)) | ((lextra + dextra + 12) << 24);
  a = __builtin_shufflevector(ends, r, 0, 8, 1, 9, 4, 12, 5, 13);
  b = __builtin_shufflevector(ends, r, 2, 10, 3, 11, 6, 14, 7, 15);
  memcpy(codes, &a, 32); memcpy((char *)codes + 32, &b, 32);
}
// 4096 bytes back for 16 entries; what leaves the window becomes an entry that never matches.
DK_INLINE void dk_age16(uint32_t *entries, uint32_t none) {
  dk_v16u32 w; memcpy(&w, entries, 64);
  dk_v16u32 old = (dk_v16u32)((w & 0xffff) < DK_HISTORY + 64u);
  w = (old & none) | (~old & (w - DK_HISTORY)); memcpy(entries, &w, 64);
}

#pragma clang assume_nonnull end
#pragma clang diagnostic pop
