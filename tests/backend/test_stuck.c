/* SPDX-License-Identifier: MIT */

/*
 * An encoder that stands still inside a call of its codec: threads that wait for it can be freed, and what the queue's
 * limits do can be seen, since nothing leaves the queue.
 */

/* For syscall. */
#define _GNU_SOURCE

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef __linux__
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../process/tasks.h"
#endif

#include "../support/journal.h"
#include "../support/mem_fault.h"
#include "../support/pattern.h"
#include "../support/scripted_backend.h"

enum { WIDTH = 128, HEIGHT = 64, DELIVERIES = 3, SECOND_US = 1000000 };

static wcenc_status try_encode(struct journal *journal, int number, bool key)
{
    wcenc_frame *frame = pattern_frame(WIDTH, HEIGHT, (unsigned)number, number);
    wcenc_encode_options options;
    wcenc_status status;

    wcenc_encode_options_init(&options, sizeof options);
    options.key_frame = key;
    options.user_tag = (uint64_t)number + 1000;
    status = wcenc_encoder_encode(journal->encoder, frame, &options);
    wcenc_frame_unref(frame);
    return status;
}

static void encode(struct journal *journal, int first, int count)
{
    for (int i = first; i < first + count; i++)
        assert_int_equal(try_encode(journal, i, false), WCENC_OK);
}

static wcenc_config config_of(const char *encoder)
{
    wcenc_config config;

    wcenc_config_init(&config, sizeof config);
    config.codec = "avc1.42001e";
    config.encoder_name = encoder;
    config.width = WIDTH;
    config.height = HEIGHT;
    return config;
}

static void configure(struct journal *journal)
{
    wcenc_config config = config_of("scripted");

    assert_int_equal(wcenc_encoder_configure(journal->encoder, &config), WCENC_OK);
}

/* The encoder stands inside frame 0, and nothing else is queued. */
static void start(struct journal *journal, wcenc_delivery delivery, const wcenc_encoder_desc *desc)
{
    scripted_install();
    scripted.stop_at_frame = 0;
    journal_open(journal, delivery, desc);
    configure(journal);
    encode(journal, 0, 1);
    scripted_wait_until_it_stands();
}

static void finish(struct journal *journal)
{
    scripted_go_on();
    journal_end(journal);
    scripted_remove();
}

struct flusher {
    struct journal *journal;
    wcenc_status status;
    pthread_t thread;
};

static void *flush_thread(void *argument)
{
    struct flusher *flusher = argument;

    flusher->status = wcenc_encoder_flush(flusher->journal->encoder);
    return NULL;
}

enum { FLUSHERS = 4 };

/* Threads that wait in a flush; true of all of them once the queue holds what they asked for, which is one message. */
static void start_flushers(struct journal *journal, struct flusher flushers[FLUSHERS])
{
    for (int i = 0; i < FLUSHERS; i++) {
        flushers[i] = (struct flusher){.journal = journal, .status = WCENC_OK};
        assert_int_equal(pthread_create(&flushers[i].thread, NULL, flush_thread, &flushers[i]), 0);
    }
}

static void join_flushers(struct flusher flushers[FLUSHERS])
{
    for (int i = 0; i < FLUSHERS; i++) {
        assert_int_equal(pthread_join(flushers[i].thread, NULL), 0);
        /* A thread may have come to its flush after the end. */
        assert_true(flushers[i].status == WCENC_ERROR_ABORTED || flushers[i].status == WCENC_ERROR_INVALID_STATE);
    }
}

/* How an end comes, while the codec does not answer. */
static void by_reset(struct journal *journal)
{
    assert_int_equal(wcenc_encoder_reset(journal->encoder), WCENC_OK);
}

static void by_close(struct journal *journal)
{
    assert_int_equal(wcenc_encoder_close(journal->encoder), WCENC_OK);
}

static void by_close_async(struct journal *journal)
{
    assert_int_equal(journal_close_encoder(journal), WCENC_OK);
}

static void (*const ends[])(struct journal *journal) = {by_reset, by_close, by_close_async};

enum { ENDS = sizeof ends / sizeof ends[0] };

