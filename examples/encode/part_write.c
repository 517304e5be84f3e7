/* SPDX-License-Identifier: MIT */

/* Parts are written. */

#include <inttypes.h>
#include <libavutil/crc.h>
#include <stdlib.h>
#include <string.h>

#include "option_table.h"
#include "part.h"

enum { RECORD_SIZE = 40 };

struct part_state {
    uint32_t crc;
};

static void put_number(uint8_t *out, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        out[i] = (uint8_t)(value >> (8 * i));
}

static bool put_bytes(struct sink *sink, const void *data, size_t size)
{
    struct part_state *state = sink->state;

    if (!size)
        return true;
    state->crc = av_crc(av_crc_get_table(AV_CRC_32_IEEE_LE), state->crc, data, size);
    return outfile_write(&sink->file, data, size);
}

/* Options that change the stream; how many groups are encoded at a time does not. */
static void print_options(FILE *out, const struct options *options)
{
    bool is_setting = false;

    for (size_t i = 0; i < option_row_count; i++) {
        char value[1100];

        if (option_rows[i].kind == KIND_HEADING)
            is_setting = option_rows[i].makes_stream;
        else if (is_setting && option_print(&option_rows[i], options, value, sizeof(value)))
            fprintf(out, "--%s=%s\n", option_rows[i].name, value);
    }
}

static void print_run(FILE *out, const struct part_settings *settings)
{
    const struct run *run = settings->run;
    const struct options *options = settings->options;

    fprintf(out, "part=%u\nfirst=%" PRIu64 "\nframes=%" PRIu64 "\n", (unsigned)run->part, run->first, run->count);
    fprintf(out, "input=%s\n", options->input ? options->input : "");
    fprintf(out, "input-bytes=%" PRId64 "\ninput-crc=%08x\n", run->input_bytes, (unsigned)run->input_crc);
    fprintf(out, "parts=%u\ntotal=%" PRIu64 "\ngroup=%u\n", (unsigned)run->parts, run->total, (unsigned)run->group);
    fprintf(out, "start-us=%" PRId64 "\nlength-us=%" PRId64 "\nlimited=%d\n", run->start_us, run->length_us,
            run->is_limited);
}

char *part_describe(const struct part_settings *settings, struct fault *fault)
{
    const wcenc_config *config = settings->config;
    char *text = NULL;
    size_t size = 0;
    FILE *out;

    if ((settings->options->input && strchr(settings->options->input, '\n')) ||
        strchr(settings->options->encoder_options, '\n')) {
        fault_set(fault, "--groups: names and options must not have a line break");
        return NULL;
    }
    out = open_memstream(&text, &size);
    if (!out) {
        fault_set(fault, "out of memory");
        return NULL;
    }
    print_run(out, settings);
    fprintf(out, "annexb=%d\nscan=%d\nframerate=%.17g\n", settings->annexb, (int)settings->scan, config->framerate);
    fprintf(out, "codec=%s\nencoder=%s\nsize=%ux%u\n", config->codec, settings->encoder, (unsigned)config->width,
            (unsigned)config->height);
    print_options(out, settings->options);
    fprintf(out, "versions=%s\n", wcenc_build_info());
    if (fclose(out) == 0)
        return text;
    free(text);
    fault_set(fault, "out of memory");
    return NULL;
}

static void print_bytes(FILE *out, const char *name, const uint8_t *data, size_t size)
{
    fprintf(out, "%s=", name);
    for (size_t i = 0; i < size; i++)
        fprintf(out, "%02x", (unsigned)data[i]);
    fputc('\n', out);
}

