/* SPDX-License-Identifier: MIT */

/*
 * The index of a file's frames, and the file that keeps one: a header of four numbers after the magic, then the frames
 * and the keys. Numbers have 8 bytes, in the order of the machine.
 */

#include "frame_index.h"

#include <errno.h>
#include <fcntl.h>
#include <libavutil/crc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interrupt.h"
#include "outfile.h"

#define REMUX "; make them with ffmpeg -fflags +genpts -i INPUT -c copy NEW.mp4"

enum { MAGIC_SIZE = 8 };

static const char magic[MAGIC_SIZE + 1] = "WCINDEX1";

struct index_header {
    char magic[MAGIC_SIZE];
    int64_t input_bytes;
    int64_t frame_count;
    int64_t key_count;
    int64_t crc;
};

void frame_index_free(struct frame_index *index)
{
    free(index->frames);
    free(index->keys);
    memset(index, 0, sizeof(*index));
}

/* Makes place for one more element. */
static bool grow(void **array, size_t count, size_t *size, size_t element)
{
    size_t more = *size ? 2 * *size : 1024;
    void *larger;

    if (count < *size)
        return true;
    larger = realloc(*array, more * element);
    if (!larger)
        return false;
    *array = larger;
    *size = more;
    return true;
}

static bool add_frame(struct frame_index *index, int64_t pts, int64_t duration)
{
    if (!grow((void **)&index->frames, index->frame_count, &index->frame_size, sizeof(*index->frames)))
        return false;
    index->frames[index->frame_count++] = (struct frame_entry){pts, duration};
    return true;
}

static bool add_key(struct frame_index *index, int64_t pts)
{
    if (!grow((void **)&index->keys, index->key_count, &index->key_size, sizeof(*index->keys)))
        return false;
    index->keys[index->key_count++] = pts;
    return true;
}

/* Packets that decode to nothing: before the start that an edit list sets, and VP8's frames that are only referenced.
 */
static bool is_hidden(const AVStream *stream, const AVPacket *packet)
{
    enum { VP8_SHOW_FRAME = 0x10 };

    if (packet->flags & AV_PKT_FLAG_DISCARD)
        return true;
    return stream->codecpar->codec_id == AV_CODEC_ID_VP8 && packet->size > 0 && !(packet->data[0] & VP8_SHOW_FRAME);
}

/* Whether a unit of H.264 says that all is exact from its picture on: an IDR slice, or a recovery point at once. */
static bool is_exact_unit(const uint8_t *unit, size_t size)
{
    enum { SLICE_IDR = 5, SEI = 6, RECOVERY_POINT = 6, AT_ONCE_AND_EXACT = 0xC0 };
    size_t at = 1;

    if (size == 0 || (unit[0] & 31) != SEI)
        return size > 0 && (unit[0] & 31) == SLICE_IDR;
    while (at + 2 < size) {
        unsigned type = 0;
        size_t length = 0;

        for (; at < size && unit[at] == 255; at++)
            type += 255;
        type += at < size ? unit[at++] : 0;
        for (; at < size && unit[at] == 255; at++)
            length += 255;
        length += at < size ? unit[at++] : 0;
        if (type == RECOVERY_POINT)
            return at < size && (unit[at] & AT_ONCE_AND_EXACT) == AT_ONCE_AND_EXACT;
        at += length;
    }
    return false;
}

static bool is_exact_with_lengths(const AVPacket *packet, int length_size)
{
    size_t at = 0;
    size_t size = (size_t)packet->size;

    while (at + (size_t)length_size <= size) {
        size_t unit = 0;

        for (int i = 0; i < length_size; i++)
            unit = unit << 8 | packet->data[at++];
        if (unit > size - at)
            return false;
        if (is_exact_unit(packet->data + at, unit))
            return true;
        at += unit;
    }
    return false;
}

static bool is_exact_with_start_codes(const AVPacket *packet)
{
    const uint8_t *end = packet->data + packet->size;

    for (const uint8_t *at = packet->data; end - at > 3; at++)
        if (!at[0] && !at[1] && at[2] == 1 && is_exact_unit(at + 3, (size_t)(end - at) - 3))
            return true;
    return false;
}