static void run_end(wcenc_delivery delivery, void (*end)(struct journal *journal))
{
    struct flusher flushers[FLUSHERS];
    struct journal journal;
    int marks[3];

    start(&journal, delivery, NULL);
    encode(&journal, 1, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(journal_flush(&journal, &marks[i]), WCENC_OK);
    start_flushers(&journal, flushers);
    end(&journal);
    /* FLU-009, FLU-010, RST-007: all of them return, though the codec still stands. */
    join_flushers(flushers);
    journal_wait(&journal, TOLD_FLUSH, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(journal.flushes[i], WCENC_ERROR_ABORTED); /* CLO-001, RST-006 */
        assert_ptr_equal(journal.flush_users[i], &marks[i]);       /* FLU-005 */
    }
    assert_int_equal(wcenc_encoder_get_queue_size(journal.encoder), 0);
    assert_int_equal(scripted.closed, 0);
    assert_int_equal(journal_count(&journal, TOLD_CLOSE), 0); /* it waits for the codec */
    if (end == by_close && delivery == WCENC_DELIVERY_THREAD)
        assert_int_equal(wcenc_encoder_get_state(journal.encoder), WCENC_STATE_CLOSED); /* CLO-001 */
    scripted_go_on();
    if (end == by_close_async) {
        journal_wait(&journal, TOLD_CLOSE, 1);
        assert_int_equal(scripted.closed, 1); /* CLO-001, CLO-006 */
    }
    journal_check_stats(&journal);
    finish(&journal);
    assert_int_equal(journal.counts[TOLD_OUTPUT], 0); /* RST-004: the frame in work is dropped on arrival */
    assert_int_equal(journal.counts[TOLD_ERROR], 0);  /* RST-009, CLO-002 */
    assert_int_equal(journal.counts[TOLD_FLUSH], 3);  /* FLU-016 */
}

static void test_threads_that_wait_are_freed_while_the_codec_stands(void **state)
{
    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++)
        for (int i = 0; i < ENDS; i++)
            run_end(delivery, ends[i]);
}

/* With THREAD the completions have been reported before close returns; with PUMP and PULL they are pending. */
static void test_completions_are_there_when_close_returns(void **state)
{
    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++) {
        struct journal journal;

        start(&journal, delivery, NULL);
        for (int i = 0; i < 5; i++)
            assert_int_equal(journal_flush(&journal, NULL), WCENC_OK);
        assert_int_equal(wcenc_encoder_close(journal.encoder), WCENC_OK);
        assert_int_equal(journal_count(&journal, TOLD_FLUSH), delivery == WCENC_DELIVERY_THREAD ? 5 : 0);
        journal_take(&journal);
        assert_int_equal(journal_count(&journal, TOLD_FLUSH), 5);
        finish(&journal);
    }
}

/* What nobody has pumped is reported by destroy; what nobody has received is not reported. */
static void test_destroy_reports_completions_that_nobody_has_pumped(void **state)
{
    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++) {
        bool is_reported = delivery != WCENC_DELIVERY_PULL;
        struct journal journal;

        start(&journal, delivery, NULL);
        for (int i = 0; i < 5; i++)
            assert_int_equal(journal_flush(&journal, NULL), WCENC_OK);
        assert_int_equal(journal_close_encoder(&journal), WCENC_OK);
        finish(&journal);
        assert_int_equal(journal.counts[TOLD_FLUSH], is_reported ? 5 : 0);
        assert_int_equal(journal.counts[TOLD_CLOSE], is_reported ? 1 : 0);
    }
}

/* It asks the codec once more for a packet after the last one was reported. */
static void wait_until_not_busy(struct journal *journal)
{
    time_t deadline = time(NULL) + JOURNAL_DEADLINE_SECONDS;
    wcenc_stats stats;

    do {
        wcenc_stats_init(&stats, sizeof stats);
        assert_int_equal(wcenc_encoder_get_stats(journal->encoder, &stats), WCENC_OK);
        assert_true(time(NULL) < deadline);
    } while (stats.busy_ns != 0);
}

static void test_a_flush_with_a_timeout_returns_and_the_work_goes_on(void **state)
{
    static const int64_t timeouts[] = {0, 1, 20000};

    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++) {
        struct journal journal;
        wcenc_stats stats;

        start(&journal, delivery, NULL);
        encode(&journal, 1, 3);
        for (size_t i = 0; i < sizeof timeouts / sizeof timeouts[0]; i++)
            assert_int_equal(wcenc_encoder_flush_timeout(journal.encoder, timeouts[i]), WCENC_ERROR_TIMED_OUT);
        /* The encoder has been at work on one frame for as long as that. */
        wcenc_stats_init(&stats, sizeof stats);
        assert_int_equal(wcenc_encoder_get_stats(journal.encoder, &stats), WCENC_OK);
        assert_true(stats.busy_ns >= 20000000);
        assert_int_equal(stats.frames_in_flight, 1);
        assert_int_equal(stats.frames_queued, 3); /* ENC-007, QUE-001 */
        scripted_go_on();
        assert_int_equal(wcenc_encoder_flush_timeout(journal.encoder, -1), WCENC_OK);
        journal_take(&journal);
        assert_int_equal(journal_count(&journal, TOLD_OUTPUT), 4);
        assert_int_equal(wcenc_encoder_flush_timeout(journal.encoder, 0), WCENC_OK); /* FLU-006 */
        wait_until_not_busy(&journal);
        journal_check_stats(&journal);
        finish(&journal);
    }
}

