// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Vector operations that Swift cannot spell, in target-neutral form: the compiler lowers them for
// whatever target they are inlined into.
#pragma once
#include <stdint.h>
#include <string.h>

// The helpers are always inlined: no vector is ever passed by a call.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang assume_nonnull begin

#define DK_INLINE static inline __attribute__((always_inline))
typedef uint8_t dk_v32u8 __attribute__((ext_vector_type(32)));
typedef uint16_t dk_v32u16 __attribute__((ext_vector_type(32)));
typedef uint16_t dk_v64u16 __attribute__((ext_vector_type(64)));
typedef uint32_t dk_v32u32 __attribute__((ext_vector_type(32)));
typedef uint32_t dk_v16u32 __attribute__((ext_vector_type(16)));
typedef uint64_t dk_v16u64 __attribute__((ext_vector_type(16)));
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

// Bit i: lane i of `a` equals the lane before it, which for the first is the last of `b`.
DK_INLINE uint32_t dk_repeats32(dk_v32u16 a, dk_v32u16 b) {
  b = __builtin_shufflevector(b, a, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62);
  dk_v32b m = __builtin_convertvector(a == b, dk_v32b);
  uint32_t r; memcpy(&r, &m, 4); return r;
}
// `count` positions, 32 at a time: bucket offset (16 * hash), entry (quotient tag << 16 | position) and a bit
// for each that shares its bucket, but not its three bytes, with the position before it. Returns how many
// share a bucket with the position before.
DK_INLINE intptr_t dk_hashes(const uint8_t *p, uint32_t position, intptr_t count, uint16_t *offsets,
                               uint32_t *entries, uint32_t *collisions) {
  dk_v32u16 hashBefore = offsets[-1], tagBefore = (uint16_t)(entries[-1] >> 16);
  intptr_t repeats = 0;
  for (intptr_t i = 0; i < count; i += 32) {
    dk_v32u16 b0 = __builtin_convertvector(dk_load32(p + i), dk_v32u16);
    dk_v32u16 b1 = __builtin_convertvector(dk_load32(p + i + 1), dk_v32u16);
    dk_v32u16 b2 = __builtin_convertvector(dk_load32(p + i + 2), dk_v32u16);
    dk_v32u16 x = b0 | (b1 << 8), tag = (x >> 10) | (b2 << 6);
    dk_v32u16 b = tag & 0x3ff, c = b2 >> 4, e = b >> 7;
    dk_v32u16 h = (x ^ b ^ (b << 3) ^ c ^ (c << 6) ^ e ^ (e << 3)) & 0x3ff;
    h <<= 4;
    memcpy(offsets + i, &h, 64);
    const dk_v32u16 iota = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
    dk_v32u16 low = iota + (uint16_t)(position + i);
    dk_v64u16 v = __builtin_shufflevector(low, tag, 0, 32, 1, 33, 2, 34, 3, 35, 4, 36, 5, 37, 6, 38, 7, 39, 8, 40, 9, 41, 10, 42, 11, 43, 12, 44, 13, 45, 14, 46, 15, 47, 16, 48, 17, 49, 18, 50, 19, 51, 20, 52, 21, 53, 22, 54, 23, 55, 24, 56, 25, 57, 26, 58, 27, 59, 28, 60, 29, 61, 30, 62, 31, 63);
    memcpy(entries + i, &v, 128);
    uint32_t same = dk_repeats32(h, hashBefore);
    collisions[i / 32] = same & ~dk_repeats32(tag, tagBefore);
    repeats += __builtin_popcount(same);
    hashBefore = h;
    tagBefore = tag;
  }
  return repeats;
}

DK_INLINE uint32_t dk_equal_bucket32(const uint16_t *h, uint16_t k) {
  dk_v32u16 a; memcpy(&a, h, 64);
  dk_v32b m = __builtin_convertvector(a == k, dk_v32b);
  uint32_t r; memcpy(&r, &m, 4); return r;
}

typedef int32_t dk_v16i32 __attribute__((ext_vector_type(16)));
typedef float dk_v16f32 __attribute__((ext_vector_type(16)));

