/* SPDX-License-Identifier: MIT */

/*
 * Alpha that is kept: a second encoder codes it as the luma of a full-range picture whose chroma is grey. What the two
 * make of a frame is one chunk. A frame that one of them drops is dropped in both, and so is every frame behind it that
 * may have been coded from it, up to the next key frame of both.
 */

#include "stream.h"

#include <string.h>

#include "mem.h"

enum { GREY = 128 };

static void append(struct coded_list *list, struct coded_frame *coded)
{
    if (list->last)
        list->last->next = coded;
    else
        list->first = coded;
    list->last = coded;
}

static struct coded_frame *take_first(struct coded_list *list)
{
    struct coded_frame *coded = list->first;

    list->first = coded->next;
    if (!list->first)
        list->last = NULL;
    return coded;
}

static void free_list(struct coded_list *list)
{
    while (list->first) {
        struct coded_frame *coded = take_first(list);

        wcenc__packet_bytes_free(&coded->packet.bytes);
        mem_free(coded);
    }
}

/* Chroma for as long as the encoder is open: it is no part of what the frame's pixels keep. */
static bool make_grey(struct stream *stream, const struct picture *input)
{
    const uint32_t width = (input->width + 1) / 2, height = (input->height + 1) / 2;

    wcenc__pixels_unref(stream->alpha.grey.pixels);
    memset(&stream->alpha.grey, 0, sizeof stream->alpha.grey);
    if (!wcenc__pixels_create(WCENC_PIXEL_FORMAT_I420, width, height, &stream->alpha.grey))
        return false;
    memset((uint8_t *)stream->alpha.grey.planes[0], GREY, (size_t)stream->alpha.grey.strides[0] * height);
    return true;
}

bool wcenc__stream_open_alpha(struct stream *stream, const struct backend_setup *colors, struct failure *failure)
{
    struct backend_setup setup = *colors;
    struct encoder_config part;

    wcenc__config_split(stream->config, CONFIG_PART_ALPHA, &part);
    setup.config = &part;
    setup.color_space = (wcenc_color_space){.range = WCENC_COLOR_RANGE_FULL};
    setup.chroma_location = WCENC_CHROMA_LOCATION_UNSPECIFIED;
    setup.has_sets_in_band = true;
    if (!make_grey(stream, &stream->coder.backend->input)) {
        wcenc__failure_set(failure, WCENC_ERROR_NO_MEMORY, 0, "%s: out of memory", colors->candidate->name);
        return false;
    }
    return wcenc__coder_open(&stream->alpha.coder, &setup, failure);
}

void wcenc__stream_close_alpha(struct stream *stream)
{
    wcenc__coder_close(&stream->alpha.coder);
    free_list(&stream->alpha.colors);
    free_list(&stream->alpha.alphas);
    wcenc__pixels_unref(stream->alpha.grey.pixels);
    memset(&stream->alpha.grey, 0, sizeof stream->alpha.grey);
    stream->alpha.must_skip = false;
}

struct picture wcenc__stream_alpha_picture(const struct stream *stream, const struct picture *picture)
{
    struct picture alpha = stream->alpha.coder.backend->input;

    alpha.planes[0] = picture->planes[3];
    alpha.strides[0] = picture->strides[3];
    for (int plane = 1; plane < 3; plane++) {
        alpha.planes[plane] = stream->alpha.grey.planes[0];
        alpha.strides[plane] = stream->alpha.grey.strides[0];
    }
    alpha.pixels = picture->pixels;
    return alpha;
}

/* Takes over the bytes. False if out of memory. */
static bool put(struct coded_list *list, struct coded_frame *coded)
{
    struct coded_frame *kept = mem_dup(coded, sizeof *coded);

    if (kept)
        append(list, kept);
    else
        wcenc__coded_frame_free(coded);
    return kept != NULL;
}

/* Puts every result that one encoder has ready into its list. Returns why there is no other. */
static enum backend_result collect(struct stream *stream, struct coder *coder, struct coded_list *list,
                                   struct failure *failure)
{
    for (;;) {
        struct coded_frame coded = {.next = NULL};
        enum backend_result result = wcenc__coder_receive(coder, &coded.packet, &coded.header, failure);

        coded.is_dropped = result == BACKEND_DROPPED;
        if (result != BACKEND_OK && result != BACKEND_DROPPED)
            return result;
        if (!put(list, &coded)) {
            wcenc__failure_set(failure, WCENC_ERROR_NO_MEMORY, 0, "%s: out of memory", stream->candidate->name);
            return BACKEND_FAILED;
        }
    }
}

static enum backend_result fail_to_pair(const struct stream *stream, struct failure *failure)
{
    if (stream->candidate->capabilities & ENCODER_LOSES_FRAMES)
        wcenc__failure_set(failure, WCENC_ERROR_NO_MEMORY, 0, "%s: lost a frame, out of memory",
                           stream->candidate->name);
    else
        wcenc__failure_set(failure, WCENC_ERROR_ENCODING, 0, "%s: coded alpha in another order than the colours",
                           stream->candidate->name);
    return BACKEND_FAILED;
}

/* Whether a frame may be part of the stream, given what became of the frames before it. */
static bool is_kept(struct stream *stream, const struct coded_frame *color, const struct coded_frame *alpha)
{
    const bool is_key = !color->is_dropped && !alpha->is_dropped && color->packet.is_key && alpha->packet.is_key;

    if (color->is_dropped != alpha->is_dropped)
        stream->alpha.must_skip = stream->owes_key = true;
    else if (is_key)
        stream->alpha.must_skip = false;
    return !color->is_dropped && !alpha->is_dropped && !stream->alpha.must_skip;
}

enum backend_result wcenc__stream_receive_pair(struct stream *stream, struct coded_frame *coded,
                                               struct failure *failure)
{
    struct coded_list *colors = &stream->alpha.colors, *alphas = &stream->alpha.alphas;
    enum backend_result result = collect(stream, &stream->coder, colors, failure);
    struct coded_frame *color, *alpha;
    bool kept;

    if (result != BACKEND_FAILED)
        result = collect(stream, &stream->alpha.coder, alphas, failure);
    if (result == BACKEND_FAILED || !colors->first || !alphas->first)
        return result;
    if (colors->first->packet.index != alphas->first->packet.index)
        return fail_to_pair(stream, failure);
    color = take_first(colors);
    alpha = take_first(alphas);
    kept = is_kept(stream, color, alpha);
    *coded = *color;
    coded->alpha = alpha->packet.bytes;
    /* Not even by an encoder's own choice is a chunk one to start from whose alpha is none. */
    coded->packet.is_key = color->packet.is_key && alpha->packet.is_key;
    coded->is_dropped = !kept;
    mem_free(color);
    mem_free(alpha);
    if (!kept)
        wcenc__coded_frame_free(coded);
    return kept ? BACKEND_OK : BACKEND_DROPPED;
}
