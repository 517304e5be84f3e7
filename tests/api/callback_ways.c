/* SPDX-License-Identifier: MIT */

/* The ways to where a callback runs. Adding a callback is adding a column to callback_table.h and its ways here. */

#include "callback_cell.h"

static void configure(struct cell *cell)
{
    expect_status(cell, WCENC_OK, wcenc_encoder_configure(cell->encoder, &cell_config));
}

static void arm(struct cell *cell)
{
    set_flag(&cell->is_armed);
}

/* Nothing but callbacks and the crowd touches the encoder from here on. */
static void stay_out(struct cell *cell)
{
    set_flag(&cell->main_is_out);
}

static void encode(struct cell *cell, bool is_awaited)
{
    wcenc_frame *frame = cell_lend(cell, is_awaited);

    count(&cell->encoded);
    expect_status(cell, WCENC_OK, wcenc_encoder_encode(cell->encoder, frame, NULL));
    wcenc_frame_unref(frame);
}

/* The library's thread has taken a frame and goes no further. */
static void hold_worker(struct cell *cell)
{
    set_flag(&cell->holds_worker);
    configure(cell);
    encode(cell, false);
    wait_for_count(&cell->worker_is_held, 1);
}

static void encode_one(struct cell *cell)
{
    configure(cell);
    arm(cell);
    encode(cell, false);
    stay_out(cell);
}

static void configure_wrongly(struct cell *cell)
{
    wcenc_config wrong = cell_config;

    wrong.codec = "bogus";
    expect_status(cell, WCENC_OK, wcenc_encoder_configure(cell->encoder, &wrong));
}

static void fail_to_configure(struct cell *cell)
{
    arm(cell);
    configure_wrongly(cell);
    stay_out(cell);
}

static void drop_one(struct cell *cell)
{
    hold_worker(cell);
    arm(cell);
    encode(cell, false);
    encode(cell, false);
    stay_out(cell);
    set_flag(&cell->worker_may_go);
}

static void reset(struct cell *cell)
{
    arm(cell);
    expect_status(cell, WCENC_OK, wcenc_encoder_reset(cell->encoder));
    stay_out(cell);
    set_flag(&cell->worker_may_go);
}

static void reset_with_queue(struct cell *cell)
{
    hold_worker(cell);
    encode(cell, false);
    reset(cell);
}

/* Behind the error, so that the frame of hold_worker is not the one that is reported. */
static void fail_with_queue(struct cell *cell)
{
    cell->arms_in_error = true;
    hold_worker(cell);
    configure_wrongly(cell);
    encode(cell, false);
    stay_out(cell);
    set_flag(&cell->worker_may_go);
}

/* For calls that may go on while the handle is given up from inside a callback: with a reference for them. */
static void pump_and_unref(struct cell *cell, wcenc_encoder *encoder, uint32_t max_events)
{
    if (cell->delivery == WCENC_DELIVERY_PUMP)
        while (read_count(&cell->call_ended) == 0 && wcenc_encoder_pump(encoder, max_events, PUMP_SLICE_US, NULL) >= 0)
            ;
    wait_for_count(&cell->call_ended, 1);
    wcenc_encoder_unref(encoder);
}

/* Some pump leaves something behind, unless the library's thread wakes before. */
static void pump_one_by_one(struct cell *cell)
{
    wcenc_encoder *encoder = wcenc_encoder_ref(cell->encoder);

    configure(cell);
    for (int i = 0; i < 8; i++)
        encode(cell, false);
    arm(cell);
    stay_out(cell);
    pump_and_unref(cell, encoder, 1);
}

static void ask_for_flush(struct cell *cell)
{
    count(&cell->asked[COLUMN_flush_done]);
    expect_status(cell, WCENC_OK, wcenc_encoder_flush_async(cell->encoder, take_flush_done, cell));
}

/* There is nothing to do, so that the end is pending at once. */
static void flush_idle(struct cell *cell)
{
    configure(cell);
    expect_status(cell, WCENC_OK, wcenc_encoder_flush(cell->encoder));
    arm(cell);
    ask_for_flush(cell);
    stay_out(cell);
}

static void flush_later(struct cell *cell)
{
    configure(cell);
    encode(cell, false);
    arm(cell);
    ask_for_flush(cell);
    stay_out(cell);
}

static void reset_with_flush(struct cell *cell)
{
    hold_worker(cell);
    ask_for_flush(cell);
    reset(cell);
}

/* The flush is reported before close returns, where nobody has to pump for it. */
static void close_with_flush(struct cell *cell)
{
    wcenc_encoder *encoder = wcenc_encoder_ref(cell->encoder);

    hold_worker(cell);
    ask_for_flush(cell);
    arm(cell);
    stay_out(cell);
    expect_status(cell, WCENC_OK, wcenc_encoder_close(encoder));
    expect(cell, cell->delivery == WCENC_DELIVERY_PUMP || read_count(&cell->reported[COLUMN_flush_done]) == 1,
           "close returned before the flush that it ended was reported");
    set_flag(&cell->worker_may_go);
    pump_and_unref(cell, encoder, 0);
}

