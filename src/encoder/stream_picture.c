/* SPDX-License-Identifier: MIT */

/* From a frame's pixels to those that the backend takes, prefetched or converted. */

#include "stream.h"

#include <string.h>

#include "thread.h"

/* NULL, with `failure` set, if it fails. */
static const struct picture *convert_now(struct stream *stream, const struct picture *source, struct failure *failure)
{
    int64_t began = monotonic_ns();
    struct failure why;
    bool is_done;

    if (!stream->converter)
        stream->converter = wcenc__converter_create();
    is_done = stream->converter && wcenc__picture_make_like(&stream->converted, &stream->input)
                  ? wcenc__convert(stream->converter, source, &stream->converted, &why)
                  : wcenc__lack_memory(&why);
    stream->converting_ns += monotonic_ns() - began;
    if (is_done)
        return &stream->converted;
    wcenc__failure_set(failure, why.status == WCENC_ERROR_NO_MEMORY ? why.status : WCENC_ERROR_ENCODING, 0, "%s: %s",
                       stream->candidate->name, why.message);
    return NULL;
}

static void set_target(struct stream *stream, const struct picture *target)
{
    stream->is_converting = target != NULL;
    if (stream->prefetcher)
        wcenc__prefetch_set_target(stream->prefetcher, target, stream->generation);
}

/* True if `prefetched` is what the backend takes of the frame. */
static bool take_prefetched(struct stream *stream, uint64_t number)
{
    wcenc__pixels_unref(stream->prefetched.pixels);
    memset(&stream->prefetched, 0, sizeof stream->prefetched);
    return stream->is_converting && stream->prefetcher &&
           wcenc__prefetch_take(stream->prefetcher, number, &stream->prefetched) &&
           wcenc__convert_fits(&stream->prefetched, &stream->input);
}

const struct picture *wcenc__stream_convert(struct stream *stream, struct queued_frame *frame, struct failure *failure)
{
    const struct picture *source = &frame->frame.picture;

    /* Only a sample above the highest level is in the way, which the next frame need not have. */
    if (wcenc__convert_fits(source, &stream->input)) {
        wcenc__stream_stop_converting(stream);
        return convert_now(stream, source, failure);
    }
    if (take_prefetched(stream, frame->number))
        return &stream->prefetched;
    set_target(stream, &stream->input);
    return convert_now(stream, source, failure);
}

void wcenc__stream_stop_converting(struct stream *stream)
{
    if (stream->is_converting)
        set_target(stream, NULL);
}
