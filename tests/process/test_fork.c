/* SPDX-License-Identifier: MIT */

/* A fork in the middle of encoding: the child has nothing of its parent's encoders, and the parent loses nothing. */

#define _GNU_SOURCE

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "../support/pattern.h"
#include "check.h"
#include "child.h"
#include "../support/sanitizer.h"
#include "subject.h"

enum {
    WIDTH = 320,
    HEIGHT = 192,
    FORKS = 5,
    ASKING = 2, /* threads */
    LIMIT_MS = WCENC_TEST_IS_SLOW ? 60000 : 20000,
    /* AddressSanitizer's allocator stays locked in a child where another thread was inside it. */
    MAY_ALLOCATE = !WCENC_TEST_ADDRESS_SANITIZER,
    /* ThreadSanitizer takes a child's new threads for those of its parent, and stops. */
    MAY_START_THREADS = MAY_ALLOCATE && !WCENC_TEST_THREAD_SANITIZER,
};

/* Made before any fork, and fed again and again: drawing one may take longer than encoding it. */
static wcenc_frame *frame;

static wcenc_config x264_config(void)
{
    return subject_config(find_row("libx264"), WCENC_LATENCY_REALTIME, WIDTH, HEIGHT);
}

static int32_t call_configure(wcenc_encoder *encoder)
{
    wcenc_config config = x264_config();

    return wcenc_encoder_configure(encoder, &config);
}

static int32_t call_encode(wcenc_encoder *encoder)
{
    return wcenc_encoder_encode(encoder, frame, NULL);
}

static int32_t call_flush_timeout(wcenc_encoder *encoder)
{
    return wcenc_encoder_flush_timeout(encoder, -1);
}

static void never_done(void *user, wcenc_status status)
{
    (void)user;
    (void)status;
    check_failed(__FILE__, __LINE__, "a request that was refused is not reported");
}

static int32_t call_flush_async(wcenc_encoder *encoder)
{
    return wcenc_encoder_flush_async(encoder, never_done, NULL);
}

static int32_t call_close_async(wcenc_encoder *encoder)
{
    return wcenc_encoder_close_async(encoder, never_done, NULL);
}

static int32_t call_queue_size(wcenc_encoder *encoder)
{
    return (int32_t)wcenc_encoder_get_queue_size(encoder);
}

static int32_t call_state(wcenc_encoder *encoder)
{
    return wcenc_encoder_get_state(encoder);
}

static int32_t call_stats(wcenc_encoder *encoder)
{
    wcenc_stats stats;

    wcenc_stats_init(&stats, sizeof stats);
    return wcenc_encoder_get_stats(encoder, &stats);
}

static int32_t call_event_fd(wcenc_encoder *encoder)
{
    return wcenc_encoder_get_event_fd(encoder);
}

static int32_t call_pump(wcenc_encoder *encoder)
{
    uint32_t count = 1;
    wcenc_status status = wcenc_encoder_pump(encoder, 0, -1, &count);

    CHECK_EQUAL(count, 0);
    return status;
}

static int32_t call_receive(wcenc_encoder *encoder)
{
    wcenc_event *event = NULL;
    wcenc_status status = wcenc_encoder_receive(encoder, -1, &event);

    CHECK(!event);
    return status;
}

static int32_t call_ref(wcenc_encoder *encoder)
{
    return wcenc_encoder_ref(encoder) == encoder;
}

static int32_t call_unref(wcenc_encoder *encoder)
{
    wcenc_encoder_unref(encoder);
    return 0;
}

/* Every function of an encoder, and what it returns in a child. */
static const struct {
    int32_t (*call)(wcenc_encoder *encoder);
    int32_t wanted;
} calls[] = {
    {call_ref, 1},
    {call_configure, WCENC_ERROR_INVALID_STATE},
    {call_encode, WCENC_ERROR_INVALID_STATE},
    {wcenc_encoder_flush, WCENC_ERROR_INVALID_STATE},
    {call_flush_timeout, WCENC_ERROR_INVALID_STATE},
    {call_flush_async, WCENC_ERROR_INVALID_STATE},
    {wcenc_encoder_reset, WCENC_ERROR_INVALID_STATE},
    {wcenc_encoder_close, WCENC_ERROR_INVALID_STATE},
    {call_close_async, WCENC_ERROR_INVALID_STATE},
    {call_stats, WCENC_ERROR_INVALID_STATE},
    {call_event_fd, WCENC_ERROR_INVALID_STATE},
    {call_pump, WCENC_ERROR_INVALID_STATE},
    {call_receive, WCENC_ERROR_INVALID_STATE},
    {call_unref, 0},
    {call_queue_size, 0},
    {call_state, WCENC_STATE_CLOSED},
};

