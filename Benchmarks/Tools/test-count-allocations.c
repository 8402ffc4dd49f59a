// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Proves that the counter counts: each allocating function by its number of calls, no more and no
// less, and nothing where nothing is allocated. Run with the counter in LD_PRELOAD; without it the
// test fails, so it cannot pass idly.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t (*counted)(void);
static int failures;
// Kept where the compiler must store it, so that no allocation is optimised away.
static void *volatile kept;

static void expect(const char *name, int64_t before, int64_t expected) {
  int64_t found = counted() - before;
  if (found != expected) {
    fprintf(stderr, "%s: %lld allocations counted, %lld made\n", name, (long long)found,
            (long long)expected);
    failures++;
  }
}

int main(void) {
  counted = (int64_t(*)(void))dlsym(RTLD_DEFAULT, "counted_allocations");
  if (!counted) {
    fputs("the counter is not loaded\n", stderr);
    return 1;
  }
  enum { calls = 1000 };
#define CHECK(name, expected, statement)        \
  do {                                          \
    int64_t before = counted();                 \
    for (int i = 0; i < calls; i++) statement;  \
    expect(name, before, (expected));           \
  } while (0)
  CHECK("nothing", 0, { kept = &failures; });
  CHECK("malloc", calls, { kept = malloc(i + 1); free(kept); });
  CHECK("calloc", calls, { kept = calloc(i + 1, 3); free(kept); });
  CHECK("realloc", 2 * calls, { kept = malloc(8); kept = realloc(kept, i + 9); free(kept); });
  CHECK("aligned_alloc", calls, { kept = aligned_alloc(64, 64 * (i + 1)); free(kept); });
  CHECK("memalign", calls, { kept = memalign(64, i + 1); free(kept); });
  CHECK("posix_memalign", calls, {
    void *memory = NULL;
    if (posix_memalign(&memory, 64, i + 1)) return 1;
    kept = memory;
    free(kept);
  });
  if (failures == 0) puts("the allocation counter counts");
  return failures != 0;
}
