/* SPDX-License-Identifier: MIT */

/*
 * What is called from inside a callback, and whether it does there as the cell says. Adding a function is adding a row
 * to callback_table.h and its call here.
 */

#include "callback_cell.h"

enum { ATTEMPTS = 10000 /* far more frames than can be queued before one finds the queue full */ };

/* What a function asks of the state. */
enum need { NEEDS_NOTHING, NEEDS_OPEN, NEEDS_CONFIGURED };

static bool is_met(enum need need, int32_t state)
{
    return need == NEEDS_NOTHING || state == WCENC_STATE_CONFIGURED ||
           (need == NEEDS_OPEN && state == WCENC_STATE_UNCONFIGURED);
}

static wcenc_status promised(const struct cell *cell, enum need need, int32_t state)
{
    switch (cell->letter) {
    case 'd':
        return WCENC_ERROR_WOULD_DEADLOCK;
    case 'c':
        return WCENC_ERROR_INVALID_STATE;
    default:
        return is_met(need, state) ? WCENC_OK : WCENC_ERROR_INVALID_STATE;
    }
}

static void expect_promised(const struct cell *cell, enum need need, wcenc_status got)
{
    /* Others reset it and configure it again. */
    bool may_change = cell->company == CROWDED && need == NEEDS_CONFIGURED && cell->way->state != WCENC_STATE_CLOSED;
    bool is_closed = columns[cell->column].ways[0].state == WCENC_STATE_CLOSED;

    expect(cell, cell->letter == 'd' || need == NEEDS_NOTHING || (cell->letter == 'c') == is_closed,
           "the column has `c` where the encoder is open, or none where it is closed");
    if (!may_change || cell->letter == 'd' || got != WCENC_ERROR_INVALID_STATE)
        expect_status(cell, promised(cell, need, may_change ? WCENC_STATE_CONFIGURED : cell->way->state), got);
}

/* Checked where nobody else changes it. */
static void expect_state(struct cell *cell, int32_t wanted)
{
    if (cell->company != CROWDED || wanted == WCENC_STATE_CLOSED)
        expect(cell, wcenc_encoder_get_state(cell->encoder) == wanted, "the state is another");
}

/* Completions are pending still; of all other callbacks only those that may overlap with this one can have begun. */
static void note_close(struct cell *cell)
{
    if (is_one_at_a_time(cell->column))
        set_flag(&cell->is_over);
}

static void ignore_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    (void)user;
    (void)chunk;
    (void)metadata;
}

static void ignore_error(void *user, const wcenc_error *error)
{
    (void)user;
    (void)error;
}

static void count_destroy(void *user)
{
    count(user);
}

static void call_wcenc_encoder_create(struct cell *cell)
{
    wcenc_encoder_desc desc;
    wcenc_encoder *other;
    int destroyed = 0;

    wcenc_encoder_desc_init(&desc, sizeof desc);
    desc.user = &destroyed;
    desc.on_output = ignore_output;
    desc.on_error = ignore_error;
    desc.on_destroy = count_destroy;
    desc.delivery = cell->delivery;
    expect_status(cell, WCENC_OK, wcenc_encoder_create(&desc, &other));
    wcenc_encoder_destroy(other);
    expect(cell, destroyed == 1, "another encoder did not end inside its destroy");
}

static void call_wcenc_encoder_ref(struct cell *cell)
{
    expect(cell, wcenc_encoder_ref(cell->encoder) == cell->encoder, "it did not return its argument");
    count(&cell->further_references);
}

static void call_wcenc_encoder_unref(struct cell *cell)
{
    wcenc_encoder_unref(cell_give_up(cell));
    /* With others about it is not the last reference. */
    if (cell->company != CROWDED)
        note_close(cell);
}

static void call_wcenc_encoder_destroy(struct cell *cell)
{
    wcenc_encoder_destroy(cell_give_up(cell));
    note_close(cell);
}

static void call_wcenc_encoder_configure(struct cell *cell)
{
    expect_promised(cell, NEEDS_OPEN, wcenc_encoder_configure(cell->encoder, &cell_config));
}

static void call_wcenc_encoder_encode(struct cell *cell)
{
    wcenc_status status = wcenc_encoder_encode(cell->encoder, cell->frame, NULL);

    if (cell->company != FULL_QUEUE) {
        expect_promised(cell, NEEDS_CONFIGURED, status);
        return;
    }
    for (int i = 0; i < ATTEMPTS && status == WCENC_OK; i++)
        status = wcenc_encoder_encode(cell->encoder, cell->frame, NULL);
    expect_status(cell,
                  cell->way->state == WCENC_STATE_CONFIGURED ? WCENC_ERROR_QUOTA_EXCEEDED : WCENC_ERROR_INVALID_STATE,
                  status);
}

static void call_wcenc_encoder_flush(struct cell *cell)
{
    expect_promised(cell, NEEDS_CONFIGURED, wcenc_encoder_flush(cell->encoder));
}

static void call_wcenc_encoder_flush_timeout(struct cell *cell)
{
    expect_promised(cell, NEEDS_CONFIGURED, wcenc_encoder_flush_timeout(cell->encoder, 0));
    expect_promised(cell, NEEDS_CONFIGURED, wcenc_encoder_flush_timeout(cell->encoder, -1));
}

static void call_wcenc_encoder_flush_async(struct cell *cell)
{
    wcenc_status status;

    cell_begin_asking(cell);
    status = wcenc_encoder_flush_async(cell->encoder, take_inner_flush_done, cell);
    cell_end_asking(cell, status, &cell->flushes_owed);
    expect_promised(cell, NEEDS_CONFIGURED, status);
}

