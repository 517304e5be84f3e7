/* SPDX-License-Identifier: MIT */

/*
 * One allocation fails, anywhere. Of libwcenc and FFmpeg: the status is NO_MEMORY, nothing remembers it, what failed
 * can be done again, every object is as the header says, and nothing is lost. Inside an encoder's own library: some
 * error, and the same question has its old answer afterwards; the encoder may bring its process down, the library may
 * not.
 *
 *     test_no_memory --codec ENCODER [--groups] [--long]
 *
 * Some allocations, each reached in another way; --long: every allocation. --groups: with parallel groups.
 */

#define _GNU_SOURCE

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/alloc_fault.h"
#include "check.h"
#include "child.h"
#include "subject.h"

enum {
    SIZE = 64,
    LIMIT_MS = 20000,
    NUMBERS_MAX = 1 << 16,
    SKIPPED = 77,
    SAMPLES = 20, /* of allocations, where not all are tried */
    ENCODER_SAMPLES = 5,
    WRONG = 1,
    ENDED_BY_ENCODER = 3, /* crashed in its library, or exited there */
};

struct trial {
    const struct codec_row *row;
    wcenc_latency_mode latency;
    wcenc_delivery delivery;
    bool keeps_alpha;
    bool has_groups;
    enum alloc_owner owner;
    long nth;         /* 0: none fails */
    uint64_t bitrate; /* one that was not asked for before */
};

static uint64_t next_bitrate = 2000000;

static wcenc_config config_of(const struct trial *trial)
{
    wcenc_config config = subject_config(trial->row, trial->latency, SIZE, SIZE);

    config.bitrate = trial->bitrate;
    config.alpha = trial->keeps_alpha ? WCENC_ALPHA_KEEP : WCENC_ALPHA_DISCARD;
    if (trial->has_groups) {
        config.parallel_groups = 2;
        config.key_interval = 4;
    }
    return config;
}

/* An error that the failed allocation explains. Inside an encoder's library it may be any. */
static bool is_explained(const struct trial *trial, wcenc_status status)
{
    if (!alloc_fault_happened())
        return false;
    return trial->owner == ALLOC_OWN ? status == WCENC_ERROR_NO_MEMORY : status != WCENC_OK;
}

#define EXPLAINED(trial, status) \
    ((status) == WCENC_OK || is_explained(trial, status) ? (void)0 : unexplained(__LINE__, status))

static void unexplained(int line, wcenc_status status)
{
    (void)dprintf(STDOUT_FILENO, "line %d: %s (\"%s\")\n", line, wcenc_status_name(status), wcenc_last_error());
    alloc_fault_print();
    _exit(WRONG);
}

static void check_supported(const struct trial *trial)
{
    wcenc_config config = config_of(trial);
    wcenc_config_support *support = NULL;

    CHECK_EQUAL(wcenc_is_config_supported(&config, &support), WCENC_OK);
    if (!support->supported)
        check_failed(__FILE__, __LINE__, support->reason);
    wcenc_config_support_free(support);
}

/* The query, and the same again. */
static void run_query(const struct trial *trial)
{
    wcenc_config config = config_of(trial);
    wcenc_config_support *support = NULL;
    wcenc_status status = wcenc_is_config_supported(&config, &support);

    EXPLAINED(trial, status);
    CHECK_EQUAL(support != NULL, status == WCENC_OK);
    if (support && !support->supported) {
        CHECK(alloc_fault_happened());
        /* FFmpeg's answer to what happened inside the encoder's library is what it is. */
        if (trial->owner == ALLOC_OWN)
            unexplained(__LINE__, WCENC_ERROR_NOT_SUPPORTED);
    }
    wcenc_config_support_free(support);
    (void)alloc_fault_disarm();
    check_supported(trial);
}

/* A call that may fail once for want of memory, and then works. */
#define TRY(trial, status, call)  \
    do {                          \
        (status) = (call);        \
        EXPLAINED(trial, status); \
        if ((status) != WCENC_OK) \
            (status) = (call);    \
    } while (0)

static void count_release(void *user)
{
    atomic_fetch_add((atomic_int *)user, 1);
}

/* What frames come as: each has another way to the encoder's pictures. */
static const struct {
    wcenc_pixel_format format;
    uint32_t width, height;
} frames[] = {
    {WCENC_PIXEL_FORMAT_I420, SIZE, SIZE},         {WCENC_PIXEL_FORMAT_RGBA, SIZE, SIZE},
    {WCENC_PIXEL_FORMAT_RGBX, 2 * SIZE, 2 * SIZE}, {WCENC_PIXEL_FORMAT_I444, SIZE / 2, SIZE / 2},
    {WCENC_PIXEL_FORMAT_I420P10, SIZE, SIZE},      {WCENC_PIXEL_FORMAT_NV12, 2 * SIZE, SIZE},
    {WCENC_PIXEL_FORMAT_I420A, SIZE, 2 * SIZE},    {WCENC_PIXEL_FORMAT_P010, SIZE, SIZE},
    {WCENC_PIXEL_FORMAT_YUYV, SIZE, SIZE},
};

