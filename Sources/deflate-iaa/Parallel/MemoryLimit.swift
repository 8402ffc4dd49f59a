// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Swift's allocations cannot fail, they end the process. So where the caller has set a limit
// (`ulimit -v` or `-d`), as many workers are started as fit under it.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import SystemPackage

/// The limit of this process's memory.
enum MemoryLimit {
  /// What is left for everything but workers: the thread that watches for signals, tables, messages.
  private static let reserve = 8 << 20

  /// RLIMIT_AS and RLIMIT_DATA of <sys/resource.h>, whose types differ between C libraries.
  private static let addressSpace: Int32 = 9
  private static let privateData: Int32 = 2

  /// How many of the workers wanted fit into what memory the limits leave, at least 1.
  static func workers(_ wanted: Int, batchSize: Int) -> Int {
    guard wanted > 1, let free = freeBytes() else { return wanted }
    // A worker's stack, its tables and its piece of the input, and two batches of input and output.
    let each = WorkerThread.stackSize + (1 << 20) + 5 * batchSize
    return min(wanted, max(1, (free - reserve) / each))
  }

  /// Bytes that may still be allocated; nil when there is no limit, or it cannot be told.
  private static func freeBytes() -> Int? {
    let space = limit(addressSpace)
    let data = limit(privateData)
    guard space != nil || data != nil else { return nil }
    guard let used = pagesUsed() else { return nil }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let rest = [
      space.map { $0 - used.space * page }, data.map { $0 - used.data * page },
    ]
    return rest.compactMap { $0 }.min()
  }

  private static func limit(_ resource: Int32) -> Int? {
    var limits = rlimit()
    // SAFETY: a whole rlimit that outlives the call.
    guard unsafe getrlimit(resource, &limits) == 0 else { return nil }
    // No limit is the largest number.
    return Int(exactly: limits.rlim_cur)
  }

  /// Size of the address space and of the private data in pages: the first and the sixth number of
  /// /proc/self/statm (proc(5)).
  private static func pagesUsed() -> (space: Int, data: Int)? {
    guard let file = try? SystemCalls.open(FileName("/proc/self/statm"), flags: O_RDONLY) else {
      return nil
    }
    defer { try? SystemCalls.close(file) }
    var bytes = [UInt8](repeating: 0, count: 256)
    // SAFETY: the kernel writes no more than the array's size.
    let count = unsafe bytes.withUnsafeMutableBytes {
      unsafe read(file.rawValue, $0.baseAddress, $0.count)
    }
    guard count > 0 else { return nil }
    let numbers = bytes[..<count].split { $0 == 0x20 || $0 == 0x0A }.map {
      Int(String(decoding: $0, as: UTF8.self))
    }
    guard numbers.count > 5, let space = numbers[0], let data = numbers[5] else { return nil }
    return (space, data)
  }
}
