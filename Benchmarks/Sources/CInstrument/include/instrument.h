// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// What the driver asks of the tools it may run under: callgrind's counters, and the allocation
// counter of Tools/count-allocations.c. Without them every call does nothing.

#ifndef INSTRUMENT_H
#define INSTRUMENT_H

#include <stdbool.h>
#include <stdint.h>

// Whether valgrind runs this program, and whether its header was there when this was compiled.
bool instrument_under_valgrind(void);
bool instrument_has_valgrind_header(void);
// Counts instructions and branches from `start` to `stop`, which writes them out under a name.
void instrument_start(void);
void instrument_stop(const char *name);
// Allocations so far, all threads; -1 without the counter.
int64_t instrument_allocations(void);

#endif
