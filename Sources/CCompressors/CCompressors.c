// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

#include "CCompressors.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/auxv.h>
#endif

// The layout of zlib's z_stream on every system whose ABI has 64-bit longs or 32-bit ones (zlib.h); its
// size is handed to deflateInit2_, which refuses another.
struct zlib_stream {
  const unsigned char *next_in;
  unsigned int avail_in;
  unsigned long total_in;
  unsigned char *next_out;
  unsigned int avail_out;
  unsigned long total_out;
  const char *msg;
  void *state;
  void *(*zalloc)(void *, unsigned int, unsigned int);
  void (*zfree)(void *, void *);
  void *opaque;
  int data_type;
  unsigned long adler, reserved;
};

struct compressor {
  enum compressor_kind kind;
  int level;
  void *library, *state;
  unsigned char *output;
  size_t capacity, room;
  char version[32];
  int (*lz4)(const char *, char *, int, int);
  int (*lzo)(const unsigned char *, unsigned long, unsigned char *, unsigned long *, void *);
  size_t (*zstd)(void *, void *, size_t, const void *, size_t, int);
  unsigned int (*zstd_is_error)(size_t);
  size_t (*zstd_free)(void *);
  int (*deflate)(struct zlib_stream *, int);
  int (*deflate_reset)(struct zlib_stream *);
  int (*deflate_end)(struct zlib_stream *);
};

// POSIX gives functions as void *; this is the way round ISO C that it names.
#define FIND(field, name) (*(void **)&(field) = dlsym(compressor->library, (name)))

static int open_lz4(struct compressor *compressor) {
  const char *(*version)(void);
  if (!FIND(compressor->lz4, "LZ4_compress_default") || !FIND(version, "LZ4_versionString")) return 0;
  snprintf(compressor->version, sizeof compressor->version, "%s", version());
  return 1;
}

// LZO1X_1_MEM_COMPRESS of lzo1x.h: 2^14 pointers.
#define LZO_MEMORY (16384 * sizeof(unsigned char *))

static int open_lzo(struct compressor *compressor) {
  const char *(*version)(void);
  if (!FIND(compressor->lzo, "lzo1x_1_compress") || !FIND(version, "lzo_version_string")) return 0;
  snprintf(compressor->version, sizeof compressor->version, "%s", version());
  return (compressor->state = malloc(LZO_MEMORY)) != NULL;
}

static int open_zstd(struct compressor *compressor) {
  const char *(*version)(void);
  void *(*create)(void);
  if (!FIND(compressor->zstd, "ZSTD_compressCCtx") || !FIND(version, "ZSTD_versionString") ||
      !FIND(create, "ZSTD_createCCtx") || !FIND(compressor->zstd_free, "ZSTD_freeCCtx") ||
      !FIND(compressor->zstd_is_error, "ZSTD_isError"))
    return 0;
  snprintf(compressor->version, sizeof compressor->version, "%s", version());
  return (compressor->state = create()) != NULL;
}

static int open_zlib(struct compressor *compressor) {
  const char *(*version)(void);
  int (*init)(struct zlib_stream *, int, int, int, int, int, const char *, int);
  if (!FIND(version, "zlibVersion") || !FIND(init, "deflateInit2_") ||
      !FIND(compressor->deflate, "deflate") || !FIND(compressor->deflate_reset, "deflateReset") ||
      !FIND(compressor->deflate_end, "deflateEnd"))
    return 0;
  snprintf(compressor->version, sizeof compressor->version, "%s", version());
  compressor->state = calloc(1, sizeof(struct zlib_stream));
  if (!compressor->state) return 0;
  // Z_DEFLATED 8, memory level 8, Z_DEFAULT_STRATEGY 0; windows below 0 are raw.
  int window = compressor->kind == compressor_deflate ? -11 : -15;
  if (init(compressor->state, compressor->level, 8, window, 8, 0, version(), (int)sizeof(struct zlib_stream)) == 0)
    return 1;
  free(compressor->state);
  compressor->state = NULL;
  return 0;
}

void compressor_close(struct compressor *compressor) {
  if (compressor->state) {
    if (compressor->kind == compressor_zstd) {
      compressor->zstd_free(compressor->state);
    } else {
      if (compressor->kind != compressor_lzo) compressor->deflate_end(compressor->state);
      free(compressor->state);
    }
  }
  if (compressor->library) dlclose(compressor->library);
  free(compressor->output);
  free(compressor);
}

