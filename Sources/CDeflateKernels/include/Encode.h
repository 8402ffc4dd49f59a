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
  DK_ORIGIN = 64 + DK_HISTORY,   // where a page's first byte is in the window
};
// Where some of the encoder's memory is, as FastEncoderLayout says.
enum {
  DK_STATE_CURSORS = 128,        // four
  DK_STATE_MATCH_BITS = DK_STATE_CURSORS + 4 * 80,
  DK_STATE_LONG_BITS = DK_STATE_MATCH_BITS + DK_HISTORY / 8 + 64,
  DK_STATE_CODES = DK_STATE_LONG_BITS + DK_HISTORY / 8 + 64,
  DK_STATE_WINDOW = DK_STATE_CODES + DK_HISTORY + 64,
  DK_BLOCK = 2048,               // positions prepared at a time
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
// places need no widening. Returns how many share a bucket with the position before.
DK_INLINE intptr_t dk_hashes(const uint8_t *p, uint32_t position, intptr_t count, uint16_t *offsets,
                               uint32_t *entries, uint32_t *collisions) {
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
    dk_v16u16 c = low + 16;
    dk_v16u16 e0 = DK_LOW16(low, a), e1 = DK_HIGH16(low, a), e2 = DK_LOW16(c, b), e3 = DK_HIGH16(c, b);
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

#if defined(__x86_64__)
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
// ones for slots that hold the position's bytes and, with `exact`, are at most 4096 back.
DK_AVX2_HELPER __m256i dk_match_rows_avx2(__m256i a, __m256i b, const uint32_t *entries, void *rows, intptr_t exact, dk_row_patterns k) {
  a = _mm256_shuffle_epi8(a, k.parts); b = _mm256_shuffle_epi8(b, k.parts);
  __m256i positions = _mm256_unpacklo_epi64(a, b), own = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)entries));
  _mm256_storeu_si256((__m256i *)rows, positions);
  __m256i same = _mm256_cmpeq_epi16(_mm256_unpackhi_epi64(a, b), _mm256_shuffle_epi8(own, k.tags));
  if (!exact) return same;
  __m256i distance = _mm256_sub_epi16(_mm256_shuffle_epi8(own, k.positions), positions), most = _mm256_set1_epi16(DK_HISTORY);
  return _mm256_and_si256(same, _mm256_cmpeq_epi16(_mm256_max_epu16(distance, most), most));
}
// Inserts four positions; with `runs` neighbours of one bucket do not wait for each other in memory, which is a branch.
DK_AVX2_HELPER __m256i dk_insert4_avx2(uint8_t *table, const uint16_t *h, const uint32_t *entries, void *rows, intptr_t runs, intptr_t exact,
                                       dk_row_patterns k) {
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
  return dk_match_rows_avx2(dk_pair_avx2(w0, w2), dk_pair_avx2(w1, w3), entries, rows, exact, k);
}
DK_AVX2_HELPER intptr_t dk_insert_loop_avx2(
    uint8_t *table, const uint16_t *h, const uint32_t *entries, uint64_t *rows, uint8_t *bits, intptr_t count,
    intptr_t runs, intptr_t exact) {
  intptr_t i = 0;
  dk_row_patterns k = dk_make_row_patterns();
  for (; i + 8 <= count; i += 8) {
    __m256i a = dk_insert4_avx2(table, h + i, entries + i, rows + i, runs, exact, k);
    __m256i b = dk_insert4_avx2(table, h + i + 4, entries + i + 4, rows + i + 4, runs, exact, k);
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
    return exact ? dk_insert_loop_avx2(table, h, entries, rows, bits, count, 1, 1)
                 : dk_insert_loop_avx2(table, h, entries, rows, bits, count, 1, 0);
  }
  return exact ? dk_insert_loop_avx2(table, h, entries, rows, bits, count, 0, 1)
               : dk_insert_loop_avx2(table, h, entries, rows, bits, count, 0, 0);
}
#define DK_BMI2_HELPER __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"), always_inline)) static inline
// The bytes that agree, of 32, as that many ones and one more.
DK_BMI2_HELPER uint64_t dk_agree_avx2(__m256i a, const uint8_t *b) {
  uint64_t m = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, _mm256_loadu_si256((const __m256i *)b)));
  return m ^ (m + 1);
}
DK_BMI2_HELPER uintptr_t dk_word16(const uint8_t *p) { uint16_t w; memcpy(&w, p, 2); return w; }
// The step of a common match: near the base, of at least three bytes, not too far back, not cut short by the window or
// the input. Says whether there was one, and moves `at` to its end then; else nothing changes.
DK_BMI2_HELPER _Bool dk_step_avx2(dk_cursor *c, uintptr_t *at, const uint8_t *state, const uint8_t *rows, intptr_t far) {
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
  *at = end;
  return 1;
}
// Common steps of the cursors of a ring in turn, until one has another kind before it, which is returned.
DK_BMI2_HELPER dk_cursor *dk_ring_loop_avx2(dk_cursor *c, const uint8_t *state, const uint8_t *rows, intptr_t far) {
  for (;;) {
    uintptr_t base = (uintptr_t)c->base;
    if (!dk_step_avx2(c, &base, state, rows, far)) return c;
    c->base = (intptr_t)base;
    c = c->next_at_work;
  }
}
// The same while all four are at work, their bases in registers; begins with cursor `i`.
DK_BMI2_HELPER dk_cursor *dk_four_loop_avx2(intptr_t i, uint8_t *state, const uint8_t *rows, intptr_t far) {
  dk_cursor *c = (dk_cursor *)(void *)(state + DK_STATE_CURSORS);
  uintptr_t b0 = (uintptr_t)c[0].base, b1 = (uintptr_t)c[1].base, b2 = (uintptr_t)c[2].base, b3 = (uintptr_t)c[3].base;
  switch (i) {
    for (;;) {
      case 0: i = 0; if (!dk_step_avx2(c, &b0, state, rows, far)) break; __attribute__((fallthrough));
      case 1: i = 1; if (!dk_step_avx2(c + 1, &b1, state, rows, far)) break; __attribute__((fallthrough));
      case 2: i = 2; if (!dk_step_avx2(c + 2, &b2, state, rows, far)) break; __attribute__((fallthrough));
      default: i = 3; if (!dk_step_avx2(c + 3, &b3, state, rows, far)) break;
    }
  }
  c[0].base = (intptr_t)b0; c[1].base = (intptr_t)b1; c[2].base = (intptr_t)b2; c[3].base = (intptr_t)b3;
  return c + i;
}
#define DK_BMI2_CALL __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"), noinline)) static inline
DK_BMI2_CALL dk_cursor *dk_ring_avx2(dk_cursor *c, const void *state, const void *rows, intptr_t far) {
  return far ? dk_ring_loop_avx2(c, state, rows, 1) : dk_ring_loop_avx2(c, state, rows, 0);
}
DK_BMI2_CALL dk_cursor *dk_four_avx2(dk_cursor *c, void *state, const void *rows, intptr_t far) {
  intptr_t i = c - (dk_cursor *)(void *)((uint8_t *)state + DK_STATE_CURSORS);
  return far ? dk_four_loop_avx2(i, state, rows, 1) : dk_four_loop_avx2(i, state, rows, 0);
}
DK_BMI2_HELPER void dk_append_bmi2(dk_sink *sink, uint64_t bits, uint64_t count) {
  sink->buffer |= bits << sink->count; sink->count += count;
  memcpy(sink->next, &sink->buffer, 8);
  sink->next += sink->count >> 3; sink->buffer >>= sink->count & 0x38; sink->count &= 7;
}
DK_BMI2_HELPER uint64_t dk_word64(const uint8_t *p) { uint64_t w; memcpy(&w, p, 8); return w; }
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
DK_INLINE uint64_t dk_deposit(uint64_t a, uint64_t m) { uint64_t r; __asm__("pdepq %2,%1,%0" : "=r"(r) : "r"(a), "r"(m)); return r; }
DK_INLINE uint64_t dk_extract(uint64_t a, uint64_t m) { uint64_t r; __asm__("pextq %2,%1,%0" : "=r"(r) : "r"(a), "r"(m)); return r; }
#else
DK_INLINE uint64_t dk_deposit(uint64_t a, uint64_t m) { (void)a; (void)m; __builtin_trap(); }
DK_INLINE uint64_t dk_extract(uint64_t a, uint64_t m) { (void)a; (void)m; __builtin_trap(); }
#endif

#pragma clang assume_nonnull end
#pragma clang diagnostic pop
