/* SPDX-License-Identifier: MIT */
#ifndef WCENC_ENCODER_TIMELINE_H
#define WCENC_ENCODER_TIMELINE_H

/*
 * What a frame was given to travel with (timestamp, duration, tag), kept beside the codec and found again by the
 * frame's place in the order of encoding. The codec itself only ever sees that count, so that timestamps may be
 * anything: duplicates, negatives, the ends of int64. Decoding times are made here too.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wcenc/color_space.h>

enum {
    TIMELINE_REORDER_MAX = 16, /* frames that decoding order may run ahead; H.264 and HEVC allow no more */
};

struct timeline_entry {
    int64_t timestamp_us;
    uint64_t duration_us;
    uint64_t user_tag;
    wcenc_hdr_metadata hdr_metadata;
    bool has_duration;
    bool key;          /* it was to become a key frame */
    uint8_t layer;     /* temporal */
    int32_t quantizer; /* that it was sent with, or -1 */
    bool is_open;      /* no packet yet */
};

struct timeline {
    struct timeline_entry *ring; /* indexed by count modulo capacity */
    size_t capacity;             /* a power of two, or 0 */
    int64_t next;                /* count of the next frame */
    int64_t oldest;              /* count of the oldest entry that may be asked for */
    int64_t packets;             /* packets so far */
    size_t open;                 /* entries that are open */
    int64_t last_dts_us;         /* of the last packet, if there was one */
    bool has_dts;
};

void wcenc__timeline_init(struct timeline *timeline);
void wcenc__timeline_free(struct timeline *timeline);

/* Back to the start: what is open is forgotten. */
void wcenc__timeline_restart(struct timeline *timeline);

/* Adds a frame, whose count is stored in `*count`. False if out of memory. */
bool wcenc__timeline_push(struct timeline *timeline, const struct timeline_entry *entry, int64_t *count);

/* Closes a frame's entry and gives it out. False if there is none with this count, or it is closed already. */
bool wcenc__timeline_take(struct timeline *timeline, int64_t count, struct timeline_entry *entry);

/* After take: the frame has no packet, and takes its place in the order of decoding with it. */
void wcenc__timeline_skip(struct timeline *timeline);

/*
 * The decoding time of the next packet: the timestamp of the frame that stands `reorder_depth` places before the
 * packet's place in the order of decoding; before the first frame, as many `frame_duration_us` earlier. Call it once
 * per packet, after take.
 */
int64_t wcenc__timeline_next_dts(struct timeline *timeline, uint32_t reorder_depth, int64_t frame_duration_us,
                                 int64_t timestamp_us);

/*
 * The decoding time of a packet that another timeline has counted, which made it `dts_us`: not before that of the last
 * packet, and later where the packet's timestamp is.
 */
int64_t wcenc__timeline_continue(struct timeline *timeline, int64_t dts_us, int64_t timestamp_us);

/* Frames without a packet. */
size_t wcenc__timeline_open_count(const struct timeline *timeline);

#endif
