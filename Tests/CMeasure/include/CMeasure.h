// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Callgrind's counters, and how deep a call goes into its stack.

#ifndef C_MEASURE_H
#define C_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

/// Whether valgrind's header was there when this was compiled, and whether valgrind runs the program.
bool measure_has_valgrind_header(void);
bool measure_under_valgrind(void);
/// Counts from `start` to `stop`, which writes the counts out under a name.
void measure_start(void);
void measure_stop(const char *_Nonnull name);

/// Runs `body` on a thread with a stack of `size` bytes, pages, below which nothing can be touched.
///
/// - Returns: How many bytes, from its top down, were touched, the thread's own included; -1 when there is
///   no such thread.
long measure_stack(size_t size, void (*_Nonnull body)(void *_Nonnull), void *_Nonnull context);

/// Runs `body` in a child process without a standard error. What it leaves behind is the child's.
///
/// - Returns: 0 when it came back, or the signal that ended it; -1 when there is no child, or it exited with another code than 0.
int measure_child(void (*_Nonnull body)(void *_Nonnull), void *_Nonnull context);

#endif