static uint64_t frame_bytes(void)
{
    return i420_size(WIDTH, HEIGHT);
}

/* Room for four frames, by either limit. */
static wcenc_encoder_desc limited(wcenc_queue_policy policy, bool by_bytes)
{
    wcenc_encoder_desc desc;

    wcenc_encoder_desc_init(&desc, sizeof desc);
    desc.queue_policy = policy;
    desc.max_queued_frames = by_bytes ? 0 : 4;
    desc.max_queued_bytes = by_bytes ? 5 * frame_bytes() - 1 : 0;
    return desc;
}

static void test_a_full_queue_refuses_and_names_the_limit(void **state)
{
    (void)state;
    for (int by_bytes = 0; by_bytes < 2; by_bytes++) {
        wcenc_encoder_desc desc = limited(WCENC_QUEUE_FAIL, by_bytes);
        struct journal journal;

        start(&journal, WCENC_DELIVERY_THREAD, &desc);
        encode(&journal, 1, 4);
        assert_int_equal(try_encode(&journal, 5, false), WCENC_ERROR_QUOTA_EXCEEDED);
        assert_non_null(strstr(wcenc_last_error(), by_bytes ? "max_queued_bytes" : "max_queued_frames"));
        assert_int_equal(wcenc_encoder_get_queue_size(journal.encoder), 4); /* ENC-006, QUE-001 */
        scripted_go_on();
        assert_int_equal(wcenc_encoder_flush(journal.encoder), WCENC_OK);
        encode(&journal, 6, 1);
        assert_int_equal(wcenc_encoder_flush(journal.encoder), WCENC_OK);
        assert_int_equal(journal_count(&journal, TOLD_OUTPUT), 6);
        journal_check_stats(&journal);
        finish(&journal);
    }
}

static void test_a_frame_larger_than_all_that_may_wait_is_refused_by_every_policy(void **state)
{
    (void)state;
    for (wcenc_queue_policy policy = WCENC_QUEUE_FAIL; policy <= WCENC_QUEUE_DROP_NEWEST; policy++) {
        wcenc_encoder_desc desc = limited(policy, true);
        struct journal journal;

        desc.max_queued_bytes = frame_bytes() - 1;
        scripted_install();
        journal_open(&journal, WCENC_DELIVERY_THREAD, &desc);
        configure(&journal);
        assert_int_equal(try_encode(&journal, 0, false), WCENC_ERROR_QUOTA_EXCEEDED);
        journal_check_stats(&journal);
        journal_end(&journal);
        scripted_remove();
    }
}

static void test_waiting_for_room_ends_with_its_timeout(void **state)
{
    (void)state;
    for (int by_bytes = 0; by_bytes < 2; by_bytes++) {
        wcenc_encoder_desc desc = limited(WCENC_QUEUE_WAIT, by_bytes);
        struct journal journal;

        desc.queue_timeout_us = 10000;
        start(&journal, WCENC_DELIVERY_THREAD, &desc);
        encode(&journal, 1, 4);
        assert_int_equal(try_encode(&journal, 5, false), WCENC_ERROR_TIMED_OUT);
        scripted_go_on();
        assert_int_equal(wcenc_encoder_flush(journal.encoder), WCENC_OK);
        assert_int_equal(journal_count(&journal, TOLD_OUTPUT), 5);
        journal_check_stats(&journal);
        finish(&journal);
    }
}

struct waiter {
    struct journal *journal;
    wcenc_status status;
    atomic_int id; /* of the thread, in Linux's terms */
};

static void *encode_thread(void *argument)
{
    struct waiter *waiter = argument;

#ifdef __linux__
    atomic_store(&waiter->id, (int)syscall(SYS_gettid));
#endif
    waiter->status = try_encode(waiter->journal, 5, false);
    return NULL;
}

/* Nobody else holds a lock that the thread could wait for: once it sleeps, it waits for room. */
static void wait_until_it_waits(struct waiter *waiter)
{
#ifdef __linux__
    struct task task = {0};

    while (!atomic_load(&waiter->id) || !task_read(atomic_load(&waiter->id), &task) || task.state != 'S')
        (void)sched_yield();
#else
    (void)waiter;
#endif
}