static int callbacks_of(const struct subject *subject)
{
    return atomic_load(&subject->chunks) + atomic_load(&subject->errors) + atomic_load(&subject->drops) +
           atomic_load(&subject->dequeues) + atomic_load(&subject->completions);
}

/* In the child. */
static void check_calls(struct subject *subject)
{
    int callbacks = callbacks_of(subject);

    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        int32_t result = calls[i].call(subject->encoder);

        if (result != calls[i].wanted) {
            char text[96];

            (void)snprintf(text, sizeof text, "call %zu (%s) returns %d and not %d", i,
                           delivery_names[subject->delivery], result, calls[i].wanted);
            check_failed(__FILE__, __LINE__, text);
        }
    }
    CHECK_EQUAL(callbacks_of(subject), callbacks);
}

static void check_forgotten(struct subject *subject)
{
    int callbacks = callbacks_of(subject);

    check_calls(subject);
    wcenc_encoder_destroy(subject->encoder);
    CHECK_EQUAL(atomic_load(&subject->destroyed), 0);
    CHECK_EQUAL(callbacks_of(subject), callbacks);
}

/* In the child: an encoder of its own. */
static void check_new_encoder(wcenc_delivery delivery)
{
    wcenc_config config = x264_config();
    struct subject subject;

    CHECK(is_supported(&config));
    CHECK_EQUAL(subject_open(&subject, delivery), WCENC_OK);
    CHECK_EQUAL(wcenc_encoder_configure(subject.encoder, &config), WCENC_OK);
    CHECK_EQUAL(subject_encode(&subject, WIDTH, HEIGHT, 0, 3), WCENC_OK);
    CHECK_EQUAL(wcenc_encoder_flush(subject.encoder), WCENC_OK);
    CHECK_EQUAL(subject_take(&subject), WCENC_AGAIN);
    CHECK_EQUAL(atomic_load(&subject.chunks), 3);
    subject_close(&subject);
}

static void check_new_encoders(void)
{
    for (int delivery = 0; delivery < DELIVERIES && MAY_START_THREADS; delivery++)
        check_new_encoder(delivery);
}

/* One encoder of each delivery; one of them is fed by another thread, faster than it encodes. */
struct herd {
    struct subject subjects[DELIVERIES];
    struct subject *busy;
    pthread_t feeder;
    atomic_bool must_stop;
    int fed;
};

static void *feed(void *argument)
{
    struct herd *herd = argument;

    while (!atomic_load(&herd->must_stop)) {
        CHECK_EQUAL(wcenc_encoder_encode(herd->busy->encoder, frame, NULL), WCENC_OK);
        herd->fed++;
    }
    return NULL;
}

static void start_herd(struct herd *herd, wcenc_delivery busy)
{
    wcenc_config config = x264_config();

    memset(herd, 0, sizeof *herd);
    for (int delivery = 0; delivery < DELIVERIES; delivery++) {
        struct subject *subject = &herd->subjects[delivery];
        wcenc_encoder_desc desc = subject_init(subject, delivery);

        desc.queue_policy = WCENC_QUEUE_WAIT;
        desc.max_queued_frames = 8;
        assert_int_equal(subject_create(subject, &desc), WCENC_OK);
        assert_int_equal(wcenc_encoder_configure(subject->encoder, &config), WCENC_OK);
        assert_int_equal(subject_encode(subject, WIDTH, HEIGHT, 0, 2), WCENC_OK);
    }
    herd->busy = &herd->subjects[busy];
    herd->fed = 2;
    assert_int_equal(pthread_create(&herd->feeder, NULL, feed, herd), 0);
}

static void stop_herd(struct herd *herd)
{
    atomic_store(&herd->must_stop, true);
    assert_int_equal(pthread_join(herd->feeder, NULL), 0);
    for (int delivery = 0; delivery < DELIVERIES; delivery++) {
        struct subject *subject = &herd->subjects[delivery];

        assert_int_equal(wcenc_encoder_flush(subject->encoder), WCENC_OK);
        assert_int_equal(subject_take(subject), WCENC_AGAIN);
        assert_int_equal(atomic_load(&subject->chunks), subject == herd->busy ? herd->fed : 2);
        assert_int_equal(atomic_load(&subject->errors), 0);
        subject_close(subject);
    }
}

