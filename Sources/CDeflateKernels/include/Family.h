// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The match stage of profiles that are not version 1, step by step: what a step inserts depends on where it begins,
// so nothing of the table can be prepared for all positions as Encode.h's kernels do. Positions are numbered as
// there. Every offset is a position of the page, at most DK_F_AHEAD beyond it, or a bucket's, below 16 KiB.
#pragma once
#include "Encode.h"
#include <stdint.h>
#include <string.h>

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang assume_nonnull begin

enum {
  DK_F_PAGE = 4096,
  DK_F_AHEAD = 64,                 // positions beyond the page that have a bucket and an entry
  DK_F_ORIGIN = 64 + DK_F_PAGE,    // window position of the page's first byte
  DK_F_TABLE = 16384,              // bytes of the table; eight buckets more take what is not inserted
  DK_F_NONE = 0x7fff0000,          // an entry that never matches: no three bytes have that tag
  DK_F_MOST_BACK = 15,             // of a group of 16
  DK_F_BITS = (DK_F_PAGE + DK_F_AHEAD) / 8 + 8,
  DK_F_ALL = 0, DK_F_STARTS = 1, DK_F_NOT_LAST = 2, DK_F_FIRST = 3, DK_F_LAST = 4, DK_F_ENDS = 5,
  DK_F_PERIOD_BASE = 6, DK_F_PERIOD_MATCH = 7, DK_F_PERIOD_CHUNK = 8,
};

/// What a group loses, of one kind of step.
typedef struct {
  uint32_t size;        // positions of a group, a power of two
  uint32_t phase;       // size - 1 where groups stand at its multiples, else 0
  uint32_t equal;       // of equal hashes: 0 all, 1 the first, 2 the last is kept
  uint32_t conflict;    // of unequal ones of a bank: the same
  uint32_t bank;        // the bits of a bucket's offset that name a bank
  uint32_t drops;       // whether incomplete groups are lost
  uint32_t pairs;       // whether groups are pairs from the base on, of which none is lost for being incomplete
  uint32_t fours;       // whether they are fours, and only equal ones are lost
  // Which of two loses where both share a bucket, and where they share a bank but no bucket: all ones or 0 each.
  uint64_t equal_second, equal_first, bank_second, bank_first;
} dk_family_group;

/// A profile as the loop takes it.
typedef struct {
  uint32_t reach;           // the largest distance and one
  uint32_t slots0, slots1;  // slots that lane 0 and lane 1 try, a bit each
  uint32_t lookup;          // bits of a bucket's offset that keep lane 1 from being looked up
  uint32_t enough;          // a length that ends the search; above 32 for none
  uint32_t rule, first, last, period;  // what is inserted of a match
  uint32_t hidden, tail;    // positions before the base, and of a match before it, that are not seen yet; at most 2
  uint32_t refresh;         // whether a match's start takes its entry's place
  uint32_t duplicates;      // 0 all are inserted, 1 none whose bytes the newest entry has, 2 that takes its place
  uint32_t near;            // how far back that is looked for, and one
  dk_family_group literal, match;
  uint64_t periods[64];     // of 64 positions from each place in a period on, those that are inserted
} dk_family_rules;

/// Where an encoder stands. Positions count from the page's first byte.
typedef struct {
  uint8_t *window;      // the page's first byte
  uint8_t *table;       // 1024 buckets of four entries: position below, tag above, newest first
  uint16_t *offsets;    // each position's bucket
  uint32_t *entries;    // each position's own entry
  uint8_t *codes;       // of each literal the low eight bits of its codeword
  uint8_t *longs;       // a bit a position: the literal takes nine bits
  uint8_t *next;        // output, with room for a page's worst case
  uint64_t bits, count; // fewer than eight bits on their way there
  intptr_t base;
  intptr_t literal;     // the first position that is not written yet
  intptr_t slow;        // steps beyond this have to do with pointer 0
  intptr_t zero;        // the bucket whose newest entry is pointer 0; -1 for none
  intptr_t tailed;      // whether a match has just ended at the base
  intptr_t phase;       // the page's place in a period of the chunk
  intptr_t waiting;     // insertions that nobody sees yet
  uint32_t waitingEntries[4];
  uint16_t waitingOffsets[4];
  intptr_t anyLong;
  // A bit a position, for each number of positions back that a group spans: both share a bucket, or a bank but no bucket.
  uint8_t equals[DK_F_MOST_BACK][DK_F_BITS], banks[DK_F_MOST_BACK][DK_F_BITS];
} dk_family_state;

