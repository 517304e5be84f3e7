/* SPDX-License-Identifier: MIT */

/*
 * What is beside the video, where frames do not draw it along: the rest after the last frame that was asked for, and
 * all of it where the video was encoded before. Both read on until every copied stream has come to the time.
 */

#include <stdlib.h>

#include "interrupt.h"
#include "run.h"
#include "source_file.h"

struct beside {
    struct source_file file;
    struct run run;
};

/* Files put what belongs together within seconds. */
static const int64_t apart_most_us = 10 * 1000000;

bool source_file_read_beside(struct source_file *file, int64_t offset_us, int64_t time_us, struct fault *fault)
{
    int64_t read_us = INT64_MIN;
    bool good = true;

    while (good && !file->at_end && !interrupt_signal() && !tracks_reach(file->tracks, time_us - offset_us) &&
           (read_us < time_us || read_us - time_us < apart_most_us)) {
        if (av_read_frame(file->format, file->packet) < 0) {
            file->at_end = true;
        } else if (file->packet->stream_index != file->stream->index) {
            good = tracks_take(file->tracks, file->packet, fault);
        } else if (file->packet->dts != AV_NOPTS_VALUE) {
            read_us = av_rescale_q(file->packet->dts, file->stream->time_base, AV_TIME_BASE_Q) + offset_us;
        }
        av_packet_unref(file->packet);
    }
    return good;
}

static bool beside_pass(struct source *source, int64_t time_us, struct fault *fault)
{
    struct beside *beside = (struct beside *)source;
    int64_t offset_us = -beside->run.start_us;

    return source_file_read_beside(&beside->file, offset_us, time_us, fault) &&
           tracks_move(beside->file.tracks, offset_us, time_us, time_us, fault);
}

static bool beside_finish(struct source *source, int64_t end_us, struct fault *fault)
{
    struct beside *beside = (struct beside *)source;
    int64_t until_us = beside->run.is_limited ? end_us : beside->run.length_us;
    int64_t read_us = beside->run.is_limited ? end_us : INT64_MAX / 2;

    return source_file_read_beside(&beside->file, -beside->run.start_us, read_us, fault) &&
           tracks_finish(beside->file.tracks, until_us, fault);
}

static void beside_attach(struct source *source, struct sink *sink)
{
    struct beside *beside = (struct beside *)source;
    struct tracks_span span = {beside->run.start_us, beside->run.length_us};

    tracks_attach(beside->file.tracks, sink, &span, beside->file.path, beside->file.notes);
}

struct source *source_open_beside(const struct options *options, const struct run *run, struct notes *notes,
                                  struct fault *fault)
{
    static const struct source_ops ops = {
        .close = source_file_close, .attach = beside_attach, .finish = beside_finish, .pass = beside_pass};
    struct beside *beside = calloc(1, sizeof(*beside));

    if (!beside) {
        fault_set(fault, "out of memory");
        return NULL;
    }
    beside->run = *run;
    if (source_file_open(&beside->file, &ops, options, notes, fault)) {
        beside->file.tracks = tracks_create(beside->file.format, beside->file.stream->index, options->no_audio);
        source_file_seek(&beside->file, options->seek);
        if (beside->file.tracks && avio_size(beside->file.format->pb) == run->input_bytes)
            return &beside->file.base;
        fault_set(fault,
                  beside->file.tracks ? "%s is not the file that the parts were made of: name that with -i"
                                      : "%s: out of memory",
                  options->input);
    }
    source_file_close(&beside->file.base);
    return NULL;
}
