// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the lane loop does with AVX2, which Swift cannot spell: eight tokens of the fixed code at once. Its
// numbers come in `tables`, laid out by LaneTables; the order of things is LaneLoop's.
// DK_LANES and DK_REPLAY_STEP are Pages.h's too.
#pragma once
#include "Encode.h"
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

#define DK_LANES __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"), noinline)) static inline
#define DK_ROW(p) _mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)(tables + (p))))

// Every byte with its first bit last, by the two rows of LaneTables.reversed.
#define DK_REVERSE(w)                                                                                \
  _mm256_or_si256(_mm256_shuffle_epi8(high_half, _mm256_and_si256(w, nibble)),                       \
                  _mm256_shuffle_epi8(low_half, _mm256_and_si256(_mm256_srli_epi32(w, 4), nibble)))

/// Parts `count` tokens, whose first 32 bits are `words`, into literals, which go to `literals`, and the others,
/// whose bits go to `windows` and places, counted from `first`, to `indices`. Returns how many others there
/// are. Reads whole groups of eight words; writes up to eight elements behind the last of each.
DK_LANES intptr_t dk_lane_split(const uint32_t *_Nonnull words, intptr_t count, uint32_t first,
                                const uint8_t *_Nonnull tables, uint32_t *_Nonnull windows,
                                uint32_t *_Nonnull indices, uint8_t *_Nonnull literals) {
  const __m256i high_half = DK_ROW(0), low_half = DK_ROW(16), nibble = _mm256_set1_epi8(15);
  const __m256i low = _mm256_set1_epi32(255), one = _mm256_set1_epi32(1);
  const __m256i numbers = _mm256_load_si256((const __m256i *)(tables + 128));
  // The greatest codewords' first eight bits: of a length of 7 bits, and of 8; what a literal of 8 bits starts from.
  const __m256i longest7 = _mm256_permutevar8x32_epi32(numbers, _mm256_setzero_si256());
  const __m256i longest8 = _mm256_permutevar8x32_epi32(numbers, one);
  const __m256i offset = _mm256_permutevar8x32_epi32(numbers, _mm256_set1_epi32(2));
  const __m256i bytes = _mm256_set_epi64x(-1, (int64_t)0xffffffff0c080400, -1, (int64_t)0xffffffff0c080400);
  const uint8_t *orders = tables + 256;
  __m256i index = _mm256_set1_epi32((int)first);
  uint32_t *others = windows;
  for (intptr_t k = 0; k < count; k += 8) {
    unsigned valid = _bzhi_u32(0xff, count - k < 8 ? (unsigned)(count - k) : 8);
    __m256i w = _mm256_loadu_si256((const __m256i *)(words + k));
    __m256i code = _mm256_and_si256(DK_REVERSE(w), low);
    // Beyond lengths of seven bits are literals of eight, lengths of eight, which are few, and literals of nine.
    __m256i nine = _mm256_cmpgt_epi32(code, longest8);
    __m256i rare = _mm256_andnot_si256(nine, _mm256_cmpgt_epi32(code, _mm256_sub_epi32(longest8, _mm256_set1_epi32(8))));
    __m256i literal = _mm256_andnot_si256(rare, _mm256_cmpgt_epi32(code, longest7));
    __m256i ninth = _mm256_and_si256(_mm256_srli_epi32(w, 8), one);
    // Of nine bits the last eight are the byte: 110010000 stands for 144 = 10010000.
    __m256i byte = _mm256_blendv_epi8(_mm256_sub_epi32(code, offset),
                                      _mm256_or_si256(_mm256_add_epi32(code, code), ninth), nine);
    unsigned all = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(literal));
    unsigned taken = all & valid, left = ~all & valid;
    byte = _mm256_shuffle_epi8(byte, bytes);
    __m128i packed = _mm_unpacklo_epi32(_mm256_castsi256_si128(byte), _mm256_extracti128_si256(byte, 1));
    packed = _mm_shuffle_epi8(packed, _mm_loadl_epi64((const __m128i *)(orders + 8 * taken)));
    _mm_storel_epi64((__m128i *)literals, packed);
    literals += _mm_popcnt_u32(taken);
    __m256i order = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(orders + 8 * left)));
    _mm256_storeu_si256((__m256i *)windows, _mm256_permutevar8x32_epi32(w, order));
    _mm256_storeu_si256((__m256i *)indices, _mm256_add_epi32(order, index));
    windows += _mm_popcnt_u32(left);
    indices += _mm_popcnt_u32(left);
    index = _mm256_add_epi32(index, _mm256_set1_epi32(8));
  }
  return windows - others;
}

/// What a match says: how far back the 32 bytes are that it is made of, max(distance, 32); which of them, 32 times
/// min(distance, 32); the literals before it, and bit 15 if it is 32 bytes of distance 1; its length.
typedef struct {
  uint16_t reach, pattern, literals, length;
} dk_match;

