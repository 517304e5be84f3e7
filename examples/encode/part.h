/* SPDX-License-Identifier: MIT */
#ifndef PART_H
#define PART_H

/*
 * Files of --groups, which --join reads. A part begins with lines of text:
 *
 *     wcenc-encode part 1
 *     NAME=VALUE...
 *
 * until an empty one: what the part is, the settings and versions that made it, and the decoder config. Then follow the
 * chunks, each after a record of 40 bytes with little-endian numbers:
 *
 *     0   1  'C'
 *     1   1  1: key chunk
 *     2   2  0
 *     4   4  bytes of alpha
 *     8   8  bytes of the chunk
 *     16  8  timestamp in microseconds
 *     24  8  decoding time in microseconds
 *     32  8  duration in microseconds
 *
 * The last record is 'E', with the number of chunks as its timestamp, and the CRC-32 of all that is before it as its
 * decoding time.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <wcenc/wcenc.h>

#include "messages.h"
#include "options.h"
#include "run.h"
#include "sink.h"

extern const struct sink_format part_format;

/* What is known before the first chunk. */
struct part_settings {
    const struct options *options;
    const struct run *run;
    const wcenc_config *config;
    const char *encoder;
    bool annexb;
    enum scan scan;
};

/* The lines of it, to be freed; NULL with `fault` set. */
char *part_describe(const struct part_settings *settings, struct fault *fault);

/* The lines of a decoder config, into a stream of text. */
void part_print_config(FILE *out, const wcenc_decoder_config *config);

struct part {
    const char *path;
    char *text; /* the lines, each of them ended by a 0 */
    size_t text_size;
    FILE *file; /* NULL: closed */
    uint32_t crc;
    uint64_t chunks; /* that were read */
    uint8_t *data;
    uint8_t *alpha;
    uint32_t number; /* from 1 */
    uint32_t parts;
    uint64_t first; /* frames of the parts before */
    uint64_t frames;
};

/* Reads the lines. After a failure it still needs closing. */
bool part_open(struct part *part, const char *path, struct fault *fault);

/* Closes the file; lines stay until part_free. */
void part_close(struct part *part);
void part_free(struct part *part);

/* The value of a line, or "". */
const char *part_value(const struct part *part, const char *name);
int64_t part_number(const struct part *part, const char *name);

/* Whether two parts can belong to one file. */
bool part_compare(const struct part *one, const struct part *other, struct fault *fault);

/* Whether the lines of a part begin with those of `text`, which part_describe returned. */
bool part_has_settings(const struct part *part, const char *text);

/* The next chunk, without a decoder config; false at the end, and with a fault where the file is not whole. */
bool part_read(struct part *part, struct sink_chunk *chunk, struct fault *fault);

/* What the decoder config of a part says; valid as long as the part. */
struct part_config {
    wcenc_decoder_config config;
    wcenc_hdr_metadata hdr;
    uint8_t private_data[4096];
};
bool part_config(const struct part *part, struct part_config *out, struct fault *fault);

#endif