enum { FRAMES = sizeof frames / sizeof frames[0] };

static void copy_out(const struct trial *trial, const wcenc_frame *frame)
{
    static uint8_t rgba[2 * SIZE * 2 * SIZE * 4];
    wcenc_copy_to_options options;
    wcenc_status status;

    wcenc_copy_to_options_init(&options, sizeof options);
    options.format = WCENC_PIXEL_FORMAT_RGBA;
    TRY(trial, status, wcenc_frame_copy_to(frame, &options, rgba, sizeof rgba, NULL));
    CHECK_EQUAL(status, WCENC_OK);
}

/* How an encoder is that failed, which the failed allocation explains. */
static void check_failed_encoder(const struct trial *trial, struct subject *subject)
{
    CHECK(alloc_fault_happened());
    while (subject_take(subject) == WCENC_ERROR_NO_MEMORY)
        ;
    CHECK_EQUAL(wcenc_encoder_get_state(subject->encoder), WCENC_STATE_CLOSED);
    /* It is closed before it says why. */
    while (subject->delivery == WCENC_DELIVERY_THREAD && atomic_load(&subject->errors) == 0)
        (void)sched_yield();
    CHECK_EQUAL(atomic_load(&subject->errors), 1);
    EXPLAINED(trial, atomic_load(&subject->error));
}

static wcenc_status encode_one(const struct trial *trial, struct subject *subject, int number, atomic_int *releases)
{
    static uint8_t pixels[2 * SIZE * 2 * SIZE * 4];
    static const char metadata[] = "frame";
    wcenc_frame *frame = NULL;
    wcenc_frame_desc desc;
    wcenc_status status;

    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = frames[number % FRAMES].format;
    desc.coded_width = frames[number % FRAMES].width;
    desc.coded_height = frames[number % FRAMES].height;
    desc.data = pixels;
    desc.data_size = sizeof pixels;
    desc.timestamp_us = number;
    desc.metadata = metadata;
    desc.metadata_size = sizeof metadata;
    TRY(trial, status, wcenc_frame_create_wrap(&desc, count_release, releases, &frame));
    CHECK_EQUAL(status, WCENC_OK);
    copy_out(trial, frame);
    status = wcenc_encoder_encode(subject->encoder, frame, NULL);
    if (status == WCENC_ERROR_NO_MEMORY) {
        EXPLAINED(trial, status);
        status = wcenc_encoder_encode(subject->encoder, frame, NULL);
    }
    wcenc_frame_unref(frame);
    return status;
}

/* True if the encoder goes on. */
static bool encode_all(const struct trial *trial, struct subject *subject, int first, atomic_int *releases)
{
    wcenc_status status;
    int chunks;

    for (int i = first; i < first + FRAMES; i++) {
        status = encode_one(trial, subject, i, releases);
        if (status != WCENC_OK) {
            CHECK_EQUAL(status, WCENC_ERROR_INVALID_STATE);
            check_failed_encoder(trial, subject);
            return false;
        }
    }
    status = wcenc_encoder_flush(subject->encoder);
    if (status == WCENC_ERROR_NO_MEMORY && atomic_load(&subject->errors) == 0) {
        EXPLAINED(trial, status);
        status = wcenc_encoder_flush(subject->encoder);
    }
    if (status != WCENC_OK) {
        if (status != WCENC_ERROR_INVALID_STATE)
            EXPLAINED(trial, status);
        check_failed_encoder(trial, subject);
        return false;
    }
    while (subject_take(subject) == WCENC_ERROR_NO_MEMORY)
        CHECK(alloc_fault_happened());
    CHECK_EQUAL(atomic_load(&subject->errors), 0);
    chunks = atomic_load(&subject->chunks);
    CHECK_EQUAL(chunks, first + FRAMES);
    return true;
}

