// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The codec on this processor, with zlib as judge: the published vectors, round trips of pieces of
// three sizes, streams of zlib at four levels with its own and with fixed codes, and CRC-32. What the
// streams of each file sum to is printed, so that two processors' runs can be compared.
//
// With `count JOB ROUNDS FILE` one job is done ROUNDS times and nothing else, for whoever counts instructions.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

intptr_t codec_encode(const uint8_t *, intptr_t, uint8_t *, intptr_t);
intptr_t codec_decode(const uint8_t *, intptr_t, uint8_t *, intptr_t);
uint32_t codec_crc32(const uint8_t *, intptr_t);
intptr_t codec_bound(intptr_t);

static int wrong;

static void *room(size_t count) {
  void *bytes = malloc(count ? count : 1);
  if (!bytes) exit(2);
  return bytes;
}

static void expect(int holds, const char *what, const char *name, size_t at) {
  if (holds) return;
  wrong++;
  if (wrong < 20) printf("WRONG: %s: %s at %zu\n", name, what, at);
}

// Streams of real devices: Documentation/iaa-fixed-profile.md.
static void vectors(void) {
  static const char text[] = "Join us now and share the software Join us now and share the software ";
  static const char stream[] = "f3cacfcc53282d56c8cb2f5748cc4b5128ce482c4a5528c9485528ce4f2b290771bc0828017200";
  uint8_t out[256];
  char hex[sizeof stream + 2];
  intptr_t count = codec_encode((const uint8_t *)text, sizeof text - 1, out, sizeof out);
  for (intptr_t i = 0; i < count && (size_t)i < sizeof stream / 2; i++) snprintf(hex + 2 * i, 3, "%02x", out[i]);
  int holds = count == (intptr_t)(sizeof stream / 2) && !memcmp(hex, stream, sizeof stream - 1);
  expect(holds, "vector T1", "vectors", 0);
  printf("vector of 39 bytes: %s\n", holds ? "equal" : "differs");
  uint8_t stars[4096];
  memset(stars, '*', sizeof stars);
  count = codec_encode(stars, sizeof stars, out, sizeof out);
  expect(count == 228, "4096 stars", "vectors", 0);
  printf("4096 stars: %td bytes, published 228\n", count);
}

static int inflates(const uint8_t *stream, size_t count, const uint8_t *data, size_t dataCount) {
  uint8_t *out = room(dataCount + 1);
  z_stream z = {.next_in = (uint8_t *)stream, .avail_in = (uInt)count, .next_out = out, .avail_out = (uInt)dataCount + 1};
  inflateInit2(&z, -15);
  int end = inflate(&z, Z_FINISH);
  int same = end == Z_STREAM_END && z.total_out == dataCount && z.avail_in == 0 && !memcmp(out, data, dataCount);
  inflateEnd(&z);
  free(out);
  return same;
}

static size_t deflated(const uint8_t *data, size_t count, uint8_t *out, size_t capacity, int level, int strategy) {
  z_stream z = {.next_in = (uint8_t *)data, .avail_in = (uInt)count, .next_out = out, .avail_out = (uInt)capacity};
  deflateInit2(&z, level, Z_DEFLATED, -15, 8, strategy);
  if (deflate(&z, Z_FINISH) != Z_STREAM_END) exit(2);
  deflateEnd(&z);
  return z.total_out;
}

static uint8_t *contents(const char *path, size_t *count) {
  FILE *in = fopen(path, "rb");
  if (!in) { perror(path); exit(2); }
  fseek(in, 0, SEEK_END);
  *count = (size_t)ftell(in);
  rewind(in);
  uint8_t *data = room(*count);
  if (fread(data, 1, *count, in) != *count) exit(2);
  fclose(in);
  return data;
}