static void go_on(struct journal *journal)
{
    (void)journal;
    scripted_go_on();
}

static void test_waiting_for_room_ends_when_there_is_some_and_when_the_encoder_ends(void **state)
{
    static const struct {
        void (*end)(struct journal *journal);
        wcenc_status status;
    } rows[] = {{go_on, WCENC_OK}, {by_reset, WCENC_ERROR_ABORTED}, {by_close, WCENC_ERROR_ABORTED}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        wcenc_encoder_desc desc = limited(WCENC_QUEUE_WAIT, false);
        struct waiter waiter = {.status = WCENC_ERROR_TYPE};
        struct journal journal;
        pthread_t thread;

        start(&journal, WCENC_DELIVERY_THREAD, &desc);
        encode(&journal, 1, 4);
        waiter.journal = &journal;
        assert_int_equal(pthread_create(&thread, NULL, encode_thread, &waiter), 0);
        wait_until_it_waits(&waiter);
        rows[i].end(&journal);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_int_equal(waiter.status, rows[i].status);
        finish(&journal);
    }
}

/* Drops come in the order of the frames; the newest keep their order behind the oldest that are kept. */
static void run_drops(wcenc_delivery delivery, wcenc_queue_policy policy, bool by_bytes)
{
    wcenc_encoder_desc desc = limited(policy, by_bytes);
    int first_dropped = policy == WCENC_QUEUE_DROP_OLDEST ? 1 : 5;
    struct journal journal;

    start(&journal, delivery, &desc);
    encode(&journal, 1, 8);
    assert_int_equal(wcenc_encoder_get_queue_size(journal.encoder), 4);
    scripted_go_on();
    assert_int_equal(journal_flush(&journal, NULL), WCENC_OK);
    journal_wait(&journal, TOLD_FLUSH, 1);
    assert_int_equal(journal_count(&journal, TOLD_DROP), 4);
    for (int i = 0; i < 4; i++) {
        const wcenc_drop *drop = &journal.drops[i];

        assert_int_equal(drop->timestamp_us, first_dropped + i);
        assert_int_equal(drop->user_tag, first_dropped + i + 1000); /* ENC-010 */
        assert_int_equal(drop->has_duration, 0);
        assert_int_equal(drop->reason, by_bytes ? WCENC_DROP_QUEUED_BYTES : WCENC_DROP_QUEUED_FRAMES);
        assert_int_equal(journal.timestamps[i + 1], (policy == WCENC_QUEUE_DROP_OLDEST ? 5 : 1) + i);
    }
    assert_int_equal(journal_count(&journal, TOLD_OUTPUT), 5);
    journal_check_stats(&journal);
    finish(&journal);
}

static void test_every_drop_is_reported_and_every_other_frame_makes_a_chunk(void **state)
{
    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++)
        for (int by_bytes = 0; by_bytes < 2; by_bytes++) {
            run_drops(delivery, WCENC_QUEUE_DROP_OLDEST, by_bytes);
            run_drops(delivery, WCENC_QUEUE_DROP_NEWEST, by_bytes);
        }
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

static void test_drops_that_nobody_wants_to_hear_of_are_counted(void **state)
{
    wcenc_encoder_desc desc = limited(WCENC_QUEUE_DROP_OLDEST, false);
    struct journal journal = {0};
    wcenc_stats stats;

    (void)state;
    desc.on_output = ignore_output;
    desc.on_error = ignore_error;
    scripted_install();
    scripted.stop_at_frame = 0;
    assert_int_equal(wcenc_encoder_create(&desc, &journal.encoder), WCENC_OK);
    configure(&journal);
    encode(&journal, 0, 1);
    scripted_wait_until_it_stands();
    encode(&journal, 1, 8);
    wcenc_stats_init(&stats, sizeof stats);
    assert_int_equal(wcenc_encoder_get_stats(journal.encoder, &stats), WCENC_OK);
    assert_int_equal(stats.frames_dropped, 4);
    assert_int_equal(stats.drops_pending, 0);
    scripted_go_on();
    assert_int_equal(wcenc_encoder_flush(journal.encoder), WCENC_OK);
    wcenc_encoder_destroy(journal.encoder);
    scripted_remove();
}

