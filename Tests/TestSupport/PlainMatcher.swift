// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The match stage of PlainProfile, for any of its rules: one chunk, step by step. Lists grow and nothing in them
// is forgotten; what a rule hides is left out where one looks.

/// One chunk being matched.
final class PlainMatcher {
  private let rules: PlainProfile
  private let input: [UInt8]
  /// Rules 2 and 3: one number for each position that has its bytes.
  private let hashes: [Int]
  /// For each hash the positions inserted, oldest first, or rather: the last is the newest.
  private var seen: [[(position: Int, bank: Int)]]
  /// Positions that wait for their group, with "may be inserted".
  private var pending: [(position: Int, allowed: Bool)] = []
  /// The match of the step before, if it had one.
  private var previous: MatchToken?

  init(_ rules: PlainProfile, _ input: [UInt8]) {
    self.rules = rules
    self.input = input
    hashes = (0..<max(0, input.count - rules.needs + 1)).map { rules.hash(input, $0) }
    seen = [[(position: Int, bank: Int)]](repeating: [], count: 1 << rules.hashBits)
  }

  /// Rules 1, 4 and 8 to 10.
  func run() -> [MatchToken] {
    var result: [MatchToken] = []
    var base = 0
    while base < input.count {
      var offers: [MatchToken?] = []
      for lane in 0..<rules.lanes { offers.append(offer(lane, base)) }
      var token = offers.compactMap { $0 }.first
      if rules.lazyBy > 0, rules.lanes > 1, let zero = offers[0], let one = offers[1],
        one.length - zero.length >= rules.lazyBy
      {
        token = one
      }
      let next = token.map { $0.start + $0.length } ?? min(base + rules.lanes, input.count)
      insertStep(base, next, token)
      if let token { result.append(token) }
      previous = token
      base = next
    }
    return result
  }

  // MARK: Looking up

  /// What a lane would take.
  private func offer(_ lane: Int, _ base: Int) -> MatchToken? {
    let position = base + lane
    guard position < hashes.count else { return nil }
    // Rule 26.
    if lane > 0, rules.lookupMask != 0,
      hashes[position] & rules.lookupMask == hashes[base] & rules.lookupMask
    {
      return nil
    }
    // Rule 7.
    let windowEnd = min((rules.windowFromLane ? position : base) + rules.window, input.count)
    var best: MatchToken?
    for (index, entry) in entries(lane, base).enumerated() {
      // Rule 16.
      if rules.choice == "of two", index > 1 { continue }
      // Rules 14 and 15.
      var length = 0
      while position + length < windowEnd, input[position + length] == input[entry + length] {
        length += 1
      }
      if length < rules.shortest { continue }
      let token = MatchToken(position, length, position - entry)
      // Rules 16 and 31.
      let longest = best?.length ?? 0
      if length > longest || (length == longest && rules.choice == "longest, last") { best = token }
      if rules.choice == "first" || length >= rules.enough { return best }
    }
    return best
  }

