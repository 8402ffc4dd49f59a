// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Unaligned little-endian words for the loops written in C. Every caller states the bound that makes them stay
// inside the caller's buffers.
#pragma once
#include <stdint.h>

#define DK_INLINE static inline __attribute__((always_inline))
#define DK_UNLIKELY(x) __builtin_expect((x) != 0, 0)

DK_INLINE uint64_t dk_load64(const uint8_t *from) {
  uint64_t word;
  __builtin_memcpy(&word, from, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

DK_INLINE void dk_store64(uint8_t *to, uint64_t word) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  __builtin_memcpy(to, &word, 8);
}

DK_INLINE void dk_copy8(uint8_t *to, const uint8_t *from) {
  uint64_t word;
  __builtin_memcpy(&word, from, 8);
  __builtin_memcpy(to, &word, 8);
}

DK_INLINE void dk_copy16(uint8_t *to, const uint8_t *from) {
  struct { uint64_t words[2]; } pair;
  __builtin_memcpy(&pair, from, 16);
  __builtin_memcpy(to, &pair, 16);
}

// Refills `bits` from `at` on, of which `count` says in its low six bits how many are counted: 56 to 63 then, and
// those above them are the right ones too.
#define DK_REFILL(bits)                                                                             \
  do {                                                                                              \
    bits |= dk_load64(at) << (count & 63);                                                          \
    at += 7;                                                                                        \
    at -= count >> 3 & 7;                                                                           \
    count |= 56;                                                                                    \
  } while (0)