static void wait_until_busy(const struct subject *subject)
{
    int64_t deadline = now_ms() + LIMIT_MS;

    while (wcenc_encoder_get_queue_size(subject->encoder) < 4)
        assert_true(now_ms() < deadline);
}

/* False if the child did not end well, which is printed: other threads are to be stopped before the test fails. */
static bool run_child(void (*body)(void *), void *argument)
{
    struct child child;
    char text[CHILD_TEXT_MAX + 128];

    if (!child_fork(&child, body, argument, LIMIT_MS))
        return false;
    child_wait(&child);
    if (child_is_well(&child))
        return true;
    child_describe(&child, text, sizeof text);
    print_message("the child %s\n", text);
    return false;
}

static void forget_herd(void *argument)
{
    struct herd *herd = argument;

    for (int delivery = 0; delivery < DELIVERIES; delivery++)
        check_forgotten(&herd->subjects[delivery]);
    check_new_encoders();
}

static void test_a_child_forgets_its_parents_encoders_and_the_parent_goes_on(void **state)
{
    (void)state;
    for (int busy = 0; busy < DELIVERIES; busy++) {
        struct herd herd;
        int well = 0;

        start_herd(&herd, busy);
        for (int i = 0; i < FORKS && well == i; i++) {
            wait_until_busy(herd.busy);
            well += run_child(forget_herd, &herd);
        }
        stop_herd(&herd);
        assert_int_equal(well, FORKS);
    }
}

static bool is_readable(int descriptor)
{
    struct pollfd polled = {.fd = descriptor, .events = POLLIN};

    return poll(&polled, 1, 0) == 1;
}

static void test_a_child_leaves_its_parents_event_descriptor_as_it_is(void **state)
{
    wcenc_config config = x264_config();

    (void)state;
    for (int delivery = WCENC_DELIVERY_PUMP; delivery < DELIVERIES; delivery++) {
        struct herd herd = {.fed = 0};
        struct subject *subject = &herd.subjects[0];

        for (int i = 0; i < DELIVERIES; i++) {
            assert_int_equal(subject_open(&herd.subjects[i], delivery), WCENC_OK);
            assert_int_equal(wcenc_encoder_configure(herd.subjects[i].encoder, &config), WCENC_OK);
        }
        assert_int_equal(subject_encode(subject, WIDTH, HEIGHT, 0, 1), WCENC_OK);

        int descriptor = wcenc_encoder_get_event_fd(subject->encoder);
        struct pollfd polled = {.fd = descriptor, .events = POLLIN};

        assert_int_equal(poll(&polled, 1, LIMIT_MS), 1);
        assert_true(run_child(forget_herd, &herd));
        assert_true(is_readable(descriptor));
        assert_int_equal(wcenc_encoder_flush(subject->encoder), WCENC_OK);
        assert_int_equal(subject_take(subject), WCENC_AGAIN);
        assert_false(is_readable(descriptor));
        assert_true(run_child(forget_herd, &herd));
        assert_false(is_readable(descriptor));
        assert_int_equal(atomic_load(&subject->chunks), 1);
        for (int i = 0; i < DELIVERIES; i++)
            subject_close(&herd.subjects[i]);
    }
}

static void check_calls_in_child(void *argument)
{
    check_calls(argument);
}

static atomic_int children_of_callbacks;

static void fork_inside(struct subject *subject)
{
    struct child child;

    CHECK(child_fork(&child, check_calls_in_child, subject, LIMIT_MS));
    child_wait(&child);
    if (!child_is_well(&child))
        check_failed(__FILE__, __LINE__, child.text[0] ? child.text : "the child is well");
    atomic_fetch_add(&children_of_callbacks, 1);
}

static void test_a_fork_inside_a_callback_is_like_any_other(void **state)
{
    wcenc_config config = x264_config();

    (void)state;
    for (int delivery = 0; delivery < DELIVERIES; delivery++) {
        struct subject subject;

        atomic_store(&children_of_callbacks, 0);
        assert_int_equal(subject_open(&subject, delivery), WCENC_OK);
        subject.on_chunk = fork_inside;
        assert_int_equal(wcenc_encoder_configure(subject.encoder, &config), WCENC_OK);
        assert_int_equal(subject_encode(&subject, WIDTH, HEIGHT, 0, 3), WCENC_OK);
        assert_int_equal(wcenc_encoder_flush(subject.encoder), WCENC_OK);
        assert_int_equal(subject_take(&subject), WCENC_AGAIN);
        assert_int_equal(atomic_load(&children_of_callbacks), 3);
        subject_close(&subject);
    }
}