static void call_wcenc_encoder_reset(struct cell *cell)
{
    wcenc_status status = wcenc_encoder_reset(cell->encoder);

    expect_promised(cell, NEEDS_OPEN, status);
    expect_state(cell, status == WCENC_OK ? WCENC_STATE_UNCONFIGURED : WCENC_STATE_CLOSED);
}

static void call_wcenc_encoder_close(struct cell *cell)
{
    expect_promised(cell, NEEDS_OPEN, wcenc_encoder_close(cell->encoder));
    note_close(cell);
    expect_state(cell, WCENC_STATE_CLOSED);
}

static void call_wcenc_encoder_close_async(struct cell *cell)
{
    wcenc_status status;

    cell_begin_asking(cell);
    status = wcenc_encoder_close_async(cell->encoder, take_inner_close_done, cell);
    cell_end_asking(cell, status, &cell->closes_owed);
    expect_promised(cell, NEEDS_OPEN, status);
    note_close(cell);
    expect_state(cell, WCENC_STATE_CLOSED);
}

static void call_wcenc_encoder_request_key_frame(struct cell *cell)
{
    expect_promised(cell, NEEDS_CONFIGURED, wcenc_encoder_request_key_frame(cell->encoder));
}

static void call_wcenc_encoder_get_name(struct cell *cell)
{
    const char *name = wcenc_encoder_get_name(cell->encoder);

    expect(cell, !name || *name, "the encoder's name is empty");
}

static void call_wcenc_encoder_get_error(struct cell *cell)
{
    wcenc_error error;
    wcenc_status status;

    wcenc_error_init(&error, sizeof error);
    status = wcenc_encoder_get_error(cell->encoder, &error);
    if (cell->company != CROWDED)
        expect(cell, (status == WCENC_OK) == (wcenc_encoder_get_state(cell->encoder) == WCENC_STATE_CLOSED),
               "there is an error of an open encoder, or none of a closed one");
    expect(cell, status == WCENC_OK ? error.message != NULL : status == WCENC_ERROR_INVALID_STATE,
           "asking why it is closed returned something else");
}

static void call_wcenc_encoder_get_state(struct cell *cell)
{
    expect_state(cell, cell->way->state);
}

static void call_wcenc_encoder_get_queue_size(struct cell *cell)
{
    uint32_t size = wcenc_encoder_get_queue_size(cell->encoder);

    expect(cell, cell->company == CROWDED || size <= cell->way->most_queued, "the queue is longer");
}

static void call_wcenc_encoder_get_stats(struct cell *cell)
{
    wcenc_stats stats = read_stats(cell, cell->encoder);
    uint32_t encoded = (uint32_t)read_count(&cell->encoded);

    expect(cell, stats.frames_accepted >= cell->way->least_accepted, "more frames were accepted");
    expect(cell, cell->company == CROWDED || stats.frames_accepted <= encoded, "fewer frames were accepted");
}

static void call_wcenc_encoder_get_event_fd(struct cell *cell)
{
    int32_t fd = wcenc_encoder_get_event_fd(cell->encoder);

    expect(cell, cell->delivery == WCENC_DELIVERY_PUMP ? fd >= 0 : fd == WCENC_ERROR_INVALID_STATE,
           "there is a descriptor, or none where one is wanted");
}

static void call_wcenc_encoder_pump(struct cell *cell)
{
    expect_promised(cell, NEEDS_NOTHING, wcenc_encoder_pump(cell->encoder, 1, 0, NULL));
    expect_promised(cell, NEEDS_NOTHING, wcenc_encoder_pump(cell->encoder, 0, -1, NULL));
}

static void call_wcenc_encoder_receive(struct cell *cell)
{
    wcenc_event *event;

    expect_promised(cell, NEEDS_NOTHING, wcenc_encoder_receive(cell->encoder, 0, &event));
    expect(cell, !event, "an event is left behind");
    expect_promised(cell, NEEDS_NOTHING, wcenc_encoder_receive(cell->encoder, -1, &event));
}

/* The frame for the call is the first that was borrowed, and this its last handle. */
static void call_wcenc_frame_close(struct cell *cell)
{
    wcenc_frame_close(cell->frame);
    expect(cell, read_count(&cell->loans[0].releases) == 1, "the pixels were not released at once");
}

static void call_wcenc_frame_unref(struct cell *cell)
{
    wcenc_frame_unref(cell->frame);
    cell->frame = NULL;
    expect(cell, read_count(&cell->loans[0].releases) == 1, "the pixels were not released at once");
}

static void call_wcenc_chunk_ref(struct cell *cell)
{
    cell->kept = wcenc_chunk_ref(cell->inside);
    expect(cell, cell->kept == cell->inside, "it did not return its argument");
}

static void call_wcenc_chunk_unref(struct cell *cell)
{
    wcenc_chunk_unref(cell->chunk);
    cell->chunk = NULL;
}

#define HAS_EVERY_CELL(function, ...) \
    _Static_assert(sizeof((const char[]){__VA_ARGS__}) == COLUMN_COUNT, #function ": a cell for each callback");
CALLBACK_ROWS(HAS_EVERY_CELL)

#define AS_ROW(function, ...) [ROW_##function] = {#function, {__VA_ARGS__}, call_##function},
const struct row rows[ROW_COUNT] = {CALLBACK_ROWS(AS_ROW)};
