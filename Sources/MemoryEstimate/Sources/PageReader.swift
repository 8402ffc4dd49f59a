// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Reading at offsets: a file, a process's memory, its pagemap. Nothing is ever opened for writing.

import Descriptors
import IAADevices
package import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Something that is read in pieces at offsets; closed when it goes.
package struct PageReader: ~Copyable, Sendable {
  private let descriptor: FileDescriptor

  /// Opens a file.
  ///
  /// - Throws: the errno of open(2).
  package init(_ path: FilePath) throws(Errno) {
    do {
      descriptor = try FileDescriptor.open(
        path, .readOnly, options: [.closeOnExec, .nonBlocking])
    } catch {
      throw error as? Errno ?? .ioError
    }
  }

  /// The same, of a path that is text.
  package init(_ path: String) throws(Errno) { try self.init(path.unescapedPath) }

  /// Reads at most as many bytes as there is room for from where the last such read ended, once there are
  /// some; 0 at the end. For pipes, whose other end may take its time.
  ///
  /// - Parameters:
  ///   - room: what is filled, from `start` on.
  ///   - start: in bytes, below the room's count.
  ///   - goesOn: asked ten times a second, while nothing comes, whether to wait.
  /// - Returns: bytes read; nil where `goesOn` said no.
  /// - Throws: the errno of poll(2) or read(2).
  package func next(
    into room: inout [UInt64], from start: Int, _ goesOn: () -> Bool
  ) throws(Errno) -> Int? {
    precondition((0..<room.count * 8).contains(start), "no room")
    while goesOn() {
      var state = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
      // SAFETY: one entry, of this scope.
      let ready = unsafe poll(&state, 1, 100)
      if ready < 0, errno != EINTR { throw .current }
      guard ready > 0 else { continue }
      do {
        // SAFETY: the buffer is the array's, for the call; the start is within it, checked above.
        return unsafe try room.withUnsafeMutableBytes { bytes in
          unsafe try descriptor.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
        }
      } catch let error as Errno where error == .resourceTemporarilyUnavailable {
        continue
      } catch {
        throw error as? Errno ?? .ioError
      }
    }
    return nil
  }

  /// Whether it is read from end to end and not at offsets: a pipe, a socket, a terminal.
  package var isStream: Bool {
    var status = stat()
    // SAFETY: a value of this scope.
    guard unsafe fstat(descriptor.rawValue, &status) == 0 else { return false }
    return [S_IFIFO, S_IFSOCK, S_IFCHR].contains(status.st_mode & S_IFMT)
  }

  /// Fills `words` from `offset` on, as far as there is something.
  ///
  /// - Parameters:
  ///   - words: the room; what is not filled keeps its value.
  ///   - offset: in bytes.
  /// - Returns: bytes read; fewer than there is room for at the end alone.
  /// - Throws: the errno of pread(2), when nothing was read before it.
  package func read(into words: inout [UInt64], at offset: UInt64) throws(Errno) -> Int {
    // SAFETY: the buffer is the array's, for the call; reads stay within its count.
    let result: Result<Int, Errno> = unsafe words.withUnsafeMutableBytes { room in
      var filled = 0
      while filled < room.count {
        do {
          let count = unsafe try descriptor.read(
            fromAbsoluteOffset: Int64(bitPattern: offset &+ UInt64(filled)),
            into: UnsafeMutableRawBufferPointer(rebasing: room[filled...]))
          if count == 0 { break }
          filled += count
        } catch {
          return filled > 0 ? .success(filled) : .failure(error as? Errno ?? .ioError)
        }
      }
      return .success(filled)
    }
    return try result.get()
  }

  /// The size of an ordinary file or a block device, in bytes.
  ///
  /// - Throws: the errno of lseek(2): ESPIPE for a pipe; EINVAL for a folder.
  package func size() throws(Errno) -> UInt64 {
    do {
      return UInt64(max(0, try descriptor.seek(offset: 0, from: .end)))
    } catch {
      throw error as? Errno ?? .ioError
    }
  }

  /// What is left from where the last such read ended, at most `limit` bytes of it, as text. For files of
  /// /proc and of control groups, whose size is not told and of which some know no offsets.
  package func text(limit: Int = 64 << 20) throws(Errno) -> String {
    var all: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65536)
    while all.count < limit {
      do {
        // SAFETY: the buffer is the array's, for the call.
        let count = unsafe try piece.withUnsafeMutableBytes { unsafe try descriptor.read(into: $0) }
        if count == 0 { break }
        all.append(contentsOf: piece.prefix(count))
      } catch {
        throw error as? Errno ?? .ioError
      }
    }
    return String(decoding: all.prefix(limit), as: UTF8.self)
  }

  deinit { try? descriptor.close() }
}
