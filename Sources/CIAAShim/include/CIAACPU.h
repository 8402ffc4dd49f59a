// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// CPU-specific builds without compiler flags. Each `*_body` is written in Swift
// (`@c @implementation`). The target-attributed inline function next to it makes the
// compiler inline that body and generate it again for the named instructions.
#pragma once
#include <stdint.h>

/// The hot loop of a block coded by two Huffman tables. `state` is a FastLoopState.
void iaa_huffman_loop_body(void *_Nonnull state, const uint32_t *_Nonnull litlen,
                           const uint32_t *_Nonnull distance);

#if defined(__x86_64__)
#include <immintrin.h>
#include <cpuid.h>

#define IAA_V3 __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"), flatten)) static inline

IAA_V3 void iaa_huffman_loop_v3(void *_Nonnull state, const uint32_t *_Nonnull litlen,
                                const uint32_t *_Nonnull distance) {
  iaa_huffman_loop_body(state, litlen, distance);
}

/// AVX2, BMI1, BMI2 and LZCNT, with the operating system saving the vector registers.
static inline int iaa_has_v3(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("lzcnt");
}
static inline int iaa_has_clmul(void) {
  return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
}

/// Folds `blocks` blocks of 64 bytes into a CRC-32 state: reads 64 * blocks bytes at `p` (blocks >= 1),
/// returns the new inverted register (reflected polynomial 0xEDB88320).
__attribute__((target("pclmul,sse4.1"))) static inline uint32_t iaa_crc32_clmul(
    uint32_t crc, const void *_Nonnull p, long blocks) {
  const __m128i *in = (const __m128i *)p;
  const __m128i k64 = _mm_set_epi64x(0x1c6e41596LL, 0x154442bd4LL);
  const __m128i k16 = _mm_set_epi64x(0x0ccaa009eLL, 0x1751997d0LL);
  __m128i a = _mm_xor_si128(_mm_loadu_si128(in), _mm_cvtsi32_si128((int)crc));
  __m128i b = _mm_loadu_si128(in + 1), c = _mm_loadu_si128(in + 2), d = _mm_loadu_si128(in + 3);
#define IAA_FOLD(x, k, y)                                                                   \
  _mm_xor_si128(_mm_xor_si128(_mm_clmulepi64_si128(x, k, 0x00), _mm_clmulepi64_si128(x, k, 0x11)), y)
  while (--blocks > 0) {
    in += 4;
    a = IAA_FOLD(a, k64, _mm_loadu_si128(in));
    b = IAA_FOLD(b, k64, _mm_loadu_si128(in + 1));
    c = IAA_FOLD(c, k64, _mm_loadu_si128(in + 2));
    d = IAA_FOLD(d, k64, _mm_loadu_si128(in + 3));
  }
  b = IAA_FOLD(a, k16, b);
  c = IAA_FOLD(b, k16, c);
  d = IAA_FOLD(c, k16, d);
#undef IAA_FOLD
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
#endif
