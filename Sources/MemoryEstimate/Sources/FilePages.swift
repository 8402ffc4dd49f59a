// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

package import SystemPackage

/// A file cut into pages; the last is filled up with zeros, as in the page cache.
package final class FilePages: PageSource {
  package let name: String
  package let strata: [Stratum]
  private let reader: PageReader
  private let pageSize: Int
  private let size: UInt64

  /// The pages of an ordinary file.
  ///
  /// - Throws: the errno of pread(2) or lseek(2); EINVAL for what has no size, a pipe say.
  package init(
    _ reader: consuming PageReader, name: String, pageSize: Int
  ) throws(Errno) {
    self.name = name
    self.pageSize = pageSize
    self.reader = reader
    // A folder has a size, too, of which no page can be read.
    var first = [UInt64](repeating: 0, count: 1)
    _ = try self.reader.read(into: &first, at: 0)
    size = try self.reader.size()
    var stratum = Stratum(kind: "file")
    let pages = (Int(size) + pageSize - 1) / pageSize
    if pages > 0 { stratum.runs.append(start: 0, length: pages) }
    strata = [stratum]
  }

  package func read(position: UInt64, into page: inout [UInt64]) -> Bool {
    let offset = position * UInt64(pageSize)
    let wanted = Int(min(UInt64(pageSize), size - min(size, offset)))
    if wanted < pageSize { for index in page.indices { page[index] = 0 } }
    guard let count = try? reader.read(into: &page, at: offset) else { return false }
    return count >= wanted
  }
}