/* The worker stands: allocations are those of encode alone. What could not be kept is not accepted. */
static void test_encode_without_memory_changes_nothing(void **state)
{
    enum { FRAMES = 40 };

    (void)state;
    for (wcenc_queue_policy policy = WCENC_QUEUE_FAIL; policy <= WCENC_QUEUE_DROP_NEWEST; policy++) {
        wcenc_encoder_desc desc = limited(policy, false);
        struct journal journal;
        int failures = 0, accepted = 1;
        wcenc_stats stats;

        if (policy == WCENC_QUEUE_FAIL || policy == WCENC_QUEUE_WAIT)
            desc.max_queued_frames = 0; /* what fails is the queue's growth, else that of the list of drops */
        start(&journal, WCENC_DELIVERY_THREAD, &desc);
        for (int i = 1; i < FRAMES; i++) {
            wcenc_frame *frame = pattern_frame(WIDTH, HEIGHT, (unsigned)i, i);
            wcenc_status status;

            mem_fault_after(0);
            status = wcenc_encoder_encode(journal.encoder, frame, NULL);
            assert_int_equal(status, mem_fault_happened() ? WCENC_ERROR_NO_MEMORY : WCENC_OK);
            mem_fault_after(-1);
            wcenc_frame_unref(frame);
            failures += status != WCENC_OK;
            accepted += status == WCENC_OK;
            if (status != WCENC_OK) {
                encode(&journal, i, 1);
                accepted++;
            }
        }
        assert_true(failures > 0);
        wcenc_stats_init(&stats, sizeof stats);
        assert_int_equal(wcenc_encoder_get_stats(journal.encoder, &stats), WCENC_OK);
        assert_int_equal(stats.frames_accepted, accepted);
        scripted_go_on();
        assert_int_equal(wcenc_encoder_flush(journal.encoder), WCENC_OK);
        journal_check_stats(&journal);
        finish(&journal);
    }
}

/* Frame 2 is dropped with its key request, which the next frame that is kept gets. */
static void test_a_dropped_frame_passes_its_key_request_on(void **state)
{
    static const struct {
        wcenc_queue_policy policy;
        uint32_t room;
        int frames;     /* after frame 0 */
        int key_output; /* the number of the chunk that has to be a key chunk */
        int64_t timestamp_us;
    } rows[] = {
        /* 1 and 2 give way to 3 and 4. */
        {WCENC_QUEUE_DROP_OLDEST, 2, 4, 1, 3},
        /* 2 is the only one that waits, and gives way to 3. */
        {WCENC_QUEUE_DROP_OLDEST, 1, 3, 1, 3},
        /* 1 waits, 2 and 3 find no room; 9 comes when there is some. */
        {WCENC_QUEUE_DROP_NEWEST, 1, 3, 2, 9},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        wcenc_encoder_desc desc = limited(rows[i].policy, false);
        struct journal journal;

        desc.max_queued_frames = rows[i].room;
        start(&journal, WCENC_DELIVERY_THREAD, &desc);
        for (int frame = 1; frame <= rows[i].frames; frame++)
            assert_int_equal(try_encode(&journal, frame, frame == 2), WCENC_OK);
        scripted_go_on();
        assert_int_equal(wcenc_encoder_flush(journal.encoder), WCENC_OK);
        assert_int_equal(try_encode(&journal, 9, false), WCENC_OK);
        assert_int_equal(wcenc_encoder_flush(journal.encoder), WCENC_OK);
        for (int chunk = 1; chunk < journal_count(&journal, TOLD_OUTPUT); chunk++)
            assert_int_equal(journal.keys[chunk], chunk == rows[i].key_output);
        assert_int_equal(journal.timestamps[rows[i].key_output], rows[i].timestamp_us);
        finish(&journal);
    }
}

/* A drop that was not reported when a reset came belongs to the frames that the reset has discarded. */
static void test_a_reset_discards_drops_that_were_not_reported(void **state)
{
    wcenc_encoder_desc desc = limited(WCENC_QUEUE_DROP_OLDEST, false);
    struct journal journal;
    wcenc_stats stats;

    (void)state;
    start(&journal, WCENC_DELIVERY_PULL, &desc);
    encode(&journal, 1, 8);
    wcenc_stats_init(&stats, sizeof stats);
    assert_int_equal(wcenc_encoder_get_stats(journal.encoder, &stats), WCENC_OK);
    assert_int_equal(stats.drops_pending, 4);
    assert_int_equal(stats.bytes_queued, 4 * frame_bytes());
    assert_int_equal(wcenc_encoder_reset(journal.encoder), WCENC_OK);
    journal_take(&journal);
    assert_string_equal(journal.trace, "d"); /* QUE-011 */
    assert_int_equal(journal.last_size, 0);
    assert_int_equal(wcenc_encoder_get_stats(journal.encoder, &stats), WCENC_OK);
    assert_int_equal(stats.frames_accepted, 9);
    assert_int_equal(stats.frames_discarded, 9);
    journal_check_stats(&journal);
    finish(&journal);
}

