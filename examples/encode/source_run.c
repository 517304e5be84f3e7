/* SPDX-License-Identifier: MIT */

/*
 * A part of a file: finding its first frame, and holding that every frame is the one that the index promises. Decoding
 * begins at the key packet before, and where that gives another frame, as after gradual refresh, at one before it.
 */

#include <stdlib.h>

#include "ffmpeg_compat.h"
#include "frame_index.h"
#include "interrupt.h"
#include "run.h"
#include "source_file.h"

struct source_run {
    struct frame_index index;
    struct run run;
    size_t next; /* the frame of the index that is decoded next */
};

void source_run_free(struct source_run *run)
{
    if (run)
        frame_index_free(&run->index);
    free(run);
}

static bool fault_differs(const struct source_file *file, struct fault *fault)
{
    return fault_set(fault, "%s decodes to other frames than its packets say, and cannot be cut: encode it in one run",
                     file->path);
}

bool source_run_check(struct source_file *file, struct fault *fault)
{
    struct source_run *run = file->run;
    const struct frame_entry *entry;

    if (!run)
        return true;
    if (damage_count(&file->base.info.damage))
        return fault_set(fault, "%s is damaged, so that parts may differ from one run: encode it in one run",
                         file->path);
    entry = &run->index.frames[run->next];
    if (run->next >= run->index.frame_count || file->frame->best_effort_timestamp != entry->pts ||
        compat_frame_duration(file->frame) != entry->duration)
        return fault_differs(file, fault);
    run->next++;
    return true;
}

/* Reads from `from` on until the key packet at `key`, which the decoder gets. False where it was not there. */
static bool read_to_key(struct source_file *file, int64_t from, int64_t key, struct fault *fault)
{
    if (avformat_seek_file(file->format, file->stream->index, INT64_MIN, from, from, 0) < 0)
        return false;
    avcodec_flush_buffers(file->decoder);
    file->at_end = false;
    while (!interrupt_signal() && av_read_frame(file->format, file->packet) >= 0) {
        const AVPacket *packet = file->packet;
        bool is_video = packet->stream_index == file->stream->index;

        if (is_video && packet->pts == key && packet->flags & AV_PKT_FLAG_KEY)
            return source_file_send(file, fault) == SOURCE_FRAME;
        if (is_video && packet->dts != AV_NOPTS_VALUE && packet->dts > key)
            break;
        av_packet_unref(file->packet);
    }
    av_packet_unref(file->packet);
    return false;
}

/* Demuxers seek to a decoding time, or to some place before; an earlier aim leads to every packet. */
static bool go_to_key(struct source_file *file, size_t key, struct fault *fault)
{
    static const size_t steps[] = {0, 1, 8, 64, SIZE_MAX};
    const int64_t *keys = file->run->index.keys;

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && !fault_is_set(fault); i++)
        if (read_to_key(file, keys[steps[i] < key ? key - steps[i] : 0], keys[key], fault))
            return true;
    return false;
}

/* Errors on the way to the first frame are of frames that are not wanted: those before the key packet are missing. */
static bool decode_to(struct source_file *file, size_t entry, struct fault *fault)
{
    const struct frame_entry *frames = file->run->index.frames;
    struct damage damage = file->base.info.damage;
    int64_t pts = frames[entry].pts;
    bool found;

    do
        found = source_file_decode(file, fault) == SOURCE_FRAME;
    while (found && file->frame->best_effort_timestamp < pts);
    /* Of frames with the same timestamp the one that is meant. */
    for (size_t i = entry; found && i > 0 && frames[i - 1].pts == pts; i--)
        found = source_file_decode(file, fault) == SOURCE_FRAME;
    file->base.info.damage = damage;
    file->first = (struct fault){""};
    file->errors = 0;
    return found && file->frame->best_effort_timestamp == pts;
}

static bool go_to(struct source_file *file, size_t entry, struct fault *fault)
{
    const struct frame_index *index = &file->run->index;
    int64_t pts = index->frames[entry].pts;
    size_t key = index->key_count;

    file->marks = (struct marks){.last_dts = AV_NOPTS_VALUE};
    while (key-- > 0 && !fault_is_set(fault))
        if (index->keys[key] <= pts && go_to_key(file, key, fault) && decode_to(file, entry, fault))
            return true;
    if (interrupt_signal())
        return fault_set(fault, "interrupted before the first frame");
    return fault_differs(file, fault);
}

/* Streams that were cut out of others have packets in front that decode to nothing. */
static bool find_frame(const struct frame_index *index, int64_t pts, size_t *entry)
{
    for (size_t i = 0; i < index->frame_count && index->frames[i].pts <= pts; i++) {
        *entry = i;
        if (index->frames[i].pts == pts)
            return true;
    }
    return false;
}

static void describe(struct source_file *file, const struct run_frames *frames)
{
    struct run *run = &file->run->run;

    run->start_us = av_rescale_q(frames->index->frames[frames->begin].pts, file->stream->time_base, AV_TIME_BASE_Q);
    run->length_us = file->duration_us;
    run->input_bytes = frames->index->input_bytes;
    run->input_crc = frames->index->crc;
    file->base.info.run = run;
    file->base.info.total_frames = run->count;
}

bool source_run_begin(struct source_file *file, const struct options *options, struct fault *fault)
{
    struct source_run *part = calloc(1, sizeof(*part));
    struct run_frames frames = {.index = part ? &part->index : NULL, .start = file->time, .framerate = {0, 1}};
    struct timeline time = file->time;
    size_t entry;

    file->run = part;
    if (!part)
        return fault_set(fault, "out of memory");
    if (!frame_index_open(&part->index, file->path, file->stream->index, options->index, fault))
        return false;
    if (!find_frame(&part->index, file->frame->best_effort_timestamp, &frames.begin))
        return fault_differs(file, fault);
    if (options->framerate > 0)
        frames.framerate = filter_framerate(options->framerate);
    part->run.group = run_group_length(options, file->base.info.framerate);
    if (!run_count_frames(&frames, options, &part->run, fault) || !run_cut(&part->run, options, fault))
        return false;
    describe(file, &frames);
    /* What comes out of deinterlacing depends on all frames before. */
    file->left_out = options->deinterlace ? part->run.first : 0;
    entry = options->deinterlace ? frames.begin : run_first_entry(&frames, part->run.first, &time);
    if (options->framerate > 0 && !options->deinterlace)
        filter_start_at(file->filter, (int64_t)part->run.first);
    part->next = entry;
    file->time = time;
    return entry == frames.begin || go_to(file, entry, fault);
}
