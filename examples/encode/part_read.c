/* SPDX-License-Identifier: MIT */

/* Parts are read, compared and checked. */

#include <errno.h>
#include <inttypes.h>
#include <libavcodec/defs.h>
#include <libavutil/crc.h>
#include <stdlib.h>
#include <string.h>

#include "part.h"

enum { RECORD_SIZE = 40, TEXT_MOST = 1 << 16, PARTS_MOST = 1000000 };

static const char first_line[] = "wcenc-encode part 1\n";

static uint64_t get_number(const uint8_t *in, int bytes)
{
    uint64_t value = 0;

    for (int i = bytes; i-- > 0;)
        value = value << 8 | in[i];
    return value;
}

static bool fault_cut_off(const struct part *part, struct fault *fault)
{
    return fault_set(fault, "%s is not a complete part: encode it again", part->path);
}

/* Reads until an empty line. Every line is ended by a 0, and so are all. */
static bool read_lines(struct part *part)
{
    char *text = malloc(TEXT_MOST);
    size_t used = 0;
    int c;

    part->text = text;
    if (!text)
        return false;
    while (used + 2 < TEXT_MOST && (c = getc(part->file)) != EOF) {
        if (c == '\n' && (used == 0 || !text[used - 1]))
            break;
        text[used++] = c == '\n' ? '\0' : (char)c;
    }
    text[used] = '\0';
    part->text_size = used;
    return used > 0 && used + 2 < TEXT_MOST && !text[used - 1];
}

static uint32_t crc_of_lines(const struct part *part)
{
    const AVCRC *table = av_crc_get_table(AV_CRC_32_IEEE_LE);
    uint32_t crc = av_crc(table, UINT32_MAX, (const uint8_t *)first_line, sizeof(first_line) - 1);

    for (size_t i = 0; i < part->text_size; i++)
        crc = av_crc(table, crc, (const uint8_t *)(part->text[i] ? &part->text[i] : "\n"), 1);
    return av_crc(table, crc, (const uint8_t *)"\n", 1);
}

bool part_open(struct part *part, const char *path, struct fault *fault)
{
    char line[sizeof(first_line)] = "";

    free(part->text);
    *part = (struct part){.path = path, .data = part->data, .alpha = part->alpha};
    part->file = fopen(path, "rb");
    if (!part->file)
        return fault_set(fault, "cannot read %s: %s", path, strerror(errno));
    if (!fgets(line, sizeof(line), part->file) || strcmp(line, first_line) != 0)
        return fault_set(fault, "%s is not a part that --groups wrote", path);
    if (!read_lines(part))
        return fault_cut_off(part, fault);
    part->crc = crc_of_lines(part);
    part->number = (uint32_t)part_number(part, "part");
    part->parts = (uint32_t)part_number(part, "parts");
    part->first = (uint64_t)part_number(part, "first");
    part->frames = (uint64_t)part_number(part, "frames");
    return (part->number && part->number <= part->parts && part->parts <= PARTS_MOST && part->frames) ||
           fault_cut_off(part, fault);
}

void part_close(struct part *part)
{
    if (part->file)
        fclose(part->file);
    part->file = NULL;
    free(part->data);
    free(part->alpha);
    part->data = part->alpha = NULL;
}

void part_free(struct part *part)
{
    part_close(part);
    free(part->text);
    part->text = NULL;
}

const char *part_value(const struct part *part, const char *name)
{
    size_t length = strlen(name);

    for (const char *line = part->text; *line; line += strlen(line) + 1)
        if (!strncmp(line, name, length) && line[length] == '=')
            return line + length + 1;
    return "";
}

int64_t part_number(const struct part *part, const char *name)
{
    return strtoll(part_value(part, name), NULL, 10);
}

/* Lines in which parts of one file differ. */
static bool is_own(const char *line)
{
    static const char *const names[] = {"part=", "first=", "frames=", "input="};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!strncmp(line, names[i], strlen(names[i])))
            return true;
    return false;
}

static const char *skip_own(const char *line)
{
    while (*line && is_own(line))
        line += strlen(line) + 1;
    return line;
}

bool part_compare(const struct part *one, const struct part *other, struct fault *fault)
{
    const char *a = skip_own(one->text);
    const char *b = skip_own(other->text);

    while (*a && !strcmp(a, b)) {
        a = skip_own(a + strlen(a) + 1);
        b = skip_own(b + strlen(b) + 1);
    }
    if (!*a && !*b)
        return true;
    if (!strncmp(a, "input-", 6))
        return fault_set(fault, "%s and %s are parts of different inputs", one->path, other->path);
    return fault_set(fault, "%s and %s do not belong together: one was made with %s, the other with %s", one->path,
                     other->path, *a ? a : "less", *b ? b : "less");
}

bool part_has_settings(const struct part *part, const char *text)
{
    const char *line = part->text;

    while (*text && *line) {
        static const char name[] = "input=";
        size_t length = strcspn(text, "\n");
        bool is_name = !strncmp(line, name, sizeof(name) - 1) && !strncmp(text, name, sizeof(name) - 1);

        /* The same file may have another name, or be a copy. */
        if (!is_name && (strlen(line) != length || memcmp(line, text, length) != 0))
            return false;
        line += strlen(line) + 1;
        text += length + (text[length] == '\n');
    }
    return !*text;
}

