// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What Swift cannot ask of the process: a system call whose function in the C library, and the type
// it takes, are kept to _GNU_SOURCE, and the command line without the help of /proc.

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

// The command line as the C library handed it over: the words and a null pointer behind them, which
// last as long as the process. Null where the C library hands nothing over, as musl. Swift's own
// CommandLine looks for the words through /proc/self/maps and has none when that cannot be read.
char *_Nullable *_Nullable iaa_arguments(void);

#endif
