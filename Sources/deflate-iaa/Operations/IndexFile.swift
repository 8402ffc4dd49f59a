// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The .gzi index beside a BGZF file, as bgzip writes and reads it.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import FixedDeflate
import ParallelGzip
import SystemPackage

extension FileName {
  /// The name of the index beside a compressed file.
  var indexName: FileName { FileName(bytes + Array(".gzi".utf8)) }
}

extension Processor {
  /// Writes the index of a file that is in place.
  func writeIndex(_ index: BGZFIndex, of job: Job) throws(Stop) {
    guard let placement = try place(job.target.indexName, of: job) else { return }
    let bytes = index.encoded
    do throws(GzipError) {
      try lend(bytes, 0..<bytes.count) { (bytes: RawSpan) throws(GzipError) in
        try GzipOutput(placement.output.descriptor).write(bytes)
      }
    } catch {
      throw stop(error, reading: job.name, writing: placement.target)
    }
    try commit(placement, of: job, modificationTime: job.status.modificationTime)
  }

  /// Seconds by which an index may be older than its file: bgzip writes its own first and then
  /// the file's last blocks.
  private static let indexLead = 10

  /// Reads the index beside a file; nil when there is none.
  func storedIndex(of file: InputFile) throws(Stop) -> BGZFIndex? {
    let name = file.name.indexName
    let opened: InputFile
    do {
      opened = try InputFile(name, followingLinks: true)
    } catch .noSuchFileOrDirectory {
      return nil
    } catch {
      throw unfitIndex(name, error.description)
    }
    switch opened.status.kind {
    case .file: break
    case .directory: throw unfitIndex(name, Errno.isDirectory.description)
    case .fifo, .characterDevice, .other: throw unfitIndex(name, "is not a regular file")
    }
    guard !opened.status.isOlder(than: file.status, by: Self.indexLead) else {
      throw unfitIndex(
        name,
        "is older than its file; make it anew with 'bgzip -r', remove it to do without, "
          + "or 'touch' it if it belongs")
    }
    do throws(GzipError) {
      return try BGZFReader.readIndex(from: opened.descriptor, ofFileOf: file.status.size)
    } catch {
      throw stop(error, reading: file.name, writing: file.name)
    }
  }

  /// An index is there and not one to go by.
  private func unfitIndex(_ name: FileName, _ reason: String) -> Stop {
    reporter.fail(name, reason)
    return Stop()
  }
}

extension Processor {
  /// Removes the index of a compressed file that took its place or that is gone.
  func removeStaleIndex(of job: Job, _ placement: Placement) {
    if options.operation == .compress {
      return removeStaleIndex(of: placement.target, in: placement.output.directory)
    }
    do throws(Errno) {
      _ = try SystemCalls.status(
        of: job.name.base, at: placement.output.directory.descriptor, followingLinks: false)
    } catch .noSuchFileOrDirectory {
      removeStaleIndex(of: job.name, in: placement.output.directory)
    } catch {
      // Whether the file is gone is not known: its index stays.
    }
  }

  /// Removes the index beside a compressed file that was put in place of another, or that is gone:
  /// it tells of bytes that are no longer there. Only what is an index by its form goes.
  func removeStaleIndex(of file: FileName, in directory: FileDirectory) {
    let name = file.indexName
    let isIndex: Bool
    do throws(Errno) {
      isIndex = try Self.isIndex(name.base, in: directory)
    } catch {
      // What cannot be opened was no index of ours; when it is not there, all is well.
      return
    }
    guard isIndex else { return }
    do {
      try SystemCalls.unlink(name.base, at: directory.descriptor)
      if options.isVerbose {
        reporter.report(name, " removed, the index of the file that was there")
      }
    } catch {
      reporter.warn(name, error.description)
    }
  }

  /// Whether a file is regular, no link, and as long as the number of blocks at its start says.
  private static func isIndex(_ name: FileName, in directory: FileDirectory) throws(Errno) -> Bool {
    let descriptor = try SystemCalls.open(
      name, at: directory.descriptor, flags: O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY)
    defer { try? SystemCalls.close(descriptor) }
    let status = try SystemCalls.status(of: descriptor)
    guard status.kind == .file else { return false }
    var count = OwnedBytes(capacity: BGZFIndex.countByteCount)
    try count.withOutput { (output: inout OutputRawSpan) throws(Errno) in
      try SystemCalls.read(descriptor, into: &output)
    }
    return count.withBytes { BGZFIndex.isBeginning($0, ofFileOf: status.size) }
  }
}
