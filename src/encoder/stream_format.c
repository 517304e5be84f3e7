/* SPDX-License-Identifier: MIT */

/* What a stream is coded in, as its frames and the configuration decide. */

#include "color_space.h"
#include "profiles.h"
#include "stream.h"

static bool is_rgb(const struct frame_view *frame)
{
    return wcenc__pixel_format(frame->picture.format)->is_rgb;
}

wcenc_color_space wcenc__stream_colors(const struct stream *stream, const struct frame_view *frame)
{
    const struct encoder_config *config = stream->config;
    const wcenc_color_space *first = stream->has_format ? &stream->color_space : &frame->picture.color_space;
    wcenc_color_space requested = config->given.color_space, colors;

    if (!requested.matrix && is_rgb(frame))
        requested.matrix = wcenc__codec_family(config->codec.family)->rgb_matrix;
    colors = wcenc__color_space_for_stream(first, is_rgb(frame), &requested);
    if (stream->has_format)
        colors.range = stream->color_space.range;
    if (!requested.transfer)
        wcenc__codec_limit_color(config->codec.family, &colors);
    return colors;
}

wcenc_chroma_location wcenc__stream_chroma_location(const struct stream *stream, const struct frame_view *frame)
{
    const wcenc_chroma_location requested = stream->config->given.chroma_location;
    const bool is_420 = wcenc__pixel_format(frame->picture.format)->chroma_shift_y > 0;

    if (is_420 && frame->picture.chroma_location)
        return frame->picture.chroma_location;
    return requested || is_420 ? requested : (wcenc_chroma_location)WCENC_CHROMA_LOCATION_LEFT;
}