/* The quantizer that a packet has is in the statistics. */
static void test_statistics_have_the_quantizer_where_the_encoder_reports_it(void **state)
{
    struct journal journal;
    wcenc_stats stats;

    (void)state;
    for (int32_t quantizer = -1; quantizer < 2; quantizer++) {
        scripted_install();
        scripted.quantizer = quantizer;
        journal_open(&journal, WCENC_DELIVERY_THREAD, NULL);
        configure(&journal);
        encode(&journal, 0, 1);
        assert_int_equal(wcenc_encoder_flush(journal.encoder), WCENC_OK);
        wcenc_stats_init(&stats, sizeof stats);
        assert_int_equal(wcenc_encoder_get_stats(journal.encoder, &stats), WCENC_OK);
        assert_int_equal(stats.has_quantizer, quantizer >= 0);
        assert_int_equal(stats.quantizer, quantizer >= 0 ? quantizer : 0);
        assert_int_equal(stats.key_chunks_out, 1);
        assert_true(stats.bytes_out > 0);
        assert_true(stats.queued_ns > 0);
        assert_true(stats.encoding_ns > 0);
        assert_true(stats.callback_ns > 0);
        journal_end(&journal);
        scripted_remove();
    }
}

static void test_a_codec_is_opened_by_the_first_frame_and_not_before(void **state)
{
    struct journal journal;

    (void)state;
    scripted_install();
    journal_open(&journal, WCENC_DELIVERY_THREAD, NULL);
    assert_int_equal(scripted_wait_for(&scripted.opened, 0), 0); /* CON-004 */
    configure(&journal);
    /* The configure has been worked off. */
    assert_int_equal(wcenc_encoder_flush(journal.encoder), WCENC_OK);
    assert_int_equal(scripted_wait_for(&scripted.opened, 0), 0); /* CON-004 */
    encode(&journal, 0, 1);
    assert_int_equal(wcenc_encoder_flush(journal.encoder), WCENC_OK);
    assert_int_equal(scripted_wait_for(&scripted.opened, 0), 1); /* CON-004 */
    finish(&journal);
}

/* False, with a word on it, where FFmpeg lacks the real encoder that is to run beside the scripted one. */
static bool is_supported(const wcenc_config *config)
{
    wcenc_config_support *support;
    bool is_supported;

    assert_int_equal(wcenc_is_config_supported(config, &support), WCENC_OK);
    is_supported = support->supported;
    if (!is_supported)
        print_message("left out: %s\n", support->reason);
    wcenc_config_support_free(support);
    return is_supported;
}

static void test_encoders_do_not_wait_for_one_that_stands(void **state)
{
    wcenc_config config = config_of("libx264");
    struct journal standing, other;
    bool has_other;

    (void)state;
    config.latency_mode = WCENC_LATENCY_REALTIME;
    has_other = is_supported(&config);
    for (wcenc_delivery delivery = 0; has_other && delivery < DELIVERIES; delivery++) {
        start(&standing, delivery, NULL);
        encode(&standing, 1, 3);
        journal_open(&other, delivery, NULL);
        assert_int_equal(wcenc_encoder_configure(other.encoder, &config), WCENC_OK);
        encode(&other, 0, 3);
        assert_int_equal(wcenc_encoder_flush_timeout(other.encoder, JOURNAL_DEADLINE_SECONDS * (int64_t)SECOND_US),
                         WCENC_OK); /* CON-009 */
        journal_take(&other);
        assert_int_equal(journal_count(&other, TOLD_OUTPUT), 3);
        assert_int_equal(journal_count(&standing, TOLD_OUTPUT), 0);
        journal_end(&other);
        finish(&standing);
    }
    if (!has_other)
        skip();
}

static void test_a_query_neither_waits_for_an_encoder_that_stands_nor_disturbs_it(void **state)
{
    /* Answers are remembered: this one has not been asked for yet. */
    wcenc_config config = config_of("libx264");
    wcenc_config_support *support;
    struct journal journal;

    (void)state;
    config.width = 2 * WIDTH;
    start(&journal, WCENC_DELIVERY_THREAD, NULL);
    encode(&journal, 1, 3);
    assert_int_equal(wcenc_is_config_supported(&config, &support), WCENC_OK); /* SUP-035 */
    wcenc_config_support_free(support);
    assert_int_equal(wcenc_encoder_get_queue_size(journal.encoder), 3); /* SUP-035 */
    scripted_go_on();
    assert_int_equal(wcenc_encoder_flush(journal.encoder), WCENC_OK);
    assert_int_equal(journal_count(&journal, TOLD_OUTPUT), 4);
    finish(&journal);
}

