// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport

/// The judge, not the library's type of that name.
typealias Zlib = TestSupport.Zlib
