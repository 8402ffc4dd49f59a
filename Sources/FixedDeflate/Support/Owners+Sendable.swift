// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Owners of memory may go from task to task. None can be copied, so whoever holds one is the only one
// who reaches its memory; what is lent of it ends with the call that lends it.

// SAFETY of `@unchecked Sendable`: one owner, which frees the memory and hands out no pointer to it.
extension OwnedBytes: @unchecked Sendable {}
extension FastEncoder: @unchecked Sendable {}
extension FamilyEncoder: @unchecked Sendable {}
extension TokenCoder: @unchecked Sendable {}
extension LongMatchFinder: @unchecked Sendable {}
