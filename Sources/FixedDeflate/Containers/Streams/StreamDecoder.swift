// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// Container -> data, in pieces of any size on both sides. The stream is decoded into a window that
// keeps the last 32 KiB, so the caller's buffers need not hold any history.

/// Decodes gzip, zlib and raw DEFLATE data that comes and goes in pieces of any size.
///
/// Memory is constant: a window of 96 KiB. gzip files may have any number of members, and zero
/// padding or garbage behind them, as GNU gzip reads them.
///
/// A decoder may be sent to another task, but has one user at a time: it is `Sendable` and cannot be
/// copied.
public struct StreamDecoder: ~Copyable, Sendable {
  /// Why a call returned.
  public enum State: Sendable, Hashable {
    /// All input was taken; more is needed.
    case needsInput
    /// The output is full; there may be more data. Never with a sink, which takes all there is.
    case outputFull
    /// The stream is complete and all its data handed over.
    case finished
  }

  /// What a call did.
  public struct Progress: Sendable, Hashable {
    /// Bytes of the input taken; the rest must be offered again.
    public let consumed: Int
    /// Why the call returned.
    public let state: State
    /// Whether this was a BGZF file without its end, see ``StreamDecoder/isMissingEndOfFile``; false
    /// before the state is ``State/finished``.
    public let isMissingEndOfFile: Bool
  }

  /// What stands behind the last gzip member.
  public enum TrailingData: Sendable, Hashable {
    /// Nothing.
    case none
    /// Zero bytes only, as tapes and disk images have them.
    case zeros
    /// Something else that is not a gzip member.
    case garbage
  }

  /// The container read.
  public let format: ContainerFormat
  /// gzip: the first member's header, once it has been read.
  public internal(set) var header: GzipHeader?
  /// gzip: members completed.
  public internal(set) var memberCount = 0
  /// gzip: what stands behind the last member; final when the state is ``State/finished``.
  public internal(set) var trailingData = TrailingData.none
  /// gzip: whether all members are BGZF's and the last is not the empty one that ends such files,
  /// which then may have been cut off between two members. Final when the state is
  /// ``State/finished``.
  public var isMissingEndOfFile: Bool { chain.isMissingEnd }
  /// Compressed bytes up to the end of the last complete member or stream, or as far as read
  /// within one.
  public internal(set) var inputCount: UInt64 = 0
  /// Bytes of data handed over.
  public internal(set) var outputCount: UInt64 = 0
  /// The checksum read from the last trailer: CRC-32 for gzip, Adler-32 for zlib.
  public internal(set) var storedChecksum: UInt32?

  var stage: Stage
  /// The data is streams without a header, one behind the other, in the inflater's code.
  package let isCanned: Bool
  /// What the members so far say of being BGZF.
  var chain = BGZFChain()
  /// The header being read. Not in its stage, whose change would copy what it keeps.
  var headerParser = GzipHeaderParser(keepsFields: true)
  var inflater: Inflater
  var window = OwnedBytes(capacity: 3 * Self.historyCount)
  /// Window bytes handed over already.
  var handedOver = 0
  var crc = CRC32()
  var adler = Adler32()
  /// gzip: the trailers are the caller's to check, and wait in `trailers`.
  var leavesChecks = false
  var trailers: [MemberTrailer] = []
  /// Data bytes of the current member.
  var memberOutputCount: UInt64 = 0
  /// What is wrong with the body, until the data before it is handed over.
  var bodyFailure: DeflateError?
  var failure: DeflateError?

  static let historyCount = DistanceAlphabet.distances.upperBound

  /// Creates a decoder.
  ///
  /// - Parameters:
  ///   - format: The container to read.
  ///   - limit: How far back a distance may reach.
  public init(format: ContainerFormat, limit: DistanceLimit = .rfc1951) {
    self.format = format
    isCanned = false
    inflater = Inflater(limit: limit)
    stage = Stage.start(of: format)
  }

  /// Creates a decoder of raw streams in Intel's canned tables, which say nothing of themselves: one at least, each
  /// beginning on a byte, up to the end of the input.
  ///
  /// - Parameters:
  ///   - edition: The tables they were coded with.
  ///   - limit: How far back a distance may reach.
  public init(canned edition: CompressionTable.CannedEdition, limit: DistanceLimit = .iaa) {
    format = .raw
    isCanned = true
    inflater = Inflater(limit: limit)
    inflater.setCode(.canned(edition))
    inflater.beginTokens()
    stage = .body
  }

  /// Decodes until the input is used up, the output is full or the stream ends.
  ///
  /// - Parameters:
  ///   - input: The next bytes, any number.
  ///   - endOfInput: Whether no more will follow `input`.
  ///   - output: Receives the data; nothing is appended beyond its capacity.
  /// - Returns: How many bytes of `input` were taken, and why the call returned. With gzip,
  ///   ``State/finished`` comes only when the input has ended, since another member may follow.
  /// - Throws: ``DeflateError``. Data before the error was appended. Every later call throws the
  ///   same again.
  /// - Complexity: O(*n*) in the bytes read and written.
  public mutating func decompress(
    _ input: RawSpan, endOfInput: Bool, into output: inout OutputRawSpan
  ) throws(DeflateError) -> Progress {
    var offset = 0
    while true {
      handOver(into: &output)
      guard isHandedOver else { return progress(offset, .outputFull) }
      if let state = try step(input, &offset, endOfInput) { return progress(offset, state) }
    }
  }

  /// What a call did.
  func progress(_ consumed: Int, _ state: State) -> Progress {
    Progress(
      consumed: consumed, state: state, isMissingEndOfFile: state == .finished && isMissingEndOfFile
    )
  }

  /// Does one stage's work; nil when what it decoded is to be handed over, or the next stage can go
  /// on. Only for when all before is handed over.
  mutating func step(
    _ input: RawSpan, _ offset: inout Int, _ endOfInput: Bool
  ) throws(DeflateError) -> State? {
    if let failure { throw failure }
    do throws(DeflateError) {
      switch stage {
      case .finished: return .finished
      case .betweenStreams:
        guard offset < input.byteCount else { break }
        beginBody()
        return nil
      case .body: return try decodeBody(input, &offset, endOfInput)
      default: break
      }
      guard offset < input.byteCount else {
        guard endOfInput else { return .needsInput }
        return try finishInput()
      }
      try take(input, &offset)
      return nil
    } catch {
      failure = error
      throw error
    }
  }

  /// What the input's end means outside a body.
  private mutating func finishInput() throws(DeflateError) -> State {
    switch stage {
    case .betweenMembers(.zeros): trailingData = .zeros
    case .betweenMembers(.firstMagic): trailingData = .garbage
    case .betweenMembers, .betweenStreams, .garbage: break
    default: throw DeflateError(.truncatedInput, bitPosition: inputBitPosition)
    }
    stage = .finished
    return .finished
  }

  /// Bits read from the start of the input.
  var inputBitPosition: Int { Int(truncatingIfNeeded: inputCount) * 8 }
}
