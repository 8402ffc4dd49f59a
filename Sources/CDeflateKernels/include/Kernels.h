// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// CPU-specific builds without compiler flags. Each `*_body` is written in Swift
// (`@c @implementation`); the target-attributed inline function next to it makes the compiler inline
// that body and generate it again for the named instructions. Which one runs is decided from CPUID.
#pragma once
#include <stdint.h>

/// The position of a decoder between two tokens: what FastLoopState says of it.
typedef struct {
  const uint8_t *_Nonnull input;
  intptr_t input_count, bit_position;
  uint8_t *_Nonnull output;
  intptr_t output_count, output_position, distance_limit;
} dk_loop_state;

// The lookup tables, as HuffmanTable makes them.
#define DK_LITERAL_LENGTH_BITS 11
#define DK_LITERAL_LENGTH_COUNT 2400
#define DK_DISTANCE_BITS 8
// Bits of their entries, as HuffmanEntry has them.
#define DK_LITERAL 0x80000000u
#define DK_EXCEPTIONAL 0x4000u
#define DK_LINK 0x8000u
// What the loop needs behind where a round begins, in bytes.
#define DK_TABLE_INPUT_MARGIN 16
#define DK_TABLE_OUTPUT_MARGIN 67
// The same where no match is held against the output's end.
#define DK_TABLE_FREE_OUTPUT_MARGIN 296
// The farthest that a distance of RFC 1951 reaches.
#define DK_LONGEST_DISTANCE 32768

/// The hot loop of a block coded by any two Huffman tables, TableLoop.c: `tables` are the literal/length table and,
/// DK_LITERAL_LENGTH_COUNT entries behind its start, the distance table.
void dk_table_loop_plain(dk_loop_state *_Nonnull state, const uint32_t *_Nonnull tables);
#if defined(__x86_64__)
void dk_table_loop_avx2(dk_loop_state *_Nonnull state, const uint32_t *_Nonnull tables);
#endif

/// The hot loop of long dynamic blocks. `state`: a FastLoopState.
void dk_token_step_loop_body(void *_Nonnull state, const uint32_t *_Nonnull tables);

// The fixed code's tables, as FixedTables makes them: where each begins, in bytes, after the first.
#define DK_FIXED_ADVANCE_BITS 13
#define DK_FIXED_SYMBOLS 8192
#define DK_FIXED_LEADS 10240
#define DK_FIXED_DISTANCES 11264
#define DK_FIXED_PAIRS 11520
#define DK_FIXED_TABLE_BYTES 19712
// A symbol that no loop takes; and of matches the five bits with which their distance's codeword is looked up.
#define DK_FIXED_LEAVE 0x04000000u
#define DK_FIXED_MATCH 0xF8000000u
// The base of a distance that no loop takes.
#define DK_FIXED_NO_DISTANCE 0x80000000u
// What a step needs behind where it begins, in bytes.
#define DK_FIXED_INPUT_MARGIN 8
#define DK_FIXED_OUTPUT_MARGIN 50

/// The hot loops of fixed blocks, FixedLoop.c: of any, and of those that are nearly all literals. `tables`:
/// FixedTables.
void dk_fixed_step_loop_plain(dk_loop_state *_Nonnull state, const uint8_t *_Nonnull tables);
void dk_fixed_literal_loop_plain(dk_loop_state *_Nonnull state, const uint8_t *_Nonnull tables);
#if defined(__x86_64__)
void dk_fixed_step_loop_avx2(dk_loop_state *_Nonnull state, const uint8_t *_Nonnull tables);
void dk_fixed_literal_loop_avx2(dk_loop_state *_Nonnull state, const uint8_t *_Nonnull tables);
#endif

/// The loop of fixed blocks by vectors. `tables`: VectorTables; `scratch`: laid out by VectorLayout.
void dk_vector_loop_body(void *_Nonnull state, const void *_Nonnull tables, void *_Nonnull scratch);

/// What finds the tokens in the loop of fixed blocks by four walks. `segment`: a LaneSegment; `tables`: LaneTables;
/// `scratch`: laid out by LaneLayout.
void dk_lane_find_body(void *_Nonnull segment, const void *_Nonnull tables, void *_Nonnull scratch);

