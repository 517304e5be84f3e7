/* SPDX-License-Identifier: MIT */

/* What the program prints on its own account: the summary, for people or as JSON, and --list. */

#include "report.h"

#include <errno.h>
#include <libavutil/avstring.h>
#include <libavutil/error.h>
#include <stdio.h>
#include <string.h>

struct figures {
    double media_seconds;
    double bitrate;
    double fps;
    double speed; /* seconds of media a second */
};

static struct figures compute(const struct report *report)
{
    const struct session_stats *stats = report->stats;
    struct figures figures = {0};

    figures.media_seconds = (double)(stats->end_us - stats->first_us) / 1e6;
    if (figures.media_seconds > 0)
        figures.bitrate = (double)stats->bytes * 8 / figures.media_seconds;
    if (report->elapsed > 0) {
        figures.fps = (double)stats->chunks / report->elapsed;
        figures.speed = figures.media_seconds / report->elapsed;
    }
    return figures;
}

void report_print(const struct report *report)
{
    const struct session_stats *stats = report->stats;
    struct figures figures = compute(report);
    char asked[64] = "no rate asked";

    if (report->options->bitrate_mode == WCENC_BITRATE_QUANTIZER)
        snprintf(asked, sizeof(asked), "quantizer %u", (unsigned)report->options->quantizer);
    else if (report->options->has_crf)
        snprintf(asked, sizeof(asked), "crf %g", report->options->crf);
    else if (report->options->bitrate)
        snprintf(asked, sizeof(asked), "asked %.0f", (double)report->options->bitrate / 1000);
    fprintf(stderr, "%s: %s by %s in %s, %ux%u from %s (%s)%s\n", report->options->output, report->codec,
            report->encoder, report->format->name, (unsigned)report->width, (unsigned)report->height,
            report->source->name, report->source->pixels, report->interrupted ? ", interrupted" : "");
    fprintf(stderr,
            "%llu frames in, %llu chunks out (%llu key), %.2f s, %.1f kB, %.0f kb/s (%s), "
            "in %.2f s: %.1f fps, %.2fx\n",
            (unsigned long long)stats->frames_in, (unsigned long long)stats->chunks,
            (unsigned long long)stats->key_chunks, figures.media_seconds, (double)report->file_size / 1000,
            figures.bitrate / 1000, asked, report->elapsed, figures.fps, figures.speed);
    if (report->compare->frames)
        fprintf(stderr, "PSNR %.2f dB (lowest %.2f at %.2f s), SSIM %.4f: %s, %s\n", report->compare->psnr,
                report->compare->lowest, report->compare->lowest_seconds, report->compare->ssim,
                report->compare->sheet_path, report->compare->plot_path);
}

/* Names of files are bytes; what is no UTF-8 becomes the character for that. */
static void print_string(const char *text)
{
    const uint8_t *next = (const uint8_t *)text;
    const uint8_t *end = next + strlen(text);

    putchar('"');
    while (next < end) {
        const uint8_t *start = next;
        int32_t code;

        if (av_utf8_decode(&code, &next, end, AV_UTF8_FLAG_ACCEPT_ALL & ~AV_UTF8_FLAG_ACCEPT_SURROGATES) < 0) {
            printf("\\ufffd");
            next = start + 1;
        } else if (code == '"' || code == '\\') {
            printf("\\%c", (char)code);
        } else if (code < 0x20) {
            printf("\\u%04x", (unsigned)code);
        } else {
            fwrite(start, 1, (size_t)(next - start), stdout);
        }
    }
    putchar('"');
}

static void print_text(const char *name, const char *text)
{
    printf("\"%s\":", name);
    print_string(text);
    putchar(',');
}

static void print_notes(const struct notes *notes)
{
    printf("\"notes\":[");
    for (size_t i = 0; i < notes->count; i++) {
        if (i)
            putchar(',');
        print_string(notes->text[i]);
    }
    printf("],");
}

static void print_comparison(const struct compare *compare)
{
    printf("\"psnr\":%.3f,\"ssim\":%.5f,\"lowest_psnr\":%.3f,\"lowest_psnr_seconds\":%.3f,", compare->psnr,
           compare->ssim, compare->lowest, compare->lowest_seconds);
    print_text("contact_sheet", compare->sheet_path);
    print_text("plot", compare->plot_path);
}

static void print_results(const struct report *report)
{
    const struct session_stats *stats = report->stats;
    struct figures figures = compute(report);

    print_text("format", report->format->name);
    print_text("source", report->source->name);
    print_text("pixels", report->source->pixels);
    print_text("codec", report->codec);
    print_text("encoder", report->encoder);
    printf("\"damaged_frames\":%llu,", (unsigned long long)damage_count(&report->source->damage));
    printf("\"width\":%u,\"height\":%u,\"frames_in\":%llu,\"frames_out\":%llu,\"key_frames\":%llu,",
           (unsigned)report->width, (unsigned)report->height, (unsigned long long)stats->frames_in,
           (unsigned long long)stats->chunks, (unsigned long long)stats->key_chunks);
    printf("\"bytes\":%llu,\"file_bytes\":%lld,\"media_seconds\":%.6f,\"elapsed_seconds\":%.3f,",
           (unsigned long long)stats->bytes, (long long)report->file_size, figures.media_seconds, report->elapsed);
    printf("\"bitrate_asked\":%llu,\"bitrate_got\":%.0f,\"fps\":%.2f,\"speed\":%.3f,",
           (unsigned long long)report->options->bitrate, figures.bitrate, figures.fps, figures.speed);
}

