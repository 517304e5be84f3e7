/* SPDX-License-Identifier: MIT */

/*
 * No way to end the work hangs: every codec, with few frames and many, ended in each way, in a process of its own that
 * is killed and named where it is late. What the contract says of each end is checked inside that process.
 */

#define _POSIX_C_SOURCE 200809L

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "child.h"
#include "../support/sanitizer.h"
#include "subject.h"

enum {
    LIMIT_MS = WCENC_TEST_IS_SLOW ? 30000 : 5000,
    AT_ONCE = 2,
    SKIPPED = 77,
    SIZE = 64,
    OTHER_SIZE = 96,
};

static const int frame_counts[] = {0, 1, 2, 30};

struct cell {
    const struct codec_row *row;
    wcenc_latency_mode latency;
    wcenc_delivery delivery;
    int frames;
    int end; /* of `ends` */
};

static void check_flush(struct subject *subject, int frames)
{
    CHECK_EQUAL(wcenc_encoder_flush(subject->encoder), WCENC_OK);
    /* All was reported by then; or is pending, to be taken without waiting. */
    if (subject->delivery != WCENC_DELIVERY_PULL)
        CHECK_EQUAL(atomic_load(&subject->chunks), frames);
    CHECK_EQUAL(subject_take(subject), WCENC_AGAIN);
    CHECK_EQUAL(atomic_load(&subject->chunks), frames);
    CHECK_EQUAL(wcenc_encoder_get_state(subject->encoder), WCENC_STATE_CONFIGURED);
    CHECK_EQUAL(wcenc_encoder_get_queue_size(subject->encoder), 0);
}

static void end_by_flush(struct subject *subject, const struct cell *cell)
{
    check_flush(subject, cell->frames);
}

static void end_by_reset(struct subject *subject, const struct cell *cell)
{
    bool is_threaded = cell->delivery == WCENC_DELIVERY_THREAD;
    int chunks;

    CHECK_EQUAL(wcenc_encoder_reset(subject->encoder), WCENC_OK);
    chunks = atomic_load(&subject->chunks);
    CHECK_EQUAL(wcenc_encoder_get_state(subject->encoder), WCENC_STATE_UNCONFIGURED);
    CHECK_EQUAL(wcenc_encoder_get_queue_size(subject->encoder), 0);
    CHECK_EQUAL(wcenc_encoder_flush(subject->encoder), WCENC_ERROR_INVALID_STATE);
    CHECK_EQUAL(subject_take(subject), WCENC_AGAIN);
    CHECK_EQUAL(wcenc_encoder_close(subject->encoder), WCENC_OK);
    /* A callback that had begun may not have come to count. */
    CHECK(atomic_load(&subject->chunks) <= chunks + is_threaded);
}

static void end_by_close(struct subject *subject, const struct cell *cell)
{
    int chunks;

    CHECK_EQUAL(wcenc_encoder_close(subject->encoder), WCENC_OK);
    chunks = atomic_load(&subject->chunks);
    CHECK(chunks <= cell->frames);
    CHECK_EQUAL(wcenc_encoder_get_state(subject->encoder), WCENC_STATE_CLOSED);
    CHECK_EQUAL(wcenc_encoder_get_queue_size(subject->encoder), 0);
    CHECK_EQUAL(wcenc_encoder_close(subject->encoder), WCENC_ERROR_INVALID_STATE);
    CHECK_EQUAL(wcenc_encoder_flush(subject->encoder), WCENC_ERROR_INVALID_STATE);
    if (cell->delivery != WCENC_DELIVERY_THREAD)
        CHECK_EQUAL(subject_take(subject), WCENC_END);
    CHECK_EQUAL(atomic_load(&subject->chunks), chunks);
}

static void end_by_destroy(struct subject *subject, const struct cell *cell)
{
    /* Which follows in any case. */
    CHECK(atomic_load(&subject->chunks) <= cell->frames);
}

