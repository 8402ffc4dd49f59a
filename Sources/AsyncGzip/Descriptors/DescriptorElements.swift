// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

#if FileDescriptors
  import SystemPackage

  /// The bytes of a descriptor, as they are read. Asking for the next ones blocks.
  struct DescriptorElements: AsyncSequence {
    /// Large enough that system calls do not count.
    static let byteCount = 256 << 10

    let descriptor: FileDescriptor
    let counts: TransferCounter

    func makeAsyncIterator() -> AsyncIterator {
      AsyncIterator(descriptor: descriptor, counts: counts)
    }

    struct AsyncIterator: AsyncIteratorProtocol {
      let descriptor: FileDescriptor
      let counts: TransferCounter

      mutating func next(
        isolation actor: isolated (any Actor)?
      ) async throws(DescriptorError) -> [UInt8]? {
        do {
          // SAFETY: the call initialises as many bytes as it returns, at most the buffer's.
          let bytes = try unsafe [UInt8](unsafeUninitializedCapacity: DescriptorElements.byteCount)
          {
            buffer, count in
            count = try unsafe descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
          }
          counts.value.inputCount += UInt64(bytes.count)
          return bytes.isEmpty ? nil : bytes
        } catch {
          throw .reading(error as? Errno ?? .ioError)
        }
      }
    }
  }

  /// Counts while a transfer runs, which one thread at a time does.
  final class TransferCounter {
    var value = TransferCounts()
  }
#endif
