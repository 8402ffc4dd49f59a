// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Memory for whole vectors, which is what the codec's hot loops work in, between pages that are not there. A wrong
// offset before the memory or behind it then is a crash, also in code that no sanitizer instruments, and also where
// AddressSanitizer sees another allocation that is alive: its red zones are 2 KiB at most.

#ifndef GUARDED_HEAP_H
#define GUARDED_HEAP_H

/// From here on allocations of an alignment of 64 or more are guarded, in turn at their beginning and at their end.
void guarded_heap_begin(void);

#endif