static void end_by_configure(struct subject *subject, const struct cell *cell)
{
    wcenc_config config = subject_config(cell->row, cell->latency, OTHER_SIZE, OTHER_SIZE);

    CHECK_EQUAL(wcenc_encoder_configure(subject->encoder, &config), WCENC_OK);
    CHECK_EQUAL(subject_encode(subject, OTHER_SIZE, OTHER_SIZE, cell->frames, 1), WCENC_OK);
    check_flush(subject, cell->frames + 1);
    CHECK_EQUAL(atomic_load(&subject->configs), cell->frames > 0 ? 2 : 1);
    CHECK_EQUAL(atomic_load(&subject->coded_width), OTHER_SIZE);
}

static const struct {
    const char *name;
    void (*run)(struct subject *subject, const struct cell *cell);
    bool is_late; /* once the encoder has begun with the last frame */
} ends[] = {
    {"flush", end_by_flush, false},         {"reset", end_by_reset, false},         {"late reset", end_by_reset, true},
    {"close", end_by_close, false},         {"late close", end_by_close, true},     {"destroy", end_by_destroy, false},
    {"late destroy", end_by_destroy, true}, {"configure", end_by_configure, false},
};

enum { FRAME_COUNTS = sizeof frame_counts / sizeof frame_counts[0], ENDS = sizeof ends / sizeof ends[0] };

/* In a process of its own. */
static void run_cell(const struct cell *cell)
{
    wcenc_config config = subject_config(cell->row, cell->latency, SIZE, SIZE);
    struct subject subject;
    int chunks;

    silence_encoder(cell->row->encoder);
    CHECK_EQUAL(subject_open(&subject, cell->delivery), WCENC_OK);
    CHECK_EQUAL(wcenc_encoder_configure(subject.encoder, &config), WCENC_OK);
    CHECK_EQUAL(subject_encode(&subject, SIZE, SIZE, 0, cell->frames), WCENC_OK);
    while (ends[cell->end].is_late && wcenc_encoder_get_queue_size(subject.encoder) > 0)
        (void)sched_yield();
    ends[cell->end].run(&subject, cell);
    chunks = atomic_load(&subject.chunks);
    subject_close(&subject);
    CHECK_EQUAL(atomic_load(&subject.errors), 0);
    /* Destroying reports nothing more, where something else has ended the work before. */
    CHECK(atomic_load(&subject.chunks) == chunks || ends[cell->end].run == end_by_destroy);
}

/* What the parent knows of one codec. */
struct matrix {
    const struct codec_row *row;
    wcenc_latency_mode latencies[LATENCIES]; /* that are supported */
    int latency_count;
    int failures;
    int64_t worst_ms[ENDS];
    struct cell worst[ENDS];
};

static struct cell cell_of(const struct matrix *matrix, int index)
{
    struct cell cell = {.row = matrix->row};

    cell.end = index % ENDS;
    index /= ENDS;
    cell.frames = frame_counts[index % FRAME_COUNTS];
    index /= FRAME_COUNTS;
    cell.delivery = index % DELIVERIES;
    cell.latency = matrix->latencies[index / DELIVERIES];
    return cell;
}

static bool start_cell(void *context, int index, struct child *child)
{
    struct cell cell = cell_of(context, index);
    char frames[16], end[16], delivery[16], latency[16];
    const char *arguments[] = {"test_no_hang", "--cell", cell.row->name, latency, delivery, frames, end, NULL};

    (void)snprintf(frames, sizeof frames, "%d", cell.frames);
    (void)snprintf(end, sizeof end, "%d", cell.end);
    (void)snprintf(delivery, sizeof delivery, "%d", (int)cell.delivery);
    (void)snprintf(latency, sizeof latency, "%d", (int)cell.latency);
    return child_spawn(child, arguments, LIMIT_MS);
}

