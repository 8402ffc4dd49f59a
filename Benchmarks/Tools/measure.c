// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Runs one command and reports what it took: wall clock and processor time in nanoseconds, peak
// resident memory in KiB. A small program on purpose: the kernel counts a parent's memory into its
// child's peak until the child becomes another program, so a large parent would hide small peaks.
//
// usage: measure REPORT INPUT OUTPUT COMMAND [ARGUMENT ...]

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what) {
  fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
  exit(125);
}

static long long nanoseconds(struct timeval t) {
  return t.tv_sec * 1000000000LL + t.tv_usec * 1000LL;
}

int main(int count, char **arguments) {
  if (count < 5) {
    fputs("usage: measure REPORT INPUT OUTPUT COMMAND [ARGUMENT ...]\n", stderr);
    return 125;
  }
  int in = open(arguments[2], O_RDONLY | O_CLOEXEC);
  if (in < 0) die(arguments[2]);
  int out = open(arguments[3], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (out < 0) die(arguments[3]);
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  pid_t child = vfork();
  if (child < 0) die("vfork");
  if (child == 0) {
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0) _exit(126);
    execvp(arguments[4], arguments + 4);
    _exit(127);
  }
  int status;
  struct rusage usage;
  if (wait4(child, &status, 0, &usage) < 0) die("wait4");
  clock_gettime(CLOCK_MONOTONIC, &end);
  FILE *report = fopen(arguments[1], "w");
  if (!report) die(arguments[1]);
  fprintf(report, "%lld %lld %ld %d\n",
          (end.tv_sec - start.tv_sec) * 1000000000LL + (end.tv_nsec - start.tv_nsec),
          nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime), usage.ru_maxrss,
          WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return fclose(report) != 0;
}
