// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The C library keeps its own functions reachable under other names for just this.

#include "MallocCounter.h"

#include <errno.h>
#include <stddef.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static uint64_t count;
static uint64_t failing;

// Counts one; whether it may succeed.
static int add(void) {
  uint64_t number = __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
  if (number != __atomic_load_n(&failing, __ATOMIC_RELAXED)) return 1;
  errno = ENOMEM;
  return 0;
}

void malloc_fail_after(uint64_t more) {
  __atomic_store_n(&failing, malloc_count() + more + 1, __ATOMIC_RELAXED);
}

int malloc_has_failed(void) {
  return malloc_count() >= __atomic_load_n(&failing, __ATOMIC_RELAXED);
}

uint64_t malloc_count(void) { return __atomic_load_n(&count, __ATOMIC_RELAXED); }

void *malloc(size_t size) {
  return add() ? __libc_malloc(size) : 0;
}

void *calloc(size_t number, size_t size) {
  return add() ? __libc_calloc(number, size) : 0;
}

void *realloc(void *memory, size_t size) {
  return add() ? __libc_realloc(memory, size) : 0;
}

void *memalign(size_t alignment, size_t size) {
  return add() ? __libc_memalign(alignment, size) : 0;
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **memory, size_t alignment, size_t size) {
  *memory = memalign(alignment, size);
  return *memory ? 0 : ENOMEM;
}
