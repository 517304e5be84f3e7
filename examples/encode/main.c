/* SPDX-License-Identifier: MIT */

/*
 * wcenc-encode: encodes a video, or a test scene, with libwcenc. This file puts the parts together:
 *
 *     options.c  ->  source_file.c or source_scene.c  ->  session.c  ->  sink_*.c
 *     command line   frames                               libwcenc       a file
 *
 * The command line   option_table.c has every option; option_values.c parses arguments, option_docs.c writes help, man
 *                    page and completions. batch.c: several files.
 * Frames             timeline.c gives them their times, filter.c deinterlaces and changes the framerate.
 *                    frame_map.c and color_map.c make frames of the library of FFmpeg's. tracks.c: what is copied beside.
 * The file           sink.c has every format; sink_container.c writes with libavformat, sink_raw.c without. outfile.c:
 *                    names and bytes. y4m.c: the frames before encoding.
 * Parts              frame_index.c lists the frames of a file, run.c cuts them, source_run.c goes to a part's first.
 *                    part_write.c and part_read.c: the files. join.c makes one of them, with what source_beside.c copies.
 * What is said       messages.c: errors and notes; progress.c; report.c: summary, JSON and --list.
 * Afterwards         compare.c, sheet.c and plot.c: --compare.
 */

#include <libavformat/avformat.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <wcenc/wcenc.h>

#include "batch.h"
#include "codec_choice.h"
#include "compare.h"
#include "interrupt.h"
#include "join.h"
#include "messages.h"
#include "option_table.h"
#include "options.h"
#include "part.h"
#include "progress.h"
#include "report.h"
#include "run.h"
#include "session.h"
#include "sink.h"
#include "source.h"
#include "y4m.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct job {
    struct options options;
    const struct sink_format *format;
    struct source *source;
    struct notes notes;
    char codec_string[64];
    enum codec codec;
    wcenc_config config;
    wcenc_encode_options encode_options;
    char encoder_name[32];
    struct sink sink;
    struct y4m y4m;
    struct compare compare;
    char *part_text; /* the settings of a part; NULL: a whole file is made */
    struct progress progress;
    struct session session;
    struct session_stats stats;
    int64_t fed_us;         /* where the last frame ends */
    struct fault cut_short; /* why the source ended before its end */
    double elapsed;
    int64_t file_size;
    const char *title; /* before the progress of one file of several; NULL: alone */
};

static int print_version(void)
{
    printf("wcenc-encode; libavformat %u.%u; %s\n", avformat_version() >> 16, avformat_version() >> 8 & 255,
           wcenc_build_info());
    return 0;
}

/* What the library says of the configuration as it is; the caller frees the answer. NULL with `fault` set. */
static wcenc_config_support *ask_support(const struct job *job, struct fault *fault)
{
    wcenc_config_support *support = NULL;

    if (wcenc_is_config_supported(&job->config, &support) != WCENC_OK)
        fault_set(fault, "%s: %s", job->codec_string, wcenc_last_error());
    return support;
}

/* A codec string that fits; with the depth of the source only where that is supported. */
static bool make_codec_string(struct job *job, struct fault *fault)
{
    struct codec_need need = {job->config.width, job->config.height, job->config.framerate, job->options.bitrate,
                              job->source->info.bit_depth};
    wcenc_config_support *support;
    char eight_bits[sizeof(job->codec_string)];

    if (!codec_make_string(job->codec, &need, job->codec_string, sizeof(job->codec_string), fault))
        return false;
    if (need.bit_depth <= 8)
        return true;
    need.bit_depth = 8;
    if (!codec_make_string(job->codec, &need, eight_bits, sizeof(eight_bits), fault))
        return false;
    support = ask_support(job, fault);
    if (support && !support->supported)
        strcpy(job->codec_string, eight_bits);
    wcenc_config_support_free(support);
    if (!strcmp(eight_bits, job->codec_string))
        notes_add(&job->notes, "note: the %d bits of %s become 8 in %s", job->source->info.bit_depth,
                  job->options.input, codec_title(job->codec));
    return support != NULL;
}

