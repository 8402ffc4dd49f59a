// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// --offset and --size: part of a BGZF file's data, without decoding what stands before it.

import FixedDeflate
import ParallelGzip
import SystemPackage

/// Part of the data of a file.
struct Region: Sendable {
  /// Bytes before it.
  var offset: UInt64 = 0
  /// Bytes in it; nil for all to the end.
  var size: UInt64?

  /// The bytes, as far as there can be so many.
  var range: Range<UInt64> {
    let (end, isTooLarge) = offset.addingReportingOverflow(size ?? .max)
    return offset..<(isTooLarge ? .max : end)
  }
}

extension Processor {
  /// Writes a region of one file to standard output.
  func extract(_ region: Region, of job: Job) throws(Stop) {
    guard job.status.kind == .file else {
      reporter.fail(job.name, "--offset and --size need a regular file")
      throw Stop()
    }
    let coders = OffloadCoders(offload)
    // Whether it is BGZF at all is asked before its index.
    _ = try reader(of: job, nil, coders)
    let index = try job.file.map { (file) throws(Stop) in try storedIndex(of: file) } ?? nil
    let reader = try reader(of: job, index, coders)
    let copied: BGZFReader.Copied
    do throws(GzipError) {
      copied = try reader.copy(region.range, to: GzipOutput(.standardOutput))
    } catch {
      throw stop(error, reading: job.name, writing: FileName("stdout"))
    }
    warnOfTrailingData(copied.trailingData, job)
    reportPath(coders.tally, of: job, idle: Self.nothingToDecompress)
  }

  /// Opens a file's blocks. Standard input begins where it stands, as for all who read it, and has no
  /// index beside it: its name is not known.
  private func reader(
    of job: Job, _ index: BGZFIndex?, _ coders: OffloadCoders
  ) throws(Stop) -> BGZFReader {
    do throws(GzipError) {
      return try BGZFReader(
        job.descriptor, from: try position(of: job.descriptor), index: index,
        processors: options.processors, coders: coders)
    } catch {
      throw stop(error, reading: job.name, writing: FileName("stdout"))
    }
  }

  private func position(of descriptor: FileDescriptor) throws(GzipError) -> UInt64 {
    do throws(Errno) {
      return try DescriptorIO.position(of: descriptor)
    } catch {
      throw .reading(error)
    }
  }
}
