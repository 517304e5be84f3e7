/* SPDX-License-Identifier: MIT */

/*
 * The file that one run would have made: the chunks of all parts in their order, through the same sinks. Decoding times
 * of a part's first chunks are those that they have in the whole stream. What is beside the video, audio, chapters and
 * tags, comes from INPUT, as in one run.
 */

#include "join.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "codec_choice.h"
#include "interrupt.h"
#include "part.h"
#include "progress.h"
#include "report.h"
#include "session.h"
#include "sink.h"
#include "source.h"

enum { REORDER_MOST = 16, STATUS_FAILED = 1, STATUS_SIGNAL = 128 };

struct join {
    struct options options; /* those of the parts that matter here, and of the join */
    const struct sink_format *format;
    struct part *parts; /* in their order */
    size_t count;
    struct part_config config;
    struct sink sink;
    struct source *beside; /* NULL: nothing is beside the video */
    struct notes notes;
    struct progress progress;
    struct session_stats stats;
    int64_t recent[REORDER_MOST]; /* the latest timestamps of the parts before, in their order */
    size_t recent_count;
    int64_t last_dts_us;
    int64_t file_size;
    double elapsed;
};

static int compare_numbers(const void *one, const void *other)
{
    const struct part *a = one;
    const struct part *b = other;

    return a->number < b->number ? -1 : a->number > b->number;
}

/* "3, 7, 8 and 90 more" */
static void list_missing(const struct join *join, char *out, size_t size)
{
    enum { NAMED_MOST = 10 };
    size_t used = 0;
    unsigned missing = 0;
    size_t next = 0;

    for (uint32_t number = 1; number <= join->parts[0].parts; number++) {
        while (next < join->count && join->parts[next].number < number)
            next++;
        if (next < join->count && join->parts[next].number == number)
            continue;
        if (missing++ < NAMED_MOST && used < size)
            used += (size_t)snprintf(out + used, size - used, "%s%u", used ? ", " : "", (unsigned)number);
    }
    if (missing > NAMED_MOST && used < size)
        snprintf(out + used, size - used, " and %u more", missing - NAMED_MOST);
}

/* All parts of one stream, each once. */
static bool check_parts(const struct join *join, struct fault *fault)
{
    uint64_t first = 0;

    for (size_t i = 0; i < join->count; i++) {
        const struct part *part = &join->parts[i];

        if (!part_compare(&join->parts[0], part, fault))
            return false;
        if (i && part->number == part[-1].number)
            return fault_set(fault, "%s and %s are both part %u of %u: leave one out", part[-1].path, part->path,
                             (unsigned)part->number, (unsigned)part->parts);
    }
    if (join->count < join->parts[0].parts) {
        char missing[128] = "";

        list_missing(join, missing, sizeof(missing));
        return fault_set(fault, "of %u parts these are missing: %s", (unsigned)join->parts[0].parts, missing);
    }
    for (size_t i = 0; i < join->count; first += join->parts[i].frames, i++)
        if (join->parts[i].first != first)
            return fault_set(fault, "%s does not begin where %s ends", join->parts[i].path, join->parts[i - 1].path);
    return first == (uint64_t)part_number(&join->parts[0], "total") ||
           fault_set(fault, "the parts have %" PRIu64 " frames, and not %s", first,
                     part_value(&join->parts[0], "total"));
}

static bool open_parts(struct join *join, struct fault *fault)
{
    size_t count = (size_t)join->options.input_count;

    join->parts = calloc(count, sizeof(*join->parts));
    if (!join->parts)
        return fault_set(fault, "out of memory");
    for (join->count = 0; join->count < count;) {
        struct part *part = &join->parts[join->count++];
        bool good = part_open(part, join->options.inputs[join->count - 1], fault);

        /* Thousands of parts are more than a process may have open. */
        part_close(part);
        if (!good)
            return false;
    }
    qsort(join->parts, count, sizeof(*join->parts), compare_numbers);
    return check_parts(join, fault) && part_config(&join->parts[0], &join->config, fault);
}

