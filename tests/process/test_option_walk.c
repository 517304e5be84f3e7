/* SPDX-License-Identifier: MIT */

/*
 * Walks every option of every available encoder with ordinary and hostile values. Whatever the value, a query and an
 * encoder answer without a signal, a hang or a word on stdout and stderr, and they agree: what the query supports is
 * encoded, and what it does not support is refused. No value leaves a file behind.
 *
 * A child process tries all values of one option. It shows the parent in shared memory which value it is at.
 *
 * usage: test_option_walk [--encoder NAME] [--option NAME] [--every N]
 */

#define _GNU_SOURCE

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>

#include "check.h"
#include "child.h"
#include "option_keys.h"
#include "../support/sanitizer.h"
#include "subject.h"

enum {
    LIMIT_MS = 240000,
    AT_ONCE = 2,
    SIZE = 64,
    FRAMES = 3,
    NAME_SIZE = 64,
    VALUE_SIZE = 96,
    VALUES_MAX = 160,
    JOBS_MAX = 4096,
    OPTIONS_SIZE = 512,
};

/* One option of one encoder, or one key of an option that is a list. */
struct job {
    const struct codec_row *row;
    char option[NAME_SIZE];
    char key[NAME_SIZE]; /* empty: none */
};

static struct job jobs[JOBS_MAX];
static int job_count, failures;

/* How far the child of each job is; shared with it. */
struct progress {
    char options[OPTIONS_SIZE]; /* being tried */
    int tried, supported;
};

static struct progress *progresses;

static const char *const ordinary_values[] = {"0",   "1",  "2",   "7",  "16",   "64",     "1k",
                                              "0.5", "-1", "yes", "no", "auto", "default"};

static const char *const hostile_values[] = {
    "",      "-",           "+1",         "-2",          "1/1",
    "1/1i",  "2:1",         "2x2",        "0x10",        "1e30",
    "nan",   "inf",         "1e400",      "1.5.5",       "1 ",
    " 1",    "none",        "max",        "min",         "abc",
    "a=b",   "%n%s",        "2147483647", "-2147483648", "99999999999999999999",
    "1,2,3", "/dev/stdout", "\\",         "'",           "\xff\xfe",
};

/* The values of one job, in memory of its own. */
struct values {
    int count;
    char text[VALUES_MAX][VALUE_SIZE];
};

static void add_value(struct values *values, const char *text)
{
    if (values->count < VALUES_MAX)
        (void)snprintf(values->text[values->count++], VALUE_SIZE, "%s", text);
}

static void add_number(struct values *values, double number)
{
    char text[VALUE_SIZE];

    (void)snprintf(text, sizeof text, "%.0f", number);
    add_value(values, text);
}

/* The names that an option has for values. */
static void add_constants(struct values *values, void *object, const AVOption *of)
{
    const AVOption *option = NULL;

    while (of->unit && (option = av_opt_next(object, option)))
        if (option->type == AV_OPT_TYPE_CONST && option->unit && strcmp(option->unit, of->unit) == 0)
            add_value(values, option->name);
}

static void list_values(struct values *values, const struct job *job)
{
    AVCodecContext *context = avcodec_alloc_context3(avcodec_find_encoder_by_name(job->row->encoder));
    void *object = NULL;
    const AVOption *option;

    CHECK(context);
    option = av_opt_find2(context, job->option, NULL, 0, AV_OPT_SEARCH_CHILDREN, &object);
    CHECK(option);
    for (size_t i = 0; i < sizeof ordinary_values / sizeof ordinary_values[0]; i++)
        add_value(values, ordinary_values[i]);
    for (size_t i = 0; i < sizeof hostile_values / sizeof hostile_values[0]; i++)
        add_value(values, hostile_values[i]);
    if (!job->key[0]) {
        add_constants(values, object, option);
        add_number(values, option->min);
        add_number(values, option->max);
        add_number(values, option->max + 1);
    }
    avcodec_free_context(&context);
}

/* Appends with a backslash before what separates options, `depth` times over. */
static void append(char *out, size_t size, const char *text, int depth)
{
    char once[OPTIONS_SIZE] = "";
    size_t used = 0;

    for (const char *at = text; *at && used + 3 < sizeof once; at++) {
        if (strchr(":=\\'", *at))
            once[used++] = '\\';
        once[used++] = *at;
    }
    once[used] = '\0';
    if (depth > 1)
        append(out, size, once, depth - 1);
    else
        (void)snprintf(out + strlen(out), size - strlen(out), "%s", once);
}

static void write_options(char *out, size_t size, const struct job *job, const char *value)
{
    (void)snprintf(out, size, "%s=", job->option);
    if (job->key[0]) {
        append(out, size, job->key, 1);
        (void)snprintf(out + strlen(out), size - strlen(out), "\\=");
    }
    append(out, size, value, job->key[0] ? 2 : 1);
}