static void test_a_flush_is_not_delayed_by_frames_behind_it(void **state)
{
    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++) {
        struct journal journal;

        scripted_install();
        scripted.stop_at_frame = 1;
        journal_open(&journal, delivery, NULL);
        configure(&journal);
        encode(&journal, 0, 1);
        assert_int_equal(journal_flush(&journal, NULL), WCENC_OK);
        encode(&journal, 1, 1);
        scripted_wait_until_it_stands();
        journal_wait(&journal, TOLD_FLUSH, 1); /* FLU-004 */
        assert_int_equal(journal.flushes[0], WCENC_OK);
        assert_int_equal(journal_count(&journal, TOLD_OUTPUT), 1);
        finish(&journal);
    }
}

static atomic_int releases;

static void count_release(void *user)
{
    free(user);
    atomic_fetch_add(&releases, 1);
}

static void encode_lent(struct journal *journal)
{
    uint8_t *pixels = malloc(i420_size(WIDTH, HEIGHT));
    wcenc_frame_desc desc;
    wcenc_frame *frame;

    assert_non_null(pixels);
    pattern_draw(pixels, WIDTH, HEIGHT, 0);
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = WCENC_PIXEL_FORMAT_I420;
    desc.coded_width = WIDTH;
    desc.coded_height = HEIGHT;
    desc.data = pixels;
    desc.data_size = i420_size(WIDTH, HEIGHT);
    assert_int_equal(wcenc_frame_create_wrap(&desc, count_release, pixels, &frame), WCENC_OK);
    assert_int_equal(wcenc_encoder_encode(journal->encoder, frame, NULL), WCENC_OK);
    wcenc_frame_unref(frame);
}

static void test_a_reset_releases_queued_frames_before_it_returns(void **state)
{
    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++) {
        struct journal journal;

        atomic_store(&releases, 0);
        start(&journal, delivery, NULL);
        for (int i = 0; i < 4; i++)
            encode_lent(&journal);
        assert_int_equal(atomic_load(&releases), 0);
        assert_int_equal(wcenc_encoder_reset(journal.encoder), WCENC_OK);
        assert_int_equal(atomic_load(&releases), 4); /* RST-003 */
        finish(&journal);
        assert_int_equal(atomic_load(&releases), 4);
    }
}

static void test_frames_that_are_held_back_are_not_in_the_queue(void **state)
{
    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++) {
        struct journal journal;
        wcenc_stats stats;

        scripted_install();
        scripted.held = 4;
        journal_open(&journal, delivery, NULL);
        configure(&journal);
        encode(&journal, 0, 4);
        (void)scripted_wait_for(&scripted.sent, 4);
        journal_take(&journal);
        assert_true(journal_count(&journal, TOLD_DEQUEUE) >= 1);
        assert_int_equal(journal.last_size, 0); /* QUE-017 */
        wcenc_stats_init(&stats, sizeof stats);
        assert_int_equal(wcenc_encoder_get_stats(journal.encoder, &stats), WCENC_OK);
        assert_int_equal(stats.frames_in_flight, 4);
        assert_int_equal(journal_count(&journal, TOLD_OUTPUT), 0);
        assert_int_equal(journal_flush(&journal, NULL), WCENC_OK);
        journal_wait(&journal, TOLD_FLUSH, 1);
        assert_int_equal(journal_count(&journal, TOLD_OUTPUT), 4);
        finish(&journal);
    }
}

/* The first one's chunks are all there, and it is not done yet. */
static void test_a_flush_does_not_complete_before_an_earlier_one(void **state)
{
    static int first, second;

    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++) {
        struct journal journal;

        scripted_install();
        scripted.held = 4;
        scripted.stop_at_close = 0;
        journal_open(&journal, delivery, NULL);
        configure(&journal);
        encode(&journal, 0, 4);
        assert_int_equal(journal_flush(&journal, &first), WCENC_OK);
        scripted_wait_until_it_stands();
        journal_wait(&journal, TOLD_OUTPUT, 4);
        assert_int_equal(journal_flush(&journal, &second), WCENC_OK);
        assert_int_equal(wcenc_encoder_flush_timeout(journal.encoder, 0), WCENC_ERROR_TIMED_OUT);
        journal_take(&journal);
        assert_int_equal(journal_count(&journal, TOLD_FLUSH), 0); /* FLU-005 */
        scripted_go_on();
        journal_wait(&journal, TOLD_FLUSH, 2);
        assert_ptr_equal(journal.flush_users[0], &first);
        assert_ptr_equal(journal.flush_users[1], &second);
        finish(&journal);
    }
}