/// Takes `count` tokens apart that are no literals, behind `bytes` bytes of output, and writes to `records` what each
/// says, a dk_match. Returns how many, fewer than `count` when one is not a match that the loop takes, or reaches back
/// before the output; `produced` gets the bytes of those returned. Before the first index stands -1. Reads and
/// writes whole groups of eight; the record behind the last tells the literals there.
DK_LANES intptr_t dk_lane_records(const uint32_t *_Nonnull windows, const uint32_t *_Nonnull indices,
                                  intptr_t count, const uint8_t *_Nonnull tables, intptr_t bytes,
                                  uint64_t *_Nonnull records, intptr_t *_Nonnull produced) {
  const __m256i high_half = DK_ROW(0), low_half = DK_ROW(16), nibble = _mm256_set1_epi8(15);
  const __m256i lengths = DK_ROW(32), length_bits = DK_ROW(48), length_masks = DK_ROW(64);
  const __m256i extra_bits = DK_ROW(80), leading = DK_ROW(96);
  const __m256i low = _mm256_set1_epi32(255), fifteen = _mm256_set1_epi32(15), one = _mm256_set1_epi32(1),
                longest = _mm256_set1_epi32(DK_WINDOW), ones = _mm256_set1_epi32(-1), zero = _mm256_setzero_si256();
  // Bytes 1...3 of a lane look up 0.
  const __m256i alone = _mm256_set1_epi32((int)0x80808000);
  // Bytes before each match of a group: literals among the tokens before it, as many as its index less its number, and
  // the matches before it.
  __m256i before = _mm256_set1_epi32((int)bytes), number = _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0);
  __m256i ends = before, start = before;
  intptr_t taken = count, k = 0;
  for (; k < count; k += 8) {
    __m256i run = _mm256_sub_epi32(_mm256_loadu_si256((const __m256i *)(indices + k)),
                                   _mm256_loadu_si256((const __m256i *)(indices + k - 1)));
    run = _mm256_sub_epi32(run, one);
    __m256i place = _mm256_sub_epi32(_mm256_loadu_si256((const __m256i *)(indices + k)), number);
    number = _mm256_add_epi32(number, _mm256_set1_epi32(8));
    // A length's codeword of seven, its extra bits, a distance's of five, its extra bits.
    __m256i w = _mm256_loadu_si256((const __m256i *)(windows + k));
    __m256i code = _mm256_srli_epi32(_mm256_and_si256(DK_REVERSE(w), low), 1);
    __m256i bad = _mm256_or_si256(_mm256_cmpeq_epi32(code, zero), _mm256_cmpgt_epi32(code, _mm256_set1_epi32(16)));
    code = _mm256_or_si256(_mm256_and_si256(code, fifteen), alone);
    __m256i length = _mm256_add_epi32(
        _mm256_shuffle_epi8(lengths, code),
        _mm256_and_si256(_mm256_srli_epi32(w, 7), _mm256_shuffle_epi8(length_masks, code)));
    w = _mm256_srlv_epi32(w, _mm256_shuffle_epi8(length_bits, code));
    // A distance less one: its extra bits, behind the fifth bit, behind a one unless the first four are zeros.
    __m256i four = _mm256_or_si256(_mm256_and_si256(w, fifteen), alone);
    __m256i extra = _mm256_shuffle_epi8(extra_bits, four);
    __m256i top = _mm256_or_si256(_mm256_shuffle_epi8(leading, four), _mm256_and_si256(_mm256_srli_epi32(w, 4), one));
    __m256i rest = _mm256_andnot_si256(_mm256_sllv_epi32(ones, extra), _mm256_srli_epi32(w, 5));
    __m256i distance = _mm256_add_epi32(_mm256_add_epi32(_mm256_sllv_epi32(top, extra), rest), one);
    __m256i uniform = _mm256_and_si256(_mm256_cmpeq_epi32(distance, one), _mm256_cmpeq_epi32(length, longest));
    run = _mm256_or_si256(run, _mm256_and_si256(uniform, _mm256_set1_epi32(0x8000)));
    __m256i source = _mm256_or_si256(_mm256_max_epu32(distance, longest),
                                     _mm256_slli_epi32(_mm256_min_epu32(distance, longest), 16 + 5));
    __m256i target = _mm256_or_si256(run, _mm256_slli_epi32(length, 16));
    __m256i a = _mm256_unpacklo_epi32(source, target), b = _mm256_unpackhi_epi32(source, target);
    _mm256_storeu_si256((__m256i *)(records + k), _mm256_permute2x128_si256(a, b, 0x20));
    _mm256_storeu_si256((__m256i *)(records + k + 4), _mm256_permute2x128_si256(a, b, 0x31));
    // The sums of the first lengths of a group, within each half and then across.
    ends = _mm256_add_epi32(length, _mm256_slli_si256(length, 4));
    ends = _mm256_add_epi32(ends, _mm256_slli_si256(ends, 8));
    __m256i half = _mm256_shuffle_epi32(ends, 0xff);
    start = before;
    ends = _mm256_add_epi32(_mm256_add_epi32(ends, _mm256_permute2x128_si256(half, half, 0x08)), start);
    before = _mm256_permutevar8x32_epi32(ends, _mm256_set1_epi32(7));
    place = _mm256_add_epi32(place, _mm256_sub_epi32(ends, length));
    bad = _mm256_or_si256(bad, _mm256_or_si256(_mm256_cmpgt_epi32(length, longest),
                                               _mm256_cmpgt_epi32(distance, _mm256_set1_epi32(DK_HISTORY))));
    unsigned stops =
        (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_or_si256(bad, _mm256_cmpgt_epi32(distance, place))));
    if (__builtin_expect(stops != 0, 0)) {
      intptr_t first = k + (intptr_t)_tzcnt_u32(stops);
      taken = first < count ? first : count;
      k += 8;
      break;
    }
  }
  // The last group's sums, behind what there was before it.
  uint32_t sums[9];
  sums[0] = (uint32_t)_mm_cvtsi128_si32(_mm256_castsi256_si128(start));
  _mm256_storeu_si256((__m256i *)(sums + 1), ends);
  *produced = (intptr_t)(sums[count > 0 ? taken - (k - 8) : 0] - (uint32_t)bytes);
  ((dk_match *)records)[taken].literals = (uint16_t)(indices[taken] - indices[taken - 1] - 1);
  return taken;
}

