// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The two data-parallel steps of decoding a fixed block with AVX-512 VBMI, which Swift cannot spell. The
// numbers of the fixed code come in `tables`, laid out by VectorTables; the order of things is VectorLoop's.
#pragma once

#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

#define DK_VBMI                                                                                     \
  __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512cd,avx512vbmi,avx512vbmi2,gfni," \
                        "avx2,bmi,bmi2,lzcnt,popcnt"),                                              \
                 noinline)) static inline

// At each of 64 bit positions from `p` on: the bits of the token that would start there, 0 where the loop
// must stop. `first` is looked up by the token's first 7 bits; of a match it gives all bits but the
// distance's extra ones, and bit 7. A distance's extra bits come with bit 7 too, so that a good sum has it
// cleared and a bad one does not.
#define DK_TOKEN_BITS(p)                                                                            \
  ({                                                                                                 \
    __m512i x = _mm512_shuffle_epi8(                                                                 \
        _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(p))), spread);                     \
    __m512i e = _mm512_permutex2var_epi8(first, _mm512_multishift_epi64_epi8(shifts, x), first2);   \
    __m512i d = _mm512_multishift_epi64_epi8(_mm512_add_epi8(e, distance_shifts), x);                \
    d = _mm512_maskz_permutexvar_epi8(_mm512_movepi8_mask(e), d, extra);                             \
    _mm512_max_epi8(_mm512_add_epi8(e, d), _mm512_setzero_si512());                                  \
  })

/// For each bit position of `blocks` (>= 1) times 8 bytes, how many bits one token, two and four tokens
/// from there on take: one byte each, at `one`, `two` and `four`, and for `one` 64 positions more. A
/// token that the loop must stop before takes 0. Reads 24 bytes beyond the last block.
DK_VBMI void dk_token_bits(const uint8_t *_Nonnull in, intptr_t blocks, const uint8_t *_Nonnull tables,
                             uint8_t *_Nonnull one, uint8_t *_Nonnull two, uint8_t *_Nonnull four) {
  const __m512i first = _mm512_load_si512(tables), first2 = _mm512_load_si512(tables + 64),
                extra = _mm512_load_si512(tables + 128);
  // Byte i: position i; position 8 q + j is bit j of the eight bytes from q on.
  const __m512i spread = _mm512_set_epi64(
      0x0e0d0c0b0a090807, 0x0d0c0b0a09080706, 0x0c0b0a0908070605, 0x0b0a090807060504, 0x0a09080706050403,
      0x0908070605040302, 0x0807060504030201, 0x0706050403020100);
  const __m512i shifts = _mm512_set1_epi64(0x0706050403020100);
  const __m512i iota = _mm512_add_epi8(
      shifts, _mm512_set_epi64(0x3838383838383838, 0x3030303030303030, 0x2828282828282828,
                               0x2020202020202020, 0x1818181818181818, 0x1010101010101010,
                               0x0808080808080808, 0));
  // A match's bits without extra ones of the distance end with the distance's codeword of 5.
  const __m512i distance_shifts = _mm512_sub_epi8(shifts, _mm512_set1_epi8(5));
  __m512i a = DK_TOKEN_BITS(in), b = DK_TOKEN_BITS(in + 8);
  __m512i a2 = _mm512_add_epi8(a, _mm512_permutex2var_epi8(a, _mm512_add_epi8(iota, a), b));
  for (intptr_t i = 0; i < blocks; i++) {
    __m512i c = DK_TOKEN_BITS(in + 16);
    __m512i b2 = _mm512_add_epi8(b, _mm512_permutex2var_epi8(b, _mm512_add_epi8(iota, b), c));
    __m512i a4 = _mm512_add_epi8(a2, _mm512_permutex2var_epi8(a2, _mm512_add_epi8(iota, a2), b2));
    _mm512_storeu_si512(one, a);
    _mm512_storeu_si512(two, a2);
    _mm512_storeu_si512(four, a4);
    in += 8, one += 64, two += 64, four += 64;
    a = b, b = c, a2 = b2;
  }
  _mm512_storeu_si512(one, a);
}
#undef DK_TOKEN_BITS