/* The codec string: the user's, or one that fits where they gave a short name or none. */
static bool choose_codec(struct job *job, struct fault *fault)
{
    const char *given = job->options.codec;
    enum codec of_encoder = job->options.encoder ? codec_from_encoder(job->options.encoder) : 0;
    enum codec short_name = given ? codec_from_short_name(given) : of_encoder ? of_encoder : job->format->suggested;

    if (given && strlen(given) >= sizeof(job->codec_string))
        return fault_set(fault, "--codec: \"%.40s...\" is too long for a codec string", given);
    job->codec = short_name ? short_name : codec_from_string(given);
    job->config.codec = job->codec_string;
    if (short_name)
        return make_codec_string(job, fault);
    strcpy(job->codec_string, given);
    return true;
}

/* The shape of the picture stays the source's, also where another size is asked for. */
static void set_display_size(wcenc_config *config, const struct source_info *source)
{
    double aspect = (double)source->display_width / source->display_height;
    double pixel = aspect * config->height / config->width;

    /* Sizes such as 854x480 are meant to be 16:9 with square pixels. */
    if (fabs(pixel - 1) < 0.01)
        return;
    config->display_width = config->width;
    config->display_height = config->height;
    if (config->width == source->width && config->height == source->height) {
        config->display_width = source->display_width;
        config->display_height = source->display_height;
    } else if (pixel > 1) {
        config->display_width = (uint32_t)lround(config->width * pixel);
    } else {
        config->display_height = (uint32_t)lround(config->height / pixel);
    }
}

/* What is not valid in a source is left out. */
static void set_hdr_metadata(struct job *job)
{
    const wcenc_hdr_metadata *metadata = &job->source->info.hdr_metadata;
    wcenc_config_support *support = NULL;
    wcenc_config config;

    if (!metadata->has_mastering_display && !metadata->has_content_light_level)
        return;
    wcenc_config_init(&config, sizeof(config));
    config.codec = "vp8";
    config.width = config.height = 64;
    config.hdr_metadata = metadata;
    if (wcenc_is_config_supported(&config, &support) == WCENC_OK)
        job->config.hdr_metadata = metadata;
    else
        notes_add(&job->notes, "note: the HDR metadata of %s are not valid, and not written: %s", job->options.input,
                  wcenc_last_error());
    wcenc_config_support_free(support);
}

static bool make_config(struct job *job, struct fault *fault)
{
    const struct options *options = &job->options;
    const struct source_info *source = &job->source->info;
    wcenc_config *config = &job->config;

    wcenc_config_init(config, sizeof(*config));
    options_size(options, source->width, source->height, (double)source->display_width / source->display_height,
                 &config->width, &config->height);
    set_display_size(config, source);
    config->framerate = source->framerate;
    config->bitrate = options->bitrate;
    config->has_quality = options->has_crf;
    config->quality = options->crf;
    config->bitrate_mode = options->bitrate_mode;
    config->latency_mode = options->latency;
    config->effort = options->has_preset ? options->preset - 2 : 0;
    config->alpha = options->keep_alpha ? WCENC_ALPHA_KEEP : WCENC_ALPHA_DISCARD;
    config->scalability_mode = options->scalability_mode;
    config->content_hint = options->content_hint;
    config->threads = options->threads;
    config->key_interval = options->key_interval;
    config->parallel_groups = options->parallel_groups;
    /* Where a run begins and ends must not depend on what the library chooses. */
    if (source->run && !config->parallel_groups)
        config->parallel_groups = 1;
    if (config->parallel_groups)
        config->key_interval = run_group_length(options, source->framerate);
    config->max_b_frames = options->max_b_frames;
    config->encoder_name = options->encoder;
    config->encoder_options = options->encoder_options[0] ? options->encoder_options : NULL;
    if (job->format->annexb) {
        config->bitstream_format = WCENC_BITSTREAM_ANNEXB;
    }
    set_hdr_metadata(job);
    wcenc_encode_options_init(&job->encode_options, sizeof(job->encode_options));
    return choose_codec(job, fault);
}