void part_print_config(FILE *out, const wcenc_decoder_config *config)
{
    const wcenc_color_space *color = &config->color_space;
    const wcenc_hdr_metadata *hdr = config->hdr_metadata;

    fprintf(out, "stream-codec=%s\nstream-size=%u %u %u %u\n", config->codec, (unsigned)config->coded_width,
            (unsigned)config->coded_height, (unsigned)config->display_aspect_width,
            (unsigned)config->display_aspect_height);
    fprintf(out, "stream-color=%d %d %d %d\nstream-turn=%d %d\nstream-reorder=%u\n", (int)color->primaries,
            (int)color->transfer, (int)color->matrix, (int)color->range, (int)config->rotation, (int)config->flip,
            (unsigned)config->reorder_depth);
    if (hdr)
        fprintf(out, "stream-hdr=%d %d %u %u %u %u %u %u %u %u %u %u %u %u\n", (int)hdr->has_mastering_display,
                (int)hdr->has_content_light_level, (unsigned)hdr->red_x, (unsigned)hdr->red_y, (unsigned)hdr->green_x,
                (unsigned)hdr->green_y, (unsigned)hdr->blue_x, (unsigned)hdr->blue_y, (unsigned)hdr->white_x,
                (unsigned)hdr->white_y, (unsigned)hdr->max_luminance, (unsigned)hdr->min_luminance,
                (unsigned)hdr->max_content_light_level, (unsigned)hdr->max_frame_average_light_level);
    print_bytes(out, "stream-private", config->container_private, config->container_private_size);
}

static bool part_open_sink(struct sink *sink, struct fault *fault)
{
    struct part_state *state = calloc(1, sizeof(*state));

    sink->state = state;
    if (!state)
        return fault_set(fault, "out of memory");
    state->crc = UINT32_MAX;
    return true;
}

static bool write_lines(struct sink *sink, const wcenc_decoder_config *config, struct fault *fault)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = config ? open_memstream(&text, &size) : NULL;
    bool good;

    if (!config)
        return fault_set(fault, "the first chunk came without a decoder config");
    if (!out)
        return fault_set(fault, "out of memory");
    fprintf(out, "wcenc-encode part 1\n%s", sink->part_text);
    part_print_config(out, config);
    fputc('\n', out);
    if (fclose(out) != 0)
        good = fault_set(fault, "out of memory");
    else
        good = put_bytes(sink, text, size) || outfile_fault(&sink->file, fault);
    free(text);
    return good;
}

static bool part_write_chunk(struct sink *sink, const struct sink_chunk *chunk, struct fault *fault)
{
    uint8_t record[RECORD_SIZE] = {'C', chunk->is_key};

    if (sink->chunks == 0 && !write_lines(sink, chunk->decoder_config, fault))
        return false;
    put_number(record + 4, chunk->alpha_size, 4);
    put_number(record + 8, chunk->size, 8);
    put_number(record + 16, (uint64_t)chunk->timestamp_us, 8);
    put_number(record + 24, (uint64_t)chunk->dts_us, 8);
    put_number(record + 32, chunk->duration_us, 8);
    return (put_bytes(sink, record, sizeof(record)) && put_bytes(sink, chunk->data, chunk->size) &&
            put_bytes(sink, chunk->alpha, chunk->alpha_size)) ||
           outfile_fault(&sink->file, fault);
}

static bool part_finish(struct sink *sink, struct fault *fault)
{
    const struct part_state *state = sink->state;
    uint8_t record[RECORD_SIZE] = {'E'};

    put_number(record + 16, sink->chunks, 8);
    put_number(record + 24, state->crc, 8);
    return outfile_write(&sink->file, record, sizeof(record)) || outfile_fault(&sink->file, fault);
}

static void part_free_sink(struct sink *sink)
{
    free(sink->state);
    sink->state = NULL;
}

static const struct sink_ops part_ops = {part_open_sink, part_write_chunk, part_finish, part_free_sink};

const struct sink_format part_format = {
    .extension = ".part",
    .name = "a part",
    .codecs = CODEC_H264 | CODEC_HEVC | CODEC_VP8 | CODEC_VP9 | CODEC_AV1,
    .rotation = true,
    .ops = &part_ops,
};
