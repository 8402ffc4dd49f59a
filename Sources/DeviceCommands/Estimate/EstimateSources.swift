// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Opens what an estimate is of, and says what could not be opened.

import IAADevices
import MemoryEstimate
import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

struct EstimateSources {
  /// What was opened.
  struct Opened {
    var sources: [any PageSource] = []
    var processes: [Int] = []
    var notes: [String] = []
  }

  let command: EstimateCommand
  let root: SystemRoot

  /// A control group's folder: a path below /sys/fs/cgroup may leave that out.
  static func groupPath(_ path: String) -> String {
    let mount = "/sys/fs/cgroup"
    if path == mount || path.hasPrefix(mount + "/") { return path }
    return mount + (path.hasPrefix("/") ? path : "/" + path)
  }

  func open() throws -> Opened {
    var opened = Opened()
    for file in command.files {
      do throws(Errno) {
        opened.sources.append(try FilePages(file, pageSize: command.pageSize * 1024))
      } catch {
        throw CommandFailure(description: "\(file): \(Self.reason(error))")
      }
    }
    var ids = command.pid
    let named = Set(ids)
    for group in command.cgroup {
      let path = root.locate(Self.groupPath(group))
      do throws(Errno) {
        let members = try ProcessList.ofGroup(path)
        if members.isEmpty { opened.notes.append("\(path) has no processes") }
        ids += members
      } catch {
        throw CommandFailure(description: "\(path)/cgroup.procs: \(error)")
      }
    }
    if command.system {
      do throws(Errno) {
        ids += try ProcessList.all(proc: root.locate("/proc"))
      } catch {
        throw CommandFailure(description: "/proc: \(error)")
      }
    }
    // This program's own memory is not what anybody asked about, unless it was named.
    if !named.contains(Int(getpid())) { ids.removeAll { $0 == Int(getpid()) } }
    try open(ids, named: named, &opened)
    return opened
  }

  private func open(_ ids: [Int], named: Set<Int>, _ opened: inout Opened) throws {
    var counted = CountedFiles()
    var seen: Set<Int> = []
    var refused = 0
    var kernelThreads = 0
    for id in ids where seen.insert(id).inserted {
      do throws(Errno) {
        let pages = try ProcessPages(
          id: id, pageSize: command.pageSize * 1024, systemPageSize: Int(getpagesize()),
          proc: root.locate("/proc"),
          shared: &counted)
        // Kernel threads have no mappings.
        if pages.strata.isEmpty, !named.contains(id) {
          kernelThreads += 1
          continue
        }
        opened.sources.append(pages)
        opened.processes.append(id)
      } catch {
        if named.contains(id) {
          throw CommandFailure(description: "--pid \(id): \(Self.reason(error))")
        }
        if error == .noSuchProcess || error == .noSuchFileOrDirectory { continue }
        refused += 1
      }
    }
    if refused > 0 {
      opened.notes.append(
        "\(refused) of \(seen.count - kernelThreads) processes may not be read by this user, and are not in the "
          + "figures (root may read them)")
    }
  }

  private static func reason(_ error: Errno) -> String {
    switch error {
    case .noSuchProcess: "no such process"
    case .noSuchFileOrDirectory: "no such file or process"
    case .permissionDenied, .notPermitted:
      "not permitted: pages are readable by the process's own user, or root"
    case .illegalSeek, .invalidArgument, .isDirectory: "not a file with pages: \(error)"
    default: "\(error)"
    }
  }
}
