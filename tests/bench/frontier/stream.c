/* SPDX-License-Identifier: MIT */

#include "stream.h"

#include <stdio.h>
#include <stdlib.h>

#include "../../process/check.h"

enum { HEADER_SIZE = 8 };

struct stream {
    FILE *file;
};

static FILE *open_file(const char *path, const char *mode)
{
    FILE *file = fopen(path, mode);

    if (!file)
        check_failed(__FILE__, __LINE__, path);
    return file;
}

struct stream *stream_create(const char *path)
{
    struct stream *stream = malloc(sizeof *stream);

    CHECK(stream);
    stream->file = open_file(path, "we");
    return stream;
}

static void put(uint8_t out[4], uint32_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t get(const uint8_t in[4])
{
    return in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 24;
}

void stream_take(void *user, const uint8_t *data, size_t size, int64_t number)
{
    struct stream *stream = user;
    uint8_t header[HEADER_SIZE];

    put(header, (uint32_t)size);
    put(header + 4, (uint32_t)number);
    CHECK_EQUAL((long long)fwrite(header, 1, HEADER_SIZE, stream->file), HEADER_SIZE);
    CHECK_EQUAL((long long)fwrite(data, 1, size, stream->file), (long long)size);
}

void stream_finish(struct stream *stream)
{
    CHECK_EQUAL(fclose(stream->file), 0);
    free(stream);
}

void stream_read(const char *path, take_fn take, void *user)
{
    FILE *file = open_file(path, "re");
    uint8_t header[HEADER_SIZE];
    size_t got;

    while ((got = fread(header, 1, HEADER_SIZE, file)) != 0) {
        const uint32_t size = get(header);
        uint8_t *data;

        CHECK_EQUAL((long long)got, HEADER_SIZE);
        CHECK(data = malloc(size + 1));
        CHECK_EQUAL((long long)fread(data, 1, size, file), (long long)size);
        take(user, data, size, get(header + 4));
        free(data);
    }
    CHECK_EQUAL(fclose(file), 0);
}
