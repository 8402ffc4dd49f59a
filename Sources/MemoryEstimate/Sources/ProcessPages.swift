// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// A process's swappable memory through /proc/PID/maps, pagemap and mem. The process is never stopped,
// traced or written to; what it changes while it is read is seen as it is then.

package import SystemPackage

/// Memory that several processes map and that counts in the first of them alone.
package struct CountedFiles {
  private var taken: [String: Set<Range<UInt64>>] = [:]

  package init() {}

  /// Whether a range of a file is taken here for the first time. Ranges that overlap an earlier one in
  /// part count again.
  mutating func takes(_ file: Mapping.SharedFile, length: UInt64) -> Bool {
    taken["\(file.device):\(file.inode)", default: []]
      .insert(file.offset..<file.offset + length).inserted
  }
}

/// One process's pages.
package final class ProcessPages: PageSource {
  /// The process's.
  package let id: Int
  package let name: String
  package let strata: [Stratum]
  private let memory: PageReader
  private let pageMap: PageReader
  private let pageSize: Int
  private let systemPageSize: Int

  /// Looks through a process's mappings.
  ///
  /// - Parameters:
  ///   - id: the process.
  ///   - pageSize: the pages to count in, a multiple of `systemPageSize`.
  ///   - systemPageSize: bytes of a page of pagemap.
  ///   - proc: where proc is mounted.
  ///   - shared: what other processes' memory was counted already.
  /// - Throws: the errno of the file that may not be opened or read: EACCES and EPERM for a process of
  ///   somebody else, ESRCH and ENOENT for one that has gone.
  package init(
    id: Int, pageSize: Int, systemPageSize: Int = 4096, proc: String = "/proc",
    shared: inout CountedFiles
  ) throws(Errno) {
    precondition(pageSize >= systemPageSize && pageSize % systemPageSize == 0, "not a page size")
    let folder = "\(proc)/\(id)"
    self.id = id
    self.pageSize = pageSize
    self.systemPageSize = systemPageSize
    let comm = (try? PageReader("\(folder)/comm").text())?.split(separator: "\n").first ?? "?"
    name = "pid \(id) (\(comm))"
    memory = try PageReader("\(folder)/mem")
    let mounts = MemoryFileSystems(mountinfo: (try? PageReader("\(folder)/mountinfo").text()) ?? "")
    let maps = try PageReader("\(folder)/maps").text()
    pageMap = try PageReader("\(folder)/pagemap")
    var strata: [Stratum] = []
    var kinds: [String: Int] = [:]
    for line in maps.split(separator: "\n") {
      guard let mapping = Mapping(line, isMemoryFile: mounts.contains(mapsDevice:)) else {
        continue
      }
      if let file = mapping.file {
        let length = mapping.addresses.upperBound - mapping.addresses.lowerBound
        guard shared.takes(file, length: length) else { continue }
      }
      let kind = mapping.kind.name
      let index = kinds[kind] ?? strata.count
      if index == strata.count {
        kinds[kind] = index
        strata.append(Stratum(kind: kind))
      }
      let perPage = pageSize / systemPageSize
      try Self.count(
        mapping, in: pageMap, systemPageSize: systemPageSize, perPage: perPage, into: &strata[index]
      )
    }
    self.strata = strata
  }

  /// Adds a mapping's pages to its stratum. A page larger than the system's counts where all of its
  /// parts are in memory.
  private static func count(
    _ mapping: Mapping, in pageMap: borrowing PageReader, systemPageSize: Int, perPage: Int,
    into stratum: inout Stratum
  ) throws(Errno) {
    let bytes = UInt64(systemPageSize * perPage)
    let first = (mapping.addresses.lowerBound + bytes - 1) / bytes
    let end = mapping.addresses.upperBound / bytes
    // Pages of the mapping for one read of pagemap: half a megabyte of entries.
    let atOnce = UInt64(65536 / perPage)
    var next = first
    while next < end {
      let length = Int(min(atOnce, end - next))
      var entries = [UInt64](repeating: 0, count: length * perPage)
      let filled = try pageMap.read(into: &entries, at: next * UInt64(perPage) * 8) / 8 / perPage
      if filled == 0 { return }
      for page in 0..<filled {
        // A process of 16 GiB has four million of them: no array for each.
        var (inMemory, isSwapped, isShared) = (true, false, false)
        for part in page * perPage..<(page + 1) * perPage {
          let entry = PageMapEntry(bits: entries[part])
          let place = entry.place(in: mapping.kind)
          inMemory = inMemory && place == .memory
          isSwapped = isSwapped || place == .swap
          isShared = isShared || !entry.isExclusive
        }
        if inMemory {
          stratum.runs.append(start: next + UInt64(page), length: 1)
          if isShared { stratum.shared += 1 }
        } else if isSwapped {
          stratum.swapped += 1
        } else {
          stratum.holes += 1
        }
      }
      next += UInt64(filled)
    }
  }

  /// The frame of physical memory that the first part of a page is in; nil where it is in none any more,
  /// 0 where the kernel does not tell it, which takes CAP_SYS_ADMIN.
  package func frame(position: UInt64) -> UInt64? {
    var entry = [UInt64](repeating: 0, count: 1)
    let offset = position * UInt64(pageSize / systemPageSize) * 8
    guard (try? pageMap.read(into: &entry, at: offset)) == 8 else { return nil }
    let found = PageMapEntry(bits: entry[0])
    return found.isPresent ? found.frame : nil
  }

  package func read(position: UInt64, into page: inout [UInt64]) -> Bool {
    (try? memory.read(into: &page, at: position * UInt64(pageSize))) == pageSize
  }
}
