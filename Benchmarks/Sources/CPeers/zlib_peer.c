// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

#include <stdlib.h>
#include <zlib.h>

#include "peers.h"

struct peer_zlib_encoder {
  z_stream stream;
};

struct peer_zlib_decoder {
  z_stream stream;
};

peer_zlib_encoder *peer_zlib_encoder_create(int level, bool fixed, int window_bits) {
  peer_zlib_encoder *state = calloc(1, sizeof *state);
  if (state && deflateInit2(&state->stream, level, Z_DEFLATED, window_bits, 8,
                            fixed ? Z_FIXED : Z_DEFAULT_STRATEGY) != Z_OK) {
    free(state);
    return NULL;
  }
  return state;
}

size_t peer_zlib_encode(peer_zlib_encoder *state, const void *in, size_t in_count, void *out,
                        size_t capacity) {
  z_stream *stream = &state->stream;
  deflateReset(stream);
  stream->next_in = (Bytef *)in;
  stream->avail_in = (uInt)in_count;
  stream->next_out = out;
  stream->avail_out = (uInt)capacity;
  if (deflate(stream, Z_FINISH) != Z_STREAM_END) return PEER_FAILED;
  return capacity - stream->avail_out;
}

void peer_zlib_encoder_destroy(peer_zlib_encoder *state) {
  if (state) deflateEnd(&state->stream);
  free(state);
}

peer_zlib_decoder *peer_zlib_decoder_create(int window_bits) {
  peer_zlib_decoder *state = calloc(1, sizeof *state);
  if (state && inflateInit2(&state->stream, window_bits) != Z_OK) {
    free(state);
    return NULL;
  }
  return state;
}

size_t peer_zlib_decode(peer_zlib_decoder *state, const void *in, size_t in_count, void *out,
                        size_t capacity) {
  z_stream *stream = &state->stream;
  inflateReset(stream);
  stream->next_in = (Bytef *)in;
  stream->avail_in = (uInt)in_count;
  stream->next_out = out;
  stream->avail_out = (uInt)capacity;
  if (inflate(stream, Z_FINISH) != Z_STREAM_END) return PEER_FAILED;
  return capacity - stream->avail_out;
}

void peer_zlib_decoder_destroy(peer_zlib_decoder *state) {
  if (state) inflateEnd(&state->stream);
  free(state);
}

uint32_t peer_zlib_crc32(const void *in, size_t in_count) {
  return (uint32_t)crc32_z(0, in, in_count);
}

const char *peer_zlib_version(void) { return zlibVersion(); }
