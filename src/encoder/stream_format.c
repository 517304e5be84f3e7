/* SPDX-License-Identifier: MIT */

/* What a stream is coded in, as its frames and the configuration decide. */

#include "color_space.h"
#include "profiles.h"
#include "stream.h"

static bool is_rgb(const struct frame_view *frame)
{
    return wcenc__pixel_format(frame->picture.format)->is_rgb;
}

/* The first frame decides, and a matrix is added where RGB comes to need one. */
static wcenc_color_space colors_of(const struct stream *stream, const struct frame_view *frame)
{
    const struct encoder_config *config = stream->config;
    const wcenc_color_space *first = stream->has_format ? &stream->format.color_space : &frame->picture.color_space;
    wcenc_color_space requested = config->given.color_space, colors;

    if (!requested.matrix && is_rgb(frame))
        requested.matrix = wcenc__codec_family(config->codec.family)->rgb_matrix;
    colors = wcenc__color_space_for_stream(first, is_rgb(frame), &requested);
    if (stream->has_format)
        colors.range = stream->format.color_space.range;
    if (!requested.transfer)
        wcenc__codec_limit_color(config->codec.family, &colors);
    return colors;
}

/* 4:2:0 keeps its chroma where it is, so that what it states holds; what becomes 4:2:0 follows the configuration. */
static wcenc_chroma_location chroma_location_of(const struct stream *stream, const struct frame_view *frame)
{
    const wcenc_chroma_location requested = stream->config->given.chroma_location;
    const bool is_420 = wcenc__pixel_format(frame->picture.format)->chroma_shift_y > 0;

    if (is_420 && frame->picture.chroma_location)
        return frame->picture.chroma_location;
    return requested || is_420 ? requested : (wcenc_chroma_location)WCENC_CHROMA_LOCATION_LEFT;
}

struct stream_format wcenc__stream_format(const struct stream *stream, const struct frame_view *frame)
{
    return (struct stream_format){
        .color_space = colors_of(stream, frame),
        .chroma_location = stream->has_format ? stream->format.chroma_location : chroma_location_of(stream, frame),
        .rotation = frame->rotation,
        .flip = frame->flip,
    };
}

void wcenc__stream_set_up(struct stream *stream, struct encoder_config *config, const struct codec_candidate *candidate,
                          const struct stream_format *format)
{
    stream->config = wcenc__config_ref(config);
    stream->candidate = candidate;
    stream->format = *format;
    stream->has_format = true;
}

bool wcenc__stream_format_equal(const struct stream_format *a, const struct stream_format *b)
{
    return a->rotation == b->rotation && a->flip == b->flip && a->chroma_location == b->chroma_location &&
           wcenc__color_space_equal(&a->color_space, &b->color_space);
}