/* All that an encoder does, from its creation to its end. */
static void run_session(const struct trial *trial)
{
    wcenc_config config = config_of(trial);
    struct subject subject;
    wcenc_encoder_desc desc = subject_init(&subject, trial->delivery);
    atomic_int releases = 0;
    wcenc_status status;
    bool goes_on;

    status = subject_create(&subject, &desc);
    EXPLAINED(trial, status);
    if (status != WCENC_OK) {
        CHECK(subject.encoder == NULL && atomic_load(&subject.destroyed) == 0);
        CHECK_EQUAL(subject_create(&subject, &desc), WCENC_OK);
    }
    status = wcenc_encoder_configure(subject.encoder, &config);
    EXPLAINED(trial, status);
    if (status != WCENC_OK) {
        CHECK_EQUAL(wcenc_encoder_get_state(subject.encoder), WCENC_STATE_UNCONFIGURED);
        CHECK_EQUAL(wcenc_encoder_configure(subject.encoder, &config), WCENC_OK);
    }
    goes_on = encode_all(trial, &subject, 0, &releases);
    if (goes_on) {
        config.bitrate += 500000;
        TRY(trial, status, wcenc_encoder_configure(subject.encoder, &config));
        CHECK_EQUAL(status, WCENC_OK);
        goes_on = encode_all(trial, &subject, FRAMES, &releases);
    }
    if (goes_on) {
        TRY(trial, status, subject_flush_async(&subject));
        CHECK_EQUAL(status, WCENC_OK);
        CHECK_EQUAL(wcenc_encoder_reset(subject.encoder), WCENC_OK);
    }
    subject_close(&subject);
    CHECK_EQUAL(atomic_load(&releases), goes_on ? 2 * FRAMES : atomic_load(&releases));
    (void)alloc_fault_disarm();
    check_supported(trial);
}

static const struct scenario {
    const char *name;
    void (*run)(const struct trial *trial);
} scenarios[] = {{"query", run_query}, {"session", run_session}};

enum { SCENARIOS = sizeof scenarios / sizeof scenarios[0] };

static void run_trial(const struct scenario *scenario, struct trial trial)
{
    trial.bitrate = next_bitrate;
    next_bitrate += 1000;
    alloc_fault_arm(trial.owner, trial.nth);
    scenario->run(&trial);
}

/* Some of all, evenly. */
static int choose(long *numbers, int count, int most)
{
    for (int i = 0; i < most && count > most; i++)
        numbers[i] = numbers[i * count / most];
    return count < most ? count : most;
}

/* Which allocations to try. */
static int find_numbers(const struct scenario *scenario, struct trial trial, bool is_long, long *numbers)
{
    long count;
    int recorded;

    trial.nth = 0;
    trial.bitrate = next_bitrate;
    next_bitrate += 1000;
    alloc_fault_record(trial.owner, numbers, NUMBERS_MAX);
    /* Disarmed inside, before it asks again. */
    scenario->run(&trial);
    count = alloc_fault_disarm();
    recorded = alloc_fault_recorded();
    if (!is_long)
        return choose(numbers, recorded, trial.owner == ALLOC_OWN ? SAMPLES : ENCODER_SAMPLES);
    for (long i = 0; i < count && i < NUMBERS_MAX; i++)
        numbers[i] = i + 1;
    return (int)(count < NUMBERS_MAX ? count : NUMBERS_MAX);
}

/* All trials of a scenario, each in a child. */
struct series {
    const struct scenario *scenario;
    struct trial trial;
    const long *numbers;
    int failed, crashed, hung, asserted;
};

static bool is_inside_encoder; /* the allocation that fails is */

/*
 * Encoders' libraries, and FFmpeg's code around them, do as they do where they have no memory: jump to where there is
 * nothing, or destroy the heap.
 */
static void on_crash(int signal_number)
{
    if (is_inside_encoder && (signal_number == SIGABRT || !alloc_fault_is_in_wcenc()))
        _exit(ENDED_BY_ENCODER);
    alloc_fault_print_here();
    (void)dprintf(STDOUT_FILENO, "signal %d, after no memory for\n", signal_number);
    alloc_fault_print();
    (void)signal(signal_number, SIG_DFL);
    (void)raise(signal_number);
}

/* libnuma, which libx265 asks for memory, ends the process where there is none. */
static void on_exit_inside(void)
{
    _exit(ENDED_BY_ENCODER);
}