static void set_quantizer(struct job *job)
{
    job->encode_options.has_quantizer = job->options.has_quantizer;
    job->encode_options.quantizer = job->options.quantizer;
}

static bool check_support(struct job *job, struct fault *fault)
{
    wcenc_config_support *support = ask_support(job, fault);
    bool supported = support && support->supported;

    if (supported)
        snprintf(job->encoder_name, sizeof(job->encoder_name), "%s", support->encoder_name);
    else if (support)
        fault_set(fault, "%s is not supported: %s", job->codec_string, support->reason);
    wcenc_config_support_free(support);
    return supported;
}

/* Everything that can be refused is, before a file is made. */
static bool prepare(struct job *job, struct fault *fault)
{
    const struct options *options = &job->options;
    const char *format = options->format;

    if (options->groups[1] && !format)
        format = batch_default_format(options);
    job->format = sink_format_find(options->output, format, fault);
    if (!job->format)
        return false;
    if (options->annexb && !job->format->annexb)
        return fault_set(fault, "--annexb is for raw H.264 and HEVC files, not for %s", job->format->name);
    if (options->keep_alpha && job->format->ticks != 1000)
        return fault_set(fault, "--alpha keep is for WebM and Matroska, not for %s", job->format->name);
    job->source =
        options->test_scene ? source_open_scene(options, fault) : source_open_file(options, &job->notes, fault);
    if (!job->source || !make_config(job, fault))
        return false;
    /* A codec that nobody knows is the library's to refuse. */
    if (job->codec && !sink_format_holds(job->format, job->codec, fault))
        return false;
    if (options->keep_alpha && job->codec != CODEC_VP8 && job->codec != CODEC_VP9)
        return fault_set(fault, "--alpha keep: players know alpha of VP8 and VP9 only, not of %s", job->codec_string);
    set_quantizer(job);
    return check_support(job, fault) &&
           (job->codec || fault_set(fault, "this program cannot write %s to a file", job->codec_string));
}

/* False at the end of what is wanted, and on failure. */
static bool encode_one(struct job *job, struct fault *fault)
{
    const struct options *options = &job->options;
    const struct run *part = job->source->info.run;
    wcenc_frame *frame = NULL;
    bool wanted;
    bool good;

    if (part && job->session.stats.frames_in >= part->count)
        return false;
    if (interrupt_signal() || (!part && options->max_frames && job->session.stats.frames_in >= options->max_frames))
        return false;
    if (job->source->ops->next(job->source, &frame, &job->cut_short) != SOURCE_FRAME)
        return false;
    wanted = !options->input || options->duration <= 0 ||
             (double)wcenc_frame_get_timestamp_us(frame) < options->duration * 1e6;
    if (wanted) {
        uint64_t duration_us = 0;

        wcenc_frame_get_duration_us(frame, &duration_us);
        job->fed_us = wcenc_frame_get_timestamp_us(frame) + (int64_t)duration_us;
    }
    good = wanted && y4m_write(&job->y4m, frame, fault) && session_feed(&job->session, frame, fault);
    wcenc_frame_unref(frame);
    return good;
}

/* A part is whole, or is not written: what is left of it would be missing in the middle of a file. */
static bool check_part(const struct job *job, struct fault *fault)
{
    const struct source_info *source = &job->source->info;

    if (!source->run)
        return true;
    if (interrupt_signal())
        return fault_set(fault, "interrupted: the part was not written");
    if (fault_is_set(&job->cut_short) || damage_count(&source->damage) ||
        job->session.stats.frames_in != source->run->count) {
        fault_copy(fault, &job->cut_short);
        return fault_set(fault, "%s is damaged, so that parts may differ from one run: encode it in one run",
                         job->options.input);
    }
    return true;
}

