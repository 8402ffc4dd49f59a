// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Stands before the allocator of AddressSanitizer, or of the C library, for what is aligned to 64 bytes or more. All
// guarded memory lies in one range of addresses, by which `free` knows it; each allocation has a slot there.

#include "GuardedHeap.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

// AddressSanitizer's own, by the names it keeps for who stands before it; else the C library's.
extern void *___interceptor_memalign(size_t, size_t) __attribute__((weak));
extern void ___interceptor_free(void *) __attribute__((weak));
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

enum { PAGE = 4096, SLOTS = 1 << 15 };
// Nothing for so many bytes, then an allocation of at most as many, in each slot.
#define MARGIN ((size_t)1 << 24)
#define SLOT (2 * MARGIN)
static char *start, *end;
static uint32_t idle[SLOTS], idle_count;
static atomic_uint count;
static atomic_flag lock = ATOMIC_FLAG_INIT;

void guarded_heap_begin(void) {
  size_t bytes = SLOTS * SLOT + MARGIN;
  void *range = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (range == MAP_FAILED) __builtin_trap();
  for (uint32_t i = 0; i < SLOTS; i++) idle[i] = SLOTS - 1 - i;
  idle_count = SLOTS;
  start = range;
  end = start + SLOTS * SLOT;
}

static void take_lock(void) { while (atomic_flag_test_and_set(&lock)) {} }

static void *guarded(size_t alignment, size_t size) {
  take_lock();
  char *slot = idle_count ? start + idle[--idle_count] * SLOT : NULL;
  atomic_flag_clear(&lock);
  if (!slot) return NULL;
  size_t bytes = size ? (size + PAGE - 1) & ~(size_t)(PAGE - 1) : PAGE;
  char *memory = slot + MARGIN;
  if (mprotect(memory, bytes, PROT_READ | PROT_WRITE)) return NULL;
  // At the pages' beginning, or as near to their end as the alignment lets it be.
  if (atomic_fetch_add(&count, 1) & 1) memory += (bytes - size) & ~(alignment - 1);
  return memory;
}

static void give_back(char *memory) {
  uint32_t index = (uint32_t)((size_t)(memory - start) / SLOT);
  char *slot = start + index * SLOT + MARGIN;
  madvise(slot, MARGIN, MADV_DONTNEED);
  mprotect(slot, MARGIN, PROT_NONE);
  take_lock();
  idle[idle_count++] = index;
  atomic_flag_clear(&lock);
}

static void *allocate(size_t alignment, size_t size) {
  if (start && alignment >= 64 && alignment <= PAGE && size <= MARGIN) return guarded(alignment, size);
  if (___interceptor_memalign) return ___interceptor_memalign(alignment, size);
  return __libc_memalign(alignment, size);
}

void *memalign(size_t alignment, size_t size) { return allocate(alignment, size); }

void *aligned_alloc(size_t alignment, size_t size) { return allocate(alignment, size); }

int posix_memalign(void **memory, size_t alignment, size_t size) {
  *memory = allocate(alignment, size);
  return *memory ? 0 : ENOMEM;
}

void free(void *memory) {
  if (start && (char *)memory >= start && (char *)memory < end) {
    give_back(memory);
  } else if (___interceptor_free) {
    ___interceptor_free(memory);
  } else {
    __libc_free(memory);
  }
}