// Buckets and entries of `count` positions, a multiple of 16.
DK_INLINE void dk_family_hashes(const uint8_t *p, intptr_t count, uint16_t *offsets, uint32_t *entries) {
  const dk_v16u16 iota = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  dk_v16u16 at = iota + (uint16_t)DK_F_ORIGIN;
  for (intptr_t i = 0; i < count; i += 16) {
    dk_v16u16 w0, w1; memcpy(&w0, p + i, 32); memcpy(&w1, p + i + 1, 32);
    // Bytes 0 and 1, and bytes 1 and 2, of each position: every position's own two loads.
    dk_v16u8 b0, b1, b2; memcpy(&b0, p + i, 16); memcpy(&b1, p + i + 1, 16); memcpy(&b2, p + i + 2, 16);
    dk_v16u16 c0 = __builtin_convertvector(b0, dk_v16u16), c1 = __builtin_convertvector(b1, dk_v16u16),
              c2 = __builtin_convertvector(b2, dk_v16u16);
    dk_v16u16 word = c0 | (c1 << 8), tag = (c1 >> 2) | (c2 << 6);
    dk_v16u16 f = tag ^ (tag >> 7) ^ (tag >> 10);
    dk_v16u16 h = ((word ^ f ^ (f << 3)) << 4) & 0x3ff0;
    memcpy(offsets + i, &h, 32);
    dk_v16u32 e = __builtin_convertvector(at, dk_v16u32) | (__builtin_convertvector(tag, dk_v16u32) << 16);
    memcpy(entries + i, &e, 64);
    at += 16;
  }
}

typedef uint32_t dk_v8u32 __attribute__((ext_vector_type(8)));
typedef _Bool dk_v8b __attribute__((ext_vector_type(8)));
// Which entries of two buckets hold the three bytes of their lane's entry, four bits each: with equal tags the
// difference is the distance.
DK_INLINE uint32_t dk_family_match2(const uint8_t *bucket0, uint32_t entry0, const uint8_t *bucket1, uint32_t entry1,
                                    uint32_t reach) {
  dk_v4u32 w0, w1, e0 = entry0, e1 = entry1; memcpy(&w0, bucket0, 16); memcpy(&w1, bucket1, 16);
  dk_v8u32 w = __builtin_shufflevector(w0, w1, 0, 1, 2, 3, 4, 5, 6, 7);
  dk_v8u32 e = __builtin_shufflevector(e0, e1, 0, 1, 2, 3, 4, 5, 6, 7);
  dk_v8b m = __builtin_convertvector((e - w) < reach, dk_v8b);
  uint8_t r; memcpy(&r, &m, 1); return r;
}

// An insertion where pointer 0 is not at work. With `duplicates`, which is the rule, the newest entry stays if it holds
// the same bytes near by, or gives its place.
DK_INLINE void dk_family_put(uint8_t *bucket, uint32_t entry, uint32_t duplicates, uint32_t near) {
  dk_v4u32 w, e = entry; memcpy(&w, bucket, 16);
  dk_v4u32 pushed = __builtin_shufflevector(e, w, 0, 4, 5, 6);
  if (duplicates) {
    dk_v4u32 same = (dk_v4u32)((e - w) < near), kept = duplicates == 1 ? w : __builtin_shufflevector(e, w, 0, 5, 6, 7);
    same = __builtin_shufflevector(same, same, 0, 0, 0, 0);
    pushed = (same & kept) | (~same & pushed);
  }
  memcpy(bucket, &pushed, 16);
}

