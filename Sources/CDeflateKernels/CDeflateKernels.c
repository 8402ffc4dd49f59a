// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What is not in TableLoop.c or FixedLoop.c is in the headers, so that it can be inlined.
#include "Kernels.h"
