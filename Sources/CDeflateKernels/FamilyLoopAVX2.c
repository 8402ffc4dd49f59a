// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The family's loop, compiled as a whole for AVX2 and BMI2.

#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"))), apply_to = function)
#define DK_FAMILY_AVX2 1
#include "EncodeAVX2.h"
#include "Family/Page.h"

void dk_family_page_avx2(const dk_family_rules *rules, dk_family_state *state, intptr_t end, intptr_t limit) {
  dk_family_page(rules, state, end, limit);
}
#pragma clang attribute pop
#endif
