// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Counts allocations: linked into a program, its malloc family stands before the C library's.

#ifndef MALLOC_COUNTER_H
#define MALLOC_COUNTER_H

#include <stdint.h>

/// Allocations of the whole process so far.
uint64_t malloc_count(void);

#endif
