// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The system's compression libraries, looked for when they are wanted: what they make of a page is
// shown beside what IAA makes of it, and whoever lacks one loses a column and nothing else.
// Their functions are called through pointers that only C can spell.

#ifndef CCOMPRESSORS_H
#define CCOMPRESSORS_H

#include <stddef.h>

// What is looked for: its library, its function, its level.
enum compressor_kind {
  compressor_lz4,     // liblz4.so.1, LZ4_compress_default: the kernel's lz4 at acceleration 1
  compressor_lzo,     // liblzo2.so.2, lzo1x_1_compress: the kernel's lzo, without lzo-rle's runs of zeros
  compressor_zstd,    // libzstd.so.1, ZSTD_compressCCtx
  compressor_zlib,    // libz.so.1, raw deflate with a window of 2^15
  compressor_deflate, // libz.so.1, raw deflate with a window of 2^11, as the kernel's crypto/deflate.c
};

struct compressor;

// Why there is no compressor.
enum compressor_failure {
  compressor_absent,  // the library is not there or is not as expected, or there is no memory
  compressor_crashed, // a process that tried it first ended badly
};

// A compressor for pages of at most `capacity` bytes; NULL, and why, where there is none. Not safe for two threads
// at once; each makes its own. In a program without a dynamic linker of its own a child process tries the library
// first: there a library made for another C library is loaded, and then crashes.
struct compressor *_Nullable compressor_open(
    enum compressor_kind kind, int level, size_t capacity, enum compressor_failure *_Nonnull failure);

// Whether `body`, called with `argument` in a child process, returned a number other than 0 within five seconds: 0 for
// one that crashed, hung or said no. `why` is then what it was.
int compressor_try(
    int (*_Nonnull body)(void *_Nullable), void *_Nullable argument,
    enum compressor_failure *_Nonnull why);

// The library's own version, in static memory or the library's.
const char *_Nonnull compressor_version(const struct compressor *_Nonnull compressor);

// The bytes that `count` bytes become; 0 when the library refuses. Traps when count is above the capacity.
size_t compressor_size(
    struct compressor *_Nonnull compressor, const void *_Nonnull bytes, size_t count);

void compressor_close(struct compressor *_Nonnull compressor);

#endif
