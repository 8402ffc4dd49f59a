// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What Swift does not see of opening files: openat2(2), which C libraries have no function for, a
// flag that is kept to _GNU_SOURCE, and which file systems are the kernel's own.

#ifndef CIAA_FILES_H
#define CIAA_FILES_H

#if defined(__linux__)

#include <errno.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

// O_PATH of <asm-generic/fcntl.h>.
static const int ciaa_path_only = 010000000;

// struct open_how of <linux/openat2.h>, which older headers lack.
struct ciaa_open_how {
  uint64_t flags, mode, resolve;
};

// Opens `path` with the directory as "/": neither ".." nor a link leads out of it, and a link that
// /proc makes up (RESOLVE_NO_MAGICLINKS, 0x02; RESOLVE_IN_ROOT, 0x10) is not followed. Gives a
// descriptor, or -1 with errno: ENOSYS from kernels before 5.6. The number is the same on every
// processor.
static inline int ciaa_open_in_root(int directory, const char *_Nonnull path, int flags) {
  struct ciaa_open_how how = {(uint64_t)(unsigned)flags, 0, 0x02 | 0x10};
  return (int)syscall(437, directory, path, &how, sizeof how);
}

// Whether a file is an attribute that the kernel makes up, by its file system's number of
// <linux/magic.h>: sysfs, proc, debugfs. Such a file has no length to set.
static inline int ciaa_is_attribute(int file) {
  struct statfs system;
  if (fstatfs(file, &system) != 0) return 0;
  long type = (long)system.f_type;
  return type == 0x62656572 || type == 0x9fa0 || type == 0x64626720;
}

#endif

#endif
