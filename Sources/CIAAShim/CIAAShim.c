// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The headers are all there is; compiling them once makes their assertions count in every build.
#include "CIAADevice.h"
