// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Counts allocations and has one fail: linked into a program, its malloc family stands before the C library's.

#ifndef MALLOC_COUNTER_H
#define MALLOC_COUNTER_H

#include <stdint.h>

/// Allocations of the whole process so far.
uint64_t malloc_count(void);

/// Has an allocation fail: the one behind so many that succeed from here on.
void malloc_fail_after(uint64_t more);

/// Whether that one has been asked for since.
int malloc_has_failed(void);

#endif
