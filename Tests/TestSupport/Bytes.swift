// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Small bridges between arrays, spans and hexadecimal. The only unsafe lines of the test support
// besides zlib's and the ones that own memory.

/// Calls `body` with an empty output of `capacity` bytes and returns what was appended.
///
/// - Parameters:
///   - capacity: room in bytes.
///   - body: appends to the output; may throw.
/// - Returns: the appended bytes and the body's result.
/// - Throws: what `body` throws.
public func collectingOutput<Result, Failure: Error>(
  capacity: Int, _ body: (inout OutputRawSpan) throws(Failure) -> Result
) throws(Failure) -> (bytes: [UInt8], result: Result) {
  let (outcome, bytes) = collectingOutputAlways(capacity: capacity, body)
  return (bytes, try outcome.get())
}

/// As `collectingOutput`, but keeps the bytes when the body throws.
///
/// - Parameters:
///   - capacity: room in bytes.
///   - body: appends to the output; may throw.
/// - Returns: the body's result or error, and the bytes appended by then.
public func collectingOutputAlways<Success, Failure: Error>(
  capacity: Int, _ body: (inout OutputRawSpan) throws(Failure) -> Success
) -> (outcome: Result<Success, Failure>, bytes: [UInt8]) {
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(capacity, 1), alignment: 1)
  // SAFETY: `memory` was allocated just above and is freed once, on leaving.
  defer { unsafe memory.deallocate() }
  // SAFETY: the region is `capacity` of the allocation's bytes and outlives `output`.
  let region = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<capacity])
  // SAFETY: nothing of the region is initialised yet, hence the count of 0.
  var output = unsafe OutputRawSpan(buffer: region, initializedCount: 0)
  let outcome: Result<Success, Failure>
  do throws(Failure) {
    outcome = .success(try body(&output))
  } catch {
    outcome = .failure(error)
  }
  // SAFETY: the region is the one `output` was made of; the count is how much of it was appended.
  let count = unsafe output.finalize(for: region)
  // SAFETY: `count` bytes of the region were initialised through `output`.
  return (outcome, unsafe [UInt8](region[..<count]))
}

extension Array where Element == UInt8 {
  /// Bytes from pairs of hexadecimal digits; everything else is ignored.
  public init(hex: String) {
    let digits = hex.compactMap { $0.hexDigitValue }
    precondition(digits.count % 2 == 0, "a byte is two digits")
    self = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  /// Two hexadecimal digits for each byte.
  public var hex: String {
    map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

/// Lends the bytes of an array as a raw span.
///
/// - Parameters:
///   - bytes: any bytes.
///   - body: reads them.
/// - Returns: the body's result.
/// - Throws: what `body` throws.
public func withRawSpan<Result, Failure: Error>(
  _ bytes: [UInt8], _ body: (RawSpan) throws(Failure) -> Result
) throws(Failure) -> Result {
  // SAFETY: every bit pattern of a UInt8 is initialised memory; bytes have no padding.
  try body(unsafe bytes.span.bytes)
}

extension Array where Element == UInt8 {
  /// Appends the bytes of a raw span.
  public mutating func append(span: RawSpan) {
    // SAFETY: the bytes are copied while the span borrows them.
    unsafe span.withUnsafeBytes { unsafe append(contentsOf: $0) }
  }
}
