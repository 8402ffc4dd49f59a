// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Reads and writes with spans, which swift-system does not have. All `unsafe` of the library that
// touches a descriptor is here.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import Descriptors
import FixedDeflate
package import SystemPackage

/// What the library asks of descriptors.
package enum DescriptorIO {
  /// Reads as many bytes as there are now and appends them to `output`, which must have room; none
  /// are read at the end of the file.
  package static func read(
    _ descriptor: FileDescriptor, into output: inout OutputRawSpan
  ) throws(Errno) {
    // SAFETY: as said within.
    try unsafe fill(&output, from: descriptor) { (base, count) in
      // SAFETY: `fill` passes a buffer of `count` bytes.
      unsafe readDescriptor(descriptor.rawValue, base, count)
    }
  }

  /// The same from a byte of a file, whatever its position is; EINVAL when no file is so large.
  package static func read(
    _ descriptor: FileDescriptor, at offset: UInt64, into output: inout OutputRawSpan
  ) throws(Errno) {
    guard let offset = off_t(exactly: offset) else { throw .invalidArgument }
    // SAFETY: as said within.
    try unsafe fill(&output, from: descriptor) { (base, count) in
      // SAFETY: `fill` passes a buffer of `count` bytes.
      unsafe pread(descriptor.rawValue, base, count, offset)
    }
  }

  private static func fill(
    _ output: inout OutputRawSpan, from descriptor: FileDescriptor,
    _ read: (UnsafeMutableRawPointer?, Int) -> Int
  ) throws(Errno) {
    precondition(output.freeCapacity > 0, "no room to read into")
    while true {
      // SAFETY: the slice behind the initialised bytes lies inside the span; `read` writes no more
      // than its count, and what it wrote is counted.
      let count = unsafe output.withUnsafeMutableBytes { bytes, initialized in
        let room = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[initialized...])
        let count = unsafe read(room.baseAddress, room.count)
        initialized += max(0, count)
        return count
      }
      if count >= 0 { return }
      try recover(descriptor)
    }
  }

  /// Writes all bytes.
  package static func write(_ bytes: RawSpan, to descriptor: FileDescriptor) throws(Errno) {
    var start = 0
    while start < bytes.byteCount {
      let rest = bytes.extracting(start..<bytes.byteCount)
      // SAFETY: write reads no more than the span's count while the span is borrowed.
      let count = unsafe rest.withUnsafeBytes { rest in
        unsafe writeDescriptor(descriptor.rawValue, rest.baseAddress, rest.count)
      }
      if count >= 0 {
        start += count
      } else {
        try recover(descriptor)
      }
    }
  }

  /// Throws what cannot be mended by trying again.
  private static func recover(_ descriptor: FileDescriptor) throws(Errno) {
    switch errno {
    case EINTR: break
    // Where it does wait, a socket's own time limit has passed.
    case EAGAIN where fcntl(descriptor.rawValue, F_GETFL) & O_NONBLOCK != 0:
      makeBlocking(descriptor)
    default: throw .current
    }
  }

  /// Makes reads of a pipe wait for data.
  package static func makeBlocking(_ descriptor: FileDescriptor) {
    let flags = fcntl(descriptor.rawValue, F_GETFL)
    if flags >= 0 { _ = fcntl(descriptor.rawValue, F_SETFL, flags & ~O_NONBLOCK) }
  }

  /// The byte of a file that the next read begins at.
  package static func position(of descriptor: FileDescriptor) throws(Errno) -> UInt64 {
    let offset = lseek(descriptor.rawValue, 0, SEEK_CUR)
    guard let offset = UInt64(exactly: offset) else { throw .current }
    return offset
  }

  /// Whether it is a regular file's; false where that is not known.
  static func isFile(_ descriptor: FileDescriptor) -> Bool { fileSize(descriptor) != nil }

  /// A regular file's bytes; nil for all else.
  static func fileSize(_ descriptor: FileDescriptor) -> UInt64? {
    var status = stat()
    // SAFETY: `status` is a whole struct stat that outlives the call.
    guard unsafe fstat(descriptor.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return nil
    }
    return UInt64(clamping: status.st_size)
  }

  /// A small file's content; nil when it cannot be read, has `maximumCount` bytes or more or is no file.
  static func content(ofFileAt path: [UInt8], maximumCount: Int) -> [UInt8]? {
    let terminated = path.map { CChar(bitPattern: $0) } + [0]
    // SAFETY: the path ends with NUL and lives for the call.
    let number = unsafe open(terminated, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let file = FileDescriptor(rawValue: number)
    defer { _ = closeDescriptor(number) }
    guard isFile(file), let bytes = try? file.readBytes(limit: maximumCount) else { return nil }
    return bytes.count < maximumCount ? bytes : nil
  }
}

// The C functions whose names the methods above hide.
private func closeDescriptor(_ descriptor: Int32) -> Int32 { close(descriptor) }

private func readDescriptor(
  _ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int
) -> Int {
  // SAFETY: the caller passes a buffer of `count` bytes.
  unsafe read(descriptor, buffer, count)
}

private func writeDescriptor(
  _ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int
) -> Int {
  // SAFETY: the caller passes a buffer of `count` bytes.
  unsafe write(descriptor, buffer, count)
}
