// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the build knows and the source cannot. In C because there a definition can have a value.

#ifndef CBUILD_H
#define CBUILD_H

/// The commit that was built, shortened, with "-dirty" where files had changed since; empty when the
/// build was not told.
extern const char *const cbuild_commit;

#endif
