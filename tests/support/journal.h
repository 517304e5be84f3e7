/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_JOURNAL_H
#define WCENC_TESTS_JOURNAL_H

/*
 * An encoder of any delivery whose results are written down in the order in which they are reported, so that one test
 * serves all three: callbacks are awaited, pumped, or received.
 */

#include <pthread.h>
#include <stdbool.h>

#include <wcenc/wcenc.h>

enum { JOURNAL_MAX = 4096, JOURNAL_DEADLINE_SECONDS = 60 };

/* What is reported, as letters of the trace. */
enum {
    TOLD_OUTPUT = 'o',
    TOLD_ERROR = 'e',
    TOLD_DROP = 'x',
    TOLD_DEQUEUE = 'd',
    TOLD_FLUSH = 'f',
    TOLD_CLOSE = 'c',
    TOLD_DESTROY = 'D',
};

struct journal;

/* Called from inside what is reported, after it was written down; with PULL, by the thread that received it. */
typedef void (*journal_hook)(struct journal *journal, char what);

struct journal {
    wcenc_encoder *encoder;
    wcenc_delivery delivery;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    char trace[JOURNAL_MAX + 1];
    int length;
    int counts[128];                 /* by letter */
    int64_t timestamps[JOURNAL_MAX]; /* of outputs */
    bool keys[JOURNAL_MAX];
    wcenc_drop drops[JOURNAL_MAX];
    wcenc_status flushes[JOURNAL_MAX];
    void *flush_users[JOURNAL_MAX];
    wcenc_status error;
    int32_t error_code;
    int32_t state_in_error;
    char error_message[512];
    uint32_t last_size; /* of the queue, as the last dequeue saw it */
    int wakeups;
    journal_hook hook;
    void *hook_data;
};

/* Creates the encoder; `desc` gives what is not callbacks, NULL nothing. */
void journal_open(struct journal *journal, wcenc_delivery delivery, const wcenc_encoder_desc *desc);

/* Takes results until `what` has been reported `least` times. Fails the test after a deadline. */
void journal_wait(struct journal *journal, char what, int least);

/* Takes what is pending, and waits for nothing. */
void journal_take(struct journal *journal);

/* How often something was reported. */
int journal_count(struct journal *journal, char what);

/* An asynchronous flush or close, which will be reported as 'f' and 'c'. */
wcenc_status journal_flush(struct journal *journal, void *user);
wcenc_status journal_close_encoder(struct journal *journal);

/* Destroys the encoder, unless that was done (NULL), and checks that on_destroy came once, as the last. */
void journal_end(struct journal *journal);

/* Every frame that was accepted is accounted for, and nothing is left under way. */
void journal_check_stats(struct journal *journal);

#endif
