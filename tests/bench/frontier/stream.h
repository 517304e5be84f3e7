/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BENCH_FRONTIER_STREAM_H
#define WCENC_BENCH_FRONTIER_STREAM_H

/*
 * A coded stream in a file, the same for all competitors: for each packet its size and the number of its frame, 32 bits
 * each, least significant byte first, and its bytes. page.js writes it too.
 */

#include "../tally.h"

struct stream;

/* Ends the process if the file cannot be written. */
struct stream *stream_create(const char *path);

/* A take_fn whose user is a struct stream. */
void stream_take(void *stream, const uint8_t *data, size_t size, int64_t number);

void stream_finish(struct stream *stream);

/* Calls `take` for every packet of a file. Ends the process if the file cannot be read or is cut off. */
void stream_read(const char *path, take_fn take, void *user);

#endif
