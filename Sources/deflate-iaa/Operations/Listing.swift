// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// -l. The sizes are counted by decoding, as gzip 1.12 does, because a trailer's 32-bit length is
// wrong from 4 GiB on. Where gzip counts only the last of several members, we count all; its row of
// totals takes only the last file's header out of the ratio, ours each one's.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import FixedDeflate
import ParallelGzip
import SystemPackage

/// Sums over the rows of a listing.
struct ListingTotals {
  var hasRows = false
  var compressed: UInt64 = 0
  var uncompressed: UInt64 = 0
  /// Bytes of headers and trailers.
  var overhead: UInt64 = 0
}

extension Processor {
  /// Lists one input.
  func list(_ job: Job) throws(Stop) {
    let source = ByteSource(GzipInput(job.descriptor))
    guard let format = try format(of: source, job, toStandardOutput: false) else { return }
    let coders = OffloadCoders(offload)
    let decoding = StreamDecoding(
      source, format: format, processors: options.processors, coders: coders,
      computesChecksum: options.isVerbose && !format.hasMembers, canned: options.canned)
    guard try check(decoding, from: source, job) else { return }
    blocks.add(coders.tally)
    if !totals.hasRows, !options.isQuiet { try printHeading() }
    totals.hasRows = true
    totals.compressed += source.totalCount
    totals.uncompressed += decoding.outputCount
    totals.overhead += UInt64(decoding.overhead)
    var line = ""
    if options.isVerbose {
      let checksum = String(decoding.shownChecksum, radix: 16)
      let zeros = String(repeating: "0", count: 8 - checksum.utf8.count)
      let time = restoredTime(of: job, header: decoding.header)
      line = "defla \(zeros)\(checksum) \(listedTime(time.tv_sec)) "
    }
    line += listedSizes(
      compressed: source.totalCount, uncompressed: decoding.outputCount,
      overhead: UInt64(decoding.overhead))
    let name = restoredName(of: job, header: decoding.header)
    try reporter.print(Array(line.utf8) + name.bytes + [UInt8(ascii: "\n")])
  }

  /// The last line when there were several operands; as with gzip, none when they hold nothing.
  func listTotals() throws(Stop) {
    guard totals.uncompressed > 0 else { return }
    var line = options.isVerbose ? String(repeating: " ", count: 28) : ""
    line += listedSizes(
      compressed: totals.compressed, uncompressed: totals.uncompressed, overhead: totals.overhead)
    try reporter.print(Array("\(line)(totals)\n".utf8))
  }

  private func printHeading() throws(Stop) {
    let details = options.isVerbose ? "method  crc     date  time  " : ""
    let sizes = "         compressed        uncompressed  ratio uncompressed_name\n"
    try reporter.print(Array((details + sizes).utf8))
  }

  private func listedSizes(compressed: UInt64, uncompressed: UInt64, overhead: UInt64) -> String {
    let ratio = ratioText(
      compressed: Int64(compressed) - Int64(overhead), uncompressed: Int64(uncompressed))
    return "\(padded("\(compressed)", to: 19)) \(padded("\(uncompressed)", to: 19)) \(ratio) "
  }

  /// `Sep  9 01:46`, local time.
  private func listedTime(_ seconds: Int) -> String {
    var time = time_t(seconds)
    // SAFETY: tm holds a pointer to the zone's name, which is not looked at.
    var fields = unsafe tm()
    // SAFETY: both are whole values that outlive the call.
    guard unsafe localtime_r(&time, &fields) != nil else { return "??? ?? ??:??" }
    // SAFETY: plain numbers.
    let (month, day) = unsafe (Int(fields.tm_mon), fields.tm_mday)
    // SAFETY: plain numbers.
    let (hour, minute) = unsafe (fields.tm_hour, fields.tm_min)
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let clock = [hour, minute].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    return "\(months[month]) \(padded("\(day)", to: 2)) \(clock)"
  }
}