/* A container holds what the chunks were made for. */
static bool choose_format(struct join *join, struct fault *fault)
{
    const struct part *part = &join->parts[0];
    enum codec codec = codec_from_string(join->config.config.codec);

    join->format = sink_format_find(join->options.join, join->options.format, fault);
    if (!join->format || !sink_format_holds(join->format, codec, fault))
        return false;
    if (join->format->annexb != (part_number(part, "annexb") != 0))
        return fault_set(fault, "the parts are %s start codes, unlike %s: encode them with -f %s",
                         join->format->annexb ? "without" : "with", join->format->name, join->format->extension + 1);
    if (*part_value(part, "--alpha") && join->format->ticks != 1000)
        return fault_set(fault, "the parts have alpha, which is for WebM and Matroska, not for %s", join->format->name);
    return sink_open(&join->sink, join->format, codec, strtod(part_value(part, "framerate"), NULL), join->options.join,
                     NULL, join->options.overwrite, fault);
}

/* Audio, chapters and tags are those that one run copies. */
static bool open_beside(struct join *join, struct fault *fault)
{
    const struct part *part = &join->parts[0];
    struct options *options = &join->options;
    const struct run run = {
        .start_us = part_number(part, "start-us"),
        .length_us = part_number(part, "length-us"),
        .input_bytes = part_number(part, "input-bytes"),
        .is_limited = part_number(part, "limited") != 0,
    };

    if (!*part_value(part, "input") || !sink_holds_audio(&join->sink))
        return true;
    if (!options->input) {
        options->input = part_value(part, "input");
        if (access(options->input, R_OK) != 0)
            return fault_set(fault, "cannot read %s, which audio, chapters and tags are copied from: %s; -i names it",
                             options->input, strerror(errno));
    }
    options->no_audio = *part_value(part, "--no-audio") != '\0';
    options->seek = strtod(part_value(part, "--seek"), NULL);
    join->beside = source_open_beside(options, &run, &join->notes, fault);
    if (join->beside)
        join->beside->ops->attach(join->beside, &join->sink);
    return join->beside != NULL;
}

/*
 * As the library gives decoding times: chunk N has the timestamp of the frame N - depth. The first chunks of a part
 * were made without the frames before.
 */
static void set_dts(struct join *join, const struct part *part, struct sink_chunk *chunk)
{
    size_t back = join->config.config.reorder_depth + 1 - part->chunks;

    if (part->chunks <= join->config.config.reorder_depth && back <= join->recent_count)
        chunk->dts_us = join->recent[join->recent_count - back];
    if (join->stats.chunks && chunk->dts_us <= join->last_dts_us)
        chunk->dts_us = join->last_dts_us + (join->last_dts_us < chunk->timestamp_us);
    join->last_dts_us = chunk->dts_us;
}

static void count_chunk(struct session_stats *stats, const struct sink_chunk *chunk)
{
    int64_t end = chunk->timestamp_us + (int64_t)chunk->duration_us;

    if (stats->chunks == 0 || chunk->timestamp_us < stats->first_us)
        stats->first_us = chunk->timestamp_us;
    if (stats->chunks == 0 || end > stats->end_us)
        stats->end_us = end;
    stats->chunks++;
    stats->frames_in++;
    stats->key_chunks += chunk->is_key;
    stats->bytes += chunk->size;
}

/* Keeps the latest timestamps, in their order. */
static void keep_timestamp(int64_t *latest, size_t *count, int64_t timestamp)
{
    size_t place;

    if (*count == REORDER_MOST) {
        if (timestamp <= latest[0])
            return;
        memmove(latest, latest + 1, (--*count) * sizeof(*latest));
    }
    for (place = *count; place > 0 && latest[place - 1] > timestamp; place--)
        latest[place] = latest[place - 1];
    latest[place] = timestamp;
    ++*count;
}

