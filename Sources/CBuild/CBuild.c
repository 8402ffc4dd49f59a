// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

#include "CBuild.h"

#ifndef DEFLATE_IAA_COMMIT
#define DEFLATE_IAA_COMMIT ""
#endif

const char *const cbuild_commit = DEFLATE_IAA_COMMIT;
