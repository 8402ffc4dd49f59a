// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What ParallelGzip cannot ask for in Swift: a function that C libraries keep to _GNU_SOURCE, with
// the type it takes. Nothing runs before main, and nothing of the process is changed.

#ifndef CWORKERS_H
#define CWORKERS_H

#include <stddef.h>

#if defined(__linux__)

// The processors that the calling thread may run on (sched_getaffinity(2)), a bit each, in `size`
// bytes from `mask` on. Gives the bytes written, or a negative number when the kernel has more
// processors than bits.
long workers_allowed_processors(unsigned long *_Nonnull mask, size_t size);

#endif

#endif