/// Takes `count` (>= 1) tokens apart that start at the bits `starts` of `in`. Literals go to `literals`; of each
/// match its place among the tokens to `indices`, and to `records` four times 16 bits: max(distance, 32); 32
/// times min(distance, 32); the literals before it, and bit 15 if it is 32 bytes of distance 1; its length.
/// Returns the number of matches; behind the last index stands how many tokens were taken, fewer than
/// `count` when one is a match longer than 32. `windows` has room for a word a match. Writes up to 128 bytes
/// more to each and the word before `indices`; reads 64 bytes from a token's first on.
DK_VBMI intptr_t dk_token_fields(const uint8_t *_Nonnull in, const uint32_t *_Nonnull starts,
                                   intptr_t count, const uint8_t *_Nonnull tables,
                                   uint32_t *_Nonnull indices, uint32_t *_Nonnull windows,
                                   uint64_t *_Nonnull records, uint8_t *_Nonnull literals) {
  const uint32_t *numbers = (const uint32_t *)(tables + 384);
  const __m512i eight_first = _mm512_set1_epi32(numbers[0]), nine_first = _mm512_set1_epi32(numbers[1]),
                eight_offset = _mm512_set1_epi32(numbers[2]), nine_offset = _mm512_set1_epi32(numbers[3]);
  const __m512i reverse = _mm512_set1_epi64(0x8040201008040201), low = _mm512_set1_epi32(255);
  const __m512i low_byte = _mm512_broadcast_i32x4(_mm_set_epi32(0x0c0c0c0c, 0x08080808, 0x04040404, 0)),
                four_bytes = _mm512_set1_epi32(0x03020100);
  __m512i index = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  intptr_t matches = 0;
  for (intptr_t k = 0; k < count; k += 16) {
    __mmask16 valid = (__mmask16)_bzhi_u32(0xffff, count - k < 16 ? (unsigned)(count - k) : 16);
    // Sixteen tokens lie within 48 bytes: each lane gets 32 bits from its token's first byte on.
    __m512i start = _mm512_loadu_si512(starts + k);
    uint32_t base = starts[k] >> 3;
    __m512i at = _mm512_sub_epi32(_mm512_srli_epi32(start, 3), _mm512_set1_epi32((int)base));
    at = _mm512_add_epi8(_mm512_shuffle_epi8(at, low_byte), four_bytes);
    __m512i w = _mm512_permutexvar_epi8(at, _mm512_loadu_si512(in + base));
    w = _mm512_srlv_epi32(w, _mm512_and_si512(start, _mm512_set1_epi32(7)));
    // The first eight bits, most significant first as in the RFC: a literal's codeword of eight, or of nine
    // less the last.
    __m512i code = _mm512_and_si512(_mm512_gf2p8affine_epi64_epi8(w, reverse, 0), low);
    __mmask16 literal = _mm512_mask_cmpge_epu32_mask(valid, code, eight_first);
    __m512i ninth = _mm512_and_si512(_mm512_srli_epi32(w, 8), _mm512_set1_epi32(1));
    __m512i byte = _mm512_mask_sub_epi32(_mm512_sub_epi32(code, eight_offset),
                                         _mm512_cmpge_epu32_mask(code, nine_first),
                                         _mm512_or_si512(_mm512_add_epi32(code, code), ninth), nine_offset);
    _mm_storeu_si128((__m128i *)literals, _mm_maskz_compress_epi8(literal, _mm512_cvtepi32_epi8(byte)));
    literals += _mm_popcnt_u32(literal);
    __mmask16 match = valid & (__mmask16)~literal;
    _mm512_storeu_si512(windows + matches, _mm512_maskz_compress_epi32(match, w));
    _mm512_storeu_si512(indices + matches, _mm512_maskz_compress_epi32(match, index));
    matches += _mm_popcnt_u32(match);
    index = _mm512_add_epi32(index, _mm512_set1_epi32(16));
  }
  indices[-1] = (uint32_t)-1;
  indices[matches] = (uint32_t)count;

  const __m512i lengths = _mm512_load_si512(tables + 192), distances = _mm512_load_si512(tables + 256),
                distances2 = _mm512_load_si512(tables + 320);
  const __m512i half = _mm512_set1_epi32(65535), longest = _mm512_set1_epi32(32);
  const __m512i first_half = _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0),
                second_half = _mm512_add_epi32(first_half, _mm512_set1_epi32(8));
  for (intptr_t k = 0; k < matches; k += 16) {
    __m512i run = _mm512_sub_epi32(_mm512_loadu_si512(indices + k), _mm512_loadu_si512(indices + k - 1));
    run = _mm512_sub_epi32(run, _mm512_set1_epi32(1));
    // A length's codeword of seven, its extra bits, a distance's of five, its extra bits.
    __m512i w = _mm512_loadu_si512(windows + k);
    __m512i code = _mm512_srli_epi32(_mm512_gf2p8affine_epi64_epi8(w, reverse, 0), 1);
    __m512i l = _mm512_permutexvar_epi32(code, lengths);
    __m512i length = _mm512_add_epi32(
        _mm512_and_si512(l, low), _mm512_and_si512(_mm512_srli_epi32(w, 7), _mm512_srli_epi32(l, 16)));
    w = _mm512_srlv_epi32(w, _mm512_and_si512(_mm512_srli_epi32(l, 8), low));
    __m512i d = _mm512_permutex2var_epi32(distances, w, distances2);
    __m512i distance = _mm512_add_epi32(
        _mm512_and_si512(d, half), _mm512_and_si512(_mm512_srli_epi32(w, 5), _mm512_srli_epi32(d, 16)));
    __mmask16 uniform = _mm512_mask_cmpeq_epi32_mask(
        _mm512_cmpeq_epi32_mask(distance, _mm512_set1_epi32(1)), length, longest);
    run = _mm512_mask_or_epi32(run, uniform, run, _mm512_set1_epi32(0x8000));
    __m512i source = _mm512_or_si512(_mm512_max_epu32(distance, longest),
                                     _mm512_slli_epi32(_mm512_min_epu32(distance, longest), 16 + 5));
    __m512i target = _mm512_or_si512(run, _mm512_slli_epi32(length, 16));
    _mm512_storeu_si512(records + k, _mm512_permutex2var_epi32(source, first_half, target));
    _mm512_storeu_si512(records + k + 8, _mm512_permutex2var_epi32(source, second_half, target));
    unsigned longer = _mm512_cmpgt_epu32_mask(length, longest);
    if (__builtin_expect(longer != 0, 0)) {
      intptr_t first = k + _tzcnt_u32(longer);
      return first < matches ? first : matches;
    }
  }
  return matches;
}

