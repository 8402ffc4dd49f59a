// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Unaligned little-endian loads and stores for the hot loops. Every caller states the bound
// that makes them stay inside the caller's buffers.

@inline(__always)
func load64(_ p: UnsafePointer<UInt8>, _ at: Int) -> UInt64 {
  // SAFETY: the caller has shown that at..<at+8 lies inside the buffer.
  unsafe UInt64(
    littleEndian: UnsafeRawPointer(p).loadUnaligned(fromByteOffset: at, as: UInt64.self))
}
@inline(__always)
func load64(_ p: UnsafeMutablePointer<UInt8>, _ at: Int) -> UInt64 {
  // SAFETY: as above.
  unsafe UInt64(
    littleEndian: UnsafeRawPointer(p).loadUnaligned(fromByteOffset: at, as: UInt64.self))
}
@inline(__always)
func store64(_ v: UInt64, _ p: UnsafeMutablePointer<UInt8>, _ at: Int) {
  // SAFETY: the caller has shown that at..<at+8 may be written.
  unsafe UnsafeMutableRawPointer(p).storeBytes(
    of: v.littleEndian, toByteOffset: at, as: UInt64.self)
}
@inline(__always)
func copy16(_ p: UnsafeMutablePointer<UInt8>, from: Int, to: Int) {
  // SAFETY: the caller has shown that both ranges of 16 bytes lie inside the buffer.
  unsafe UnsafeMutableRawPointer(p).storeBytes(
    of: UnsafeRawPointer(p).loadUnaligned(fromByteOffset: from, as: SIMD2<UInt64>.self),
    toByteOffset: to, as: SIMD2<UInt64>.self)
}
@inline(__always)
func splat32(_ v: UInt64, _ p: UnsafeMutablePointer<UInt8>, _ at: Int) {
  // SAFETY: the caller has shown that at..<at+32 may be written.
  unsafe UnsafeMutableRawPointer(p).storeBytes(
    of: SIMD4<UInt64>(repeating: v.littleEndian), toByteOffset: at, as: SIMD4<UInt64>.self)
}
@inline(__always)
func copy32(from: UnsafePointer<UInt8>, to: UnsafeMutablePointer<UInt8>) {
  // SAFETY: the caller has shown that both ranges of 32 bytes lie inside their buffers.
  unsafe UnsafeMutableRawPointer(to).storeBytes(
    of: UnsafeRawPointer(from).loadUnaligned(as: SIMD4<UInt64>.self), as: SIMD4<UInt64>.self)
}
