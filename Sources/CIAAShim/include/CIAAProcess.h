// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A system call that Swift cannot spell: the C library's own function for it, and the type it takes,
// are kept to _GNU_SOURCE.

#ifndef CIAA_PROCESS_H
#define CIAA_PROCESS_H

#if defined(__linux__)

#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

// The processors that the calling thread may run on, a bit each, in `size` bytes from `mask` on.
// Gives the bytes written, or a negative number when the kernel has more processors than bits.
static inline long iaa_allowed_processors(unsigned long *_Nonnull mask, size_t size) {
  return syscall(SYS_sched_getaffinity, 0, size, mask);
}

#endif
#endif