// Bytes of the 32 from `from` on, chosen by `pattern`, to the 32, or the first `count`, at `to`. In assembly
// because the loop around it is compiled for the baseline too, where it never runs.
static inline __attribute__((always_inline)) void dk_copy_pattern(const void *_Nonnull from,
                                                                   const void *_Nonnull pattern,
                                                                   void *_Nonnull to) {
  __asm__ volatile("vmovdqu (%1), %%ymm0\n\tvpermb (%0), %%ymm0, %%ymm0\n\tvmovdqu %%ymm0, (%2)"
                   :: "r"(from), "r"(pattern), "r"(to) : "xmm0", "memory");
}
static inline __attribute__((always_inline)) void dk_copy_pattern_exact(const void *_Nonnull from,
                                                                         const void *_Nonnull pattern,
                                                                         void *_Nonnull to, intptr_t count) {
  uint32_t mask = (uint32_t)((UINT64_C(1) << count) - 1);
  __asm__ volatile("kmovd %3, %%k1\n\tvmovdqu (%1), %%ymm0\n\tvpermb (%0), %%ymm0, %%ymm0\n\t"
                   "vmovdqu8 %%ymm0, (%2)%{%%k1%}"
                   :: "r"(from), "r"(pattern), "r"(to), "r"(mask) : "xmm0", "k1", "memory");
}
#undef DK_VBMI
#endif