static void file(const char *path) {
  size_t count;
  uint8_t *data = contents(path, &count);
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  static const size_t sizes[] = {4096, 65280, 1 << 20};
  size_t streams = 0, pages = 0;
  uint32_t sum = 0;
  for (int s = 0; s < 3; s++)
    for (size_t at = 0; at < count; at += sizes[s]) {
      size_t piece = count - at < sizes[s] ? count - at : sizes[s];
      size_t capacity = (size_t)codec_bound((intptr_t)piece) + compressBound(piece) + 64;
      uint8_t *out = room(capacity), *back = room(piece);
      intptr_t written = codec_encode(data + at, (intptr_t)piece, out, codec_bound((intptr_t)piece));
      expect(written > 0, "not compressed", name, at);
      if (written > 0) {
        expect(inflates(out, (size_t)written, data + at, piece), "zlib refuses ours", name, at);
        intptr_t got = codec_decode(out, written, back, (intptr_t)piece);
        expect(got == (intptr_t)piece && !memcmp(back, data + at, piece), "we refuse ours", name, at);
        sum = (uint32_t)crc32(sum, out, (uInt)written);
        if (s == 0) pages += (size_t)written;
        streams++;
      }
      for (int level = 0; level <= 9; level += 3)
        for (int fixed = 0; fixed < 2; fixed++) {
          size_t made = deflated(data + at, piece, out, capacity, level, fixed ? Z_FIXED : Z_DEFAULT_STRATEGY);
          memset(back, 0, piece);
          intptr_t got = codec_decode(out, (intptr_t)made, back, (intptr_t)piece);
          expect(got == (intptr_t)piece && !memcmp(back, data + at, piece), "we refuse zlib's", name, at);
          streams++;
        }
      expect(codec_crc32(data + at, (intptr_t)piece) == crc32(0, data + at, (uInt)piece), "CRC-32", name, at);
      free(out);
      free(back);
    }
  printf("%s: %zu bytes, pages to %zu, %zu streams, all of ours sum to %08x\n", name, count, pages, streams, sum);
  free(data);
}

// A job of whole pages of 4096 bytes, or of the whole file where it says so; zlib's for scale.
static void job(const char *name, long rounds, const char *path) {
  size_t count, page = 4096;
  uint8_t *data = contents(path, &count);
  int theirs = !strncmp(name, "zlib-", 5), whole = !!strstr(name, "dynamic");
  count -= count % page;
  if (whole) page = count;
  size_t capacity = (size_t)codec_bound((intptr_t)page) + compressBound(page) + 64;
  uint8_t *out = room(capacity), *back = room(page);
  int encodes = !!strstr(name, "encode"), checks = !!strstr(name, "crc");
  for (size_t at = 0; at < count; at += page) {
    size_t made = 0;
    if (whole) made = deflated(data, count, out, capacity, 6, Z_DEFAULT_STRATEGY);
    else if (!encodes && !checks) made = (size_t)codec_encode(data + at, (intptr_t)page, out, codec_bound((intptr_t)page));
    for (long round = 0; round < rounds; round++)
      if (encodes && theirs) deflated(data + at, page, out, capacity, 1, Z_FIXED);
      else if (encodes) expect(codec_encode(data + at, (intptr_t)page, out, codec_bound((intptr_t)page)) > 0, name, path, at);
      else if (checks && theirs) crc32(0, data + at, (uInt)page);
      else if (checks) codec_crc32(data + at, (intptr_t)page);
      else if (theirs) expect(inflates(out, made, data + at, page), name, path, at);
      else expect(codec_decode(out, (intptr_t)made, back, (intptr_t)page) == (intptr_t)page, name, path, at);
  }
}

int main(int count, char **paths) {
  if (count == 5 && !strcmp(paths[1], "count")) {
    job(paths[2], strtol(paths[3], NULL, 10), paths[4]);
    return wrong != 0;
  }
  vectors();
  for (int i = 1; i < count; i++) file(paths[i]);
  if (count < 2) wrong++;
  printf("wrong: %d\n", wrong);
  return wrong != 0;
}