// Inserts those of the positions that have a bit in `in`.
DK_INLINE void dk_family_put_all(const dk_family_rules *r, uint8_t *table, const uint16_t *offsets, const uint32_t *entries,
                                 uint64_t in, uint32_t duplicates) {
  const uint32_t near = r->near;
  for (; (uint8_t)in == 0xff; in >>= 8, offsets += 8, entries += 8) {
#pragma clang loop unroll(full)
    for (intptr_t j = 0; j < 8; j++) dk_family_put(table + offsets[j], entries[j], duplicates, near);
  }
  for (; in; in &= in - 1) {
    intptr_t j = __builtin_ctzll(in);
    dk_family_put(table + offsets[j], entries[j], duplicates, near);
  }
}

// An insertion with all that can happen to it.
DK_INLINE void dk_family_insert(const dk_family_rules *r, dk_family_state *s, uint16_t offset, uint32_t entry) {
  uint8_t *bucket = s->table + offset;
  uint32_t newest; memcpy(&newest, bucket, 4);
  int isZero = ((entry & 0xffff) & (DK_F_PAGE - 1)) == 64;
  if (r->duplicates && entry - newest < r->near) {
    if (r->duplicates == 1) return;
    memcpy(bucket, &entry, 4);
    if (s->zero == offset) s->zero = -1;
    if (isZero) s->zero = offset;
    return;
  }
  if (s->zero == offset) {
    // Pointer 0 is not the newest any more: it holds its slot, and never matches.
    uint32_t none = DK_F_NONE; memcpy(bucket, &none, 4);
    s->zero = -1;
  }
  dk_family_put(bucket, entry, 0, 0);
  if (isZero) s->zero = offset;
}

// Literals whose codewords have eight bits.
DK_INLINE void dk_family_bytes(dk_sink *o, const uint8_t *from, intptr_t n) {
  uint64_t codes;
  for (; n > 7; n -= 7, from += 7) {
    memcpy(&codes, from, 8);
    o->buffer |= codes << o->count; memcpy(o->next, &o->buffer, 8); o->next += 7;
    o->buffer = (o->buffer >> 56) & ((1ull << o->count) - 1);
  }
  memcpy(&codes, from, 8);
  o->buffer |= (codes & ((1ull << 8 * n) - 1)) << o->count; memcpy(o->next, &o->buffer, 8);
  o->next += n; o->buffer >>= 8 * n;
}

DK_INLINE void dk_family_append(dk_sink *o, uint64_t bits, uint64_t n) {
  o->buffer |= bits << o->count; o->count += n;
  memcpy(o->next, &o->buffer, 8);
  o->next += o->count >> 3; o->buffer >>= o->count & 0x38; o->count &= 7;
}

// BMI2's pdep and pext by name, as both builds inline this and it has no target of its own.
#if defined(__x86_64__)
DK_INLINE uint64_t dk_deposit(uint64_t a, uint64_t m) {
  uint64_t r;
  __asm__("pdepq %2,%1,%0" : "=r"(r) : "r"(a), "r"(m));
  return r;
}
DK_INLINE uint64_t dk_extract(uint64_t a, uint64_t m) {
  uint64_t r;
  __asm__("pextq %2,%1,%0" : "=r"(r) : "r"(a), "r"(m));
  return r;
}
#else
DK_INLINE uint64_t dk_deposit(uint64_t a, uint64_t m) { (void)a; (void)m; __builtin_trap(); }
DK_INLINE uint64_t dk_extract(uint64_t a, uint64_t m) { (void)a; (void)m; __builtin_trap(); }
#endif