/*
 * Whether decoding from a key packet gives exactly the pictures that decoding from the start gives. With gradual
 * refresh H.264 has key packets from which pictures become alike only after a while.
 */
static bool is_exact_key(const AVStream *stream, const AVPacket *packet)
{
    const AVCodecParameters *parameters = stream->codecpar;

    if (!(packet->flags & AV_PKT_FLAG_KEY))
        return false;
    if (parameters->codec_id != AV_CODEC_ID_H264)
        return true;
    if (parameters->extradata_size > 6 && parameters->extradata[0] == 1)
        return is_exact_with_lengths(packet, (parameters->extradata[4] & 3) + 1);
    return is_exact_with_start_codes(packet);
}

/* Frames of a fixed size are counted by the demuxer. */
static bool has_fixed_size(const AVFormatContext *format, const AVStream *stream)
{
    return !strcmp(format->iformat->name, "yuv4mpegpipe") && stream->duration > 0;
}

static bool add_packet(struct frame_index *index, const AVStream *stream, const AVPacket *packet)
{
    if (is_exact_key(stream, packet) && !add_key(index, packet->pts))
        return false;
    return is_hidden(stream, packet) || add_frame(index, packet->pts, packet->duration);
}

/* Where reading ends early, decoding will, too. */
static bool read_packets(struct frame_index *index, AVFormatContext *format, const AVStream *stream, const char *path,
                         struct fault *fault)
{
    AVPacket *packet = av_packet_alloc();
    int64_t last_dts = INT64_MIN;
    bool good = packet != NULL || fault_set(fault, "out of memory");

