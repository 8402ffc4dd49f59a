// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// Some of ISA-L's routines return with dirty upper vector halves, and then whoever runs next pays
// for it on each SSE instruction. Every call here cleans up behind them, inside ISA-L's own time.

#include <isa-l.h>
#include <stdlib.h>

#include "peers.h"

#if defined(__x86_64__)
#include <immintrin.h>
__attribute__((target("avx"))) static void clear_upper_halves(void) { _mm256_zeroupper(); }
static void clean_up(void) {
  if (__builtin_cpu_supports("avx")) clear_upper_halves();
}
#else
static void clean_up(void) {}
#endif

struct peer_isal_encoder {
  struct isal_zstream stream;
};

struct peer_isal_decoder {
  struct inflate_state state;
  bool gzip;
};

peer_isal_encoder *peer_isal_encoder_create(void) {
  return calloc(1, sizeof(peer_isal_encoder));
}

size_t peer_isal_encode(peer_isal_encoder *state, const void *in, size_t in_count, void *out,
                        size_t capacity) {
  struct isal_zstream *stream = &state->stream;
  isal_deflate_stateless_init(stream);
  stream->level = 0;
  stream->hist_bits = 12;
  stream->end_of_stream = 1;
  stream->flush = NO_FLUSH;
  stream->next_in = (uint8_t *)in;
  stream->avail_in = (uint32_t)in_count;
  stream->next_out = out;
  stream->avail_out = (uint32_t)capacity;
  int result = isal_deflate_set_hufftables(stream, NULL, IGZIP_HUFFTABLE_STATIC);
  if (result == COMP_OK) result = isal_deflate_stateless(stream);
  clean_up();
  return result == COMP_OK ? capacity - stream->avail_out : PEER_FAILED;
}

void peer_isal_encoder_destroy(peer_isal_encoder *state) { free(state); }

peer_isal_decoder *peer_isal_decoder_create(bool gzip) {
  peer_isal_decoder *state = calloc(1, sizeof *state);
  if (state) state->gzip = gzip;
  return state;
}

size_t peer_isal_decode(peer_isal_decoder *decoder, const void *in, size_t in_count, void *out,
                        size_t capacity) {
  struct inflate_state *state = &decoder->state;
  isal_inflate_init(state);
  state->crc_flag = decoder->gzip ? ISAL_GZIP : ISAL_DEFLATE;
  state->next_in = (uint8_t *)in;
  state->avail_in = (uint32_t)in_count;
  state->next_out = out;
  state->avail_out = (uint32_t)capacity;
  int result = isal_inflate_stateless(state);
  clean_up();
  return result == ISAL_DECOMP_OK ? capacity - state->avail_out : PEER_FAILED;
}

void peer_isal_decoder_destroy(peer_isal_decoder *state) { free(state); }

uint32_t peer_isal_crc32(const void *in, size_t in_count) {
  uint32_t crc = crc32_gzip_refl(0, in, in_count);
  clean_up();
  return crc;
}

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
const char *peer_isal_version(void) {
  return TEXT(ISAL_MAJOR_VERSION) "." TEXT(ISAL_MINOR_VERSION) "." TEXT(ISAL_PATCH_VERSION);
}
