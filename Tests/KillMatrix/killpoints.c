// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A library to preload into the command, which numbers its calls of the C library that reach the
// kernel for a file, a thread or memory, and its allocations, all of which are called malloc, and makes
// one of them fail or the last one. Words of the environment:
//
//   KILL_LOG   a file; each call (without KILL_CALL), or the one that was met, is a line in it:
//              name, number, what it is about
//   KILL_CALL  the name of the call to meet
//   KILL_AT    which call of that name, from 1
//   KILL_HOW   KILL, SHORT (half of the bytes), or an errno's number; with a + behind it all later
//              calls of that name fail, too, as on a disk that stays full; messages can be written
//              still; LIE says that all bytes are moved and moves none
//   NAMED      there are no files without names (O_TMPFILE)
//   LINKS      there are no exclusive renames
//
// What waits for locks (futex) and what the allocator itself asks for is left alone.

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// In a descriptor's place.
enum { NONE = -1, ALLOCATION = -2 };

enum verdict { GO, FAIL, HALF, LIE };

static const char *wanted;
static int wanted_at, failure, is_kill, is_short, is_lie, is_lasting, is_named, has_links_only;
static int log_file = -1, is_ready;

__attribute__((constructor)) static void read_environment(void) {
  const char *path = getenv("KILL_LOG"), *at = getenv("KILL_AT"), *how = getenv("KILL_HOW");
  // Who runs this may block signals; a user's shell does not.
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, 0);
  wanted_at = at ? atoi(at) : 0;
  if (how) {
    is_kill = !strcmp(how, "KILL");
    is_short = !strcmp(how, "SHORT");
    is_lie = !strcmp(how, "LIE");
    failure = atoi(how);
    is_lasting = strchr(how, '+') != 0;
  }
  is_named = getenv("NAMED") != 0;
  has_links_only = getenv("LINKS") != 0;
  if (path) {
    log_file = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    // Out of the way of the numbers that the command expects.
    int high = syscall(SYS_fcntl, log_file, F_DUPFD_CLOEXEC, 500);
    syscall(SYS_close, log_file);
    log_file = high;
  }
  wanted = getenv("KILL_CALL");
  is_ready = 1;
}

static long raw_syscall(long call, long a, long b, long c) {
  long (*real)(long, ...) = dlsym(RTLD_NEXT, "syscall");
  return real(call, a, b, c);
}

static void note(const char *name, int number, int descriptor, const char *path) {
  if (log_file < 0) return;
  char target[512] = "-", line[700], link[64];
  if (path && *path) {
    snprintf(target, sizeof target, "%s", path);
  } else if (descriptor >= 0) {
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    long length = raw_syscall(SYS_readlink, (long)link, (long)target, sizeof target - 1);
    if (length > 0) target[length] = 0;
  }
  int length = snprintf(line, sizeof line, "%s %d %s\n", name, number, target);
  raw_syscall(SYS_write, log_file, (long)line, length);
}

// Whether a call goes on to the kernel; sets errno where it does not.
static enum verdict meet(const char *name, atomic_int *count, int descriptor, const char *path) {
  int before = errno, number = atomic_fetch_add(count, 1) + 1;
  if (!is_ready) return GO;
  enum verdict verdict = GO;
  if (!wanted) {
    // Allocations are many, and one is like the next.
    if (descriptor != ALLOCATION || number % 64 == 0) note(name, number, descriptor, path);
  } else if (
      !strcmp(name, wanted) &&
      (number == wanted_at || (is_lasting && number > wanted_at && descriptor != STDERR_FILENO))) {
    if (number == wanted_at) note(name, number, descriptor, path);
    if (is_kill) raw_syscall(SYS_kill, getpid(), SIGKILL, 0);
    verdict = is_short ? HALF : is_lie ? LIE : FAIL;
  }
  errno = verdict == FAIL ? failure : before;
  return verdict;
}

