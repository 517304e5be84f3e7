/* SPDX-License-Identifier: MIT */

/*
 * The byte string that the writers append to, the walk over the NAL units of Annex B, and the change of framing to
 * length-prefixed. What stands inside a NAL unit is read in bitstream_h26x.c; AV1, VP8 and VP9 have files of their own.
 * Nothing here trusts its input.
 */

#include "bitstream.h"

#include <string.h>

#include "mem.h"

enum {
    H264_SLICE = 1,
    H264_SLICE_IDR = 5,
    H264_SPS = 7,
    H264_PPS = 8,
    H264_AUD = 9,
    HEVC_FIRST_IRAP = 16,
    HEVC_LAST_IRAP = 23,
    HEVC_LAST_SLICE = 31,
    HEVC_VPS = 32,
    HEVC_PPS = 34,
    HEVC_AUD = 35,
};

#define START_CODE_SIZE    3u
#define LENGTH_PREFIX_SIZE 4u

void wcenc__buffer_free(struct byte_buffer *buffer)
{
    mem_free(buffer->data);
    *buffer = (struct byte_buffer){0};
}

static bool reserve(struct byte_buffer *buffer, size_t extra)
{
    if (buffer->failed)
        return false;
    if (extra <= buffer->capacity - buffer->size)
        return true;

    size_t capacity = buffer->capacity <= SIZE_MAX / 2 ? buffer->capacity * 2 : SIZE_MAX;
    uint8_t *data = NULL;

    if (extra <= SIZE_MAX - buffer->size) {
        if (capacity < buffer->size + extra)
            capacity = buffer->size + extra;
        data = (uint8_t *)mem_realloc(buffer->data, capacity);
    }
    if (!data) {
        buffer->failed = true;
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

void wcenc__buffer_append(struct byte_buffer *buffer, const void *bytes, size_t size)
{
    if (size == 0 || !reserve(buffer, size))
        return;
    memcpy(buffer->data + buffer->size, bytes, size);
    buffer->size += size;
}

/* Where the next 00 00 01 begins, or `size`. Looks for the 1: memchr is many times faster than a loop over zeros. */
static size_t find_start_code(const uint8_t *data, size_t size, size_t from)
{
    while (from < size && size - from >= START_CODE_SIZE) {
        const uint8_t *one = (const uint8_t *)memchr(data + from + 2, 1, size - from - 2);

        if (!one)
            break;
        if (one[-1] == 0 && one[-2] == 0)
            return (size_t)(one - data) - 2;
        from = (size_t)(one - data) - 1;
    }
    return size;
}

bool wcenc__nal_next(struct nal_iterator *iterator, struct nal_unit *nal)
{
    size_t start = find_start_code(iterator->data, iterator->size, iterator->position);

    while (start < iterator->size) {
        size_t begin = start + START_CODE_SIZE;
        size_t next = find_start_code(iterator->data, iterator->size, begin);
        size_t end = next;

        /* A NAL unit never ends in a zero byte: these are padding, or the first byte of a four-byte start code. */
        while (end > begin && iterator->data[end - 1] == 0)
            end--;
        iterator->position = next;
        if (end > begin) {
            *nal = (struct nal_unit){.data = iterator->data + begin, .size = end - begin};
            return true;
        }
        start = next;
    }
    iterator->position = iterator->size;
    return false;
}

static int type_of_header(enum nal_codec codec, uint8_t first_byte)
{
    return codec == NAL_H264 ? first_byte & 0x1f : first_byte >> 1 & 0x3f;
}

int wcenc__nal_type(enum nal_codec codec, const struct nal_unit *nal)
{
    return type_of_header(codec, nal->data[0]);
}

bool wcenc__nal_is_parameter_set(enum nal_codec codec, int type)
{
    if (codec == NAL_H264)
        return type == H264_SPS || type == H264_PPS;
    return type >= HEVC_VPS && type <= HEVC_PPS;
}

bool wcenc__nal_is_key(enum nal_codec codec, int type)
{
    if (codec == NAL_H264)
        return type == H264_SLICE_IDR;
    return type >= HEVC_FIRST_IRAP && type <= HEVC_LAST_IRAP;
}

static bool is_slice(enum nal_codec codec, int type)
{
    return codec == NAL_H264 ? type >= H264_SLICE && type <= H264_SLICE_IDR : type <= HEVC_LAST_SLICE;
}

/* HEVC's temporal id plus one is never zero; without the check, zeros after a start code would pass for a slice. */
static bool is_header(enum nal_codec codec, const uint8_t *data, size_t size)
{
    if (codec == NAL_H264)
        return size >= 1;
    return size >= 2 && (data[1] & 7) != 0;
}

/* True if there is a NAL unit of a slice; `*begin` is its header. */
static bool find_slice(enum nal_codec codec, const uint8_t *data, size_t size, size_t *begin)
{
    /* Not wcenc__nal_next: looking for the end of the slice would read the whole picture. */
    size_t position = find_start_code(data, size, 0);

    while (position < size) {
        position += START_CODE_SIZE;
        if (is_header(codec, data + position, size - position) &&
            is_slice(codec, type_of_header(codec, data[position]))) {
            *begin = position;
            return true;
        }
        position = find_start_code(data, size, position);
    }
    return false;
}

bool wcenc__annexb_is_key(enum nal_codec codec, const uint8_t *data, size_t size)
{
    size_t begin;

    return find_slice(codec, data, size, &begin) && wcenc__nal_is_key(codec, type_of_header(codec, data[begin]));
}

bool wcenc__annexb_find_slice(enum nal_codec codec, const uint8_t *data, size_t size, size_t *offset)
{
    size_t begin;

    if (!find_slice(codec, data, size, &begin))
        return false;
    *offset = begin - START_CODE_SIZE;
    /* The zero of a start code of four bytes. */
    if (*offset > 0 && data[*offset - 1] == 0)
        --*offset;
    return true;
}

static bool is_delimiter(enum nal_codec codec, int type)
{
    return type == (codec == NAL_H264 ? H264_AUD : HEVC_AUD);
}

/* Parameter sets travel in the record beside the stream, and a sample needs no delimiter (ISO 14496-15). */
static bool is_left_out(enum nal_codec codec, int type)
{
    return wcenc__nal_is_parameter_set(codec, type) || is_delimiter(codec, type);
}

static void put_be32(uint8_t *bytes, uint32_t value)
{
    bytes[0] = (uint8_t)(value >> 24);
    bytes[1] = (uint8_t)(value >> 16);
    bytes[2] = (uint8_t)(value >> 8);
    bytes[3] = (uint8_t)value;
}

static uint32_t get_be32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

bool wcenc__lengths_find_slice(enum nal_codec codec, const uint8_t *data, size_t size, size_t *offset)
{
    size_t position = 0;

    while (size - position > LENGTH_PREFIX_SIZE) {
        const size_t rest = size - position - LENGTH_PREFIX_SIZE, length = get_be32(data + position);
        const uint8_t *nal = data + position + LENGTH_PREFIX_SIZE;

        if (length > rest)
            return false;
        if (is_header(codec, nal, length) && is_slice(codec, type_of_header(codec, nal[0]))) {
            *offset = position;
            return true;
        }
        position += LENGTH_PREFIX_SIZE + length;
    }
    return false;
}

static bool write_lengths(enum nal_codec codec, const uint8_t *data, size_t size,
                          bool (*leaves_out)(enum nal_codec codec, int type), struct byte_buffer *out)
{
    struct nal_iterator iterator = {.data = data, .size = size};
    struct nal_unit nal;
    size_t size_before = out->size;
    /* Each three-byte start code grows by one; a picture of more slices than this reallocates. */
    bool ok = size <= SIZE_MAX - 64 && reserve(out, size + 64);

    while (ok && wcenc__nal_next(&iterator, &nal)) {
        uint8_t length[LENGTH_PREFIX_SIZE];

        if (leaves_out(codec, wcenc__nal_type(codec, &nal)))
            continue;
        ok = nal.size <= UINT32_MAX;
        put_be32(length, (uint32_t)nal.size);
        wcenc__buffer_append(out, length, sizeof(length));
        wcenc__buffer_append(out, nal.data, nal.size);
    }
    ok = ok && !out->failed && out->size > size_before;
    if (!ok)
        out->size = size_before;
    return ok;
}

bool wcenc__annexb_to_length_prefixed(enum nal_codec codec, const uint8_t *data, size_t size, struct byte_buffer *out)
{
    return write_lengths(codec, data, size, is_left_out, out);
}

bool wcenc__annexb_to_length_prefixed_with_sets(enum nal_codec codec, const uint8_t *data, size_t size,
                                                struct byte_buffer *out)
{
    return write_lengths(codec, data, size, is_delimiter, out);
}

/* Turns the lengths of data[0, end) back into start codes. */
static void restore_start_codes(uint8_t *data, size_t end)
{
    for (size_t position = 0; position < end;) {
        size_t length = get_be32(data + position);

        put_be32(data + position, 1);
        position += LENGTH_PREFIX_SIZE + length;
    }
}

/*
 * Writes each length while looking for the next start code and takes them back if something turns up that does not
 * fit: the picture is read once, and the case that fails usually does so at its first NAL unit, a parameter set.
 */
bool wcenc__annexb_to_length_prefixed_in_place(enum nal_codec codec, uint8_t *data, size_t size)
{
    struct nal_iterator iterator = {.data = data, .size = size};
    struct nal_unit nal;
    size_t end = 0; /* of the NAL units turned so far, which leave no byte between them */

    /* Between NAL units the fourth byte of a start code is zero because the iterator trims zeros; here it may not be.
     */
    if (size == 0 || data[0] != 0)
        return false;
    while (wcenc__nal_next(&iterator, &nal)) {
        if ((size_t)(nal.data - data) != end + LENGTH_PREFIX_SIZE || nal.size > UINT32_MAX ||
            is_left_out(codec, wcenc__nal_type(codec, &nal)))
            break;
        put_be32(data + end, (uint32_t)nal.size);
        end += LENGTH_PREFIX_SIZE + nal.size;
    }
    if (end == size)
        return true;
    restore_start_codes(data, end);
    return false;
}
