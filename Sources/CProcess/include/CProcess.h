// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What Swift cannot ask of the process: system calls whose functions C libraries keep to
// _GNU_SOURCE, handlers of signals, in which Swift might allocate or take a lock, settings of its
// allocator, and the command line without the help of /proc.

#ifndef CPROCESS_H
#define CPROCESS_H

#if defined(__linux__)

#include <pthread.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

// Handles the signals of faults (SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS) from now
// on, unless they are ignored, and gives SIGQUIT its default action: Swift's runtime may have set
// handlers that start a debugger. A fault of this process ends it by its signal, after the watcher
// has cleaned up. One sent by another process goes to the watcher.
void process_handle_faults(void);

// Makes a thread the watcher: it must wait for the signals of faults, which are blocked in it, and
// end the process when it gets one.
void process_pass_faults(pthread_t thread);

// renameat2 within a directory with RENAME_NOREPLACE (1). 0, or -1 and errno.
static inline int process_rename_exclusively(
    int directory, const char *_Nonnull from, const char *_Nonnull to) {
  return (int)syscall(SYS_renameat2, directory, from, directory, to, 1);
}

// sync_file_range over a whole file with SYNC_FILE_RANGE_WRITE (2).
static inline void process_start_writing(int file) {
  (void)syscall(SYS_sync_file_range, file, 0L, 0L, 2);
}

// syncfs. 0, or -1 and errno.
static inline int process_synchronize_file_system(int file) { return (int)syscall(SYS_syncfs, file); }

// Extended attributes, whose header not every module map of a C library has.
static inline ssize_t process_get_attribute(
    int file, const char *_Nonnull name, void *_Nullable value, size_t size) {
  return fgetxattr(file, name, value, size);
}
static inline int process_set_attribute(
    int file, const char *_Nonnull name, const void *_Nullable value, size_t size) {
  return fsetxattr(file, name, value, size, 0);
}
static inline int process_remove_attribute(int file, const char *_Nonnull name) {
  return fremovexattr(file, name);
}

// Raises the soft limit of descriptors to the hard one; -1 when it is there already.
static inline int process_raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return -1;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit);
}

#endif

// Has all threads allocate from one arena, and large blocks go back to the system when they are
// freed. Else glibc reserves 64 MiB of addresses for each thread, of which little is used. Does
// nothing where the C library is another.
void process_save_addresses(void);

// The command line as the C library handed it over: the words and a null pointer behind them, which
// last as long as the process. Null where the C library hands nothing over, as musl. Swift's own
// CommandLine looks for the words through /proc/self/maps and has none when that cannot be read.
char *_Nullable *_Nullable process_arguments(void);

#endif