#undef DK_REVERSE
#undef DK_ROW

/// Where the writing of tokens stands: the next match, the next literal, the place of the match.
typedef struct {
  const dk_match *_Nonnull next;
  const uint8_t *_Nonnull literals;
  uint8_t *_Nonnull to;
} dk_replay;

/// A match, and the literals behind it, where both have more than 32 bytes together or the next match is one of many
/// like it.
static inline __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"), noinline)) void dk_replay_long(
    dk_replay *_Nonnull at, const uint8_t *_Nonnull tables) {
  const dk_match *match = at->next;
  const uint8_t *from = at->to - match->reach, *pattern = tables + 2304 + 2 * match->pattern;
  __m256i a = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)from)),
          b = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(from + 16)));
  _mm256_storeu_si256((__m256i *)at->to,
                      _mm256_or_si256(_mm256_shuffle_epi8(a, _mm256_load_si256((const __m256i *)pattern)),
                                      _mm256_shuffle_epi8(b, _mm256_load_si256((const __m256i *)(pattern + 32)))));
  intptr_t count = match[1].literals & 0x7fff;
  at->to += match->length;
  memcpy(at->to, at->literals, (size_t)count);
  at->to += count;
  at->literals += count;
  at->next++;
}

// A match and the literals behind it by one store: two would double the stores that a later load has to wait for where
// it reads what several of them wrote. The literals are read from as far before the next as the match is long.
#define DK_REPLAY_STEP(m, l, t, ...)                                                                \
  intptr_t count = (m)[1].literals, length = (m)->length;                                           \
  if (__builtin_expect(count + length > 32, 0)) {                                                   \
    __VA_ARGS__                                                                                     \
  } else {                                                                                          \
    const uint8_t *from = t - (intptr_t)(m)->reach, *pattern = patterns + 2 * (m)->pattern;         \
    __m256i a = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)from)),                \
            b = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(from + 16)));         \
    a = _mm256_or_si256(_mm256_shuffle_epi8(a, _mm256_load_si256((const __m256i *)pattern)),        \
                        _mm256_shuffle_epi8(b, _mm256_load_si256((const __m256i *)(pattern + 32))));\
    a = _mm256_blendv_epi8(a, _mm256_loadu_si256((const __m256i *)(l - length)),                    \
                           _mm256_loadu_si256((const __m256i *)(behind - length)));                 \
    _mm256_storeu_si256((__m256i *)t, a);                                                           \
    t += count + length;                                                                            \
    l += count;                                                                                     \
  }

/// Writes the matches before `stop`, each with the literals behind it. Each starts 32 bytes or more behind the memory's
/// start and before its end. Reads 32 bytes before and behind the literals.
DK_LANES void dk_replay_matches(dk_replay *_Nonnull at, const dk_match *_Nonnull stop,
                                const uint8_t *_Nonnull tables) {
  const uint8_t *patterns = tables + 2304, *behind = tables + 4416 + 32;
  const dk_match *match = at->next;
  const uint8_t *literals = at->literals;
  uint8_t *to = at->to;
  while (match < stop) {
    DK_REPLAY_STEP(match, literals, to, {
      *at = (dk_replay){match, literals, to};
      dk_replay_long(at, tables);
      to = at->to, literals = at->literals, match = at->next;
      // 32 bytes like the one before: each copied from the one before would wait for it.
      __m256i byte = _mm256_set1_epi8((char)to[-1]);
      while (match < stop && match->literals & 0x8000 && !(match[1].literals & 0x7fff)) {
        _mm256_storeu_si256((__m256i *)to, byte);
        to += 32, match++;
      }
      continue;
    })
    match++;
  }
  *at = (dk_replay){match, literals, to};
}
#endif
