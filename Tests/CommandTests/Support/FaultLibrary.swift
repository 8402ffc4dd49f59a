// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A library to preload into the command that makes system calls on its temporary files fail, lie or
// wait. Waiting makes "in the middle of a file" a fact instead of a guess about speed.

import Foundation

/// The library and where tests and command meet.
struct FaultLibrary: Sendable {
  private let folder: Folder

  /// nil when there is no C compiler.
  static let shared: FaultLibrary? = {
    guard let compiler = ["cc", "clang", "gcc"].first(where: { machineCan("command -v \($0)") }),
      let folder = try? Folder(),
      (try? source.write(
        to: folder.url.appendingPathComponent("faults.c"), atomically: false, encoding: .utf8))
        != nil,
      (try? folder.run("\(compiler) -shared -fPIC -O1 -o faults.so faults.c -ldl"))?.status == 0
    else { return nil }
    folder.removeAtExit()
    return FaultLibrary(folder: folder)
  }()

  /// The words to put in front of a command. The fault `read` damages what is read, `write` and
  /// `fsync` fail with EIO, `hold` waits in the second write, `threads` lets no thread start,
  /// `threads-hold` does both, and `chown` fails with EPERM.
  ///
  /// Beside them words of the environment: NAMED has a file system without unnamed files, LINKS one
  /// without exclusive renames, APPEND a directory that names are only added to, and LOG names a file
  /// for what happens to files, as `WriteLog` reads it.
  func prefix(_ fault: String) -> String {
    "LD_PRELOAD=\(folder.path)/faults.so FAULT=\(fault) "
  }

  private static let source =
    faults + WriteLog.source

  private static let faults = #"""
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <errno.h>
    #include <fcntl.h>
    #include <pthread.h>
    #include <signal.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <stdarg.h>
    #include <string.h>
    #include <sys/stat.h>
    #include <sys/syscall.h>
    #include <unistd.h>
    static void note(const char *format, ...);
    static unsigned long number(int fd);
    static int hit(int fd, const char *call) {
      char link[64], path[4096];
      const char *fault = getenv("FAULT");
      if (!fault) return 0;
      if (!strncmp(fault, "threads-", 8)) fault += 8;
      if (strcmp(fault, call)) return 0;
      snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
      ssize_t n = readlink(link, path, sizeof path - 1);
      if (n < 0) return 0;
      path[n] = 0;
      return strstr(path, "/.deflate-iaa.") || strstr(path, " (deleted)");
    }
    /* Who runs the tests may block signals; a user's shell does not. */
    __attribute__((constructor)) static void unblock(void) {
      sigset_t none;
      sigemptyset(&none);
      sigprocmask(SIG_SETMASK, &none, 0);
    }
    static void hold(void) {
      static int count;
      if (++count != 2) return;
      close(open(".held", O_CREAT | O_WRONLY, 0600));
      for (int i = 0; i < 6000 && access(".go", F_OK); i++) usleep(5000);
    }
    ssize_t read(int fd, void *buffer, size_t count) {
      ssize_t (*real)(int, void *, size_t) = dlsym(RTLD_NEXT, "read");
      ssize_t n = real(fd, buffer, count);
      if (n > 100 && hit(fd, "read")) ((char *)buffer)[n / 2] ^= 16;
      return n;
    }
    ssize_t write(int fd, const void *buffer, size_t count) {
      ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
      if (hit(fd, "write")) { errno = EIO; return -1; }
      if (hit(fd, "hold")) hold();
      note("write %lu", number(fd));
      return real(fd, buffer, count);
    }
    int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                       void *argument) {
      int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) =
          dlsym(RTLD_NEXT, "pthread_create");
      const char *fault = getenv("FAULT");
      if (fault && !strncmp(fault, "threads", 7)) return EAGAIN;
      return real(thread, attributes, start, argument);
    }
    int fsync(int fd) {
      int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
      if (hit(fd, "fsync")) { errno = EIO; return -1; }
      int result = real(fd);
      if (!result) note("sync %lu", number(fd));
      return result;
    }
    int fchown(int fd, uid_t owner, gid_t group) {
      int (*real)(int, uid_t, gid_t) = dlsym(RTLD_NEXT, "fchown");
      if (hit(fd, "chown")) { errno = EPERM; return -1; }
      return real(fd, owner, group);
    }

    """#
}
