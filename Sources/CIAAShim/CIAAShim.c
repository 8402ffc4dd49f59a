// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Nearly everything is in the headers, so that it can be inlined; compiling the device's once makes
// its assertions count in every build.
#include "CIAADevice.h"
#include "CIAAProcess.h"

static char *_Nullable *_Nullable arguments;

#if defined(__GLIBC__)
// glibc calls constructors with main's arguments, in static programs too.
__attribute__((constructor)) static void keep_arguments(int count, char **words) {
  (void)count;
  arguments = words;
}
#endif

char **iaa_arguments(void) { return arguments; }