// Bit i is set when bytes i of a and b differ.
DK_INLINE uint64_t dk_differ32(const void *a, const void *b) {
  dk_v32b m = __builtin_convertvector((dk_v32u8)(dk_load32(a) != dk_load32(b)), dk_v32b);
  uint32_t r; memcpy(&r, &m, 4); return r;
}
// Bit 4 i + s says that slot s of row i holds the same three bytes as position i, at most 4096 back: with
// equal tags the difference of the entries is the distance, with others it is more than 57,000.
DK_INLINE uint64_t dk_match_rows4(dk_v16u32 w, void *rows, const uint32_t *entries) {
  dk_v4u32 e; memcpy(&e, entries, 16);
  dk_v16u32 o = __builtin_shufflevector(e, e, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
  dk_v16u16 positions = __builtin_convertvector(w, dk_v16u16);
  memcpy(rows, &positions, 32);
  dk_v16b m = __builtin_convertvector((o - w) < DK_HISTORY + 1u, dk_v16b);
  uint16_t r; memcpy(&r, &m, 2); return r;
}
// Four bits: which entries of a bucket hold the same three bytes as `entry`, at most 4096 back.
DK_INLINE uint64_t dk_match1(const void *bucket, uint32_t entry) {
  dk_v4u32 w, o = entry; memcpy(&w, bucket, 16);
  dk_v4u32 m = (dk_v4u32)((o - w) < DK_HISTORY + 1u) & (dk_v4u32){1, 2, 4, 8};
  return m[0] | m[1] | m[2] | m[3];
}
// Inserts one position; `row` gets the bucket as it saw it. Returns its four bits.
DK_INLINE uint64_t dk_insert1(void *bucket, void *row, uint32_t entry) {
  uint64_t bits = dk_match1(bucket, entry);
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
DK_INLINE uint64_t dk_insert4(uint8_t *table, const uint16_t *h, const uint32_t *entries, void *rows) {
  dk_v4u32 w0, w1, w2, w3, t, e;
  memcpy(&e, entries + 0 - 3, 16); memcpy(&w0, table + h[0], 16); t = __builtin_shufflevector(e, w0, 3, 4, 5, 6); memcpy(table + h[0], &t, 16);
  memcpy(&e, entries + 1 - 3, 16); memcpy(&w1, table + h[1], 16); t = __builtin_shufflevector(e, w1, 3, 4, 5, 6); memcpy(table + h[1], &t, 16);
  memcpy(&e, entries + 2 - 3, 16); memcpy(&w2, table + h[2], 16); t = __builtin_shufflevector(e, w2, 3, 4, 5, 6); memcpy(table + h[2], &t, 16);
  memcpy(&e, entries + 3 - 3, 16); memcpy(&w3, table + h[3], 16); t = __builtin_shufflevector(e, w3, 3, 4, 5, 6); memcpy(table + h[3], &t, 16);
  return dk_match_rows4(dk_join4(w0, w1, w2, w3), rows, entries);
}
// The same by one load of entries: fewer loads, but a longer wait where a bucket comes again at once.
DK_INLINE uint64_t dk_insert_apart4(uint8_t *table, const uint16_t *h, const uint32_t *entries, void *rows) {
  dk_v4u32 w0, w1, w2, w3, t, e; memcpy(&e, entries, 16);
  memcpy(&w0, table + h[0], 16); t = __builtin_shufflevector(e, w0, 0, 4, 5, 6); memcpy(table + h[0], &t, 16);
  memcpy(&w1, table + h[1], 16); t = __builtin_shufflevector(e, w1, 1, 4, 5, 6); memcpy(table + h[1], &t, 16);
  memcpy(&w2, table + h[2], 16); t = __builtin_shufflevector(e, w2, 2, 4, 5, 6); memcpy(table + h[2], &t, 16);
  memcpy(&w3, table + h[3], 16); t = __builtin_shufflevector(e, w3, 3, 4, 5, 6); memcpy(table + h[3], &t, 16);
  return dk_match_rows4(dk_join4(w0, w1, w2, w3), rows, entries);
}
// The same where these four positions share one bucket: the table's entry does not wait for itself.
DK_INLINE uint64_t dk_insert_same4(uint8_t *table, const uint16_t *h, const uint32_t *entries, void *rows) {
  dk_v4u32 w, e; memcpy(&w, table + h[0], 16); memcpy(&e, entries, 16);
  dk_v4u32 t = __builtin_shufflevector(e, e, 3, 2, 1, 0); memcpy(table + h[0], &t, 16);
  dk_v16u32 r = __builtin_shufflevector(w, e, 0, 1, 2, 3, 4, 0, 1, 2, 5, 4, 0, 1, 6, 5, 4, 0);
  return dk_match_rows4(r, rows, entries);
}
// The same where the last three share one bucket.
DK_INLINE uint64_t dk_insert_last3(uint8_t *table, const uint16_t *h, const uint32_t *entries, void *rows) {
  dk_v4u32 v, w, t, e; memcpy(&e, entries, 16);
  memcpy(&v, table + h[0], 16); t = __builtin_shufflevector(e, v, 0, 4, 5, 6); memcpy(table + h[0], &t, 16);
  memcpy(&w, table + h[1], 16); t = __builtin_shufflevector(e, w, 3, 2, 1, 4); memcpy(table + h[1], &t, 16);
  dk_v16u32 r = __builtin_shufflevector(
      __builtin_shufflevector(v, w, 0, 1, 2, 3, 4, 5, 6, 7, -1, -1, -1, -1, -1, -1, -1, -1),
      __builtin_shufflevector(w, e, -1, -1, -1, -1, -1, -1, -1, -1, 5, 0, 1, 2, 6, 5, 0, 1),
      0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31);
  return dk_match_rows4(r, rows, entries);
}
// The same where the first three do.
DK_INLINE uint64_t dk_insert_first3(uint8_t *table, const uint16_t *h, const uint32_t *entries, void *rows) {
  dk_v4u32 v, w, t, e; memcpy(&e, entries, 16);
  memcpy(&w, table + h[0], 16); t = __builtin_shufflevector(e, w, 2, 1, 0, 4); memcpy(table + h[0], &t, 16);
  memcpy(&v, table + h[3], 16); t = __builtin_shufflevector(e, v, 3, 4, 5, 6); memcpy(table + h[3], &t, 16);
  dk_v16u32 r = __builtin_shufflevector(
      __builtin_shufflevector(w, e, 0, 1, 2, 3, 4, 0, 1, 2, 5, 4, 0, 1, -1, -1, -1, -1),
      __builtin_shufflevector(v, v, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 1, 2, 3),
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 28, 29, 30, 31);
  return dk_match_rows4(r, rows, entries);
}
// A bit at the length where a compare stops: the window's 32 bytes less the lane, or what is left.
DK_INLINE uint64_t dk_stop(intptr_t lane, intptr_t position, intptr_t limit) {
  uint64_t stop = (1ull << DK_WINDOW) >> lane;
  if (__builtin_expect(position > limit - DK_WINDOW, 0)) stop |= 1ull << (limit - position);
  return stop;
}
// The row before, if this one's newest entry is one before `at` in lane 1.
DK_INLINE const void *dk_row(const void *row, intptr_t lane, intptr_t at) {
  uint16_t newest; memcpy(&newest, row, 2);
  return __builtin_expect(newest + lane == at, 0) ? (const char *)row - 8 : row;
}
// 16 tokens (start | end << 16 | source << 32, `origin` away from start) to start | end << 16 | code << 32:
// codewords with extra bits, count << 24. A float's exponent and first fraction bits are the symbol.
DK_INLINE void dk_codes16(const void *tokens, uint32_t origin, void *codes) {
  dk_v16u64 t; memcpy(&t, tokens, 128);
  dk_v16u32 ends = __builtin_convertvector(t, dk_v16u32), start = ends & 0xffff;
  dk_v16u32 source = __builtin_convertvector(t >> 32, dk_v16u32) & 0xffff;
  dk_v16u32 d = start + (origin - 1) - source, l = (ends >> 16) - start - 3;
  dk_v16f32 df = __builtin_convertvector((dk_v16i32)d, dk_v16f32), lf = __builtin_convertvector((dk_v16i32)l, dk_v16f32);
  dk_v16u32 db, lb; memcpy(&db, &df, 64); memcpy(&lb, &lf, 64);
  dk_v16u32 dshort = (dk_v16u32)(d < 2), lshort = (dk_v16u32)(l < 4), lplain = (dk_v16u32)(l < 8);
  dk_v16u32 dsym = (dshort & d) | (~dshort & ((db >> 22) - 254));
  dk_v16u32 dextra = ~dshort & ((db >> 23) - 128);
  dk_v16u32 lsym = (lshort & l) | (~lshort & ((lb >> 21) - 512));
  dk_v16u32 lextra = ~lplain & ((lb >> 23) - 129);
  dk_v16u32 one = 1;
  dk_v16u32 dlow = d & ((one << dextra) - 1), llow = l & ((one << lextra) - 1);
  dk_v16u32 dcode = (__builtin_elementwise_bitreverse(dsym) >> 27) | (dlow << 5);
  dk_v16u32 lcode = (__builtin_elementwise_bitreverse(lsym + 1) >> 25) | (llow << 7);
  dk_v16u32 r = lcode | (dcode << (lextra + 7)) | ((lextra + dextra + 12) << 24);
  t = __builtin_convertvector(ends, dk_v16u64) | (__builtin_convertvector(r, dk_v16u64) << 32);
  memcpy(codes, &t, 128);
}
// 4096 bytes back for 16 entries; what leaves the window becomes an entry that never matches.
DK_INLINE void dk_age16(uint32_t *entries, uint32_t none) {
  dk_v16u32 w; memcpy(&w, entries, 64);
  dk_v16u32 old = (dk_v16u32)((w & 0xffff) < DK_HISTORY + 64u);
  w = (old & none) | (~old & (w - DK_HISTORY)); memcpy(entries, &w, 64);
}

#if defined(__x86_64__)
DK_INLINE uint64_t dk_deposit(uint64_t a, uint64_t m) { uint64_t r; __asm__("pdepq %2,%1,%0" : "=r"(r) : "r"(a), "r"(m)); return r; }
DK_INLINE uint64_t dk_extract(uint64_t a, uint64_t m) { uint64_t r; __asm__("pextq %2,%1,%0" : "=r"(r) : "r"(a), "r"(m)); return r; }
#else
DK_INLINE uint64_t dk_deposit(uint64_t a, uint64_t m) { (void)a; (void)m; __builtin_trap(); }
DK_INLINE uint64_t dk_extract(uint64_t a, uint64_t m) { (void)a; (void)m; __builtin_trap(); }
#endif

#pragma clang assume_nonnull end
#pragma clang diagnostic pop