static void test_a_frame_that_the_codec_does_not_take_yet_is_sent_again(void **state)
{
    enum { FRAMES = 8, HELD = 3 };

    (void)state;
    /* From the first frame before which packets wait to the last of all. */
    for (int refused = HELD; refused < FRAMES; refused++) {
        struct journal journal;

        scripted_install();
        scripted.held = HELD;
        scripted.refuse_frame = refused;
        journal_open(&journal, WCENC_DELIVERY_THREAD, NULL);
        configure(&journal);
        encode(&journal, 0, FRAMES);
        assert_int_equal(wcenc_encoder_flush(journal.encoder), WCENC_OK); /* QUE-014 */
        assert_int_equal(scripted_wait_for(&scripted.refused, 0), 1);
        assert_int_equal(scripted_wait_for(&scripted.sent, 0), FRAMES);
        assert_int_equal(journal_count(&journal, TOLD_OUTPUT), FRAMES); /* QUE-014 */
        for (int i = 0; i < FRAMES; i++)
            assert_int_equal(journal.timestamps[i], i);
        finish(&journal);
    }
}

static void reset_in_the_first_dequeue(struct journal *journal, char what)
{
    if (what == TOLD_DEQUEUE && journal->counts[TOLD_DEQUEUE] == 1)
        assert_int_equal(wcenc_encoder_reset(journal->encoder), WCENC_OK);
}

static void test_a_reset_inside_a_dequeue_callback_brings_one_more(void **state)
{
    struct journal journal;

    (void)state;
    start(&journal, WCENC_DELIVERY_PUMP, NULL);
    encode(&journal, 1, 3);
    journal.hook = reset_in_the_first_dequeue;
    journal_wait(&journal, TOLD_DEQUEUE, 1);
    assert_int_equal(journal.last_size, 3);
    journal_take(&journal);
    assert_string_equal(journal.trace, "dd"); /* DEF-12, QUE-011 */
    assert_int_equal(journal.last_size, 0);
    finish(&journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_that_wait_are_freed_while_the_codec_stands),
        cmocka_unit_test(test_completions_are_there_when_close_returns),
        cmocka_unit_test(test_destroy_reports_completions_that_nobody_has_pumped),
        cmocka_unit_test(test_a_flush_with_a_timeout_returns_and_the_work_goes_on),
        cmocka_unit_test(test_a_full_queue_refuses_and_names_the_limit),
        cmocka_unit_test(test_a_frame_larger_than_all_that_may_wait_is_refused_by_every_policy),
        cmocka_unit_test(test_waiting_for_room_ends_with_its_timeout),
        cmocka_unit_test(test_drops_that_nobody_wants_to_hear_of_are_counted),
        cmocka_unit_test(test_encode_without_memory_changes_nothing),
        cmocka_unit_test(test_waiting_for_room_ends_when_there_is_some_and_when_the_encoder_ends),
        cmocka_unit_test(test_every_drop_is_reported_and_every_other_frame_makes_a_chunk),
        cmocka_unit_test(test_a_dropped_frame_passes_its_key_request_on),
        cmocka_unit_test(test_a_reset_discards_drops_that_were_not_reported),
        cmocka_unit_test(test_statistics_have_the_quantizer_where_the_encoder_reports_it),
        cmocka_unit_test(test_a_codec_is_opened_by_the_first_frame_and_not_before),
        cmocka_unit_test(test_encoders_do_not_wait_for_one_that_stands),
        cmocka_unit_test(test_a_query_neither_waits_for_an_encoder_that_stands_nor_disturbs_it),
        cmocka_unit_test(test_a_flush_is_not_delayed_by_frames_behind_it),
        cmocka_unit_test(test_a_reset_releases_queued_frames_before_it_returns),
        cmocka_unit_test(test_frames_that_are_held_back_are_not_in_the_queue),
        cmocka_unit_test(test_a_flush_does_not_complete_before_an_earlier_one),
        cmocka_unit_test(test_a_frame_that_the_codec_does_not_take_yet_is_sent_again),
        cmocka_unit_test(test_a_reset_inside_a_dequeue_callback_brings_one_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
