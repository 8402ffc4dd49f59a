// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The peers behind one shape of call: state made once, then one buffer in, one buffer out. Each is
// called as its authors mean it to be called when many small buffers follow one another.

#ifndef PEERS_H
#define PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Every coding call returns the bytes written; PEER_FAILED means that it refused.
#define PEER_FAILED SIZE_MAX

typedef struct peer_zlib_encoder peer_zlib_encoder;
typedef struct peer_zlib_decoder peer_zlib_decoder;
typedef struct peer_libdeflate_encoder peer_libdeflate_encoder;
typedef struct peer_libdeflate_decoder peer_libdeflate_decoder;
typedef struct peer_isal_encoder peer_isal_encoder;
typedef struct peer_isal_decoder peer_isal_decoder;

// window_bits as in zlib: negative for raw streams, above 15 for gzip.
peer_zlib_encoder *peer_zlib_encoder_create(int level, bool fixed, int window_bits);
size_t peer_zlib_encode(peer_zlib_encoder *, const void *in, size_t in_count, void *out,
                        size_t capacity);
void peer_zlib_encoder_destroy(peer_zlib_encoder *);
peer_zlib_decoder *peer_zlib_decoder_create(int window_bits);
size_t peer_zlib_decode(peer_zlib_decoder *, const void *in, size_t in_count, void *out,
                        size_t capacity);
void peer_zlib_decoder_destroy(peer_zlib_decoder *);

peer_libdeflate_encoder *peer_libdeflate_encoder_create(int level);
size_t peer_libdeflate_encode(peer_libdeflate_encoder *, const void *in, size_t in_count, void *out,
                              size_t capacity);
void peer_libdeflate_encoder_destroy(peer_libdeflate_encoder *);
peer_libdeflate_decoder *peer_libdeflate_decoder_create(bool gzip);
size_t peer_libdeflate_decode(peer_libdeflate_decoder *, const void *in, size_t in_count, void *out,
                              size_t capacity);
void peer_libdeflate_decoder_destroy(peer_libdeflate_decoder *);

// Level 0, ISA-L's "static" (fixed) tables, a history of 4 KiB, stateless.
peer_isal_encoder *peer_isal_encoder_create(void);
size_t peer_isal_encode(peer_isal_encoder *, const void *in, size_t in_count, void *out,
                        size_t capacity);
void peer_isal_encoder_destroy(peer_isal_encoder *);
peer_isal_decoder *peer_isal_decoder_create(bool gzip);
size_t peer_isal_decode(peer_isal_decoder *, const void *in, size_t in_count, void *out,
                        size_t capacity);
void peer_isal_decoder_destroy(peer_isal_decoder *);

uint32_t peer_zlib_crc32(const void *in, size_t in_count);
uint32_t peer_libdeflate_crc32(const void *in, size_t in_count);
uint32_t peer_isal_crc32(const void *in, size_t in_count);

// The versions that run, not those compiled against, where the library tells.
const char *peer_zlib_version(void);
const char *peer_libdeflate_version(void);
const char *peer_isal_version(void);

#endif
