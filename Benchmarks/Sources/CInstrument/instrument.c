// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "instrument.h"

#include <dlfcn.h>
#include <stddef.h>

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
bool instrument_has_valgrind_header(void) { return true; }
bool instrument_under_valgrind(void) { return RUNNING_ON_VALGRIND != 0; }
void instrument_start(void) {
  CALLGRIND_START_INSTRUMENTATION;
  CALLGRIND_ZERO_STATS;
}
void instrument_stop(const char *name) {
  CALLGRIND_DUMP_STATS_AT(name);
  CALLGRIND_STOP_INSTRUMENTATION;
}
#else
bool instrument_has_valgrind_header(void) { return false; }
bool instrument_under_valgrind(void) { return false; }
void instrument_start(void) {}
void instrument_stop(const char *name) { (void)name; }
#endif

int64_t instrument_allocations(void) {
  int64_t (*count)(void) = (int64_t(*)(void))dlsym(RTLD_DEFAULT, "counted_allocations");
  return count ? count() : -1;
}