/* In a child: what it says to its parent, since its stdout and stderr are the library's. */
static int report;
static bool is_well = true;

#define COMPLAIN(progress, ...)                                                 \
    do {                                                                        \
        is_well = false;                                                        \
        (void)dprintf(report, "encoder_options \"%s\": ", (progress)->options); \
        (void)dprintf(report, __VA_ARGS__);                                     \
    } while (0)

/* What the encoder makes of it must be what the query said. */
static void encode(const struct progress *progress, const wcenc_config *config, bool supported)
{
    struct subject subject;
    wcenc_status status = subject_open(&subject, WCENC_DELIVERY_THREAD);
    int chunks, errors;

    if (status == WCENC_OK)
        status = wcenc_encoder_configure(subject.encoder, config);
    if (status == WCENC_OK)
        status = subject_encode(&subject, SIZE, SIZE, 0, FRAMES);
    if (status == WCENC_OK)
        status = wcenc_encoder_flush(subject.encoder);
    /* An error may still be on its way. */
    subject_close(&subject);
    chunks = atomic_load(&subject.chunks);
    errors = atomic_load(&subject.errors);
    if (supported && (status != WCENC_OK || errors != 0 || chunks != FRAMES))
        COMPLAIN(progress, "supported, but status %d, %d chunks\n", (int)status, chunks);
    if (!supported && (errors != 1 || chunks != 0))
        COMPLAIN(progress, "not supported, but %d errors, %d chunks\n", errors, chunks);
}

/* Where the child's stdout and stderr go. What has come there is reported, and forgotten. */
static void listen(const struct progress *progress, int file)
{
    char text[256];
    ssize_t length;

    (void)fflush(NULL);
    if (lseek(file, 0, SEEK_END) <= 0)
        return;
    length = pread(file, text, sizeof text - 1, 0);
    text[length > 0 ? length : 0] = '\0';
    COMPLAIN(progress, "printed: %s\n", text);
    CHECK(ftruncate(file, 0) == 0 && lseek(file, 0, SEEK_SET) == 0);
}

/* The child's working directory is empty, and stays so. */
static void look_for_files(const struct progress *progress)
{
    DIR *directory = opendir(".");
    const struct dirent *entry;

    CHECK(directory);
    while ((entry = readdir(directory)))
        if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2) {
            COMPLAIN(progress, "left the file \"%s\"\n", entry->d_name);
            CHECK(unlink(entry->d_name) == 0);
        }
    (void)closedir(directory);
}

static void try_value(const struct job *job, struct progress *progress, const char *value, int file)
{
    bool may_print = strcmp(job->row->encoder, "libsvtav1") == 0;

    for (wcenc_latency_mode latency = 0; latency < (job->row->realtime ? LATENCIES : 1); latency++) {
        wcenc_config config = subject_config(job->row, latency, SIZE, SIZE);
        bool supported;

        write_options(progress->options, OPTIONS_SIZE, job, value);
        config.encoder_options = progress->options;
        supported = is_supported(&config);
        encode(progress, &config, supported);
        progress->tried++;
        progress->supported += supported;
        if (!may_print)
            listen(progress, file);
        look_for_files(progress);
    }
}

/* In a child. No value may take all of the machine's memory. */
static void run_job(void *argument)
{
    const struct job *job = argument;
    struct rlimit memory = {UINT64_C(6) << 30, UINT64_C(6) << 30};
    static struct values values;
    char directory[] = "/tmp/wcenc-option-walk-XXXXXX";
    int file = memfd_create("output", MFD_CLOEXEC);

    report = dup(STDOUT_FILENO);
    CHECK(file >= 0 && report >= 0);
    if (!WCENC_TEST_IS_SLOW)
        CHECK(setrlimit(RLIMIT_AS, &memory) == 0);
    CHECK(mkdtemp(directory) && chdir(directory) == 0);
    list_values(&values, job);
    CHECK(dup2(file, STDERR_FILENO) >= 0 && dup2(file, STDOUT_FILENO) >= 0);
    for (int i = 0; i < values.count; i++)
        try_value(job, &progresses[job - jobs], values.text[i], file);
    CHECK(rmdir(directory) == 0);
    _exit(is_well ? 0 : 1);
}

static bool start_job(void *context, int index, struct child *child)
{
    (void)context;
    return child_fork(child, run_job, &jobs[index], LIMIT_MS);
}

static void end_job(void *context, int index, const struct child *child)
{
    const struct job *job = &jobs[index];
    char text[CHILD_TEXT_MAX + 128];

    (void)context;
    if (child_is_well(child))
        return;
    failures++;
    child_describe(child, text, sizeof text);
    printf("FAILED: %s, at \"%s\": %s\n", job->row->encoder, progresses[index].options, text);
    (void)fflush(stdout);
}

