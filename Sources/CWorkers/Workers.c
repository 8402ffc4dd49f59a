// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "CWorkers.h"

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>

long workers_allowed_processors(unsigned long *mask, size_t size) {
  // The C library's function gives no count of bytes.
  return syscall(SYS_sched_getaffinity, 0, size, mask);
}
#endif
