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
    var processes: [ProcessPages] = []
    /// The folders of the control groups.
    var groups: [String] = []
    var notes: [String] = []
  }

  /// Bytes that are kept of a pipe of which every page is to be looked at.
  static let longestPipe = 1 << 30

  let command: EstimateCommand
  let root: SystemRoot
  /// Whether named processes may have gone since the time before.
  let isAgain: Bool
  let goesOn: () -> Bool

  /// A control group's folder: a path below /sys/fs/cgroup may leave that out, and where each controller
  /// has a hierarchy of its own (cgroups version 1) the memory controller's name, too.
  static func groupPath(_ path: String, _ root: SystemRoot) -> String {
    let mount = "/sys/fs/cgroup"
    if path == mount || path.hasPrefix(mount + "/") { return path }
    let below = path.hasPrefix("/") ? path : "/" + path
    for hierarchy in ["", "/memory", "/unified"] {
      let found = mount + hierarchy + below
      if root.exists(found + "/cgroup.procs") { return found }
    }
    return mount + below
  }

  func open(using random: inout some RandomNumberGenerator) throws -> Opened {
    var opened = Opened()
    for file in command.files {
      let name = file == "-" ? "standard input" : file.unescapedText
      do throws(Errno) {
        opened.sources.append(try open(file, name, using: &random))
      } catch .fileTooLarge {
        throw CommandFailure(
          description:
            "\(name): a pipe of more than \(Quantity.bytes(Double(Self.longestPipe))), which "
            + "cannot be kept in memory as a whole; a file can be looked at page by page, or leave out "
            + "--sample all")
      } catch {
        throw CommandFailure(description: "\(name): \(Self.reason(error))")
      }
    }
    var ids = command.pid
    let named = Set(ids)
    for group in command.cgroup {
      let found = Self.groupPath(group, root)
      opened.groups.append(found)
      let path = root.locate(found)
      do throws(Errno) {
        let members = try ProcessList.ofGroup(path.unescapedPath)
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

  /// A file's pages, or those of what comes from a pipe.
  private func open(
    _ file: String, _ name: String, using random: inout some RandomNumberGenerator
  ) throws(Errno) -> any PageSource {
    let pageSize = command.pageSize * 1024
    let path = file == "-" ? "/dev/stdin" : file.unescapedPath
    let reader = try PageReader(path)
    guard reader.isStream else { return try FilePages(reader, name: name, pageSize: pageSize) }
    if command.every != nil { throw .illegalSeek }
    let sample = Int(command.sample)
    return try PipePages(
      reader, name: name, pageSize: pageSize, limit: sample ?? Self.longestPipe / pageSize,
      keepsAll: sample == nil, using: &random, goesOn: goesOn)
  }

  private func open(_ ids: [Int], named: Set<Int>, _ opened: inout Opened) throws {
    let access = RefusedAccess(root)
    var counted = CountedFiles()
    var seen: Set<Int> = []
    var refused: [String: Int] = [:]
    var kernelThreads = 0
    for id in ids where seen.insert(id).inserted {
      do throws(Errno) {
        let pages = try ProcessPages(
          id: id, pageSize: command.pageSize * 1024, systemPageSize: Int(getpagesize()),
          proc: root.locate("/proc"),
          shared: &counted)
        // Kernel threads have no mappings; nor have processes that have ended and wait for their parent.
        if pages.strata.isEmpty, !named.contains(id) || isAgain {
          if named.contains(id) {
            opened.notes.append("pid \(id) has ended")
          } else {
            kernelThreads += 1
          }
          continue
        }
        opened.sources.append(pages)
        opened.processes.append(pages)
      } catch {
        let isGone = error == .noSuchProcess || error == .noSuchFileOrDirectory
        if named.contains(id) {
          guard isAgain, isGone else {
            let why = Self.isRefusal(error) ? access.reason(process: id) : Self.reason(error)
            throw CommandFailure(description: "--pid \(id): \(why)")
          }
          opened.notes.append("pid \(id) has ended")
        }
        if !isGone { refused[access.reason(process: id), default: 0] += 1 }
      }
    }
    for (reason, count) in refused.sorted(by: { $0.key < $1.key }) {
      opened.notes.append(
        "\(count) of \(seen.count - kernelThreads) processes could not be read, and are not in the "
          + "figures: \(reason)")
    }
  }

  private static func isRefusal(_ error: Errno) -> Bool {
    error == .permissionDenied || error == .notPermitted
  }

  private static func reason(_ error: Errno) -> String {
    switch error {
    case .noSuchProcess: "no such process"
    case .noSuchFileOrDirectory: "no such file or process"
    case .permissionDenied, .notPermitted: "not permitted"
    case .illegalSeek:
      "a pipe, which cannot be read again and again; --every takes files and processes"
    case .invalidArgument, .isDirectory: "not a file with pages: \(error)"
    default: "\(error)"
    }
  }
}
