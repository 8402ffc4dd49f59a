// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What Swift cannot ask of the process: a system call whose function in the C library, and the type
// it takes, are kept to _GNU_SOURCE, handlers of signals, in which Swift might allocate or take a
// lock, settings of its allocator, and the command line without the help of /proc.

#ifndef CIAA_PROCESS_H
#define CIAA_PROCESS_H

#if defined(__linux__)

#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

// The processors that the calling thread may run on, a bit each, in `size` bytes from `mask` on.
// Gives the bytes written, or a negative number when the kernel has more processors than bits.
static inline long iaa_allowed_processors(unsigned long *_Nonnull mask, size_t size) {
  return syscall(SYS_sched_getaffinity, 0, size, mask);
}

// Handles the signals of faults (SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS) from now
// on, unless they are ignored, and gives SIGQUIT its default action: Swift's runtime may have set
// handlers that start a debugger. A fault of this process ends it by its signal, after the watcher
// has cleaned up. One sent by another process goes to the watcher.
void iaa_handle_faults(void);

// Makes the calling thread the watcher: it must wait for the signals of faults, which are blocked in
// it from now on, and end the process when it gets one.
void iaa_watch_faults(void);

#endif

// Has all threads allocate from one arena, and large blocks go back to the system when they are
// freed. Else glibc reserves 64 MiB of addresses for each thread, of which little is used. Does
// nothing where the C library is another.
void iaa_save_addresses(void);

// The command line as the C library handed it over: the words and a null pointer behind them, which
// last as long as the process. Null where the C library hands nothing over, as musl. Swift's own
// CommandLine looks for the words through /proc/self/maps and has none when that cannot be read.
char *_Nullable *_Nullable iaa_arguments(void);

#endif
