/* SPDX-License-Identifier: MIT */

/*
 * Sixteen threads that open, use and close encoders of one kind at the same time, over and over, some with a
 * configuration that does not work. Several encoders keep state of the whole process that opening and closing change.
 */

#define _GNU_SOURCE

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "child.h"
#include "../support/sanitizer.h"
#include "subject.h"

enum { THREADS = 16, ROUNDS = 50, SIZE = 64, SKIPPED = 77 };

/* Rounds where no number is given: as many as take less than 20 s on two cores. */
static const struct {
    const char *encoder;
    int rounds;
    int rounds_if_slow; /* under a sanitizer */
} plans[CODEC_ROWS] = {
    {"libx264", ROUNDS, ROUNDS},    {"libx265", ROUNDS, ROUNDS},    {"libvpx", ROUNDS, ROUNDS},
    {"libvpx-vp9", ROUNDS, ROUNDS}, {"libaom-av1", ROUNDS, 10},     {"librav1e", ROUNDS, ROUNDS},
    {"libsvtav1", ROUNDS, ROUNDS},
#ifdef WCENC_HAS_VPX
    {"native-vpx", ROUNDS, ROUNDS}, {"native-vpx", ROUNDS, ROUNDS},
#endif
#ifdef WCENC_HAS_AOM
    {"native-aom", ROUNDS, 10},
#endif
#ifdef WCENC_HAS_OPENH264
    {"native-openh264", ROUNDS, ROUNDS},
#endif
};

struct hammer {
    const struct codec_row *row;
    bool has_latency[LATENCIES];
    int rounds;
    pthread_barrier_t start;
    atomic_int chunks;
    atomic_int refusals;
};

struct worker {
    struct hammer *hammer;
    int number;
    pthread_t thread;
};

static wcenc_config round_config(const struct hammer *hammer, int round)
{
    wcenc_latency_mode latency = round % LATENCIES;

    if (!hammer->has_latency[latency])
        latency = !latency;
    return subject_config(hammer->row, latency, SIZE, SIZE);
}

static void encode_and_flush(struct hammer *hammer, struct subject *subject, int round)
{
    wcenc_config config = round_config(hammer, round);
    int frames = 1 + round % 3;

    CHECK_EQUAL(wcenc_encoder_configure(subject->encoder, &config), WCENC_OK);
    CHECK_EQUAL(subject_encode(subject, SIZE, SIZE, 0, frames), WCENC_OK);
    /* Half of the encoders end in the middle of what they do, now sooner, now later. */
    if (round / 2 % 2) {
        wcenc_status status = wcenc_encoder_flush_timeout(subject->encoder, round * INT64_C(7919) % 20000);

        CHECK(status == WCENC_OK || status == WCENC_ERROR_TIMED_OUT);
    } else {
        CHECK_EQUAL(wcenc_encoder_flush(subject->encoder), WCENC_OK);
        CHECK_EQUAL(subject_take(subject), WCENC_AGAIN);
        CHECK_EQUAL(atomic_load(&subject->chunks), frames);
    }
    CHECK_EQUAL(atomic_load(&subject->errors), 0);
}

/* Refused at once. */
static void be_invalid(struct hammer *hammer, struct subject *subject, int round)
{
    wcenc_config config = round_config(hammer, round);

    config.width = 0;
    CHECK_EQUAL(wcenc_encoder_configure(subject->encoder, &config), WCENC_ERROR_TYPE);
    CHECK_EQUAL(subject_encode(subject, SIZE, SIZE, 0, 1), WCENC_ERROR_INVALID_STATE);
    CHECK_EQUAL(wcenc_encoder_flush(subject->encoder), WCENC_ERROR_INVALID_STATE);
    CHECK_EQUAL(wcenc_encoder_get_state(subject->encoder), WCENC_STATE_UNCONFIGURED);
}