static atomic_bool must_stop_asking;

/* Questions that were not answered before, so that the encoder is opened for each. */
static void *ask_anew(void *unused)
{
    wcenc_config config = x264_config();

    for (uint32_t i = 0; !atomic_load(&must_stop_asking); i++) {
        config.bitrate = 1000000 + i;
        CHECK(is_supported(&config));
    }
    return unused;
}

/* One whose answer is remembered, again and again. */
static void *ask_again(void *unused)
{
    wcenc_config config = x264_config();

    while (!atomic_load(&must_stop_asking))
        CHECK(is_supported(&config));
    return unused;
}

static void ask_in_child(void *unused)
{
    wcenc_config config = x264_config();

    (void)unused;
    CHECK(is_supported(&config));
}

static void ask_and_encode_in_child(void *unused)
{
    ask_in_child(unused);
    check_new_encoders();
}

/* What the parent does, and then the child, where each question opens its encoder on a thread. What is shared is locked
 * for moments only, which few forks meet. */
static const struct {
    void *(*parent)(void *);
    void (*child)(void *);
    int forks;
} questions[] = {{ask_anew, ask_and_encode_in_child, 10}, {ask_again, ask_in_child, WCENC_TEST_IS_SLOW ? 20 : 100}};

static void test_a_child_may_ask_and_encode_though_its_parent_was_asking(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof questions / sizeof questions[0] && MAY_START_THREADS; i++) {
        pthread_t threads[ASKING];
        int well = 0;

        atomic_store(&must_stop_asking, false);
        for (int k = 0; k < ASKING; k++)
            assert_int_equal(pthread_create(&threads[k], NULL, questions[i].parent, NULL), 0);
        for (int k = 0; k < questions[i].forks && well == k; k++)
            well += run_child(questions[i].child, NULL);
        atomic_store(&must_stop_asking, true);
        for (int k = 0; k < ASKING; k++)
            assert_int_equal(pthread_join(threads[k], NULL), 0);
        assert_int_equal(well, questions[i].forks);
    }
}

static void leave_by_exit(void *argument)
{
    (void)argument;
    exit(0);
}

/* libx265 is closed before libraries are unloaded, in the process that opened it. */
static void test_a_child_exits_at_once_though_its_parent_has_an_encoder_to_close(void **state)
{
    enum { AT_ONCE_MS = 3000 }; /* less than the library waits for an encoder at the end of a process */
    const struct codec_row *row = find_row("libx265");
    struct subject subject;
    wcenc_config config;
    struct child child;

    (void)state;
    config = subject_config(row, WCENC_LATENCY_REALTIME, WIDTH, HEIGHT);
    if (!MAY_START_THREADS || !is_supported(&config))
        skip();
    assert_int_equal(subject_open(&subject, WCENC_DELIVERY_THREAD), WCENC_OK);
    assert_int_equal(wcenc_encoder_configure(subject.encoder, &config), WCENC_OK);
    assert_int_equal(subject_encode(&subject, WIDTH, HEIGHT, 0, 1), WCENC_OK);
    assert_int_equal(wcenc_encoder_flush(subject.encoder), WCENC_OK);
    assert_true(child_fork(&child, leave_by_exit, NULL, AT_ONCE_MS));
    child_wait(&child);
    assert_true(child_is_well(&child));
    subject_close(&subject);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_child_forgets_its_parents_encoders_and_the_parent_goes_on),
        cmocka_unit_test(test_a_child_leaves_its_parents_event_descriptor_as_it_is),
        cmocka_unit_test(test_a_fork_inside_a_callback_is_like_any_other),
        cmocka_unit_test(test_a_child_may_ask_and_encode_though_its_parent_was_asking),
        cmocka_unit_test(test_a_child_exits_at_once_though_its_parent_has_an_encoder_to_close),
    };
    wcenc_config config = x264_config();
    int failures;

    if (!is_supported(&config)) {
        print_message("skipped: no libx264 here\n");
        return 77;
    }
    frame = pattern_frame(WIDTH, HEIGHT, 0, 0);
    failures = cmocka_run_group_tests(tests, NULL, NULL);
    wcenc_frame_unref(frame);
    return failures;
}