DK_INLINE void dk_family_literals(const dk_family_state *s, dk_sink *o, intptr_t from, intptr_t to,
                                  intptr_t bmi) {
  if (!s->anyLong) { dk_family_bytes(o, s->codes + from, to - from); return; }
  // The first even where there are none: a branch that cannot be foreseen costs more.
  for (intptr_t i = from; i == from || i < to; i += 6) {
    intptr_t k = to - i < 6 ? to - i : 6;
    uint64_t codes, longs; memcpy(&codes, s->codes + i, 8); memcpy(&longs, s->longs + (i >> 3), 8);
    longs >>= i & 7;
    if (bmi) {
      uint64_t slots = (1ull << (k * 9)) - 1, first = dk_deposit(longs, slots & 0x0000201008040201ull);
      uint64_t rest = slots & 0x003fdfeff7fbfdfeull;
      dk_family_append(o, dk_extract(dk_deposit(codes, rest) | first, rest | first),
                       (uint64_t)(k * 8 + __builtin_popcountll(first)));
    } else {
      uint64_t bits = 0, n = 0;
      for (intptr_t j = 0; j < k; j++) {
        uint64_t l = (longs >> j) & 1, c = (codes >> (8 * j)) & 255;
        bits |= (c << l | l) << n; n += 8 + l;
      }
      dk_family_append(o, bits, n);
    }
  }
}

// A match's codewords and extra bits (RFC 1951 3.2.5 and 3.2.6), for lengths up to 34.
DK_INLINE void dk_family_code(dk_sink *o, uint32_t length, uint32_t distance) {
  // Of every symbol of 0...31 its five bits, first bit lowest.
  static const uint8_t reversed[] = {0, 16, 8, 24, 4, 20, 12, 28, 2, 18, 10, 26, 6, 22, 14, 30,
                                     1, 17, 9, 25, 5, 21, 13, 29, 3, 19, 11, 27, 7, 23, 15, 31};
  uint32_t l = length - 3, d = distance - 1;
  uint32_t le = l < 8 ? 0 : 29 - (uint32_t)__builtin_clz(l | 1), ls = l < 8 ? l : 4 * le + (l >> le);
  uint32_t de = d < 4 ? 0 : 30 - (uint32_t)__builtin_clz(d | 1), ds = d < 4 ? d : 2 * de + (d >> de);
  // Seven bits, of which the first two are zeros.
  uint64_t bits = (uint64_t)reversed[ls + 1] << 2 | (uint64_t)(l & ((1u << le) - 1)) << 7;
  bits |= (uint64_t)(reversed[ds] | (d & ((1u << de) - 1)) << 5) << (7 + le);
  dk_family_append(o, bits, 12 + le + de);
}

// A bit for each of the step's first 64 positions that stands at least `back` places behind its group's beginning.
DK_INLINE uint64_t dk_family_inside(const dk_family_group *g, intptr_t base, uint32_t back) {
  static const uint64_t every[] = {~0ull, 0x5555555555555555ull, 0x1111111111111111ull, 0x0101010101010101ull, 0x0001000100010001ull};
  uint64_t first = every[__builtin_ctz(g->size)], m = 0;
  // Of a group's places those from `back` on.
  uint64_t group = g->size == 64 ? ~0ull : (1ull << g->size) - 1;
  group &= ~((1ull << back) - 1);
  m = first * group;
  uint32_t phase = (uint32_t)base & g->phase;
  return phase == 0 ? m : (m >> phase) | (m << (64 - phase));
}

// Of 57 positions from the base on, those that share a bucket, or else a bank, with the one so far back.
DK_INLINE uint64_t dk_family_pairs(const uint8_t *bits, intptr_t base) {
  uint64_t word; memcpy(&word, bits + (base >> 3), 8);
  return word >> (base & 7);
}