/* Found out by opening the encoder. */
static void be_unsupported(struct hammer *hammer, struct subject *subject, int round)
{
    wcenc_config config = round_config(hammer, round);
    wcenc_status status;

    config.encoder_options = "no-such-option=1";
    CHECK_EQUAL(wcenc_encoder_configure(subject->encoder, &config), WCENC_OK);
    status = wcenc_encoder_flush(subject->encoder);
    /* The error may have closed the encoder before. */
    CHECK(status == WCENC_ERROR_NOT_SUPPORTED || status == WCENC_ERROR_INVALID_STATE);
    (void)subject_take(subject);
    /* Reported by now, unless it is just being reported. */
    if (status == WCENC_ERROR_NOT_SUPPORTED) {
        CHECK_EQUAL(atomic_load(&subject->errors), 1);
        CHECK_EQUAL(atomic_load(&subject->error), WCENC_ERROR_NOT_SUPPORTED);
    }
    atomic_fetch_add(&hammer->refusals, 1);
}

static void *hammer_on(void *argument)
{
    struct worker *worker = argument;
    struct hammer *hammer = worker->hammer;

    (void)pthread_barrier_wait(&hammer->start);
    for (int round = 0; round < hammer->rounds; round++) {
        struct subject subject;

        CHECK_EQUAL(subject_open(&subject, (worker->number + round) % DELIVERIES), WCENC_OK);
        if (round % 20 == 9)
            be_unsupported(hammer, &subject, round);
        else if (round % 20 == 19)
            be_invalid(hammer, &subject, round);
        else
            encode_and_flush(hammer, &subject, round);
        subject_close(&subject);
        atomic_fetch_add(&hammer->chunks, atomic_load(&subject.chunks));
    }
    return NULL;
}

static int run(const struct codec_row *row, int rounds)
{
    struct hammer hammer = {.row = row, .rounds = rounds};
    struct worker workers[THREADS];
    int64_t start = now_ms();

    silence_encoder(row->encoder);
    for (int latency = 0; latency < LATENCIES; latency++) {
        wcenc_config config = subject_config(row, latency, SIZE, SIZE);

        hammer.has_latency[latency] = is_supported(&config);
    }
    if (!hammer.has_latency[WCENC_LATENCY_QUALITY] && !hammer.has_latency[WCENC_LATENCY_REALTIME]) {
        printf("skipped: %s cannot be tested here\n", row->encoder);
        return SKIPPED;
    }
    CHECK_EQUAL(pthread_barrier_init(&hammer.start, NULL, THREADS), 0);
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.hammer = &hammer, .number = i};
        CHECK_EQUAL(pthread_create(&workers[i].thread, NULL, hammer_on, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        CHECK_EQUAL(pthread_join(workers[i].thread, NULL), 0);
    (void)pthread_barrier_destroy(&hammer.start);
    printf("%s: %d threads, %d rounds each, %d chunks, %d refused, %lld ms\n", row->encoder, THREADS, rounds,
           atomic_load(&hammer.chunks), atomic_load(&hammer.refusals), (long long)(now_ms() - start));
    return atomic_load(&hammer.chunks) > 0 ? 0 : 1;
}

static int planned_rounds(const char *encoder)
{
    for (size_t i = 0; i < CODEC_ROWS; i++)
        if (strcmp(plans[i].encoder, encoder) == 0)
            return WCENC_TEST_IS_SLOW ? plans[i].rounds_if_slow : plans[i].rounds;
    return ROUNDS;
}

int main(int argc, char **argv)
{
    const struct codec_row *row = argc > 2 && strcmp(argv[1], "--codec") == 0 ? find_row(argv[2]) : NULL;
    int rounds = 0;

    if (row && argc == 3)
        rounds = planned_rounds(row->encoder);
    else if (row && argc == 5 && strcmp(argv[3], "--rounds") == 0)
        rounds = atoi(argv[4]);
    if (rounds <= 0) {
        fputs("usage: test_open_close --codec ENCODER [--rounds NUMBER]\n", stderr);
        return 2;
    }
    return run(row, rounds);
}