static void run_in_child(void *argument)
{
    static const int signals[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
    const struct series *series = argument;
    long before, lost;

    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        (void)signal(signals[i], on_crash);
    is_inside_encoder = series->trial.owner == ALLOC_ENCODERS;
    if (is_inside_encoder)
        CHECK_EQUAL(atexit(on_exit_inside), 0);
    alloc_fault_new_blocks(false);
    before = alloc_fault_live();
    run_trial(series->scenario, series->trial);
    lost = alloc_fault_live() - before;
    /* FFmpeg loses the number of a frame that librav1e has coded, where there is no memory for its packet. */
    if (series->trial.owner != ALLOC_OWN || lost == 0 ||
        (lost == 1 && strcmp(series->trial.row->encoder, "librav1e") == 0))
        return;
    (void)dprintf(STDOUT_FILENO, "%ld blocks lost, after no memory for\n", lost);
    alloc_fault_print();
    alloc_fault_new_blocks(true);
    _exit(WRONG);
}

static bool start_trial(void *context, int index, struct child *child)
{
    struct series *series = context;

    series->trial.nth = series->numbers[index];
    return child_fork(child, run_in_child, series, LIMIT_MS);
}

/* libaom jumps to where it has no stack, so that no handler has one either. */
static bool is_crash_of_encoder(const struct series *series, const struct child *child)
{
    if (series->trial.owner != ALLOC_ENCODERS || child->was_late)
        return false;
    return (WIFEXITED(child->status) && WEXITSTATUS(child->status) == ENDED_BY_ENCODER) ||
           (WIFSIGNALED(child->status) && child->length == 0);
}

static void end_trial(void *context, int index, const struct child *child)
{
    struct series *series = context;
    char text[CHILD_TEXT_MAX + 256];

    if (child_is_well(child))
        return;
    if (is_crash_of_encoder(series, child)) {
        series->crashed++;
    } else if (child->was_late && series->trial.owner == ALLOC_ENCODERS) {
        /* A thread of libx265 that ended for want of memory is waited for. */
        series->hung++;
    } else if (strstr(child->text, "failed at src/libavcodec/options.c")) {
        /* FFmpeg asserts that it has memory for an encoder's defaults. */
        series->asserted++;
    } else {
        series->failed++;
        child_describe(child, text, sizeof text);
        printf("  allocation %ld: %s\n", series->numbers[index], text);
    }
}

static int run_series(const struct scenario *scenario, const struct trial *trial, bool is_long)
{
    static long numbers[NUMBERS_MAX];
    struct series series = {.scenario = scenario, .trial = *trial, .numbers = numbers};
    struct batch batch = {.at_once = 2, .start = start_trial, .end = end_trial, .context = &series};
    int64_t start = now_ms();

    batch.count = find_numbers(scenario, *trial, is_long, numbers);
    CHECK(children_run(&batch));
    printf("%s, %s, %s, %s: %d allocations failed, %d wrongly; %d crashed and %d hung in the encoder, %d asserted; "
           "%lld ms\n",
           trial->row->encoder, scenario->name, trial->owner == ALLOC_OWN ? "own" : "encoder's",
           delivery_names[trial->delivery], batch.count, series.failed, series.crashed, series.hung, series.asserted,
           (long long)(now_ms() - start));
    fflush(stdout);
    return series.failed;
}

static bool has_encoder(const struct codec_row *row)
{
    wcenc_config config =
        subject_config(row, row->realtime ? WCENC_LATENCY_REALTIME : WCENC_LATENCY_QUALITY, SIZE, SIZE);

    return is_supported(&config);
}

static int run_all(struct trial *trial, bool is_long)
{
    int failures = 0;

    for (int i = 0; i < SCENARIOS; i++) {
        /* Once, so that what is kept for the life of the process is there. */
        trial->owner = ALLOC_OWN;
        run_trial(&scenarios[i], *trial);
        failures += run_series(&scenarios[i], trial, is_long);
        trial->owner = ALLOC_ENCODERS;
        failures += run_series(&scenarios[i], trial, is_long);
    }
    return failures;
}

int main(int argc, char **argv)
{
    const struct codec_row *row = argc > 2 && strcmp(argv[1], "--codec") == 0 ? find_row(argv[2]) : NULL;
    const bool is_long = argc > 3 && strcmp(argv[argc - 1], "--long") == 0;
    struct trial trial = {.row = row, .owner = ALLOC_OWN};
    int failures = 0;

    if (!row) {
        fputs("usage: test_no_memory --codec ENCODER [--groups] [--long]\n", stderr);
        return 2;
    }
    silence_encoder(row->encoder);
    alloc_fault_learn();
    if (!has_encoder(row)) {
        printf("skipped: %s cannot be tested here\n", row->encoder);
        return SKIPPED;
    }
    trial.latency = row->realtime ? WCENC_LATENCY_REALTIME : WCENC_LATENCY_QUALITY;
    trial.keeps_alpha = strstr(row->encoder, "vpx") != NULL;
    trial.has_groups = argc > 3 && strcmp(argv[3], "--groups") == 0;
    if (trial.has_groups)
        trial.latency = WCENC_LATENCY_QUALITY;
    for (trial.delivery = 0; trial.delivery < DELIVERIES; trial.delivery++) {
        const bool is_its_own = trial.delivery == (row - codec_rows) % DELIVERIES;

        if (is_long || is_its_own)
            failures += run_all(&trial, is_long && is_its_own);
    }
    return failures > 0;
}