static void end_cell(void *context, int index, const struct child *child)
{
    struct matrix *matrix = context;
    struct cell cell = cell_of(matrix, index);
    char text[CHILD_TEXT_MAX + 128];

    if (child->ms >= matrix->worst_ms[cell.end]) {
        matrix->worst_ms[cell.end] = child->ms;
        matrix->worst[cell.end] = cell;
    }
    if (child_is_well(child))
        return;
    matrix->failures++;
    child_describe(child, text, sizeof text);
    printf("FAILED: %s, %s, %s, %d frames, %s: %s\n", cell.row->encoder, latency_names[cell.latency],
           delivery_names[cell.delivery], cell.frames, ends[cell.end].name, text);
}

/* In a process of its own too: opening an encoder to ask may hang as well. */
static void find_latencies(struct matrix *matrix)
{
    for (int latency = 0; latency < LATENCIES; latency++) {
        char number[16];
        const char *arguments[] = {"test_no_hang", "--ask", matrix->row->name, number, NULL};
        struct child child;
        char text[CHILD_TEXT_MAX + 128];

        (void)snprintf(number, sizeof number, "%d", latency);
        CHECK(child_spawn(&child, arguments, LIMIT_MS));
        child_wait(&child);
        if (child_is_well(&child)) {
            matrix->latencies[matrix->latency_count++] = latency;
        } else if (strcmp(child.text, "no\n") != 0) {
            matrix->failures++;
            child_describe(&child, text, sizeof text);
            printf("FAILED: asking for %s, %s: %s\n", matrix->row->encoder, latency_names[latency], text);
        }
    }
}

static void print_table(const struct matrix *matrix)
{
    printf("%-12s %-12s %10s  %s\n", "encoder", "end", "slowest ms", "which was");
    for (int end = 0; end < ENDS; end++)
        printf("%-12s %-12s %10lld  %s, %s, %d frames\n", matrix->row->encoder, ends[end].name,
               (long long)matrix->worst_ms[end], latency_names[matrix->worst[end].latency],
               delivery_names[matrix->worst[end].delivery], matrix->worst[end].frames);
}

static int run_matrix(const struct codec_row *row)
{
    struct matrix matrix = {.row = row};
    int64_t start = now_ms();
    struct batch batch = {.at_once = AT_ONCE, .start = start_cell, .end = end_cell, .context = &matrix};

    find_latencies(&matrix);
    if (matrix.latency_count == 0 && matrix.failures == 0) {
        printf("skipped: %s cannot be tested here\n", row->encoder);
        return SKIPPED;
    }
    batch.count = matrix.latency_count * DELIVERIES * FRAME_COUNTS * ENDS;
    CHECK(children_run(&batch));
    print_table(&matrix);
    printf("%d cells of at most %d ms, %d failed, in %lld ms\n", batch.count, LIMIT_MS, matrix.failures,
           (long long)(now_ms() - start));
    return matrix.failures == 0 ? 0 : 1;
}

static int ask(const struct codec_row *row, wcenc_latency_mode latency)
{
    wcenc_config config = subject_config(row, latency, SIZE, SIZE);

    silence_encoder(row->encoder);
    if (is_supported(&config))
        return 0;
    puts("no");
    return 1;
}

int main(int argc, char **argv)
{
    const struct codec_row *row = argc > 2 ? find_row(argv[2]) : NULL;

    if (row && argc == 3 && strcmp(argv[1], "--codec") == 0)
        return run_matrix(row);
    if (row && argc == 4 && strcmp(argv[1], "--ask") == 0)
        return ask(row, atoi(argv[3]));
    if (row && argc == 7 && strcmp(argv[1], "--cell") == 0) {
        run_cell(&(struct cell){row, atoi(argv[3]), atoi(argv[4]), atoi(argv[5]), atoi(argv[6])});
        return 0;
    }
    fputs("usage: test_no_hang --codec ENCODER\n", stderr);
    return 2;
}
