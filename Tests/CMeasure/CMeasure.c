// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "CMeasure.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
bool measure_has_valgrind_header(void) { return true; }
bool measure_under_valgrind(void) { return RUNNING_ON_VALGRIND != 0; }
void measure_start(void) {
  CALLGRIND_START_INSTRUMENTATION;
  CALLGRIND_ZERO_STATS;
}
void measure_stop(const char *name) {
  CALLGRIND_DUMP_STATS_AT(name);
  CALLGRIND_STOP_INSTRUMENTATION;
}
#else
bool measure_has_valgrind_header(void) { return false; }
bool measure_under_valgrind(void) { return false; }
void measure_start(void) {}
void measure_stop(const char *name) { (void)name; }
#endif

struct job {
  void (*body)(void *);
  void *context;
};

static void *run(void *argument) {
  struct job *job = argument;
  job->body(job->context);
  return 0;
}

long measure_stack(size_t size, void (*body)(void *), void *context) {
  enum { paint = 0xA5 };
  size_t guard = (size_t)sysconf(_SC_PAGESIZE);
  unsigned char *memory =
      mmap(0, guard + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return -1;
  struct job job = {body, context};
  pthread_attr_t attributes;
  pthread_t thread;
  long touched = -1;
  mprotect(memory, guard, PROT_NONE);
  memset(memory + guard, paint, size);
  pthread_attr_init(&attributes);
  if (pthread_attr_setstack(&attributes, memory + guard, size) == 0 &&
      pthread_create(&thread, &attributes, run, &job) == 0) {
    pthread_join(thread, 0);
    size_t untouched = 0;
    while (untouched < size && memory[guard + untouched] == paint) untouched++;
    touched = (long)(size - untouched);
  }
  pthread_attr_destroy(&attributes);
  munmap(memory, guard + size);
  return touched;
}

int measure_child(void (*body)(void *), void *context) {
  pid_t child = fork();
  if (child == 0) {
    struct rlimit none = {0, 0};
    int nowhere = open("/dev/null", O_WRONLY);
    setrlimit(RLIMIT_CORE, &none);
    if (nowhere >= 0) dup2(nowhere, STDERR_FILENO);
    body(context);
    _exit(0);
  }
  int status;
  if (child < 0 || waitpid(child, &status, 0) != child) return -1;
  return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status) ? -1 : 0;
}
