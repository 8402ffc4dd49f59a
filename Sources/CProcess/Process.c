// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

#include "CProcess.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

static char *_Nullable *_Nullable arguments;

#if defined(__GLIBC__)
// glibc calls constructors with main's arguments, in static programs too.
__attribute__((constructor)) static void keep_arguments(int count, char **words) {
  (void)count;
  arguments = words;
}
#endif

char **process_arguments(void) { return arguments; }

void process_save_addresses(void) {
#if defined(__GLIBC__)
  mallopt(M_ARENA_MAX, 1);
  // The usual value; setting it keeps it from growing to the size of what is freed.
  mallopt(M_MMAP_THRESHOLD, 128 << 10);
#endif
}
