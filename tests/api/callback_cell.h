/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_CALLBACK_CELL_H
#define WCENC_TESTS_CALLBACK_CELL_H

/*
 * A cell of callback_table.h as it is gone through: one encoder, the callback in which the call is made, the way to
 * there, and all that has to be counted. callback_ways.c has the ways, callback_calls.c the calls.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wcenc/wcenc.h>

#include "callback_table.h"

enum {
    CELL_WIDTH = 64,
    CELL_HEIGHT = 64,
    LOANS_MAX = 16,
    CROWD = 2,            /* threads that use the encoder meanwhile */
    PUMP_SLICE_US = 20000 /* where another thread may pump what this one waits for */
};

#define AS_ENUMERATOR(callback) COLUMN_##callback,
enum column { CALLBACK_COLUMNS(AS_ENUMERATOR) COLUMN_COUNT };
#undef AS_ENUMERATOR

#define AS_ENUMERATOR(function, ...) ROW_##function,
enum row_number { CALLBACK_ROWS(AS_ENUMERATOR) ROW_COUNT };
#undef AS_ENUMERATOR

/* Who is about while the call is made. */
enum company {
    ALONE,
    FULL_QUEUE, /* alone, and WCENC_QUEUE_WAIT would wait for ever */
    CROWDED
};

struct cell;

/* One way to bring an encoder to where a callback runs. The table has a column for the callback, whatever the way. */
struct way {
    const char *name; /* NULL behind the last one of a column */
    /* Calls that end with that callback running, then or soon. Nothing else may touch the encoder afterwards. */
    void (*bring_about)(struct cell *cell);
    int32_t state;             /* that the encoder is in, as seen from inside */
    wcenc_queue_policy policy; /* 0: as the cell has it */
    uint32_t most_queued;      /* frames in the queue, as seen from inside */
    uint32_t least_accepted;   /* frames accepted, as seen from inside */
    wcenc_status end_of_flush; /* of one asked for inside */
    bool needs_pump;           /* there is no such way without one */
    bool comes_in_pump;        /* with PUMP: on the thread that pumps */
    bool is_end;               /* the encoder is gone: there can be no crowd */
};

/* Pixels that a frame borrows. */
struct loan {
    struct cell *cell;
    bool is_awaited; /* its release is the callback that the cell is about */
    int releases;
};

struct member {
    struct cell *cell;
    wcenc_encoder *encoder; /* with a reference of its own */
    wcenc_frame *frame;
    pthread_t thread;
    size_t first; /* action */
    int rounds;
};

/* Stays until the end of the test, so that what comes too late or twice is seen. */
struct cell {
    struct cell *next;
    char name[160];
    int32_t delivery;
    enum company company;
    enum column column;
    const struct way *way;
    const struct row *row;
    char letter;

    wcenc_encoder *encoder;
    wcenc_frame *frame;  /* for the call */
    wcenc_chunk *chunk;  /* for the call */
    wcenc_chunk *kept;   /* by it */
    wcenc_chunk *inside; /* what the callback was given, else `chunk` */
    pthread_t main_thread;
    struct member crowd[CROWD];

    /* guarded by lock */
    bool is_armed;    /* the next callback of the column is the one */
    bool main_is_out; /* of its last call before the callback */
    bool holds_worker;
    int worker_is_held;
    bool worker_may_go;
    int call_began;
    int call_ended;
    bool is_gone; /* the handle, given up from inside */
    bool is_over; /* closed from inside: no output, error, drop or dequeue comes any more */
    bool destroys_in_output;
    bool arms_in_error;
    int crowd_may_come;
    bool crowd_must_leave;
    bool is_inside; /* one of the callbacks that come one at a time */
    bool is_asking; /* for a completion, which must not come meanwhile on the same thread */
    pthread_t asker;
    int encoded; /* frames, from outside */
    int reported[COLUMN_COUNT];
    int asked[COLUMN_COUNT]; /* completions, from outside */
    int further_references;
    int flushes_owed, flushes_told;
    int closes_owed, closes_told;
    struct loan loans[LOANS_MAX];
    int loan_count;
};

struct column_info {
    const char *name;
    const struct way *ways; /* the first one is what the callback is for; the column is its state */
};

struct row {
    const char *name;
    char cells[COLUMN_COUNT];
    void (*call)(struct cell *cell); /* makes the call and checks what it returned */
};

extern const struct column_info columns[COLUMN_COUNT];
extern const struct row rows[ROW_COUNT];

/* What frames are encoded to. To be set before anything else. */
extern wcenc_config cell_config;

/* Not an assertion, which must not jump out of a callback, and would hide the cells that follow. */
void expect(const struct cell *cell, bool holds, const char *complaint);
void expect_status(const struct cell *cell, wcenc_status wanted, wcenc_status got);

/* How many times something was not as expected. */
int complaint_count(void);

/* Members that the lock guards. A watchdog has the deadline of waits. */
void set_flag(bool *flag);
bool is_set(const bool *flag);
void count(int *counter);
int read_count(const int *counter);
void wait_for_count(const int *counter, int least);

/* Makes the encoder and what calls need. */
void cell_prepare(struct cell *cell);

/* A frame with pixels whose release is counted, and is the callback that the cell is about if it is_awaited. */
wcenc_frame *cell_lend(struct cell *cell, bool is_awaited);

/* The encoder, whose handle is given up with the next call. */
wcenc_encoder *cell_give_up(struct cell *cell);

/* Callbacks for completions that are asked for from outside, and for those that calls ask for. */
void take_flush_done(void *cell, wcenc_status status);
void take_close_done(void *cell, wcenc_status status);
void take_inner_flush_done(void *cell, wcenc_status status);
void take_inner_close_done(void *cell, wcenc_status status);

/* Around a call that asks for a completion; it is counted in `*pending` if it will come. */
void cell_begin_asking(struct cell *cell);
void cell_end_asking(struct cell *cell, wcenc_status status, int *pending);

/* True of callbacks that run one at a time. */
bool is_one_at_a_time(enum column column);

/* With a look at whether the numbers fit together. */
wcenc_stats read_stats(struct cell *cell, const wcenc_encoder *encoder);

#endif
