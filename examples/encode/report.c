/* SPDX-License-Identifier: MIT */

/* The summary. */

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
