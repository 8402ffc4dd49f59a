// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Everything is in the headers, so that it can be inlined; compiling the device's once makes its
// assertions count in every build.
#include "CIAADevice.h"