/// The encoder's two loops over a block. `state`: laid out by FastEncoderLayout; `kind`: a CPUKind's value.
void dk_prepare_body(void *_Nonnull state, intptr_t start, intptr_t count, intptr_t far,
                      intptr_t kind);
void dk_parse_body(void *_Nonnull state, intptr_t start, intptr_t end, intptr_t limit,
                    intptr_t far, intptr_t kind);

/// The same where of two equal hashes in a pair only the first is inserted; built for the baseline and for AVX2.
void dk_prepare_pairs_body(void *_Nonnull state, intptr_t start, intptr_t count, intptr_t far,
                           intptr_t kind);
void dk_parse_pairs_body(void *_Nonnull state, intptr_t start, intptr_t end, intptr_t limit,
                         intptr_t far, intptr_t kind);

/// A match of a chunk and the literals since the match before, or since the chunk's start.
typedef struct {
  uint32_t literals;
  uint16_t length, distance;
} dk_chunk_match;

/// The matches of a chunk of `count` bytes, as far back and as long as RFC 1951 has them, LongMatches.c: how many there
/// are, at `list`, which has room for `count` / 4, and at `end` where the last one ends. `state`: so many
/// bytes, of any contents, aligned to eight.
intptr_t dk_long_matches_bytes(void);
intptr_t dk_long_matches_plain(void *_Nonnull state, const uint8_t *_Nonnull input, intptr_t count,
                               dk_chunk_match *_Nonnull list, intptr_t *_Nonnull end);
#if defined(__x86_64__)
intptr_t dk_long_matches_avx2(void *_Nonnull state, const uint8_t *_Nonnull input, intptr_t count,
                              dk_chunk_match *_Nonnull list, intptr_t *_Nonnull end);
#endif

/// The loops over a chunk's tokens. `state`: laid out by TokenLayout.
void dk_tokens_count_body(void *_Nonnull state);
void dk_tokens_write_body(void *_Nonnull state);

#if defined(__x86_64__)
#include <immintrin.h>

#define DK_AVX2 __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"), flatten)) static inline
// Not inlined into their callers, or the calls would become jumps to the baseline code.
#define DK_AVX2_CALL                                                                              \
  __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"), flatten, noinline)) static inline
#define DK_AVX512_CALL                                                                              \
  __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512cd,avx512vbmi,avx512vbmi2,"    \
                        "gfni,avx2,bmi,bmi2,lzcnt,popcnt"),                                      \
                 flatten, noinline)) static inline

DK_AVX2 void dk_token_step_loop_avx2(void *_Nonnull state, const uint32_t *_Nonnull tables) {
  dk_token_step_loop_body(state, tables);
}

DK_AVX512_CALL void dk_vector_loop_avx512(void *_Nonnull state, const void *_Nonnull tables,
                                    void *_Nonnull scratch) {
  dk_vector_loop_body(state, tables, scratch);
}

DK_AVX2_CALL void dk_lane_find_avx2(void *_Nonnull segment, const void *_Nonnull tables,
                                    void *_Nonnull scratch) {
  dk_lane_find_body(segment, tables, scratch);
}

DK_AVX2_CALL void dk_prepare_avx2(void *_Nonnull state, intptr_t start, intptr_t count,
                                intptr_t far) {
  dk_prepare_body(state, start, count, far, 1);
}

DK_AVX512_CALL void dk_prepare_avx512(void *_Nonnull state, intptr_t start, intptr_t count,
                                intptr_t far) {
  dk_prepare_body(state, start, count, far, 2);
}

DK_AVX2_CALL void dk_parse_avx2(void *_Nonnull state, intptr_t start, intptr_t end,
                              intptr_t limit, intptr_t far) {
  dk_parse_body(state, start, end, limit, far, 1);
}

DK_AVX512_CALL void dk_parse_avx512(void *_Nonnull state, intptr_t start, intptr_t end,
                              intptr_t limit, intptr_t far) {
  dk_parse_body(state, start, end, limit, far, 2);
}

DK_AVX2_CALL void dk_prepare_pairs_avx2(void *_Nonnull state, intptr_t start, intptr_t count,
                                        intptr_t far) {
  dk_prepare_pairs_body(state, start, count, far, 1);
}

