// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the command does to files, in order, and what of it a crash of the machine may leave. The
// model is the worst disk that POSIX allows: of what was not synchronised any part may be lost, and
// any part may have arrived, names and data each for themselves.

/// What happened to files, in order.
struct WriteLog: Sendable {
  /// A name in a directory, which is known by its inode number.
  struct Name: Hashable, Sendable {
    let directory: UInt64
    let base: Substring
  }

  /// One thing that happened; files are known by their inode numbers.
  enum Event: Sendable {
    case write(UInt64)
    /// The file, or the directory, was put on disk.
    case sync(UInt64)
    case link(UInt64, Name)
    case rename(Name, to: Name)
    case unlink(Name)
  }

  var events: [Event] = []

  /// Reads the file that the library writes.
  init?(_ text: String) {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      let numbers = words.map { UInt64($0) }
      guard words.count > 1, let number = numbers[1] else { return nil }
      switch words[0] {
      case "write": events.append(.write(number))
      case "sync": events.append(.sync(number))
      case "link":
        guard words.count == 4, let directory = numbers[2] else { return nil }
        events.append(.link(number, Name(directory: directory, base: words[3])))
      case "rename":
        guard words.count == 4 else { return nil }
        events.append(
          .rename(
            Name(directory: number, base: words[2]), to: Name(directory: number, base: words[3])))
      case "unlink":
        guard words.count == 3 else { return nil }
        events.append(.unlink(Name(directory: number, base: words[2])))
      default: return nil
      }
    }
  }

  /// The files of those on disk at the start that a crash could lose: after some event neither the
  /// input nor a whole output, whose name `outputName` gives, need be on disk.
  func losses(
    of files: [Name: UInt64], outputName: (Name) -> Name
  ) -> Set<Name> {
    var disk = Disk(names: files)
    var lost: Set<Name> = []
    for event in events {
      disk.happen(event)
      for (name, input) in files where !lost.contains(name) {
        guard !disk.surelyHolds(name, input), !disk.surelyHoldsWhole(outputName(name)) else {
          continue
        }
        lost.insert(name)
      }
    }
    return lost
  }

  /// What may be on the disk.
  private struct Disk {
    /// The files that each name may lead to after a crash, nil for none; one alone is sure.
    var outcomes: [Name: Set<UInt64?>]
    /// What the running system sees.
    var current: [Name: UInt64]
    /// Files with data that is not on disk.
    var dirty: Set<UInt64> = []

    init(names: [Name: UInt64]) {
      current = names
      outcomes = names.mapValues { [$0] }
    }

    mutating func happen(_ event: Event) {
      switch event {
      case .write(let file): dirty.insert(file)
      case .sync(let file):
        dirty.remove(file)
        // A directory: its names are now as they are seen.
        for name in outcomes.keys where name.directory == file {
          outcomes[name] = [current[name]]
        }
      case .link(let file, let name): set(name, file)
      case .rename(let old, let new):
        let file = current[old]
        set(old, nil)
        set(new, file)
      case .unlink(let name): set(name, nil)
      }
    }

    private mutating func set(_ name: Name, _ file: UInt64?) {
      outcomes[name, default: [current[name]]].insert(file)
      current[name] = file
    }

    func surelyHolds(_ name: Name, _ file: UInt64) -> Bool { outcomes[name] == [file] }

    func surelyHoldsWhole(_ name: Name) -> Bool {
      guard let files = outcomes[name] else { return false }
      return files.allSatisfy { file in file.map { !dirty.contains($0) } ?? false }
    }
  }

  /// The part of the library that writes the file LOG.
  static let source = #"""
    static void note(const char *format, ...) {
      const char *path = getenv("LOG");
      if (!path) return;
      int saved = errno;
      static int log = -1;
      if (log < 0) log = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND, 0600);
      char line[5000];
      va_list arguments;
      va_start(arguments, format);
      int n = vsnprintf(line, sizeof line - 1, format, arguments);
      va_end(arguments);
      line[n++] = '\n';
      syscall(SYS_write, log, line, n);
      errno = saved;
    }
    static unsigned long number(int fd) {
      struct stat status;
      return fstat(fd, &status) ? 0 : status.st_ino;
    }
    static int isAppendOnly(void) {
      if (getenv("APPEND")) errno = EPERM;
      return getenv("APPEND") != 0;
    }
    int openat(int directory, const char *path, int flags, ...) {
      int (*real)(int, const char *, int, ...) = dlsym(RTLD_NEXT, "openat");
      va_list arguments;
      va_start(arguments, flags);
      mode_t mode = va_arg(arguments, mode_t);
      va_end(arguments);
      if (getenv("NAMED") && (flags & O_TMPFILE) == O_TMPFILE) { errno = EOPNOTSUPP; return -1; }
      int fd = real(directory, path, flags, mode);
      if (fd >= 0 && flags & O_CREAT) note("link %lu %lu %s", number(fd), number(directory), path);
      return fd;
    }
    int linkat(int from, const char *old, int to, const char *new, int flags) {
      int (*real)(int, const char *, int, const char *, int) = dlsym(RTLD_NEXT, "linkat");
      struct stat status;
      int result = real(from, old, to, new, flags);
      if (!result && !fstatat(to, new, &status, AT_SYMLINK_NOFOLLOW))
        note("link %lu %lu %s", (unsigned long)status.st_ino, number(to), new);
      return result;
    }
    int renameat(int from, const char *old, int to, const char *new) {
      int (*real)(int, const char *, int, const char *) = dlsym(RTLD_NEXT, "renameat");
      if (isAppendOnly()) return -1;
      int result = real(from, old, to, new);
      if (!result) note("rename %lu %s %s", number(from), old, new);
      return result;
    }
    int unlinkat(int directory, const char *path, int flags) {
      int (*real)(int, const char *, int) = dlsym(RTLD_NEXT, "unlinkat");
      if (isAppendOnly()) return -1;
      int result = real(directory, path, flags);
      if (!result) note("unlink %lu %s", number(directory), path);
      return result;
    }
    long syscall(long call, ...) {
      static long (*real)(long, ...);
      if (!real) real = dlsym(RTLD_NEXT, "syscall");
      va_list list;
      va_start(list, call);
      long a[6];
      for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
      va_end(list);
      if (call == SYS_renameat2) {
        if (getenv("LINKS")) { errno = EINVAL; return -1; }
        if (isAppendOnly()) return -1;
      }
      long result = real(call, a[0], a[1], a[2], a[3], a[4], a[5]);
      if (call == SYS_renameat2 && !result)
        note("rename %lu %s %s", number(a[0]), (char *)a[1], (char *)a[3]);
      return result;
    }
    """#
}