// What is left of a step's positions `in` after conflicts, and without incomplete groups.
__attribute__((noinline)) static inline uint64_t dk_family_survivors_of_groups(const dk_family_group *g, const dk_family_state *s, intptr_t base,
                                       intptr_t total, uint64_t in) {
  if (g->drops) {
    uint32_t phase = (uint32_t)base & g->phase;
    uint32_t begin = phase ? g->size - phase : 0;
    intptr_t end = total - (intptr_t)(((uint32_t)(base & (g->phase)) + (uint32_t)total) & (g->size - 1));
    if (!g->phase) end = total - (intptr_t)((uint32_t)total & (g->size - 1));
    in = end > (intptr_t)begin ? in & ((1ull << end) - 1) & ~((1ull << begin) - 1) : 0;
  }
  if (g->size == 1 || !(g->equal | g->conflict)) return in;
  uint32_t most = total < (intptr_t)g->size ? (uint32_t)total : g->size;
  if (g->conflict) {
    uint64_t lost = 0;
    for (uint32_t back = 1; back < most; back++) {
      uint64_t pairs = dk_family_pairs(s->banks[back - 1], base) & dk_family_inside(g, base, back) & in & (in << back);
      lost |= g->conflict == 1 ? pairs : pairs >> back;
    }
    in &= ~lost;
  }
  if (g->equal) {
    uint64_t lost = 0;
    for (uint32_t back = 1; back < most; back++) {
      uint64_t pairs = dk_family_pairs(s->equals[back - 1], base) & dk_family_inside(g, base, back) & in & (in << back);
      lost |= g->equal == 1 ? pairs : pairs >> back;
    }
    in &= ~lost;
  }
  return in;
}

DK_INLINE uint64_t dk_family_survivors(const dk_family_group *g, const dk_family_state *s, intptr_t base,
                                       intptr_t total, uint64_t in) {
  if (!g->pairs) {
    if (!g->fours) return dk_family_survivors_of_groups(g, s, base, total, in);
    // Places of a group that are so far behind another of its places.
    uint64_t one = dk_family_pairs(s->equals[0], base) & in & (in << 1) & 0xeeeeeeeeeeeeeeeeull;
    uint64_t two = dk_family_pairs(s->equals[1], base) & in & (in << 2) & 0xccccccccccccccccull;
    uint64_t three = dk_family_pairs(s->equals[2], base) & in & (in << 3) & 0x8888888888888888ull;
    return in & ~(((one | two | three) & g->equal_second) | ((one >> 1 | two >> 2 | three >> 3) & g->equal_first));
  }
  // Second ones of a pair whose first is there.
  uint64_t seconds = in & (in << 1) & 0xaaaaaaaaaaaaaaaaull;
  uint64_t equal = dk_family_pairs(s->equals[0], base) & seconds, bank = dk_family_pairs(s->banks[0], base) & seconds;
  uint64_t second = (equal & g->equal_second) | (bank & g->bank_second), first = (equal & g->equal_first) | (bank & g->bank_first);
  return in & ~(second | first >> 1);
}

// Where steps have to do with pointer 0 next, from `from` on.
DK_INLINE intptr_t dk_family_next_slow(const dk_family_state *s, intptr_t from) {
  intptr_t page = from <= 0 ? 0 : DK_F_PAGE;
  if (s->zero < 0) return page;
  for (intptr_t i = from; i < page; i += 32) {
    uint32_t m = dk_equal32(s->offsets + i, (uint16_t)s->zero);
    if (m) { i += __builtin_ctz(m); return i < page ? i : page; }
  }
  return page;
}