/* Where encoding or writing fails nothing is kept. What a source gave before it failed is kept, as after Ctrl-C. */
static void encode_all(struct job *job, struct fault *fault)
{
    double started = progress_now();

    notes_hold(&job->notes);
    progress_init(&job->progress, job->options.quiet, job->source->info.total_frames, job->title);
    if (session_start(&job->session, &job->config, &job->encode_options, &job->sink, &job->progress, fault)) {
        while (encode_one(job, fault))
            continue;
        if (!fault_is_set(fault) && check_part(job, fault) && job->source->ops->finish && !job->part_text)
            job->source->ops->finish(job->source, job->fed_us, fault);
        if (!fault_is_set(fault))
            session_flush(&job->session, fault);
    }
    session_end(&job->session, &job->stats);
    progress_end(&job->progress);
    notes_release(&job->notes);
    if (job->stats.chunks == 0) {
        fault_copy(fault, &job->cut_short);
        fault_set(fault,
                  interrupt_signal() ? "%s: interrupted before the first frame: nothing was written"
                                     : "%s has no frames: nothing was written",
                  job->options.input ? job->options.input : "the test scene");
    }
    sink_close(&job->sink, !fault_is_set(fault), &job->file_size, fault);
    y4m_close(&job->y4m, !fault_is_set(fault), fault);
    job->elapsed = progress_now() - started;
}

/* What is known only at the end. */
static void add_notes(struct job *job)
{
    const struct source_info *source = &job->source->info;
    unsigned long long damaged = damage_count(&source->damage);

    if (job->options.deinterlace && !source->is_partly_interlaced)
        notes_add(&job->notes, "note: no frame of %s is marked as interlaced: --deinterlace changed nothing",
                  job->options.input);
    else if (!job->options.deinterlace && source->is_partly_interlaced && source->scan == SCAN_PROGRESSIVE)
        notes_add(&job->notes, "note: parts of %s are interlaced, and encoded with both fields in each frame",
                  job->options.input);
    if (source->jumps)
        notes_add(&job->notes, "note: the timestamps of %s jump %llu time%s; the output goes on without a gap",
                  job->options.input, (unsigned long long)source->jumps, source->jumps == 1 ? "" : "s");
    if (damaged)
        notes_add(&job->notes, "warning: %s is damaged: %llu frame%s affected, %llu left out", job->options.input,
                  damaged, damaged == 1 ? " is" : "s are", (unsigned long long)source->damage.left_out);
}

static struct report make_report(const struct job *job)
{
    return (struct report){.options = &job->options,
                           .source = job->source ? &job->source->info : NULL,
                           .stats = &job->stats,
                           .format = job->format,
                           .codec = job->codec_string,
                           .encoder = job->encoder_name,
                           .width = job->config.width,
                           .height = job->config.height,
                           .file_size = job->file_size,
                           .elapsed = job->elapsed,
                           .interrupted = interrupt_signal() != 0,
                           .notes = &job->notes,
                           .compare = &job->compare};
}

static bool is_whole(const struct job *job)
{
    return job->config.height != job->source->info.height || job->options.deinterlace;
}

/* Fields are coded as the lines of whole pictures. Scaled in height they are blended, and the pictures are neither. */
static void add_scan_note(struct job *job)
{
    static const char *const orders[] = {"", "top field first", "bottom field first"};
    enum scan scan = job->source->info.scan;
    bool is_scaled = job->config.height != job->source->info.height;

    job->sink.scan = is_whole(job) ? SCAN_PROGRESSIVE : scan;
    if (scan == SCAN_PROGRESSIVE || job->options.deinterlace)
        return;
    if (is_scaled)
        notes_add(&job->notes,
                  "note: %s is interlaced (%s): scaling blends the two fields of each frame; --deinterlace makes whole "
                  "frames of them",
                  job->options.input, orders[scan]);
    else if (sink_says_interlaced(&job->sink))
        notes_add(&job->notes,
                  "note: %s is interlaced (%s): frames keep both fields, and the file is marked as interlaced; "
                  "--deinterlace makes whole frames of them",
                  job->options.input, orders[scan]);
    else
        notes_add(
            &job->notes,
            "note: %s is interlaced (%s): frames keep both fields, but %s with %s cannot be marked as interlaced; "
            "write .mkv, or use --deinterlace",
            job->options.input, orders[scan], job->format->name, codec_title(job->codec));
}

