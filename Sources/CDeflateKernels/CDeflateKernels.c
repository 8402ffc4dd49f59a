// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What is not in TableLoop.c, FixedLoop.c or the family's files is in the headers, so that it can be inlined.
#include "Kernels.h"
