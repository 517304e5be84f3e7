/* SPDX-License-Identifier: MIT */

/*
 * A program may end whenever it likes: exit() and returning from main with live encoders, whatever they are doing, end
 * the process with the status that it wanted, and print nothing.
 */

#define _GNU_SOURCE

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "child.h"
#include "../support/sanitizer.h"
#include "subject.h"

enum {
    LIMIT_MS = WCENC_TEST_IS_SLOW ? 60000 : 10000,
    AT_ONCE = 4, /* more than there are CPUs: threads that are slow to start are the ones that see the end */
    SKIPPED = 77,
    WIDTH = 320,
    HEIGHT = 192,
    FRAMES = 30,
    WAYS = 2,
    REPEATS = WCENC_TEST_IS_SLOW ? 1 : 5,
};

static const char *const way_names[WAYS] = {"exit", "return"};

static struct subject subject;
static sem_t is_inside, never;

static void be_idle(const wcenc_config *config)
{
    CHECK_EQUAL(wcenc_encoder_configure(subject.encoder, config), WCENC_OK);
    CHECK_EQUAL(subject_encode(&subject, WIDTH, HEIGHT, 0, 1), WCENC_OK);
    CHECK_EQUAL(wcenc_encoder_flush(subject.encoder), WCENC_OK);
}

static void be_busy(const wcenc_config *config)
{
    CHECK_EQUAL(wcenc_encoder_configure(subject.encoder, config), WCENC_OK);
    CHECK_EQUAL(subject_encode(&subject, WIDTH, HEIGHT, 0, FRAMES), WCENC_OK);
    while (wcenc_encoder_get_queue_size(subject.encoder) == FRAMES)
        (void)sched_yield();
}

/* The callback that never returns, and for PULL the event that is never freed. */
static void stay(struct subject *staying)
{
    CHECK_EQUAL(sem_post(&is_inside), 0);
    if (staying->delivery != WCENC_DELIVERY_PULL)
        while (sem_wait(&never) != 0)
            ;
}

static void *pump_for_ever(void *unused)
{
    (void)unused;
    for (;;)
        (void)wcenc_encoder_pump(subject.encoder, 0, -1, NULL);
    return NULL;
}

static void *receive_for_ever(void *unused)
{
    static wcenc_event *first_chunk;

    (void)unused;
    for (;;) {
        wcenc_event *event = NULL;

        CHECK_EQUAL(wcenc_encoder_receive(subject.encoder, -1, &event), WCENC_OK);
        if (event->type == WCENC_EVENT_OUTPUT && !first_chunk) {
            first_chunk = event;
            stay(&subject);
        } else {
            wcenc_event_free(event);
        }
    }
    return NULL;
}

/* A callback runs, or a thread holds an event and waits for the next. */
static void be_inside(const wcenc_config *config)
{
    static void *(*const take[DELIVERIES])(void *) = {NULL, pump_for_ever, receive_for_ever};
    pthread_t thread;

    subject.on_chunk = stay;
    CHECK_EQUAL(wcenc_encoder_configure(subject.encoder, config), WCENC_OK);
    CHECK_EQUAL(subject_encode(&subject, WIDTH, HEIGHT, 0, FRAMES), WCENC_OK);
    CHECK_EQUAL(subject_flush_async(&subject), WCENC_OK);
    if (take[subject.delivery])
        CHECK_EQUAL(pthread_create(&thread, NULL, take[subject.delivery], NULL), 0);
    while (sem_wait(&is_inside) != 0)
        ;
}

static const struct {
    const char *name;
    void (*be)(const wcenc_config *config);
} situations[] = {{"idle", be_idle}, {"busy", be_busy}, {"inside a callback", be_inside}};

enum { SITUATIONS = sizeof situations / sizeof situations[0] };

struct cell {
    const struct codec_row *row;
    wcenc_delivery delivery;
    int situation;
    int way;
};

static int run_cell(const struct cell *cell)
{
    wcenc_config config = subject_config(cell->row, cell->row->realtime, WIDTH, HEIGHT);

    silence_encoder(cell->row->encoder);
    CHECK_EQUAL(sem_init(&is_inside, 0, 0), 0);
    CHECK_EQUAL(sem_init(&never, 0, 0), 0);
    CHECK_EQUAL(subject_open(&subject, cell->delivery), WCENC_OK);
    situations[cell->situation].be(&config);
    if (cell->way == 0)
        exit(0);
    return 0;
}

struct matrix {
    const struct codec_row *row;
    int failures;
    int64_t worst_ms;
};

static struct cell cell_of(const struct matrix *matrix, int index)
{
    struct cell cell = {.row = matrix->row};

    cell.way = index % WAYS;
    cell.situation = index / WAYS % SITUATIONS;
    cell.delivery = index / WAYS / SITUATIONS % DELIVERIES;
    return cell;
}

static bool start_cell(void *context, int index, struct child *child)
{
    struct cell cell = cell_of(context, index);
    char delivery[16], situation[16], way[16];
    const char *arguments[] = {"test_exit", "--cell", cell.row->name, delivery, situation, way, NULL};

    (void)snprintf(delivery, sizeof delivery, "%d", (int)cell.delivery);
    (void)snprintf(situation, sizeof situation, "%d", cell.situation);
    (void)snprintf(way, sizeof way, "%d", cell.way);
    return child_spawn(child, arguments, LIMIT_MS);
}

static void end_cell(void *context, int index, const struct child *child)
{
    struct matrix *matrix = context;
    struct cell cell = cell_of(matrix, index);
    char text[CHILD_TEXT_MAX + 128];

    if (child->ms > matrix->worst_ms)
        matrix->worst_ms = child->ms;
    if (child_is_well(child) && child->length == 0)
        return;
    matrix->failures++;
    child_describe(child, text, sizeof text);
    printf("FAILED: %s, %s, %s, %s: %s\n", cell.row->encoder, delivery_names[cell.delivery],
           situations[cell.situation].name, way_names[cell.way], text);
}

static int run_matrix(const struct codec_row *row)
{
    wcenc_config config = subject_config(row, row->realtime, WIDTH, HEIGHT);
    struct matrix matrix = {.row = row};
    struct batch batch = {DELIVERIES * SITUATIONS * WAYS * REPEATS, AT_ONCE, start_cell, end_cell, &matrix};

    silence_encoder(row->encoder);
    if (!is_supported(&config)) {
        printf("skipped: %s cannot be tested here\n", row->encoder);
        return SKIPPED;
    }
    CHECK(children_run(&batch));
    printf("%s: %d programs ended, %d failed, the slowest took %lld ms\n", row->encoder, batch.count, matrix.failures,
           (long long)matrix.worst_ms);
    return matrix.failures == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    const struct codec_row *row = argc > 2 ? find_row(argv[2]) : NULL;

    if (row && argc == 3 && strcmp(argv[1], "--codec") == 0)
        return run_matrix(row);
    if (row && argc == 6 && strcmp(argv[1], "--cell") == 0)
        return run_cell(&(struct cell){row, atoi(argv[3]), atoi(argv[4]), atoi(argv[5])});
    fputs("usage: test_exit --codec ENCODER\n", stderr);
    return 2;
}