static void close_later(struct cell *cell)
{
    configure(cell);
    encode(cell, false);
    arm(cell);
    count(&cell->asked[COLUMN_close_done]);
    expect_status(cell, WCENC_OK, wcenc_encoder_close_async(cell->encoder, take_close_done, cell));
    stay_out(cell);
}

/* The one handle is gone before the encoder has come to the frame, so that the encoder is who lets go. */
static void encode_lent(struct cell *cell)
{
    hold_worker(cell);
    arm(cell);
    encode(cell, true);
    stay_out(cell);
    set_flag(&cell->worker_may_go);
}

static void fail_with_lent(struct cell *cell)
{
    hold_worker(cell);
    configure_wrongly(cell);
    arm(cell);
    encode(cell, true);
    stay_out(cell);
    set_flag(&cell->worker_may_go);
}

static void reset_with_lent(struct cell *cell)
{
    hold_worker(cell);
    encode(cell, true);
    reset(cell);
}

static void close_with_lent(struct cell *cell)
{
    hold_worker(cell);
    arm(cell);
    encode(cell, true);
    expect_status(cell, WCENC_OK, wcenc_encoder_close(cell->encoder));
    stay_out(cell);
    set_flag(&cell->worker_may_go);
}

static void destroy_outside(struct cell *cell)
{
    configure(cell);
    encode(cell, false);
    arm(cell);
    stay_out(cell);
    wcenc_encoder_destroy(cell_give_up(cell));
}

static void destroy_inside(struct cell *cell)
{
    cell->destroys_in_output = true;
    encode_one(cell);
}

#define CONFIGURED   .state = WCENC_STATE_CONFIGURED
#define UNCONFIGURED .state = WCENC_STATE_UNCONFIGURED
#define CLOSED       .state = WCENC_STATE_CLOSED

static const struct way output_ways[] = {
    {"of a frame", encode_one, CONFIGURED, .least_accepted = 1, .comes_in_pump = true},
    {.name = NULL},
};

static const struct way error_ways[] = {
    {"of a config", fail_to_configure, CLOSED, .comes_in_pump = true},
    {.name = NULL},
};

static const struct way drop_ways[] = {
    {"of the newest", drop_one, CONFIGURED, WCENC_QUEUE_DROP_NEWEST, 1, 3, .comes_in_pump = true},
    {"of the oldest", drop_one, CONFIGURED, WCENC_QUEUE_DROP_OLDEST, 1, 3, .comes_in_pump = true},
    {.name = NULL},
};

static const struct way dequeue_ways[] = {
    {"of a frame", encode_one, CONFIGURED, .least_accepted = 1, .comes_in_pump = true},
    {"after a reset", reset_with_queue, UNCONFIGURED, .least_accepted = 2, .comes_in_pump = true},
    {"after an error", fail_with_queue, CLOSED, .least_accepted = 2, .comes_in_pump = true},
    {.name = NULL},
};

static const struct way wakeup_ways[] = {
    {"by a result", encode_one, CONFIGURED, .most_queued = 1, .needs_pump = true},
    {"by what a pump leaves", pump_one_by_one, CONFIGURED, .most_queued = 8, .least_accepted = 8, .needs_pump = true},
    {"in an asynchronous flush", flush_idle, CONFIGURED, .needs_pump = true},
    {.name = NULL},
};

static const struct way flush_done_ways[] = {
    {"after a frame", flush_later, CONFIGURED, .least_accepted = 1, .comes_in_pump = true},
    {"after a reset", reset_with_flush, UNCONFIGURED, .least_accepted = 1, .comes_in_pump = true},
    {"in a close", close_with_flush, CLOSED, .least_accepted = 1},
    {.name = NULL},
};

static const struct way close_done_ways[] = {
    {"after a frame", close_later, CLOSED, .least_accepted = 1, .comes_in_pump = true},
    {.name = NULL},
};

static const struct way release_ways[] = {
    {"after encoding", encode_lent, CONFIGURED, .least_accepted = 2},
    {"in a reset", reset_with_lent, UNCONFIGURED, .least_accepted = 2},
    {"in a close", close_with_lent, CLOSED, .least_accepted = 2},
    {"in an error", fail_with_lent, CLOSED, .least_accepted = 2, .comes_in_pump = true},
    {.name = NULL},
};

static const struct way log_ways[] = {
    {"of an encoder opened", encode_one, CONFIGURED, .least_accepted = 1},
    {"of an error", fail_to_configure, CONFIGURED, .end_of_flush = WCENC_ERROR_NOT_SUPPORTED},
    {.name = NULL},
};

static const struct way on_destroy_ways[] = {
    {"in a destroy", destroy_outside, CLOSED, .is_end = true},
    {"after a destroy in an output", destroy_inside, CLOSED, .comes_in_pump = true, .is_end = true},
    {.name = NULL},
};

#define AS_COLUMN(callback) [COLUMN_##callback] = {#callback, callback##_ways},
const struct column_info columns[COLUMN_COUNT] = {CALLBACK_COLUMNS(AS_COLUMN)};