static void add_job(const struct codec_row *row, const char *option, const char *key, size_t key_length)
{
    struct job *job = &jobs[job_count];

    CHECK(job_count < JOBS_MAX);
    job->row = row;
    (void)snprintf(job->option, sizeof job->option, "%s", option);
    (void)snprintf(job->key, sizeof job->key, "%.*s", (int)key_length, key);
    job_count++;
}

static void add_keys(const struct codec_row *row, const char *option)
{
    const struct option_list *list;

    for (size_t n = 0; (list = option_list(n)); n++)
        if (strcmp(list->option, option) == 0)
            for (const char *key = list->keys; *key; key += strspn(key, " ")) {
                add_job(row, option, key, strcspn(key, " "));
                key += strcspn(key, " ");
            }
}

static void add_options(const struct codec_row *row, void *object, const char *only)
{
    const AVOption *option = NULL;

    while ((option = av_opt_next(object, option)))
        if (option->type != AV_OPT_TYPE_CONST && (!only || strcmp(only, option->name) == 0)) {
            add_job(row, option->name, "", 0);
            add_keys(row, option->name);
        }
}

static void add_encoder(const struct codec_row *row, const char *only)
{
    const AVCodec *codec = avcodec_find_encoder_by_name(row->encoder);
    AVCodecContext *context = codec ? avcodec_alloc_context3(codec) : NULL;

    /* Opening libsvtav1 hangs under ThreadSanitizer. */
    if (!context || (WCENC_TEST_THREAD_SANITIZER && strcmp(row->encoder, "libsvtav1") == 0)) {
        avcodec_free_context(&context);
        return;
    }
    add_options(row, context, only);
    add_options(row, context->priv_data, only);
    avcodec_free_context(&context);
}

/* Options that once printed, left files behind, crashed, or were supported and failed. */
static const struct {
    const char *encoder, *option, *key;
} known[] = {
    {"libx264", "g", ""},
    {"libx264", "flags", ""},
    {"libx264", "aspect", ""},
    {"libx264", "max_pixels", ""},
    {"libx264", "log_level_offset", ""},
    {"libx264", "stats", ""},
    {"libx264", "x264-params", "asm"},
    {"libx264", "x264-params", "dump-yuv"},
    {"libx264", "x264opts", "dump-yuv"},
    {"libx265", "x265-params", "log-level"},
    {"libx265", "x265-params", "copy-pic"},
    {"libx265", "x265-params", "lookahead-threads"},
    {"libx265", "x265-params", "chunk-end"},
    {"libx265", "x265-params", "ctu-info"},
    {"libvpx", "b", ""},
    {"libvpx-vp9", "tile-columns", ""},
    {"libaom-av1", "denoise-noise-level", ""},
    {"libaom-av1", "still-picture", ""},
    {"libaom-av1", "aom-params", "num-tile-groups"},
    {"libaom-av1", "aom-params", "min-partition-size"},
    {"libaom-av1", "aom-params", "sframe-mode"},
    {"libsvtav1", "svtav1-params", "mastering-display"},
    {"libsvtav1", "svtav1-params", "resize-mode"},
};

static bool is_known(const struct job *job)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].encoder, job->row->encoder) == 0 && strcmp(known[i].option, job->option) == 0 &&
            strcmp(known[i].key, job->key) == 0)
            return true;
    return false;
}

/* One job of `every`, and those that are known. */
static void thin_out(int every)
{
    int kept = 0;

    for (int i = 0; i < job_count; i++)
        if (i % every == 0 || is_known(&jobs[i]))
            jobs[kept++] = jobs[i];
    job_count = kept;
}

static int run(int every)
{
    struct batch batch = {.at_once = AT_ONCE, .start = start_job, .end = end_job};
    int64_t start = now_ms();
    int tried = 0, supported = 0;

    thin_out(every);
    progresses = mmap(NULL, sizeof *progresses * JOBS_MAX, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(progresses != MAP_FAILED);
    batch.count = job_count;
    CHECK(children_run(&batch));
    for (int i = 0; i < job_count; i++) {
        tried += progresses[i].tried;
        supported += progresses[i].supported;
    }
    printf("%d options, %d values tried, %d of them supported, %d options failed, in %lld ms\n", job_count, tried,
           supported, failures, (long long)(now_ms() - start));
    return failures == 0 && supported > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    const char *encoder = NULL, *option = NULL;
    int every = 1;

    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--encoder") == 0)
            encoder = argv[i + 1];
        else if (strcmp(argv[i], "--option") == 0)
            option = argv[i + 1];
        else if (strcmp(argv[i], "--every") == 0)
            every = atoi(argv[i + 1]);
    }
    if (argc % 2 == 0 || every < 1) {
        fputs("usage: test_option_walk [--encoder NAME] [--option NAME] [--every N]\n", stderr);
        return 2;
    }
    for (size_t i = 0; i < CODEC_ROWS_LAVC; i++) /* native encoders have none but those of test_native */
        if (!encoder || strcmp(encoder, codec_rows[i].encoder) == 0)
            add_encoder(&codec_rows[i], option);
    return run(every);
}
