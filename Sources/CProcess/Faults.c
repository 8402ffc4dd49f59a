// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What a process does about a fault of its own. Only functions that POSIX calls async-signal-safe
// are called in the handler, and nothing is allocated.

#if defined(__linux__)

#include "CProcess.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

// The signals of faults: a thread's own, so that no other thread can wait for them.
static const int faults[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS};

// For a stack that cannot grow any more. The kernel's frame alone takes up to some 11 KiB where
// processors have AMX's registers.
static char fault_stack[64 << 10];

static pthread_t watcher;
static volatile sig_atomic_t has_watcher;
static volatile sig_atomic_t is_ending;

static void die(int number) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigset_t only;
  sigaction(number, &action, 0);
  sigemptyset(&only);
  sigaddset(&only, number);
  pthread_sigmask(SIG_UNBLOCK, &only, 0);
  raise(number);
  // The first process of a container is not ended by a signal's default action.
  _exit(128 + number);
}

static void meet_fault(int number, siginfo_t *info, void *context) {
  (void)context;
  int failure = errno;
  // Sent with kill by another process: not this thread's fault, and the watcher waits for it.
  int is_sent = info->si_code <= 0 && info->si_pid != getpid();
  if (is_sent && has_watcher) {
    pthread_kill(watcher, number);
    errno = failure;
    return;
  }
  // The watcher removes what is not whole. It waits for the lock under which files get their names,
  // which this thread may hold, so it is not waited for without end.
  if (has_watcher && !is_ending && !pthread_equal(watcher, pthread_self())) {
    is_ending = 1;
    pthread_kill(watcher, number);
    struct timespec time = {.tv_sec = 2};
    nanosleep(&time, 0);
  }
  die(number);
}

void process_handle_faults(void) {
  stack_t stack = {.ss_sp = fault_stack, .ss_size = sizeof fault_stack};
  sigaltstack(&stack, 0);
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    struct sigaction action;
    if (sigaction(faults[i], 0, &action) || action.sa_handler == SIG_IGN) continue;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = meet_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(faults[i], &action, 0);
  }
  // The runtime's, too, where it is not ignored.
  struct sigaction quit;
  if (!sigaction(SIGQUIT, 0, &quit) && quit.sa_handler != SIG_IGN) {
    memset(&quit, 0, sizeof quit);
    quit.sa_handler = SIG_DFL;
    sigaction(SIGQUIT, &quit, 0);
  }
}

void process_pass_faults(pthread_t thread) {
  watcher = thread;
  has_watcher = 1;
}

#endif