DK_AVX2_CALL void dk_parse_pairs_avx2(void *_Nonnull state, intptr_t start, intptr_t end,
                                      intptr_t limit, intptr_t far) {
  dk_parse_pairs_body(state, start, end, limit, far, 1);
}

DK_AVX2_CALL void dk_tokens_count_avx2(void *_Nonnull state) { dk_tokens_count_body(state); }

DK_AVX2_CALL void dk_tokens_write_avx2(void *_Nonnull state) { dk_tokens_write_body(state); }

/// AVX2, BMI1, BMI2, LZCNT and POPCNT, with the operating system saving the vector registers.
static inline int dk_has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("lzcnt") &&
         __builtin_cpu_supports("popcnt");
}

/// All of these, AVX-512 F, BW, VL, DQ, CD, VBMI and VBMI2, and GFNI: Ice Lake, Zen 4 and later.
static inline int dk_has_avx512(void) {
  return dk_has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512vbmi") &&
         __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("gfni");
}

/// Carry-less multiplication and SSE4.1.
static inline int dk_has_clmul(void) {
  return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
}

/// The same on vectors of 256 bits: Ice Lake, Zen 3 and later, Alder Lake among them, which has no AVX-512.
static inline int dk_has_clmul256(void) {
  return dk_has_clmul() && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("vpclmulqdq");
}

/// The same on vectors of 512 bits.
static inline int dk_has_clmul512(void) {
  return dk_has_clmul256() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
}

#define DK_CLMUL __attribute__((target("pclmul,sse4.1"))) static inline
#define DK_CLMUL256 __attribute__((target("avx2,vpclmulqdq,pclmul,sse4.1"))) static inline
#define DK_CLMUL512 __attribute__((target("avx512f,avx512vl,vpclmulqdq,pclmul,sse4.1"))) static inline

// CRC-32 by folding (Gopal et al., Fast CRC Computation Using PCLMULQDQ, 2009), reflected polynomial
// 0xEDB88320. The constants for a distance of d bits are x^(d - 32) and x^(d + 32) modulo the polynomial.
#define DK_FOLD_16 0x0ccaa009eLL, 0x1751997d0LL
#define DK_FOLD_64 0x1c6e41596LL, 0x154442bd4LL
#define DK_FOLD_256 0x1322d1430LL, 0x11542778aLL

#define DK_FOLD(x, k, y)                                                                        \
  _mm_xor_si128(_mm_xor_si128(_mm_clmulepi64_si128(x, k, 0x00), _mm_clmulepi64_si128(x, k, 0x11)), y)

/// The register after 64 bytes, in order.
DK_CLMUL uint32_t dk_crc32_reduce(__m128i a, __m128i b, __m128i c, __m128i d) {
  const __m128i k16 = _mm_set_epi64x(DK_FOLD_16);
  b = DK_FOLD(a, k16, b);
  c = DK_FOLD(b, k16, c);
  d = DK_FOLD(c, k16, d);
  // 128 -> 64 bits, then Barrett reduction.
  const __m128i k8 = _mm_set_epi64x(0x163cd6124LL, 0x0ccaa009eLL);
  const __m128i barrett = _mm_set_epi64x(0x1f7011641LL, 0x1db710641LL);
  const __m128i low = _mm_set_epi32(0, -1, 0, -1);
  d = _mm_xor_si128(_mm_srli_si128(d, 8), _mm_clmulepi64_si128(d, k8, 0x00));
  __m128i e = _mm_xor_si128(_mm_srli_si128(d, 4), _mm_clmulepi64_si128(_mm_and_si128(d, low), k8, 0x10));
  __m128i t = _mm_clmulepi64_si128(_mm_and_si128(e, low), barrett, 0x10);
  t = _mm_clmulepi64_si128(_mm_and_si128(t, low), barrett, 0x00);
  return (uint32_t)_mm_extract_epi32(_mm_xor_si128(e, t), 1);
}