static void add_file_notes(struct job *job)
{
    add_scan_note(job);
    if (job->part_text)
        return;
    if (job->config.hdr_metadata && !sink_says_hdr(&job->sink))
        notes_add(&job->notes, "note: the HDR metadata of %s are not written: %s with %s has no place for them",
                  job->options.input, job->format->name, codec_title(job->codec));
    if (sink_is_fragmented(&job->sink))
        notes_add(&job->notes, "note: %s cannot seek: %s is written in fragments", job->options.output,
                  job->format->name);
    if (job->source->info.rotation && !job->format->rotation)
        notes_add(&job->notes, "note: the pictures are to be turned by %d degrees, which a %s file may not say",
                  job->source->info.rotation, job->format->name);
}

static bool check_files(const struct job *job, struct fault *fault)
{
    if (outfile_is_same(&job->sink.file, &job->y4m.file))
        return fault_set(fault, "--source-y4m: %s is OUTPUT: choose another name", job->options.source_y4m);
    if (job->options.json && (job->sink.file.is_stdout || job->y4m.file.is_stdout))
        return fault_set(fault, "--json needs standard output, which a video is to be written to");
    return true;
}

/* Whether the part that was asked for is there already, whole and of the same settings. */
static bool has_part(struct job *job, struct fault *fault)
{
    struct part part = {0};
    struct fault why = {""};
    struct sink_chunk chunk;
    struct stat status;
    bool is_same;

    if (job->options.overwrite || stat(job->options.output, &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    is_same = part_open(&part, job->options.output, &why) && part_has_settings(&part, job->part_text);
    if (!is_same && !fault_is_set(&why))
        fault_set(fault, "%s exists, and is another part or has other settings: -y replaces it", job->options.output);
    while (is_same && part_read(&part, &chunk, &why))
        continue;
    if (is_same && !fault_is_set(&why))
        notes_add(&job->notes, "note: %s is there and complete: nothing was encoded", job->options.output);
    /* One that a disk damaged is made again. */
    else if (is_same)
        job->options.overwrite = true;
    part_free(&part);
    return is_same && !fault_is_set(&why);
}

static bool describe_part(struct job *job, struct fault *fault)
{
    const struct part_settings settings = {
        .options = &job->options,
        .run = job->source->info.run,
        .config = &job->config,
        .encoder = job->encoder_name,
        .annexb = job->format->annexb,
        .scan = is_whole(job) ? SCAN_PROGRESSIVE : job->source->info.scan,
    };

    job->part_text = part_describe(&settings, fault);
    return job->part_text && !has_part(job, fault) && !fault_is_set(fault);
}

static void run(struct job *job, struct fault *fault)
{
    const struct options *options = &job->options;

    if (!prepare(job, fault) || !compare_open(&job->compare, options, fault))
        return;
    if (job->source->info.run && !describe_part(job, fault))
        return;
    if (!sink_open(&job->sink, job->part_text ? &part_format : job->format, job->codec, job->config.framerate,
                   options->output, options->input, options->overwrite, fault))
        return;
    if (!y4m_open(&job->y4m, options->source_y4m, options->input, options->overwrite, job->config.framerate, fault) ||
        !check_files(job, fault)) {
        y4m_close(&job->y4m, false, fault);
        sink_close(&job->sink, false, &job->file_size, fault);
        return;
    }
    job->sink.part_text = job->part_text;
    job->sink.is_reproducible = job->options.parallel_groups > 0;
    add_file_notes(job);
    if (job->source->ops->attach && !job->part_text)
        job->source->ops->attach(job->source, &job->sink);
    encode_all(job, fault);
    if (fault_is_set(fault))
        return;
    add_notes(job);
    compare_run(&job->compare, options, &job->stats, &job->notes, fault);
    if (!job->options.json && !job->options.quiet) {
        const struct report report = make_report(job);

        report_print(&report);
    }
    if (fault_is_set(&job->cut_short) && job->stats.chunks)
        fault_set(fault, "%s; what came before is in %s", job->cut_short.text, options->output);
}

/* Encodes one file and says how that went. Returns the exit status. */
static int run_job(struct job *job, struct fault *fault)
{
    bool is_damaged;
    int status;

    run(job, fault);
    compare_close(&job->compare, !fault_is_set(fault), fault);
    is_damaged = job->source && damage_count(&job->source->info.damage) > 0;
    if (fault_is_set(fault))
        fprintf(stderr, "wcenc-encode: %s\n", fault->text);
    status = fault_is_set(fault) || is_damaged ? EXIT_FAILED : 0;
    /* Interrupted before there was anything to keep, nothing has failed. */
    if (interrupt_signal() && (!job->stats.chunks || !fault_is_set(fault) || job->part_text))
        status = 128 + interrupt_signal();
    if (job->options.json) {
        struct report report = make_report(job);

        report.status = status > EXIT_FAILED ? "interrupted" : fault_is_set(fault) ? "failed" : "damaged";
        report.status = status ? report.status : "done";
        report.error = fault_is_set(fault) ? fault->text : NULL;
        report_print_json(&report);
    }
    if (job->source)
        job->source->ops->close(job->source);
    compare_free(&job->compare);
    free(job->part_text);
    return status;
}

static int end_json(int status)
{
    struct fault fault = {""};

    if (report_end_json(&fault))
        return status;
    fprintf(stderr, "wcenc-encode: %s\n", fault.text);
    return status ? status : EXIT_FAILED;
}

/* --index alone: what it takes to cut INPUT, and how many groups there are. Returns the exit status. */
static int make_index(const struct options *options, struct fault *fault)
{
    static struct notes notes;
    struct options whole = *options;
    struct source *source;

    whole.groups[0] = whole.groups[1] = 1;
    source = source_open_file(&whole, &notes, fault);
    if (source) {
        const struct run *run = source->info.run;

        printf(options->json ? "{\"status\":\"done\",\"frames\":%llu,\"groups\":%llu,\"group_frames\":%u}"
                             : "%llu frames in %llu groups of %u\n",
               (unsigned long long)run->total, (unsigned long long)((run->total + run->group - 1) / run->group),
               (unsigned)run->group);
        source->ops->close(source);
        return 0;
    }
    fprintf(stderr, "wcenc-encode: %s\n", fault->text);
    if (options->json)
        report_print_json_error(fault->text);
    return interrupt_signal() ? 128 + interrupt_signal() : EXIT_FAILED;
}

/* One file, alone or of several. Returns the exit status. */
static int encode_file(const struct options *options, const char *title, struct fault *fault)
{
    static struct job job;

    memset(&job, 0, sizeof(job));
    job.options = *options;
    job.title = title;
    return run_job(&job, fault);
}

/* A command line that is wrong. With --json programs read why, too. */
static int fail_usage(char **argv, const struct fault *fault)
{
    fprintf(stderr, "wcenc-encode: %s\n", fault->text);
    for (char **word = argv; *word && strcmp(*word, "--"); word++) {
        if (!strcmp(*word, "--json")) {
            report_print_json_error(fault->text);
            return end_json(EXIT_USAGE);
        }
    }
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    struct options options;
    struct fault fault = {""};
    int status;

    /* FFmpeg and SVT-AV1 write to standard error by themselves; here only this program does. */
    av_log_set_level(AV_LOG_QUIET);
    setenv("SVT_LOG", "0", 0);
    if (!options_parse(&options, argc, argv, &fault))
        return fail_usage(argv, &fault);
    /* Where half a file is of no use, none is finished. */
    interrupt_install(!options.quiet && !options.groups[1] && !options.join);
    switch (options.action) {
    case ACTION_HELP:
    case ACTION_MAN:
    case ACTION_BASH:
    case ACTION_ZSH:
        option_docs_print(options.action);
        return 0;
    case ACTION_VERSION:
        return print_version();
    case ACTION_LIST:
        report_print_list();
        return 0;
    case ACTION_ENCODE:
        break;
    }
    if (options.join)
        status = join_run(&options, &fault);
    else if (options.index && !options.output)
        status = make_index(&options, &fault);
    else
        status = options.out_dir ? batch_run(&options, encode_file, &fault) : encode_file(&options, NULL, &fault);
    return options.json ? end_json(status) : status;
}