  /// The positions that a lane tries, in order.
  private func entries(_ lane: Int, _ base: Int) -> [Int] {
    let position = base + lane
    // Rules 11 and 28: the newest of each bank.
    var slots: [(position: Int, bank: Int)] = []
    func see(_ entry: (position: Int, bank: Int)) {
      let taken = slots.filter { $0.bank == entry.bank }.count
      if taken < rules.slots / rules.banks.count { slots.append(entry) }
    }
    // Rules 6 and 27: what the lane sees, newest first.
    if lane > 0, rules.hides.later == -1, hashes[base] == hashes[position] {
      see((base, bank(lane: 0, position: base)))
    }
    for entry in seen[hashes[position]].reversed() where slots.count < rules.slots {
      let back = base - entry.position
      if back <= (lane == 0 ? rules.hides.first : rules.hides.later) { continue }
      if let previous, previous.start + previous.length == base, back <= rules.lateTail { continue }
      see(entry)
    }
    let own = bank(lane: lane, position: position)
    var order = slots
    switch rules.bankUse.read {
    case "own": order = order.filter { $0.bank == own }
    case "others": order = order.filter { $0.bank != own }
    default: break
    }
    let all = Array(0..<rules.banks.count)
    func of(_ banks: [Int]) -> [(position: Int, bank: Int)] {
      banks.flatMap { bank in order.filter { $0.bank == bank } }
    }
    switch rules.bankUse.order {
    case "up": order = of(all)
    case "down": order = of(all.reversed())
    case "own first": order = of([own]) + order.filter { $0.bank != own }
    case "own last": order = order.filter { $0.bank != own } + of([own])
    default: break
    }
    // Rule 29.
    if lane > 0 { order = Array(order.prefix(rules.laterSlots)) }
    var tried: [Int] = []
    for entry in order.map(\.position) {
      // Rule 12.
      if entry % rules.pointerModulus == 0 {
        switch rules.pointerZero {
        case "newest": if entry != slots[0].position { continue }
        case "alone": if slots.count > 1 { continue }
        case "always": break
        default: continue
        }
      }
      // Rules 13 and 30.
      if position - entry > rules.history || position - entry < rules.nearest { continue }
      tried.append(entry)
    }
    // Rule 17.
    let same = tried.filter { parities($0) == parities(position) }
    let other = tried.filter { parities($0) != parities(position) }
    switch rules.parities {
    case "filter": return same.isEmpty ? other : same
    case "sort": return same + other
    default: return tried
    }
  }

  /// Rule 28.
  private func bank(lane: Int, position: Int) -> Int {
    switch rules.banks.by {
    case "lane": (lane >> rules.banks.shift) % rules.banks.count
    case "position": (position >> rules.banks.shift) % rules.banks.count
    default: 0
    }
  }

  /// Rule 17: of two bytes, whether even bits and odd bits are odd in number.
  private func parities(_ position: Int) -> [Bool] {
    guard position + 4 < input.count else { return [false, false, false, false] }
    return [3, 4].flatMap { offset in
      [0, 1].map { first in
        var isOdd = false
        for bit in stride(from: first, to: 8, by: 2) where input[position + offset] >> bit & 1 == 1
        {
          isOdd.toggle()
        }
        return isOdd
      }
    }
  }

  // MARK: Inserting

  /// Inserts what a step covers: rules 5 and 32 to 37.
  private func insertStep(_ base: Int, _ next: Int, _ token: MatchToken?) {
    // Rule 37.
    if rules.matched == "front", let token, token.start < hashes.count {
      let source = token.start - token.distance
      seen[hashes[token.start]].bringToEnd { $0.position == source }
    }
    let size = token == nil ? rules.group.literals : rules.group.match
    for position in base..<next { pending.append((position, allowed(position, base, token))) }
    // Rule 32.
    var groups: [[(position: Int, allowed: Bool)]] = []
    switch rules.groupsBegin {
    case "run on":
      while pending.count >= size {
        groups.append(Array(pending[..<size]))
        pending = Array(pending[size...])
      }
    case "multiples":
      for entry in pending {
        if let last = groups.last?.last, last.position / size == entry.position / size {
          groups[groups.count - 1].append(entry)
        } else {
          groups.append([entry])
        }
      }
      pending = []
    default:
      for entry in pending {
        if (entry.position - base) % size == 0 { groups.append([]) }
        groups[groups.count - 1].append(entry)
      }
      pending = []
    }
    for group in groups {
      // Rule 33.
      if group.count == size || rules.incomplete == "kept" {
        insertGroup(group, token)
      } else if rules.incomplete == "split" {
        var start = 0
        for power in [8, 4, 2, 1] where (group.count & power) != 0 {
          insertGroup(Array(group[start..<start + power]), token)
          start += power
        }
      }
    }
  }