// Inserts `in` of the positions from the base on, those that the next step does not see a step later.
__attribute__((noinline)) static void dk_family_insert_all(const dk_family_rules *r, dk_family_state *s, intptr_t base, intptr_t total,
                                    uint64_t in) {
  const uint16_t *offsets = s->offsets + base; const uint32_t *entries = s->entries + base;
  for (intptr_t i = 0; i < s->waiting; i++) dk_family_insert(r, s, s->waitingOffsets[i], s->waitingEntries[i]);
  s->waiting = 0;
  uint32_t back = s->tailed && r->tail > r->hidden ? r->tail : r->hidden;
  while (in) {
    uint32_t o = (uint32_t)__builtin_ctzll(in); in &= in - 1;
    if (__builtin_expect((intptr_t)o < total - (intptr_t)back, 1)) {
      dk_family_insert(r, s, offsets[o], entries[o]);
    } else {
      s->waitingOffsets[s->waiting] = offsets[o]; s->waitingEntries[s->waiting++] = entries[o];
    }
  }
  s->slow = dk_family_next_slow(s, base + total - (intptr_t)back);
}

// The same where pointer 0 is not at work. `waits`: whether anything may be hidden.
DK_INLINE void dk_family_put_step(const dk_family_rules *r, dk_family_state *s, intptr_t base, intptr_t total, uint64_t in,
                                  intptr_t tailed, intptr_t waits, uint32_t duplicates) {
  const uint16_t *offsets = s->offsets + base; const uint32_t *entries = s->entries + base;
  if (waits) {
    for (intptr_t i = 0; i < s->waiting; i++) dk_family_put(s->table + s->waitingOffsets[i], s->waitingEntries[i], 0, 0);
    intptr_t back = tailed && r->tail > r->hidden ? r->tail : r->hidden, waiting = 0;
    intptr_t from = total > back ? total - back : 0;
    for (intptr_t o = from; o < total; o++) {
      s->waitingOffsets[waiting] = offsets[o]; s->waitingEntries[waiting] = entries[o];
      waiting += (in >> o) & 1;
    }
    s->waiting = waiting;
    in &= (1ull << from) - 1;
  }
  dk_family_put_all(r, s->table, offsets, entries, in, duplicates);
}

// The four runs of a lane at once, of which the longest wins and then the newest, as if none were longer than `enough`:
// length << 2 | slot. Of the entries those in `m` count, of which there is one at least.
DK_INLINE uint32_t dk_family_longest(const uint8_t *at, const uint8_t *window, const uint32_t *bucket, uint32_t m,
                                     uint32_t limit, uint32_t enough) {
  // The bytes that agree as that many ones and one more, which are cut off at the limits.
  uint64_t best = 0, whole = 0, most = (2ull << limit) - 1, enoughs = (2ull << (enough < 32 ? enough : 32)) - 1;
#pragma clang loop unroll(full)
  for (uint32_t slot = 0; slot < 4; slot++) {
    uint64_t x = dk_agree32(at, window - DK_F_ORIGIN + (bucket[slot] & 0xffff)) & most;
    uint64_t key = ((x & enoughs) * 4 + (3 - slot)) & -(uint64_t)((m >> slot) & 1);
    whole = key > best ? x : whole;
    best = key > best ? key : best;
  }
  return (uint32_t)(63 - __builtin_clzll(whole)) * 4 + (~best & 3);
}

