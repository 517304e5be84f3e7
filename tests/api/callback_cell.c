/* SPDX-License-Identifier: MIT */

/* What callbacks count, and the call from inside the one that a cell is about. */

#include "callback_cell.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

wcenc_config cell_config;

/* One lock for all cells; it is never held across a call of the library. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int complaints; /* guarded by lock */
static const uint8_t pixels[CELL_WIDTH * CELL_HEIGHT * 3 / 2];

void expect(const struct cell *cell, bool holds, const char *complaint)
{
    if (holds)
        return;
    (void)fprintf(stderr, "%s: %s\n", cell->name, complaint);
    pthread_mutex_lock(&lock);
    complaints++;
    pthread_mutex_unlock(&lock);
}

void expect_status(const struct cell *cell, wcenc_status wanted, wcenc_status got)
{
    char what[128];

    (void)snprintf(what, sizeof what, "%s is wanted, %s was returned", wcenc_status_name(wanted),
                   wcenc_status_name(got));
    expect(cell, got == wanted, what);
}

void set_flag(bool *flag)
{
    pthread_mutex_lock(&lock);
    *flag = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

bool is_set(const bool *flag)
{
    bool value;

    pthread_mutex_lock(&lock);
    value = *flag;
    pthread_mutex_unlock(&lock);
    return value;
}

void count(int *counter)
{
    pthread_mutex_lock(&lock);
    ++*counter;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

int read_count(const int *counter)
{
    int value;

    pthread_mutex_lock(&lock);
    value = *counter;
    pthread_mutex_unlock(&lock);
    return value;
}

void wait_for_count(const int *counter, int least)
{
    pthread_mutex_lock(&lock);
    while (*counter < least)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

int complaint_count(void)
{
    return read_count(&complaints);
}

wcenc_stats read_stats(struct cell *cell, const wcenc_encoder *encoder)
{
    wcenc_stats stats;

    wcenc_stats_init(&stats, sizeof stats);
    expect_status(cell, WCENC_OK, wcenc_encoder_get_stats(encoder, &stats));
    expect(cell,
           stats.frames_accepted == stats.frames_out + stats.frames_dropped + stats.frames_discarded +
                                        stats.frames_queued + stats.frames_in_flight + stats.chunks_pending +
                                        stats.drops_pending,
           "some frame is in no place or in two");
    return stats;
}

/* Waits until every other thread has used the encoder some more. */
static void meet_crowd(struct cell *cell)
{
    if (cell->company != CROWDED)
        return;
    for (int i = 0; i < CROWD; i++)
        wait_for_count(&cell->crowd[i].rounds, read_count(&cell->crowd[i].rounds) + 1);
}

/* From inside the callback that the cell is about. */
static void call_inside(struct cell *cell)
{
    /* A handle must not be given up while another thread is inside a call with it, nor a call to here be aborted. */
    pthread_mutex_lock(&lock);
    while (!cell->main_is_out && !pthread_equal(pthread_self(), cell->main_thread))
        pthread_cond_wait(&changed, &lock);
    cell->crowd_may_come++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    meet_crowd(cell);
    cell->row->call(cell);
    meet_crowd(cell);
    pthread_mutex_lock(&lock);
    cell->worker_may_go = true;
    cell->call_ended++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

bool is_one_at_a_time(enum column column)
{
    return column != COLUMN_wakeup && column != COLUMN_release && column != COLUMN_log && column != COLUMN_on_destroy;
}

static bool is_completion(enum column column)
{
    return column == COLUMN_flush_done || column == COLUMN_close_done;
}

static void expect_of(const struct cell *cell, enum column column, bool holds, const char *what)
{
    char sentence[64];

    (void)snprintf(sentence, sizeof sentence, "%s %s", columns[column].name, what);
    expect(cell, holds, sentence);
}

/* Every callback begins with this. */
static void enter(struct cell *cell, enum column column, wcenc_chunk *chunk)
{
    bool is_the_one, overlaps, is_late, is_last;

    pthread_mutex_lock(&lock);
    overlaps = is_one_at_a_time(column) && cell->is_inside;
    is_late = is_one_at_a_time(column) && !is_completion(column) && cell->is_over;
    is_last = cell->reported[COLUMN_on_destroy] == 0 || column == COLUMN_release;
    cell->is_inside = cell->is_inside || is_one_at_a_time(column);
    cell->reported[column]++;
    is_the_one = column == cell->column && cell->is_armed && cell->call_began == 0;
    if (is_the_one)
        cell->call_began++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    expect_of(cell, column, !overlaps, "came while another callback ran");
    expect_of(cell, column, !is_late, "came after a close");
    expect_of(cell, column, is_last, "came after on_destroy");
    if (is_the_one) {
        cell->inside = chunk ? chunk : cell->chunk;
        call_inside(cell);
    }
}

static void leave(struct cell *cell)
{
    pthread_mutex_lock(&lock);
    cell->is_inside = false;
    pthread_mutex_unlock(&lock);
}

wcenc_encoder *cell_give_up(struct cell *cell)
{
    set_flag(&cell->is_gone);
    return cell->encoder;
}

static void take_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    struct cell *cell = user;

    (void)metadata;
    enter(cell, COLUMN_output, chunk);
    if (cell->destroys_in_output && !is_set(&cell->is_gone))
        wcenc_encoder_destroy(cell_give_up(cell));
    leave(cell);
}

static void take_error(void *user, const wcenc_error *error)
{
    struct cell *cell = user;

    (void)error;
    enter(cell, COLUMN_error, NULL);
    if (cell->arms_in_error)
        set_flag(&cell->is_armed);
    leave(cell);
}

static void take_drop(void *user, const wcenc_drop *drop)
{
    (void)drop;
    enter(user, COLUMN_drop, NULL);
    leave(user);
}

static void take_dequeue(void *user, uint32_t queue_size)
{
    (void)queue_size;
    enter(user, COLUMN_dequeue, NULL);
    leave(user);
}

static void take_wakeup(void *user)
{
    enter(user, COLUMN_wakeup, NULL);
}

static void take_destroy(void *user)
{
    enter(user, COLUMN_on_destroy, NULL);
}

static void take_release(void *user)
{
    struct loan *loan = user;

    count(&loan->releases);
    if (loan->is_awaited)
        enter(loan->cell, COLUMN_release, NULL);
}

/* Frames can be queued, borrowed and released while the library's thread stands in here. */
static void take_log(void *user, wcenc_log_level level, const char *message)
{
    struct cell *cell = user;

    (void)level;
    (void)message;
    enter(cell, COLUMN_log, NULL);
    pthread_mutex_lock(&lock);
    if (cell->holds_worker) {
        cell->worker_is_held++;
        pthread_cond_broadcast(&changed);
        while (!cell->worker_may_go)
            pthread_cond_wait(&changed, &lock);
    }
    pthread_mutex_unlock(&lock);
}

void take_flush_done(void *user, wcenc_status status)
{
    (void)status;
    enter(user, COLUMN_flush_done, NULL);
    leave(user);
}

void take_close_done(void *user, wcenc_status status)
{
    expect_status(user, WCENC_OK, status);
    enter(user, COLUMN_close_done, NULL);
    leave(user);
}

void cell_begin_asking(struct cell *cell)
{
    pthread_mutex_lock(&lock);
    cell->asker = pthread_self();
    cell->is_asking = true;
    pthread_mutex_unlock(&lock);
}

void cell_end_asking(struct cell *cell, wcenc_status status, int *pending)
{
    pthread_mutex_lock(&lock);
    cell->is_asking = false;
    *pending += status == WCENC_OK;
    pthread_mutex_unlock(&lock);
}

/* How a completion that was asked for inside the callback comes. */
static void check_completion(struct cell *cell, bool status_is_right)
{
    bool is_too_early, overlaps;

    pthread_mutex_lock(&lock);
    is_too_early = cell->is_asking && pthread_equal(cell->asker, pthread_self());
    overlaps = cell->is_inside;
    pthread_mutex_unlock(&lock);
    expect(cell, status_is_right, "the status of a completion is another");
    expect(cell, !is_too_early, "a completion came inside the call that asked for it");
    expect(cell, !overlaps, "a completion came while another callback ran");
}

void take_inner_flush_done(void *user, wcenc_status status)
{
    struct cell *cell = user;

    check_completion(cell, status == cell->way->end_of_flush ||
                               (cell->company == CROWDED && (status == WCENC_OK || status == WCENC_ERROR_ABORTED)));
    count(&cell->flushes_told);
}

void take_inner_close_done(void *user, wcenc_status status)
{
    struct cell *cell = user;

    check_completion(cell, status == WCENC_OK);
    count(&cell->closes_told);
}

wcenc_frame *cell_lend(struct cell *cell, bool is_awaited)
{
    wcenc_frame_desc desc;
    wcenc_frame *frame;
    struct loan *loan;

    assert_true(cell->loan_count < LOANS_MAX);
    loan = &cell->loans[cell->loan_count++];
    *loan = (struct loan){cell, is_awaited, 0};
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = WCENC_PIXEL_FORMAT_I420;
    desc.coded_width = CELL_WIDTH;
    desc.coded_height = CELL_HEIGHT;
    desc.data = pixels;
    desc.data_size = sizeof pixels;
    assert_int_equal(wcenc_frame_create_wrap(&desc, take_release, loan, &frame), WCENC_OK);
    return frame;
}

static void create_encoder(struct cell *cell)
{
    wcenc_encoder_desc desc;

    wcenc_encoder_desc_init(&desc, sizeof desc);
    desc.user = cell;
    desc.on_output = take_output;
    desc.on_error = take_error;
    desc.on_drop = take_drop;
    desc.on_dequeue = take_dequeue;
    desc.on_wakeup = cell->delivery == WCENC_DELIVERY_PUMP ? take_wakeup : NULL;
    desc.on_destroy = take_destroy;
    desc.log = take_log;
    desc.log_level = WCENC_LOG_INFO;
    desc.delivery = cell->delivery;
    desc.queue_policy = cell->way->policy;
    desc.max_queued_frames = cell->way->policy ? 1 : 0;
    if (cell->company == FULL_QUEUE) {
        desc.queue_policy = WCENC_QUEUE_WAIT;
        desc.max_queued_frames = 2;
    }
    assert_int_equal(wcenc_encoder_create(&desc, &cell->encoder), WCENC_OK);
}

void cell_prepare(struct cell *cell)
{
    wcenc_chunk_desc desc;

    wcenc_chunk_desc_init(&desc, sizeof desc);
    desc.type = WCENC_CHUNK_TYPE_KEY;
    desc.data = pixels;
    desc.data_size = sizeof pixels;
    assert_int_equal(wcenc_chunk_create(&desc, &cell->chunk), WCENC_OK);
    cell->frame = cell_lend(cell, false);
    cell->main_thread = pthread_self();
    create_encoder(cell);
}