  /// Rule 5.
  private func allowed(_ position: Int, _ base: Int, _ token: MatchToken?) -> Bool {
    guard let token, position >= token.start else { return true }
    let offset = position - token.start
    let (what, a, b) = rules.inserts
    let isAtEnd = token.length - offset <= b
    return switch what {
    case "start": offset == 0
    case "all but last": offset < token.length - 1
    case "first": position - base < a
    case "last": isAtEnd
    case "ends": offset < a || isAtEnd
    case "from base": (position - base) % b < a
    case "from match": offset % b < a
    case "from chunk": position % b < a
    default: true
    }
  }

  /// Inserts a group: rules 34 and 35.
  private func insertGroup(_ group: [(position: Int, allowed: Bool)], _ token: MatchToken?) {
    var kept: [(position: Int, lane: Int)] = []
    for (lane, entry) in group.enumerated() where entry.allowed && entry.position < hashes.count {
      kept.append((entry.position, lane))
    }
    let (keeps, mask) = rules.bankConflict
    if keeps != "all" {
      let all = kept.map(\.position)
      kept = kept.filter { entry in
        let rivals = all.filter {
          hashes[$0] != hashes[entry.position] && hashes[$0] & mask == hashes[entry.position] & mask
        }
        return keeps == "first"
          ? rivals.allSatisfy { $0 > entry.position } : rivals.allSatisfy { $0 < entry.position }
      }
    }
    let all = kept.map(\.position)
    if token == nil ? rules.equalHolds.literals : rules.equalHolds.match {
      switch rules.equal {
      case "first":
        kept = kept.filter { entry in
          all.first { hashes[$0] == hashes[entry.position] } == entry.position
        }
      case "last":
        kept = kept.filter { entry in
          all.last { hashes[$0] == hashes[entry.position] } == entry.position
        }
      case "all, first newest": kept = kept.reversed()
      default: break
      }
    }
    for entry in kept { insertPosition(entry.position, entry.lane, token) }
  }

  /// Inserts a position: rules 36 and 37.
  private func insertPosition(_ position: Int, _ lane: Int, _ token: MatchToken?) {
    let hash = hashes[position]
    if rules.matched == "overwritten", let token, token.start == position,
      let place = seen[hash].lastIndex(where: { $0.position == position - token.distance })
    {
      seen[hash].remove(at: place)
    }
    // The bucket as it is, newest first, of what is near.
    let near = seen[hash].suffix(rules.slots).reversed().map(\.position)
      .filter { position - $0 <= rules.duplicates.reach }
    let same = near.filter { input[$0..<$0 + 3].elementsEqual(input[position..<position + 3]) }
    let newest = seen[hash].last?.position
    switch rules.duplicates.rule {
    case "skip near": if near.first != nil, near.first == newest { return }
    case "skip newest": if same.first != nil, same.first == newest { return }
    case "skip any": if !same.isEmpty { return }
    case "overwrite newest":
      if same.first != nil, same.first == newest {
        seen[hash][seen[hash].count - 1].position = position
        return
      }
    case "replace any": if let old = same.first { seen[hash].removeAll { $0.position == old } }
    default: break
    }
    seen[hash].append((position, bank(lane: lane, position: position)))
  }
}

extension Array {
  fileprivate mutating func bringToEnd(_ condition: (Element) -> Bool) {
    guard let place = lastIndex(where: condition) else { return }
    append(remove(at: place))
  }
}

extension PlainProfile {
  /// Bits of the hash: the polynomial's degree.
  var hashBits: Int { (Int.bitWidth - 1) - polynomial.leadingZeroBitCount }

  /// Rule 2: the remainder of the three bytes at `position` (little-endian, bit i is the
  /// coefficient of x^i) divided by the polynomial over GF(2).
  func hash(_ input: [UInt8], _ position: Int) -> Int {
    var value =
      Int(input[position]) | Int(input[position + 1]) << 8 | Int(input[position + 2]) << 16
    var bit = 23
    while bit >= hashBits {
      if value >> bit & 1 == 1 { value ^= polynomial << (bit - hashBits) }
      bit -= 1
    }
    return value
  }
}