static struct compressor *load(enum compressor_kind kind, int level, size_t capacity) {
  static const char *const libraries[] = {
      [compressor_lz4] = "liblz4.so.1", [compressor_lzo] = "liblzo2.so.2",
      [compressor_zstd] = "libzstd.so.1", [compressor_zlib] = "libz.so.1",
      [compressor_deflate] = "libz.so.1"};
  static int (*const openers[])(struct compressor *) = {
      [compressor_lz4] = open_lz4, [compressor_lzo] = open_lzo,
      [compressor_zstd] = open_zstd, [compressor_zlib] = open_zlib,
      [compressor_deflate] = open_zlib};
  struct compressor *compressor = calloc(1, sizeof *compressor);
  if (!compressor) return NULL;
  compressor->kind = kind;
  compressor->level = level;
  compressor->capacity = capacity;
  // More than any of them asks for: lzo's n + n/16 + 67 is the most.
  compressor->room = capacity + capacity / 8 + 512;
  compressor->output = malloc(compressor->room);
  compressor->library = dlopen(libraries[kind], RTLD_NOW | RTLD_LOCAL);
  if (compressor->output && compressor->library && openers[kind](compressor)) return compressor;
  compressor_close(compressor);
  return NULL;
}

// Whether the kernel started a dynamic linker with this program (getauxval(3), AT_BASE). Without one, dlopen brings a
// second C library along, and works only with one that was built like the first.
static int has_dynamic_linker(void) {
#if defined(__linux__)
  return getauxval(AT_BASE) != 0;
#else
  return 1;
#endif
}

int compressor_try(int (*body)(void *), void *argument, enum compressor_failure *why) {
  *why = compressor_absent;
  pid_t child = fork();
  if (child < 0) return 0;
  if (child == 0) {
    // Handlers of the parent's would wait for threads that are not here; what it might say on its way down, and a
    // core, are of no use.
    static const int faults[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, SIGALRM};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) signal(faults[i], SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    close(2);
    alarm(5);
    _exit(body(argument) ? 0 : 1);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return 0;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return 1;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 1) *why = compressor_crashed;
  return 0;
}

struct trial {
  enum compressor_kind kind;
  int level;
  size_t capacity;
};

// Loads a library and compresses a page of zeros; NULL where that does not work.
static void *compress_zeros(void *argument) {
  const struct trial *trial = argument;
  struct compressor *compressor = load(trial->kind, trial->level, trial->capacity);
  void *page = calloc(1, trial->capacity);
  return compressor && page && compressor_size(compressor, page, trial->capacity) > 0 ? argument : NULL;
}

// On this thread and, as it is used on several, on another, which may lack what the second C library expects of one.
static int compress_zeros_twice(void *argument) {
  pthread_t thread;
  void *found = NULL;
  return compress_zeros(argument) && pthread_create(&thread, NULL, compress_zeros, argument) == 0 &&
      pthread_join(thread, &found) == 0 && found;
}

// What a library's trial came to: 0 where there was none yet. One is enough: no thread is to fork beside others.
enum { untried, passed, failed };
static atomic_int outcomes[compressor_deflate + 1];

static int is_tried_well(struct trial *trial, enum compressor_failure *failure) {
  atomic_int *outcome = &outcomes[trial->kind];
  if (*outcome == untried) {
    int is_good = compressor_try(compress_zeros_twice, trial, failure);
    *outcome = is_good ? passed : failed + (int)*failure;
  }
  if (*outcome != passed) *failure = (enum compressor_failure)(*outcome - failed);
  return *outcome == passed;
}

struct compressor *compressor_open(
    enum compressor_kind kind, int level, size_t capacity, enum compressor_failure *failure) {
  *failure = compressor_absent;
  struct trial it = {kind, level, capacity};
  if (!has_dynamic_linker() && !is_tried_well(&it, failure)) return NULL;
  return load(kind, level, capacity);
}

const char *compressor_version(const struct compressor *compressor) { return compressor->version; }

size_t compressor_size(struct compressor *compressor, const void *bytes, size_t count) {
  if (count > compressor->capacity) abort();
  switch (compressor->kind) {
  case compressor_lz4: {
    int size = compressor->lz4(bytes, (char *)compressor->output, (int)count, (int)compressor->room);
    return size > 0 ? (size_t)size : 0;
  }
  case compressor_lzo: {
    unsigned long size = compressor->room;
    return compressor->lzo(bytes, count, compressor->output, &size, compressor->state) == 0 ? size : 0;
  }
  case compressor_zstd: {
    size_t size = compressor->zstd(
        compressor->state, compressor->output, compressor->room, bytes, count, compressor->level);
    return compressor->zstd_is_error(size) ? 0 : size;
  }
  case compressor_zlib:
  case compressor_deflate: {
    struct zlib_stream *stream = compressor->state;
    if (compressor->deflate_reset(stream) != 0) return 0;
    stream->next_in = bytes;
    stream->avail_in = (unsigned int)count;
    stream->next_out = compressor->output;
    stream->avail_out = (unsigned int)compressor->room;
    // Z_FINISH 4, Z_STREAM_END 1.
    return compressor->deflate(stream, 4) == 1 ? stream->total_out : 0;
  }
  }
  return 0;
}