/* Bytes that the CRC counts. */
static bool take(struct part *part, void *data, size_t size)
{
    if (!size)
        return true;
    if (fread(data, 1, size, part->file) != size)
        return false;
    part->crc = av_crc(av_crc_get_table(AV_CRC_32_IEEE_LE), part->crc, data, size);
    return true;
}

/* Sizes come from a file: memory grows with what is really there. */
static bool take_block(struct part *part, uint8_t **block, uint64_t size)
{
    enum { STEP = 1 << 24 };
    uint64_t used = 0;

    if (size > INT32_MAX - AV_INPUT_BUFFER_PADDING_SIZE)
        return false;
    while (used < size || !*block) {
        uint64_t step = size - used < STEP ? size - used : STEP;
        uint8_t *more = realloc(*block, used + step + AV_INPUT_BUFFER_PADDING_SIZE);

        if (!more)
            return false;
        *block = more;
        if (!take(part, more + used, step))
            return false;
        used += step;
    }
    return true;
}

static bool check_end(struct part *part, const uint8_t record[RECORD_SIZE], uint32_t crc, struct fault *fault)
{
    if (get_number(record + 16, 8) == part->chunks && get_number(record + 24, 8) == crc &&
        part->chunks == part->frames && getc(part->file) == EOF)
        return true;
    return fault_set(fault, "%s is damaged: encode it again", part->path);
}

bool part_read(struct part *part, struct sink_chunk *chunk, struct fault *fault)
{
    uint8_t record[RECORD_SIZE];
    uint32_t crc = part->crc;

    if (!take(part, record, sizeof(record)))
        return fault_cut_off(part, fault);
    if (record[0] == 'E') {
        check_end(part, record, crc, fault);
        return false;
    }
    *chunk = (struct sink_chunk){
        .size = get_number(record + 8, 8),
        .timestamp_us = (int64_t)get_number(record + 16, 8),
        .dts_us = (int64_t)get_number(record + 24, 8),
        .duration_us = get_number(record + 32, 8),
        .is_key = record[1] & 1,
        .alpha_size = get_number(record + 4, 4),
    };
    if (record[0] != 'C' || !take_block(part, &part->data, chunk->size) ||
        !take_block(part, &part->alpha, chunk->alpha_size))
        return fault_cut_off(part, fault);
    chunk->data = part->data;
    chunk->alpha = chunk->alpha_size ? part->alpha : NULL;
    part->chunks++;
    return true;
}

static bool read_private(const struct part *part, struct part_config *out)
{
    const char *text = part_value(part, "stream-private");
    size_t size = strlen(text) / 2;

    if (size > sizeof(out->private_data))
        return false;
    for (size_t i = 0; i < size; i++) {
        unsigned byte;

        if (sscanf(text + 2 * i, "%2x", &byte) != 1)
            return false;
        out->private_data[i] = (uint8_t)byte;
    }
    out->config.container_private = size ? out->private_data : NULL;
    out->config.container_private_size = size;
    return true;
}

static bool read_hdr(const struct part *part, struct part_config *out)
{
    wcenc_hdr_metadata *hdr = &out->hdr;
    const char *text = part_value(part, "stream-hdr");

    if (!*text)
        return true;
    wcenc_hdr_metadata_init(hdr, sizeof(*hdr));
    out->config.hdr_metadata = hdr;
    return sscanf(text,
                  "%" SCNd32 "%" SCNd32 "%" SCNu32 "%" SCNu32 "%" SCNu32 "%" SCNu32 "%" SCNu32 "%" SCNu32 "%" SCNu32
                  "%" SCNu32 "%" SCNu32 "%" SCNu32 "%" SCNu32 "%" SCNu32,
                  &hdr->has_mastering_display, &hdr->has_content_light_level, &hdr->red_x, &hdr->red_y, &hdr->green_x,
                  &hdr->green_y, &hdr->blue_x, &hdr->blue_y, &hdr->white_x, &hdr->white_y, &hdr->max_luminance,
                  &hdr->min_luminance, &hdr->max_content_light_level, &hdr->max_frame_average_light_level) == 14;
}

bool part_config(const struct part *part, struct part_config *out, struct fault *fault)
{
    wcenc_decoder_config *config = &out->config;
    wcenc_color_space *color = &config->color_space;

    memset(out, 0, sizeof(*out));
    config->struct_size = sizeof(*config);
    config->codec = part_value(part, "stream-codec");
    config->reorder_depth = (uint32_t)part_number(part, "stream-reorder");
    return (sscanf(part_value(part, "stream-size"), "%" SCNu32 "%" SCNu32 "%" SCNu32 "%" SCNu32, &config->coded_width,
                   &config->coded_height, &config->display_aspect_width, &config->display_aspect_height) == 4 &&
            sscanf(part_value(part, "stream-color"), "%" SCNd32 "%" SCNd32 "%" SCNd32 "%" SCNd32, &color->primaries,
                   &color->transfer, &color->matrix, &color->range) == 4 &&
            sscanf(part_value(part, "stream-turn"), "%" SCNd32 "%" SCNd32, &config->rotation, &config->flip) == 2 &&
            config->coded_width > 0 && config->coded_height > 0 && config->reorder_depth <= 16 && *config->codec &&
            read_private(part, out) && read_hdr(part, out)) ||
           fault_cut_off(part, fault);
}