void report_print_json(const struct report *report)
{
    putchar('{');
    print_text("status", report->status);
    if (report->error)
        print_text("error", report->error);
    if (report->options->input)
        print_text("input", report->options->input);
    print_text("output", report->options->output);
    print_notes(report->notes);
    if (report->source && report->stats->chunks)
        print_results(report);
    if (report->compare->frames)
        print_comparison(report->compare);
    printf("\"interrupted\":%s}", report->interrupted ? "true" : "false");
}

void report_print_json_error(const char *error)
{
    printf("{\"status\":\"failed\",\"error\":");
    print_string(error);
    putchar('}');
}

void report_begin_json_files(void)
{
    printf("{\"files\":[");
}

void report_next_json_file(bool is_first)
{
    if (!is_first)
        putchar(',');
}

void report_end_json_files(int failed)
{
    printf("],\"failed\":%d}", failed);
}

bool report_end_json(struct fault *fault)
{
    putchar('\n');
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    return fault_set(fault, "cannot write to standard output: %s", strerror(errno));
}

/* `family` is what wcenc_encoder_info calls the codec. */
static const struct {
    const char *codec;
    const char *title;
    const char *family;
} rows[] = {
    {"avc1.42001f", "H.264 Baseline", "h264"},
    {"avc1.4d001f", "H.264 Main", "h264"},
    {"avc1.64001f", "H.264 High", "h264"},
    {"avc1.6e001f", "H.264 High 10", "h264"},
    {"hvc1.1.6.L93.B0", "HEVC Main", "hevc"},
    {"hvc1.2.4.L93.B0", "HEVC Main 10", "hevc"},
    {"vp8", "VP8", "vp8"},
    {"vp09.00.31.08", "VP9 profile 0", "vp9"},
    {"vp09.02.31.10", "VP9 profile 2", "vp9"},
    {"av01.0.05M.08", "AV1 Main", "av1"},
    {"av01.0.05M.10", "AV1 Main, 10 bit", "av1"},
};

static const struct {
    uint32_t bit;
    const char *name;
} capabilities[] = {
    {WCENC_CAPABILITY_FRAME_QUANTIZER, "quantizer"},
    {WCENC_CAPABILITY_LIVE_BITRATE, "live-bitrate"},
    {WCENC_CAPABILITY_TEMPORAL_LAYERS, "layers"},
    {WCENC_CAPABILITY_ALPHA, "alpha"},
    {WCENC_CAPABILITY_422, "4:2:2"},
    {WCENC_CAPABILITY_444, "4:4:4"},
    {WCENC_CAPABILITY_10_BIT, "10-bit"},
    {WCENC_CAPABILITY_VARIABLE_FRAMERATE, "variable-framerate"},
};

static void print_support(wcenc_config_support *support)
{
    if (!support->supported) {
        printf("no: %s\n", support->reason ? support->reason : "no reason given");
        return;
    }
    printf("yes, delays %u", (unsigned)support->delay_frames);
    for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++)
        if (support->capabilities & capabilities[i].bit)
            printf(", %s", capabilities[i].name);
    putchar('\n');
}

/* The answer for an encoder by name; NULL for the one that the library chooses. */
static wcenc_config_support *ask(const char *codec, const char *encoder)
{
    wcenc_config_support *support = NULL;
    wcenc_config config;

    wcenc_config_init(&config, sizeof(config));
    config.codec = codec;
    config.encoder_name = encoder;
    config.width = 1280;
    config.height = 720;
    config.framerate = 30;
    wcenc_is_config_supported(&config, &support);
    return support;
}

static void print_line(const char *codec, const char *title, const char *encoder, wcenc_config_support *support,
                       bool chosen)
{
    printf("%-15s  %-16s  %c %-10s  ", codec, title, chosen ? '*' : ' ', encoder);
    if (support)
        print_support(support);
    else
        printf("no: %s\n", wcenc_last_error());
}

/* Encoders that need a device are in the list where there is none, too. */
static void print_encoder(size_t index, const wcenc_encoder_info *info, const char *choice)
{
    wcenc_config_support *support = ask(rows[index].codec, info->name);

    if (!info->is_hardware || (support && support->supported))
        print_line(rows[index].codec, rows[index].title, info->name, support, !strcmp(info->name, choice));
    wcenc_config_support_free(support);
}

static void print_row(size_t index)
{
    wcenc_config_support *choice = ask(rows[index].codec, NULL);
    bool known = choice && choice->supported;
    wcenc_encoder_info info;

    /* Where nothing does it, the reason is the same for every encoder. */
    if (!known)
        print_line(rows[index].codec, rows[index].title, "-", choice, false);
    wcenc_encoder_info_init(&info, sizeof(info));
    for (uint32_t i = 0; known && wcenc_get_encoder_info(i, &info) == WCENC_OK; i++)
        if (!strcmp(info.codec, rows[index].family))
            print_encoder(index, &info, choice->encoder_name);
    wcenc_config_support_free(choice);
}

void report_print_list(void)
{
    printf("At 1280x720 and 30 frames a second; * is what the library chooses.\n");
    printf("%-15s  %-16s  %-12s  %s\n", "CODEC", "", "ENCODER", "SUPPORTED");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        print_row(i);
}
