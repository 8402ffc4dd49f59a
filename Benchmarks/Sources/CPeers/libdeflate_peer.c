// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

#include <libdeflate.h>
#include <stdlib.h>

#include "peers.h"

struct peer_libdeflate_encoder {
  struct libdeflate_compressor *compressor;
};

struct peer_libdeflate_decoder {
  struct libdeflate_decompressor *decompressor;
  bool gzip;
};

peer_libdeflate_encoder *peer_libdeflate_encoder_create(int level) {
  peer_libdeflate_encoder *state = calloc(1, sizeof *state);
  if (state && !(state->compressor = libdeflate_alloc_compressor(level))) {
    free(state);
    return NULL;
  }
  return state;
}

size_t peer_libdeflate_encode(peer_libdeflate_encoder *state, const void *in, size_t in_count,
                              void *out, size_t capacity) {
  size_t count = libdeflate_deflate_compress(state->compressor, in, in_count, out, capacity);
  return count ? count : PEER_FAILED;
}

void peer_libdeflate_encoder_destroy(peer_libdeflate_encoder *state) {
  if (state) libdeflate_free_compressor(state->compressor);
  free(state);
}

peer_libdeflate_decoder *peer_libdeflate_decoder_create(bool gzip) {
  peer_libdeflate_decoder *state = calloc(1, sizeof *state);
  if (state && !(state->decompressor = libdeflate_alloc_decompressor())) {
    free(state);
    return NULL;
  }
  if (state) state->gzip = gzip;
  return state;
}

size_t peer_libdeflate_decode(peer_libdeflate_decoder *state, const void *in, size_t in_count,
                              void *out, size_t capacity) {
  size_t count = 0;
  enum libdeflate_result result =
      state->gzip
          ? libdeflate_gzip_decompress(state->decompressor, in, in_count, out, capacity, &count)
          : libdeflate_deflate_decompress(state->decompressor, in, in_count, out, capacity, &count);
  return result == LIBDEFLATE_SUCCESS ? count : PEER_FAILED;
}

void peer_libdeflate_decoder_destroy(peer_libdeflate_decoder *state) {
  if (state) libdeflate_free_decompressor(state->decompressor);
  free(state);
}

uint32_t peer_libdeflate_crc32(const void *in, size_t in_count) {
  return libdeflate_crc32(0, in, in_count);
}

const char *peer_libdeflate_version(void) { return LIBDEFLATE_VERSION_STRING; }