#define MEET(name, descriptor, path) \
  static atomic_int count;           \
  enum verdict verdict = meet(#name, &count, descriptor, path)
#define REAL(name, type, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = dlsym(RTLD_NEXT, #name)
// A call that the whole wrapper is about.
#define WRAP(type, name, failed, descriptor, path, parameters, arguments) \
  type name parameters {                                                  \
    static type(*real) parameters;                                        \
    if (!real) real = dlsym(RTLD_NEXT, #name);                            \
    MEET(name, descriptor, path);                                         \
    if (verdict == FAIL) return failed;                                   \
    return real arguments;                                                \
  }
// The same where half of the bytes may be moved.
#define MOVE(name, parameters, arguments, halved)                  \
  ssize_t name parameters {                                        \
    static ssize_t(*real) parameters;                              \
    if (!real) real = dlsym(RTLD_NEXT, #name);                     \
    MEET(name, fd, 0);                                             \
    if (verdict == FAIL) return -1;                                \
    if (verdict == LIE) return count_;                             \
    if (verdict == HALF && count_ > 1) return real halved;         \
    return real arguments;                                         \
  }

MOVE(read, (int fd, void *bytes, size_t count_), (fd, bytes, count_), (fd, bytes, count_ / 2))
MOVE(write, (int fd, const void *bytes, size_t count_), (fd, bytes, count_), (fd, bytes, count_ / 2))
MOVE(pread, (int fd, void *bytes, size_t count_, off_t at), (fd, bytes, count_, at),
     (fd, bytes, count_ / 2, at))
MOVE(pwrite, (int fd, const void *bytes, size_t count_, off_t at), (fd, bytes, count_, at),
     (fd, bytes, count_ / 2, at))
WRAP(ssize_t, readv, -1, fd, 0, (int fd, const struct iovec *parts, int n), (fd, parts, n))
WRAP(ssize_t, writev, -1, fd, 0, (int fd, const struct iovec *parts, int n), (fd, parts, n))
WRAP(void *, mmap, MAP_FAILED, fd, 0,
     (void *at, size_t size, int rights, int flags, int fd, off_t offset),
     (at, size, rights, flags, fd, offset))
WRAP(int, munmap, -1, NONE, 0, (void *at, size_t size), (at, size))
WRAP(int, madvise, -1, NONE, 0, (void *at, size_t size, int advice), (at, size, advice))
WRAP(int, ftruncate, -1, fd, 0, (int fd, off_t size), (fd, size))
WRAP(int, fallocate, -1, fd, 0, (int fd, int mode, off_t at, off_t size), (fd, mode, at, size))
WRAP(int, fsync, -1, fd, 0, (int fd), (fd))
WRAP(int, fdatasync, -1, fd, 0, (int fd), (fd))
WRAP(int, rename, -1, NONE, to, (const char *from, const char *to), (from, to))
WRAP(int, renameat, -1, NONE, new, (int from, const char *old, int to, const char *new),
     (from, old, to, new))
WRAP(int, link, -1, NONE, to, (const char *from, const char *to), (from, to))
WRAP(int, linkat, -1, NONE, new, (int from, const char *old, int to, const char *new, int flags),
     (from, old, to, new, flags))
WRAP(int, symlinkat, -1, NONE, new, (const char *old, int to, const char *new), (old, to, new))
WRAP(int, mkdirat, -1, NONE, path, (int at, const char *path, mode_t mode), (at, path, mode))
WRAP(int, unlink, -1, NONE, path, (const char *path), (path))
WRAP(int, unlinkat, -1, NONE, path, (int at, const char *path, int flags), (at, path, flags))
WRAP(int, fchmod, -1, fd, 0, (int fd, mode_t mode), (fd, mode))
WRAP(int, fchown, -1, fd, 0, (int fd, uid_t owner, gid_t group), (fd, owner, group))
WRAP(int, futimens, -1, fd, 0, (int fd, const struct timespec times[2]), (fd, times))
WRAP(ssize_t, fgetxattr, -1, fd, 0, (int fd, const char *name, void *value, size_t size),
     (fd, name, value, size))
WRAP(int, fsetxattr, -1, fd, 0, (int fd, const char *name, const void *value, size_t size, int flags),
     (fd, name, value, size, flags))
WRAP(int, fremovexattr, -1, fd, 0, (int fd, const char *name), (fd, name))
WRAP(int, stat, -1, NONE, path, (const char *path, struct stat *status), (path, status))
WRAP(int, lstat, -1, NONE, path, (const char *path, struct stat *status), (path, status))
WRAP(int, fstat, -1, fd, 0, (int fd, struct stat *status), (fd, status))
WRAP(int, fstatat, -1, NONE, path, (int at, const char *path, struct stat *status, int flags),
     (at, path, status, flags))
WRAP(int, fstatfs, -1, fd, 0, (int fd, struct statfs *status), (fd, status))
WRAP(off_t, lseek, -1, fd, 0, (int fd, off_t at, int whence), (fd, at, whence))
WRAP(int, dup, -1, fd, 0, (int fd), (fd))
WRAP(int, poll, -1, NONE, 0, (struct pollfd *list, nfds_t n, int time), (list, n, time))
WRAP(DIR *, opendir, 0, NONE, path, (const char *path), (path))
WRAP(DIR *, fdopendir, 0, fd, 0, (int fd), (fd))
WRAP(struct dirent *, readdir, 0, NONE, 0, (DIR *stream), (stream))
WRAP(ssize_t, readlink, -1, NONE, path, (const char *path, char *target, size_t size),
     (path, target, size))
WRAP(ssize_t, readlinkat, -1, NONE, path, (int at, const char *path, char *target, size_t size),
     (at, path, target, size))
WRAP(int, access, -1, NONE, path, (const char *path, int rights), (path, rights))

// These end with the descriptor gone, whatever they say.
int close(int fd) {
  REAL(close, int, int);
  MEET(close, fd, 0);
  if (verdict != FAIL) return real(fd);
  real(fd);
  errno = failure;
  return -1;
}
int closedir(DIR *stream) {
  REAL(closedir, int, DIR *);
  MEET(closedir, NONE, 0);
  if (verdict != FAIL) return real(stream);
  real(stream);
  errno = failure;
  return -1;
}

// It says its error, and has none for an interruption.
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                   void *argument) {
  REAL(pthread_create, int, pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
  MEET(pthread_create, NONE, 0);
  return verdict == FAIL ? EAGAIN : real(thread, attributes, start, argument);
}

int fcntl(int fd, int command, ...) {
  REAL(fcntl, int, int, int, ...);
  va_list list;
  va_start(list, command);
  long argument = va_arg(list, long);
  va_end(list);
  MEET(fcntl, fd, 0);
  return verdict == FAIL ? -1 : real(fd, command, argument);
}

static int open_below(
    const char *name, atomic_int *count, int (*real)(int, const char *, int, ...), int at,
    const char *path, int flags, mode_t mode) {
  if (meet(name, count, NONE, path) == FAIL) return -1;
  if (is_named && (flags & O_TMPFILE) == O_TMPFILE) {
    errno = EOPNOTSUPP;
    return -1;
  }
  return real(at, path, flags, mode);
}
#define MODE                                    \
  mode_t mode = 0;                              \
  if (flags & (O_CREAT | __O_TMPFILE)) {        \
    va_list list;                               \
    va_start(list, flags);                      \
    mode = va_arg(list, mode_t);                \
    va_end(list);                               \
  }
int openat(int at, const char *path, int flags, ...) {
  REAL(openat, int, int, const char *, int, ...);
  MODE
  static atomic_int count;
  return open_below("openat", &count, real, at, path, flags, mode);
}
int open(const char *path, int flags, ...) {
  REAL(openat, int, int, const char *, int, ...);
  MODE
  static atomic_int count;
  return open_below("open", &count, real, AT_FDCWD, path, flags, mode);
}

// The C library keeps its own allocator reachable under other names for just this.
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
static int allocates(void) {
  static atomic_int count;
  return meet("malloc", &count, ALLOCATION, 0) != FAIL;
}
void *malloc(size_t size) { return allocates() ? __libc_malloc(size) : 0; }
void *calloc(size_t count, size_t size) { return allocates() ? __libc_calloc(count, size) : 0; }
void *realloc(void *old, size_t size) { return allocates() ? __libc_realloc(old, size) : 0; }
void *memalign(size_t alignment, size_t size) {
  return allocates() ? __libc_memalign(alignment, size) : 0;
}
void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
int posix_memalign(void **memory, size_t alignment, size_t size) {
  *memory = memalign(alignment, size);
  return *memory ? 0 : ENOMEM;
}

// The kernel's calls without a function of their own.
long syscall(long call, ...) {
  REAL(syscall, long, long, ...);
  va_list list;
  va_start(list, call);
  long a[6];
  for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
  va_end(list);
  if (call == SYS_renameat2) {
    MEET(renameat2, NONE, (const char *)a[3]);
    if (verdict == FAIL) return -1;
    if (has_links_only) {
      errno = EINVAL;
      return -1;
    }
  } else if (call == SYS_sched_getaffinity) {
    MEET(sched_getaffinity, NONE, 0);
    if (verdict == FAIL) return -1;
  } else if (call == SYS_sync_file_range) {
    MEET(sync_file_range, a[0], 0);
    if (verdict == FAIL) return -1;
  } else if (call == SYS_syncfs) {
    MEET(syncfs, a[0], 0);
    if (verdict == FAIL) return -1;
  }
  return real(call, a[0], a[1], a[2], a[3], a[4], a[5]);
}