static bool write_chunk(struct join *join, const struct part *part, struct sink_chunk *chunk, struct fault *fault)
{
    set_dts(join, part, chunk);
    if (join->stats.chunks == 0)
        chunk->decoder_config = &join->config.config;
    if (join->beside && !join->beside->ops->pass(join->beside, chunk->timestamp_us, fault))
        return false;
    if (!sink_write(&join->sink, chunk, fault))
        return false;
    count_chunk(&join->stats, chunk);
    progress_update(&join->progress, join->stats.chunks, join->stats.bytes,
                    (double)(join->stats.end_us - join->stats.first_us) / 1e6);
    return true;
}

static bool copy_part(struct join *join, size_t number, struct fault *fault)
{
    struct part part = {0};
    struct sink_chunk chunk;
    int64_t latest[REORDER_MOST];
    size_t count = join->recent_count;
    bool good = part_open(&part, join->parts[number].path, fault) && part_compare(&join->parts[number], &part, fault);

    memcpy(latest, join->recent, sizeof(latest));
    while (good && !interrupt_signal() && part_read(&part, &chunk, fault)) {
        keep_timestamp(latest, &count, chunk.timestamp_us);
        good = write_chunk(join, &part, &chunk, fault);
    }
    memcpy(join->recent, latest, sizeof(latest));
    join->recent_count = count;
    part_free(&part);
    return good && !fault_is_set(fault) && !interrupt_signal();
}

static void copy_all(struct join *join, struct fault *fault)
{
    double started = progress_now();
    bool good = true;

    join->sink.is_reproducible = true;
    join->sink.scan = (enum scan)part_number(&join->parts[0], "scan");
    notes_hold(&join->notes);
    progress_init(&join->progress, join->options.quiet, (uint64_t)part_number(&join->parts[0], "total"), NULL);
    for (size_t i = 0; i < join->count && good; i++)
        good = copy_part(join, i, fault);
    if (good && join->beside)
        join->beside->ops->finish(join->beside, join->stats.end_us, fault);
    progress_end(&join->progress);
    notes_release(&join->notes);
    if (interrupt_signal())
        fault_set(fault, "interrupted: nothing was written");
    sink_close(&join->sink, !fault_is_set(fault), &join->file_size, fault);
    join->elapsed = progress_now() - started;
}

static void report(const struct join *join, int status, const struct fault *fault)
{
    static const struct compare no_compare;
    struct source_info source = {.pixels = "as they were encoded"};
    const wcenc_decoder_config *config = &join->config.config;
    struct report report = {
        .options = &join->options,
        .source = &source,
        .stats = &join->stats,
        .format = join->format,
        .codec = config->codec,
        .encoder = status ? "" : part_value(&join->parts[0], "encoder"),
        .width = config->coded_width,
        .height = config->coded_height,
        .file_size = join->file_size,
        .elapsed = join->elapsed,
        .interrupted = interrupt_signal() != 0,
        .notes = &join->notes,
        .compare = &no_compare,
        .status = interrupt_signal() ? "interrupted"
                  : status           ? "failed"
                                     : "done",
        .error = fault_is_set(fault) ? fault->text : NULL,
    };

    if (status)
        report.source = NULL;
    snprintf(source.name, sizeof(source.name), "%zu part%s", join->count, join->count == 1 ? "" : "s");
    if (join->options.json)
        report_print_json(&report);
    else if (!status && !join->options.quiet)
        report_print(&report);
}

static void close_join(struct join *join)
{
    if (join->beside)
        join->beside->ops->close(join->beside);
    for (size_t i = 0; i < join->count; i++)
        part_free(&join->parts[i]);
    free(join->parts);
}

int join_run(const struct options *options, struct fault *fault)
{
    static struct join join;
    int status;

    memset(&join, 0, sizeof(join));
    join.options = *options;
    join.options.output = options->join;
    if (open_parts(&join, fault) && choose_format(&join, fault)) {
        if (open_beside(&join, fault))
            copy_all(&join, fault);
        else
            sink_close(&join.sink, false, &join.file_size, fault);
    }
    if (fault_is_set(fault))
        fprintf(stderr, "wcenc-encode: %s\n", fault->text);
    status = interrupt_signal() ? STATUS_SIGNAL + interrupt_signal() : fault_is_set(fault) ? STATUS_FAILED : 0;
    report(&join, status, fault);
    close_join(&join);
    return status;
}