/// Folds `blocks` (>= 1) blocks of 64 bytes at `p` into a CRC-32's inverted register and returns the new one.
DK_CLMUL uint32_t dk_crc32_clmul(uint32_t crc, const void *_Nonnull p, intptr_t blocks) {
  const __m128i *in = (const __m128i *)p;
  const __m128i k64 = _mm_set_epi64x(DK_FOLD_64);
  __m128i a = _mm_xor_si128(_mm_loadu_si128(in), _mm_cvtsi32_si128((int)crc));
  __m128i b = _mm_loadu_si128(in + 1), c = _mm_loadu_si128(in + 2), d = _mm_loadu_si128(in + 3);
  while (--blocks > 0) {
    in += 4;
    a = DK_FOLD(a, k64, _mm_loadu_si128(in));
    b = DK_FOLD(b, k64, _mm_loadu_si128(in + 1));
    c = DK_FOLD(c, k64, _mm_loadu_si128(in + 2));
    d = DK_FOLD(d, k64, _mm_loadu_si128(in + 3));
  }
  return dk_crc32_reduce(a, b, c, d);
}
#undef DK_FOLD

#define DK_FOLD(x, k, y)                                                                        \
  _mm256_xor_si256(_mm256_xor_si256(_mm256_clmulepi64_epi128(x, k, 0x00),                        \
                                    _mm256_clmulepi64_epi128(x, k, 0x11)), y)

/// The same for `blocks` (>= 1) blocks of 256 bytes, by vectors of 256 bits.
DK_CLMUL256 uint32_t dk_crc32_clmul256(uint32_t crc, const void *_Nonnull p, intptr_t blocks) {
  const __m256i *in = (const __m256i *)p;
  const __m256i k64 = _mm256_broadcastsi128_si256(_mm_set_epi64x(DK_FOLD_64));
  const __m256i k256 = _mm256_broadcastsi128_si256(_mm_set_epi64x(DK_FOLD_256));
  __m256i x[8];
  for (int i = 0; i < 8; i++) x[i] = _mm256_loadu_si256(in + i);
  x[0] = _mm256_xor_si256(x[0], _mm256_zextsi128_si256(_mm_cvtsi32_si128((int)crc)));
  while (--blocks > 0) {
    in += 8;
    for (int i = 0; i < 8; i++) x[i] = DK_FOLD(x[i], k256, _mm256_loadu_si256(in + i));
  }
  // Each vector into the one 64 bytes behind it.
  for (int i = 2; i < 8; i++) x[i] = DK_FOLD(x[i - 2], k64, x[i]);
  return dk_crc32_reduce(_mm256_castsi256_si128(x[6]), _mm256_extracti128_si256(x[6], 1),
                         _mm256_castsi256_si128(x[7]), _mm256_extracti128_si256(x[7], 1));
}
#undef DK_FOLD

#define DK_FOLD(x, k, y)                                                                        \
  _mm512_ternarylogic_epi64(_mm512_clmulepi64_epi128(x, k, 0x00),                                \
                            _mm512_clmulepi64_epi128(x, k, 0x11), y, 0x96)

/// The same by vectors of 512 bits.
DK_CLMUL512 uint32_t dk_crc32_clmul512(uint32_t crc, const void *_Nonnull p, intptr_t blocks) {
  const __m512i *in = (const __m512i *)p;
  const __m512i k64 = _mm512_broadcast_i32x4(_mm_set_epi64x(DK_FOLD_64));
  const __m512i k256 = _mm512_broadcast_i32x4(_mm_set_epi64x(DK_FOLD_256));
  __m512i a = _mm512_xor_si512(_mm512_loadu_si512(in), _mm512_zextsi128_si512(_mm_cvtsi32_si128((int)crc)));
  __m512i b = _mm512_loadu_si512(in + 1), c = _mm512_loadu_si512(in + 2), d = _mm512_loadu_si512(in + 3);
  while (--blocks > 0) {
    in += 4;
    a = DK_FOLD(a, k256, _mm512_loadu_si512(in));
    b = DK_FOLD(b, k256, _mm512_loadu_si512(in + 1));
    c = DK_FOLD(c, k256, _mm512_loadu_si512(in + 2));
    d = DK_FOLD(d, k256, _mm512_loadu_si512(in + 3));
  }
  b = DK_FOLD(a, k64, b);
  c = DK_FOLD(b, k64, c);
  d = DK_FOLD(c, k64, d);
  return dk_crc32_reduce(_mm512_castsi512_si128(d), _mm512_extracti32x4_epi32(d, 1),
                          _mm512_extracti32x4_epi32(d, 2), _mm512_extracti32x4_epi32(d, 3));
}
#undef DK_FOLD
#endif