    while (good && !interrupt_signal() && av_read_frame(format, packet) >= 0) {
        int64_t dts = packet->dts == AV_NOPTS_VALUE ? last_dts : packet->dts;

        if (packet->stream_index == stream->index) {
            if (packet->pts == AV_NOPTS_VALUE)
                good = fault_set(fault, "%s has video without timestamps, and cannot be cut" REMUX, path);
            else if (dts < last_dts)
                good = fault_set(
                    fault, "%s has timestamps that step back, and cannot be cut; join its pieces into one file first",
                    path);
            else
                good = add_packet(index, stream, packet) || fault_set(fault, "out of memory");
            last_dts = dts;
        }
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    return good && (!interrupt_signal() || fault_set(fault, "interrupted before the first frame"));
}

static bool count_frames(struct frame_index *index, const AVStream *stream, struct fault *fault)
{
    bool good = true;

    for (int64_t i = 0; good && i < stream->duration; i++)
        good = add_frame(index, i, 1) && add_key(index, i);
    return good || fault_set(fault, "out of memory");
}

static int compare_frames(const void *one, const void *other)
{
    const struct frame_entry *a = one;
    const struct frame_entry *b = other;

    return a->pts < b->pts ? -1 : a->pts > b->pts;
}

static int compare_keys(const void *one, const void *other)
{
    const int64_t *a = one;
    const int64_t *b = other;

    return *a < *b ? -1 : *a > *b;
}

static uint32_t compute_crc(const struct frame_index *index)
{
    const AVCRC *table = av_crc_get_table(AV_CRC_32_IEEE_LE);
    uint32_t crc = av_crc(table, UINT32_MAX, (const uint8_t *)&index->input_bytes, sizeof(index->input_bytes));

    /* Which takes no empty array. */
    if (index->frame_count)
        crc = av_crc(table, crc, (const uint8_t *)index->frames, index->frame_count * sizeof(*index->frames));
    if (index->key_count)
        crc = av_crc(table, crc, (const uint8_t *)index->keys, index->key_count * sizeof(*index->keys));
    return crc;
}

static bool read_input(struct frame_index *index, const char *path, int number, struct fault *fault)
{
    AVFormatContext *format = NULL;
    size_t size = strlen(path) + sizeof("file:");
    char *url = malloc(size);
    int code = AVERROR(ENOMEM);
    bool good;

    if (url) {
        snprintf(url, size, "file:%s", path);
        code = avformat_open_input(&format, url, NULL, NULL);
    }
    free(url);
    /* Times and durations are those that the source sees only after this. */
    if (code >= 0)
        code = avformat_find_stream_info(format, NULL);
    if (code < 0 || number >= (int)format->nb_streams) {
        avformat_close_input(&format);
        return fault_set_av(fault, code, "cannot read %s", path);
    }
    for (unsigned i = 0; i < format->nb_streams; i++)
        if ((int)i != number)
            format->streams[i]->discard = AVDISCARD_ALL;
    good = has_fixed_size(format, format->streams[number])
               ? count_frames(index, format->streams[number], fault)
               : read_packets(index, format, format->streams[number], path, fault);
    avformat_close_input(&format);
    if (good && index->frame_count)
        qsort(index->frames, index->frame_count, sizeof(*index->frames), compare_frames);
    if (good && index->key_count)
        qsort(index->keys, index->key_count, sizeof(*index->keys), compare_keys);
    index->crc = compute_crc(index);
    return good;
}

static bool save(const struct frame_index *index, const char *path, struct fault *fault)
{
    struct index_header header = {"", index->input_bytes, (int64_t)index->frame_count, (int64_t)index->key_count,
                                  index->crc};
    struct outfile file;
    bool good;

    memcpy(header.magic, magic, MAGIC_SIZE);
    /* Several machines may make it at a time; each makes the same. */
    if (!outfile_open(&file, path, NULL, true, fault))
        return false;
    good = (outfile_write(&file, &header, sizeof(header)) &&
            outfile_write(&file, index->frames, index->frame_count * sizeof(*index->frames)) &&
            outfile_write(&file, index->keys, index->key_count * sizeof(*index->keys))) ||
           outfile_fault(&file, fault);
    return outfile_close(&file, good, fault) && good;
}

/* Whether the rest of the file has the size that the header says. */
static bool fits(const struct index_header *header, int64_t bytes)
{
    const int64_t most = INT64_MAX / 64;

    return !memcmp(header->magic, magic, MAGIC_SIZE) && header->frame_count >= 0 && header->frame_count < most &&
           header->key_count >= 0 && header->key_count < most &&
           bytes == (int64_t)sizeof(*header) + header->frame_count * (int64_t)sizeof(struct frame_entry) +
                        header->key_count * (int64_t)sizeof(int64_t);
}

static bool read_all(FILE *file, struct frame_index *index)
{
    struct index_header header;
    struct stat status;

    if (fread(&header, sizeof(header), 1, file) != 1 || fstat(fileno(file), &status) != 0 ||
        !fits(&header, status.st_size))
        return false;
    index->frame_count = (size_t)header.frame_count;
    index->key_count = (size_t)header.key_count;
    index->input_bytes = header.input_bytes;
    index->crc = (uint32_t)header.crc;
    /* One more, so that an empty one is no failure. */
    index->frames = calloc(index->frame_count + 1, sizeof(*index->frames));
    index->keys = calloc(index->key_count + 1, sizeof(*index->keys));
    return index->frames && index->keys &&
           fread(index->frames, sizeof(*index->frames), index->frame_count, file) == index->frame_count &&
           fread(index->keys, sizeof(*index->keys), index->key_count, file) == index->key_count &&
           compute_crc(index) == index->crc;
}

static bool load(struct frame_index *index, const char *path, int64_t input_bytes, struct fault *fault)
{
    FILE *file = fopen(path, "rb");
    bool good = file && read_all(file, index);

    if (file)
        fclose(file);
    if (!good)
        return fault_set(fault, "--index: %s is not an index that wcenc-encode wrote: remove it", path);
    return index->input_bytes == input_bytes ||
           fault_set(fault, "--index: %s is of another INPUT, of %lld bytes: remove it", path,
                     (long long)index->input_bytes);
}

bool frame_index_open(struct frame_index *index, const char *path, int stream, const char *cache, struct fault *fault)
{
    struct stat status;
    bool good;

    memset(index, 0, sizeof(*index));
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return fault_set(fault, "%s is not a file, and cannot be cut: each part reads it", path);
    if (cache && access(cache, F_OK) == 0) {
        good = load(index, cache, status.st_size, fault);
    } else {
        index->input_bytes = status.st_size;
        good = read_input(index, path, stream, fault) && (!cache || save(index, cache, fault));
    }
    if (good)
        return true;
    frame_index_free(index);
    return false;
}
