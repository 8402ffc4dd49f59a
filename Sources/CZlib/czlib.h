// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The system's zlib under one module name, so that a missing header is reported by its Debian package.

#ifndef DEFLATE_IAA_CZLIB_H
#define DEFLATE_IAA_CZLIB_H

#include <zlib.h>

#endif
