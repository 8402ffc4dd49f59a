// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A C target needs a source file. Everything here is in the headers, so that it can be inlined.