/// Matches the steps that begin before `end` and writes all before it. `limit`: where the input ends.
DK_INLINE void dk_family_steps(const dk_family_rules *r, dk_family_state *s, intptr_t end, intptr_t limit,
                               intptr_t bmi, intptr_t waits, uint32_t duplicates) {
  const uint16_t *const offsets = s->offsets; const uint32_t *const entries = s->entries;
  const uint8_t *const window = s->window; uint8_t *const table = s->table;
  const uint32_t reach = r->reach, slots0 = r->slots0, slots1 = r->slots1, lookup = r->lookup;
  const int careful = r->literal.drops != 0;
  // Only pairs that agree in these bits can lose a position: of one bucket, or of one bank.
  const uint32_t bank = r->literal.conflict ? r->literal.bank : 0xffff;
  dk_sink sink = {s->bits, s->count, s->next};
  intptr_t base = s->base, literal = s->literal, slow = s->slow;
  while (base < end) {
    uint32_t o0 = offsets[base], o1 = offsets[base + 1], e0 = entries[base], e1 = entries[base + 1];
    uint32_t both = dk_family_match2(table + o0, e0, table + o1, e1, reach);
    uint32_t m = both & slots0, m1 = both >> 4 & slots1;
    if (lookup && ((o0 ^ o1) & lookup) == 0) m1 = 0;
    if ((m | m1) == 0) {
      uint64_t in = 3;
      if (__builtin_expect((((o0 ^ o1) & bank) == 0) | careful, 0)) in = dk_family_survivors(&r->literal, s, base, 2, in);
      if (__builtin_expect(base + 2 <= slow, 1)) {
        if ((!waits || (s->waiting | r->hidden) == 0) && __builtin_expect(in == 3, 1)) {
          dk_family_put(table + o0, e0, duplicates, r->near);
          dk_family_put(table + o1, e1, duplicates, r->near);
        } else {
          dk_family_put_step(r, s, base, 2, in, 0, waits, duplicates);
        }
      } else {
        s->tailed = 0;
        dk_family_insert_all(r, s, base, 2, in);
        slow = s->slow;
      }
      base += 2;
      continue;
    }
    uint32_t lane = m == 0;
    m = m ? m : m1;
    intptr_t start = base + lane;
    uint32_t room = 32 - lane;
    if (limit - start < (intptr_t)room) room = (uint32_t)(limit - start);
    const uint8_t *at = window + start;
    uint32_t bucket[4]; memcpy(bucket, table + offsets[start], 16);
    uint32_t found = dk_family_longest(at, window, bucket, m, room, r->enough);
    uint32_t length = found >> 2, slot = found & 3;
    dk_family_literals(s, &sink, literal, start, bmi);
    dk_family_code(&sink, length, (uint32_t)(start + DK_F_ORIGIN) - (bucket[slot] & 0xffff));
    intptr_t next = start + length, total = lane + length;
    literal = next;
    uint64_t in = (1ull << total) - 1, before = lane, match = in & ~before;
    if (r->rule) switch (r->rule) {
    case DK_F_STARTS: match &= 1ull << lane; break;
    case DK_F_NOT_LAST: match &= in >> 1; break;
    case DK_F_FIRST: match &= r->first < 64 ? (1ull << r->first) - 1 : ~0ull; break;
    case DK_F_LAST: case DK_F_ENDS: {
      uint64_t last = (intptr_t)r->last < total ? ~((1ull << (total - r->last)) - 1) : ~0ull;
      if (r->rule == DK_F_ENDS) last |= r->first < 32 ? ((1ull << r->first) - 1) << lane : ~0ull;
      match &= last;
      break;
    }
    case DK_F_PERIOD_BASE: match &= r->periods[0]; break;
    case DK_F_PERIOD_MATCH: match &= r->periods[0] << lane; break;
    default: match &= r->periods[(uint32_t)(s->phase + base) % r->period]; break;
    }
    in = dk_family_survivors(&r->match, s, base, total, match | before);
    if (r->refresh && (in >> lane & 1)) {
      // The entry goes before anything comes: those before it move up one slot.
      if (slot == 0 && s->zero == offsets[start]) s->zero = -1;
      const dk_v4u32 none = DK_F_NONE, slots = {0, 1, 2, 3};
      dk_v4u32 w; memcpy(&w, table + offsets[start], 16);
      dk_v4u32 behind = (dk_v4u32)(slots >= slot), next = __builtin_shufflevector(w, none, 1, 2, 3, 4);
      w = (behind & next) | (~behind & w); memcpy(table + offsets[start], &w, 16);
    }
    if (__builtin_expect(base + total <= slow, 1)) {
      dk_family_put_step(r, s, base, total, in, 1, waits, duplicates);
    } else {
      s->tailed = 1;
      dk_family_insert_all(r, s, base, total, in);
      slow = s->slow;
    }
    base = next;
  }
  if (literal < end) {
    dk_family_literals(s, &sink, literal, end, bmi);
    literal = end;
  }
  s->base = base; s->literal = literal;
  s->bits = sink.buffer; s->count = sink.count; s->next = sink.next;
}

// A page on: 4096 bytes back for all entries.
DK_INLINE void dk_family_age(uint32_t *entries) {
  for (intptr_t i = 0; i < DK_F_TABLE / 4; i += 16) dk_age16(entries + i, DK_F_NONE);
}

/// Buckets, entries and literals of a page and what lies ahead. The input ends at `limit`: behind its last three
/// bytes no entry matches.
DK_INLINE void dk_family_prepare(dk_family_state *s, intptr_t limit) {
  dk_family_hashes(s->window, DK_F_PAGE + DK_F_AHEAD, s->offsets, s->entries);
  // Behind the last three bytes: tags that no three bytes have, each another, since these are inserted, too.
  for (intptr_t i = limit > 2 ? limit - 2 : 0; i < limit + 2 && i < DK_F_PAGE + DK_F_AHEAD; i++)
    s->entries[i] = (uint32_t)(0x7ff0 + (i & 3)) << 16 | (s->entries[i] & 0xffff);
  uint32_t any = 0;
  for (intptr_t i = 0; i < DK_F_PAGE; i += 32) {
    uint32_t l = dk_literals32(s->window + i, s->codes + i);
    memcpy(s->longs + i / 8, &l, 4);
    any |= l;
  }
  s->anyLong = any != 0;
}

// Which positions conflict with which before them.
DK_INLINE void dk_family_find_pairs(const dk_family_rules *r, dk_family_state *s) {
  uint32_t size = r->literal.size > r->match.size ? r->literal.size : r->match.size;
  int equal = (r->literal.equal | r->match.equal) != 0, conflict = (r->literal.conflict | r->match.conflict) != 0;
  if (!(equal | conflict)) return;
  const uint16_t bank = (uint16_t)(r->literal.bank | r->match.bank);
  for (uint32_t back = 1; back < size; back++) {
    for (intptr_t i = 0; i < DK_F_PAGE + DK_F_AHEAD; i += 32) {
      dk_v32u16 a, b; memcpy(&a, s->offsets + i, 64); memcpy(&b, s->offsets + i - back, 64);
      a ^= b;
      dk_v32b same = __builtin_convertvector(a == 0, dk_v32b); memcpy(s->equals[back - 1] + i / 8, &same, 4);
      if (!conflict) continue;
      dk_v32b q = __builtin_convertvector((a != 0) & ((a & bank) == 0), dk_v32b); memcpy(s->banks[back - 1] + i / 8, &q, 4);
    }
  }
}

DK_INLINE void dk_family_page(const dk_family_rules *r, dk_family_state *s, intptr_t end, intptr_t limit, intptr_t bmi) {
  dk_family_prepare(s, limit);
  dk_family_find_pairs(r, s);
  uint32_t most = r->tail > r->hidden ? r->tail : r->hidden;
  s->slow = dk_family_next_slow(s, s->base - (intptr_t)most);
  if (r->duplicates == 1) dk_family_steps(r, s, end, limit, bmi, 0, 1);
  else if (r->duplicates == 2) dk_family_steps(r, s, end, limit, bmi, 0, 2);
  else if (most) dk_family_steps(r, s, end, limit, bmi, 1, 0);
  else dk_family_steps(r, s, end, limit, bmi, 0, 0);
}

static void dk_family_page_plain(const dk_family_rules *r, dk_family_state *s, intptr_t end, intptr_t limit) {
  dk_family_page(r, s, end, limit, 0);
}
#if defined(__x86_64__)
__attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"), noinline)) static void dk_family_page_avx2(
    const dk_family_rules *r, dk_family_state *s, intptr_t end, intptr_t limit) {
  dk_family_page(r, s, end, limit, 1);
}
#endif

#pragma clang assume_nonnull end
#pragma clang diagnostic pop
