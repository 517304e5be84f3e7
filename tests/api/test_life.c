/* SPDX-License-Identifier: MIT */

/* Flush, reset, close and destroy, from outside and from inside callbacks, with many threads and with none. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "../support/decoder.h"
#include "../support/pattern.h"
#include "../support/recorder.h"

enum { WIDTH = 320, HEIGHT = 192 };

static wcenc_config realtime_config(void)
{
    wcenc_config config = config_for("avc1.42001e", WIDTH, HEIGHT);

    config.latency_mode = WCENC_LATENCY_REALTIME;
    return config;
}

static void encode(struct recorder *recorder, int number, wcenc_status wanted)
{
    wcenc_frame *frame = pattern_frame(WIDTH, HEIGHT, (unsigned)number, number);

    assert_int_equal(wcenc_encoder_encode(recorder->encoder, frame, NULL), wanted);
    wcenc_frame_unref(frame);
}

static void configure(struct recorder *recorder, const wcenc_config *config)
{
    assert_int_equal(wcenc_encoder_configure(recorder->encoder, config), WCENC_OK);
}

static void count_late_output(struct recorder *recorder)
{
    atomic_int *returned = recorder->hook_data;

    /* Long enough for a flush that does not wait for callbacks to be caught. */
    for (volatile int i = 0; i < 2000000; i++)
        ;
    atomic_fetch_add(returned, 1);
}

static void test_flush_returns_after_every_callback_has_returned(void **state)
{
    wcenc_config config = realtime_config();
    atomic_int returned = 0;
    struct recorder recorder;

    (void)state;
    recorder_open(&recorder);
    recorder.on_output = count_late_output;
    recorder.hook_data = &returned;
    configure(&recorder, &config);
    for (int round = 1; round <= 10; round++) {
        for (int i = 0; i < 5; i++)
            encode(&recorder, i, WCENC_OK);
        assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK); /* FLU-002 */
        assert_int_equal(atomic_load(&returned), round * 5);
        assert_int_equal(wcenc_encoder_get_queue_size(recorder.encoder), 0); /* QUE-004 */
    }
    recorder_close(&recorder);
}

static void test_flush_without_frames_returns_at_once(void **state)
{
    wcenc_config config = realtime_config();
    struct recorder recorder;

    (void)state;
    recorder_open(&recorder);
    configure(&recorder, &config);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK); /* CFG-009, FLU-006 */
    recorder_close(&recorder);
    assert_string_equal(recorder.trace, "D");
}

static void test_a_hundred_frames_may_be_queued(void **state)
{
    wcenc_config config = realtime_config();
    struct recorder recorder;

    (void)state;
    recorder_open(&recorder);
    configure(&recorder, &config);
    for (int i = 0; i < 100; i++) {
        encode(&recorder, i, WCENC_OK);                                                 /* ENC-024 */
        assert_true(wcenc_encoder_get_queue_size(recorder.encoder) <= (uint32_t)i + 1); /* QUE-003 */
    }
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, 100);     /* LAT-005, THR-006 */
    assert_int_equal(recorder.last_dequeue_size, 0); /* FLU-003, QUE-010 */
    recorder_close(&recorder);
}

struct flusher {
    struct recorder *recorder;
    wcenc_status status;
    wcenc_encoder *encoder; /* with a reference of the flusher's own */
};

static void *flush_thread(void *argument)
{
    struct flusher *flusher = argument;

    flusher->status = wcenc_encoder_flush(flusher->recorder->encoder);
    return NULL;
}

static void *flush_and_unref_thread(void *argument)
{
    struct flusher *flusher = argument;

    flusher->status = wcenc_encoder_flush(flusher->encoder);
    wcenc_encoder_unref(flusher->encoder);
    return NULL;
}

static void test_many_threads_may_flush_at_once(void **state)
{
    wcenc_config config = realtime_config();
    struct flusher flushers[16];
    pthread_t threads[16];
    struct recorder recorder;

    (void)state;
    recorder_open(&recorder);
    configure(&recorder, &config);
    for (int i = 0; i < 16; i++) {
        encode(&recorder, i, WCENC_OK);
        flushers[i] = (struct flusher){&recorder, WCENC_ERROR_TYPE, NULL};
        assert_int_equal(pthread_create(&threads[i], NULL, flush_thread, &flushers[i]), 0);
    }
    for (int i = 0; i < 16; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(flushers[i].status, WCENC_OK); /* FLU-005 */
    }
    assert_int_equal(recorder.chunk_count, 16);
    recorder_close(&recorder);
}

/* Blocks the library's thread inside a callback until the test opens the gate. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_open;
};

static void pass_gate(struct recorder *recorder)
{
    struct gate *gate = recorder->hook_data;

    pthread_mutex_lock(&gate->lock);
    while (!gate->is_open)
        pthread_cond_wait(&gate->changed, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

static void open_gate(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->is_open = true;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

/* With the worker inside an output callback, frames behind it, and a thread that waits in flush. */
static void start_blocked(struct recorder *recorder, struct gate *gate, recorder_hook hook, struct flusher *flusher,
                          pthread_t *thread)
{
    wcenc_config config = realtime_config();

    *gate = (struct gate){PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
    recorder_open(recorder);
    recorder->on_output = hook;
    recorder->hook_data = gate;
    configure(recorder, &config);
    for (int i = 0; i < 5; i++)
        encode(recorder, i, WCENC_OK);
    recorder_wait(recorder, &recorder->chunk_count, 1);
    *flusher = (struct flusher){recorder, WCENC_OK, NULL};
    assert_int_equal(pthread_create(thread, NULL, flush_thread, flusher), 0);
}

struct dequeue_watch {
    struct gate gate; /* first: what pass_gate looks at */
    uint32_t last;    /* size: that of the full queue, before any was reported */
    int violations;
};

static void watch_dequeue(struct recorder *recorder)
{
    struct dequeue_watch *watch = recorder->hook_data;

    /* The first frame's comes before the others are queued. */
    if (recorder->chunk_count == 0)
        return;
    if (recorder->last_dequeue_size >= watch->last)
        watch->violations++;
    watch->last = recorder->last_dequeue_size;
}

static void test_each_dequeue_sees_a_smaller_queue_and_the_last_an_empty_one(void **state)
{
    enum { QUEUED = 30 };
    wcenc_config config = realtime_config();
    struct dequeue_watch watch = {{PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false}, QUEUED, 0};
    struct recorder recorder;

    (void)state;
    recorder_open(&recorder);
    recorder.on_output = pass_gate;
    recorder.on_dequeue = watch_dequeue;
    recorder.hook_data = &watch;
    configure(&recorder, &config);
    encode(&recorder, 0, WCENC_OK);
    recorder_wait(&recorder, &recorder.chunk_count, 1);
    /* The worker stands at the gate: these are all queued before it goes on. */
    for (int i = 1; i <= QUEUED; i++)
        encode(&recorder, i, WCENC_OK);
    assert_int_equal(wcenc_encoder_get_queue_size(recorder.encoder), QUEUED); /* ENC-006, ENC-007 */
    open_gate(&watch.gate);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(watch.violations, 0); /* QUE-007, QUE-008, QUE-018 */
    assert_int_equal(watch.last, 0);       /* QUE-009, QUE-010 */
    recorder_close(&recorder);
}

static void test_reset_wakes_a_flush_without_waiting_for_the_callback(void **state)
{
    struct recorder recorder;
    struct gate gate;
    struct flusher flusher;
    pthread_t thread;

    (void)state;
    start_blocked(&recorder, &gate, pass_gate, &flusher, &thread);
    assert_int_equal(wcenc_encoder_reset(recorder.encoder), WCENC_OK);                     /* RST-011 */
    assert_int_equal(wcenc_encoder_get_state(recorder.encoder), WCENC_STATE_UNCONFIGURED); /* RST-001, ST-009 */
    assert_int_equal(wcenc_encoder_get_queue_size(recorder.encoder), 0);                   /* QUE-005, RST-008 */
    pthread_join(thread, NULL);
    /* The thread may have come to flush after the reset. */
    assert_true(flusher.status == WCENC_ERROR_ABORTED || flusher.status == WCENC_ERROR_INVALID_STATE); /* RST-006 */
    open_gate(&gate);
    recorder_wait(&recorder, &recorder.dequeue_count, 2); /* QUE-011, RST-008 */
    recorder_close(&recorder);
    assert_string_equal(recorder.trace, "dodD"); /* QUE-013, RST-004, RST-009, RST-011: no further output, no error */
    assert_int_equal(recorder.last_dequeue_size, 0);
}

static void *close_thread(void *argument)
{
    struct flusher *closer = argument;

    closer->status = wcenc_encoder_close(closer->recorder->encoder);
    recorder_trace(closer->recorder, 'C');
    return NULL;
}

static void leave_gate(struct recorder *recorder)
{
    pass_gate(recorder);
    recorder_trace(recorder, 'r');
}

static void test_close_from_outside_waits_for_the_callback_that_runs(void **state)
{
    struct recorder recorder;
    struct gate gate;
    struct flusher flusher, closer;
    pthread_t thread, closing;

    (void)state;
    start_blocked(&recorder, &gate, leave_gate, &flusher, &thread);
    closer = (struct flusher){&recorder, WCENC_ERROR_TYPE, NULL};
    assert_int_equal(pthread_create(&closing, NULL, close_thread, &closer), 0);
    pthread_join(thread, NULL); /* The flush ends before the callback does. */
    assert_true(flusher.status == WCENC_ERROR_ABORTED || flusher.status == WCENC_ERROR_INVALID_STATE); /* FLU-010 */
    open_gate(&gate);
    pthread_join(closing, NULL);
    assert_int_equal(closer.status, WCENC_OK);
    recorder_close(&recorder);
    assert_string_equal(recorder.trace, "dorCD"); /* CLO-003: no dequeue for an explicit close */
}

static void reset_at_third(struct recorder *recorder)
{
    if (recorder->chunk_count == 3)
        assert_int_equal(wcenc_encoder_reset(recorder->encoder), WCENC_OK);
}

static void test_reset_inside_a_callback_ends_the_batch(void **state)
{
    wcenc_config config = realtime_config();
    struct recorder recorder;
    wcenc_status status;

    (void)state;
    for (int latency = 0; latency < 2; latency++) {
        config.latency_mode = latency;
        recorder_open(&recorder);
        recorder.on_output = reset_at_third;
        configure(&recorder, &config);
        for (int i = 0; i < 30; i++) {
            wcenc_frame *frame = pattern_frame(WIDTH, HEIGHT, (unsigned)i, i);

            /* With realtime the reset may come while frames are still added. */
            status = wcenc_encoder_encode(recorder.encoder, frame, NULL);
            assert_true(status == WCENC_OK || status == WCENC_ERROR_INVALID_STATE);
            wcenc_frame_unref(frame);
        }
        status = wcenc_encoder_flush(recorder.encoder);
        assert_true(status == WCENC_ERROR_ABORTED || status == WCENC_ERROR_INVALID_STATE);
        assert_int_equal(recorder.chunk_count, 3); /* RST-005, DEF-10 */
        assert_int_equal(wcenc_encoder_get_state(recorder.encoder), WCENC_STATE_UNCONFIGURED);
        /* It can be used again, and starts again. */
        recorder_forget(&recorder);
        recorder.on_output = NULL;
        configure(&recorder, &config);
        for (int i = 0; i < 5; i++)
            encode(&recorder, i, WCENC_OK);
        assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
        assert_int_equal(recorder.chunk_count, 5); /* RST-010 */
        assert_int_equal(wcenc_chunk_get_type(recorder.chunks[0]), WCENC_CHUNK_TYPE_KEY);
        assert_non_null(wcenc_chunk_get_metadata(recorder.chunks[0])->decoder_config); /* RST-002, CFG-017 */
        recorder_close(&recorder);
    }
}

/* What a reset may be followed by; the stream before it is H.264 of WIDTH x HEIGHT. */
static const struct {
    const char *codec;
    uint32_t width, height;
} others[] = {
    {"avc1.42001e", 128, 64}, {"avc1.64001f", 640, 352},        {"hvc1.1.6.L93.B0", 256, 128},
    {"vp8", 256, 160},        {"vp09.00.31.08", WIDTH, HEIGHT}, {"av01.0.05M.08", 160, 96},
};

/* Five pictures of the config, after one chunk that came before the reset. */
static void check_only_the_new_stream(struct recorder *recorder, const wcenc_config *config)
{
    struct decoder decoder;

    assert_int_equal(recorder->chunk_count, 1 + 5); /* RST-010, RST-004 */
    decode_all(&decoder, recorder->chunks + 1, 5);
    assert_int_equal(decoder.frame_count, 5);
    assert_string_equal(wcenc_chunk_get_metadata(recorder->chunks[1])->decoder_config->codec, config->codec);
    for (int i = 0; i < 5; i++) {
        const AVFrame *frame = decoder.frames[i];

        assert_int_equal(frame->pts, 100 + i);
        assert_int_equal(frame->width, config->width);
        assert_int_equal(frame->height, config->height);
        assert_int_equal(pattern_read(frame->data[0], frame->linesize[0]), 100 + i);
    }
    decoder_close(&decoder);
}

static void test_after_reset_another_codec_and_size_give_their_own_chunks_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        wcenc_config config = config_for(others[i].codec, others[i].width, others[i].height);
        struct recorder recorder;
        struct gate gate;
        struct flusher flusher;
        pthread_t thread;

        config.latency_mode = WCENC_LATENCY_REALTIME;
        if (!config_works(&config))
            continue;
        start_blocked(&recorder, &gate, pass_gate, &flusher, &thread);
        assert_int_equal(wcenc_encoder_reset(recorder.encoder), WCENC_OK);
        pthread_join(thread, NULL);
        configure(&recorder, &config);
        for (int k = 100; k < 105; k++) {
            wcenc_frame *frame = pattern_frame(config.width, config.height, (unsigned)k, k);

            assert_int_equal(wcenc_encoder_encode(recorder.encoder, frame, NULL), WCENC_OK);
            wcenc_frame_unref(frame);
        }
        open_gate(&gate);
        assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
        check_only_the_new_stream(&recorder, &config);
        recorder_close(&recorder);
    }
}

static void call_everything(struct recorder *recorder)
{
    wcenc_config config = realtime_config();

    if (recorder->chunk_count != 1)
        return;
    assert_int_equal(wcenc_encoder_flush(recorder->encoder), WCENC_ERROR_WOULD_DEADLOCK); /* FLU-014 */
    assert_int_equal(wcenc_encoder_get_state(recorder->encoder), WCENC_STATE_CONFIGURED); /* THR-003 */
    assert_int_equal(wcenc_encoder_reset(recorder->encoder), WCENC_OK);
    assert_int_equal(wcenc_encoder_configure(recorder->encoder, &config), WCENC_OK); /* CFG-018 */
    encode(recorder, 7, WCENC_OK);                                                   /* ENC-020 */
    encode(recorder, 8, WCENC_OK);
}

static void test_everything_but_flush_works_inside_a_callback(void **state)
{
    wcenc_config config = realtime_config();
    struct recorder recorder;

    (void)state;
    recorder_open(&recorder);
    recorder.on_output = call_everything;
    configure(&recorder, &config);
    encode(&recorder, 0, WCENC_OK);
    recorder_wait(&recorder, &recorder.chunk_count, 3);
    assert_int_equal(wcenc_chunk_get_timestamp_us(recorder.chunks[1]), 7);
    assert_int_equal(wcenc_chunk_get_timestamp_us(recorder.chunks[2]), 8);
    recorder_close(&recorder);
}

static void close_inside(struct recorder *recorder)
{
    assert_int_equal(wcenc_encoder_close(recorder->encoder), WCENC_OK); /* CLO-005 */
    assert_int_equal(wcenc_encoder_get_state(recorder->encoder), WCENC_STATE_CLOSED);
}

static void test_close_inside_a_callback_does_not_deadlock(void **state)
{
    wcenc_config config = realtime_config();
    struct recorder recorder;

    (void)state;
    recorder_open(&recorder);
    recorder.on_output = close_inside;
    configure(&recorder, &config);
    encode(&recorder, 0, WCENC_OK);
    recorder_wait(&recorder, &recorder.hook_count, 1);
    recorder_close(&recorder);
    assert_int_equal(recorder.error_count, 0);
}

static void destroy_inside(struct recorder *recorder)
{
    wcenc_encoder_destroy(recorder->encoder);
    recorder->encoder = NULL;
    recorder_trace(recorder, 'x');
}

static void test_destroy_inside_a_callback_frees_soon_after_it(void **state)
{
    wcenc_config config = realtime_config(), bad = config_for("bogus", 1, 1);
    struct recorder recorder;

    (void)state;
    recorder_open(&recorder);
    recorder.on_output = destroy_inside;
    configure(&recorder, &config);
    encode(&recorder, 0, WCENC_OK);
    recorder_wait(&recorder, &recorder.destroy_count, 1);
    recorder_close(&recorder);
    assert_string_equal(recorder.trace, "doxD");

    recorder_open(&recorder);
    recorder.on_error = destroy_inside;
    configure(&recorder, &bad);
    recorder_wait(&recorder, &recorder.destroy_count, 1);
    recorder_close(&recorder);
    assert_string_equal(recorder.trace, "exD");

    recorder_open(&recorder);
    recorder.on_dequeue = destroy_inside;
    configure(&recorder, &config);
    encode(&recorder, 0, WCENC_OK);
    recorder_wait(&recorder, &recorder.destroy_count, 1);
    recorder_close(&recorder);
    assert_string_equal(recorder.trace, "dxD");
}

static void test_destroy_discards_and_reports_once(void **state)
{
    wcenc_config config = realtime_config();
    struct recorder recorder;

    (void)state;
    for (int frames = 0; frames < 40; frames += 13) {
        recorder_open(&recorder);
        configure(&recorder, &config);
        for (int i = 0; i < frames; i++)
            encode(&recorder, i, WCENC_OK);
        recorder_close(&recorder);
        assert_int_equal(recorder.trace[recorder.trace_length - 1], 'D'); /* CLO-004 */
        assert_int_equal(recorder.error_count, 0);
    }
}

static void test_a_waiting_flush_returns_before_destroy_does(void **state)
{
    struct recorder recorder;
    struct gate gate;
    struct flusher flusher;
    pthread_t thread;

    (void)state;
    start_blocked(&recorder, &gate, pass_gate, &flusher, &thread);
    open_gate(&gate);
    /* The encoder is shared with the flushing thread through a reference of its own. */
    wcenc_encoder_ref(recorder.encoder);
    wcenc_encoder_destroy(recorder.encoder);
    pthread_join(thread, NULL);
    assert_true(flusher.status == WCENC_OK || flusher.status == WCENC_ERROR_ABORTED ||
                flusher.status == WCENC_ERROR_INVALID_STATE);
    assert_int_equal(recorder.destroy_count, 0);
    assert_int_equal(wcenc_encoder_get_state(recorder.encoder), WCENC_STATE_CLOSED);
    wcenc_encoder_unref(recorder.encoder);
    assert_int_equal(recorder.destroy_count, 1);
    recorder.encoder = NULL;
    recorder_close(&recorder);
}

static void test_destroy_inside_the_error_callback_lets_a_flush_leave_first(void **state)
{
    wcenc_config config = realtime_config(), bad = config_for("bogus", WIDTH, HEIGHT);

    (void)state;
    for (int round = 0; round < 50; round++) {
        struct recorder recorder;
        struct flusher flusher;
        pthread_t thread;

        recorder_open(&recorder);
        recorder.on_error = destroy_inside;
        configure(&recorder, &config);
        for (int i = 0; i < 3; i++)
            encode(&recorder, i, WCENC_OK);
        /* The error comes while the other thread waits, or before it has come to wait: then it has a reference. */
        wcenc_encoder_ref(recorder.encoder);
        flusher = (struct flusher){&recorder, WCENC_OK, recorder.encoder};
        assert_int_equal(pthread_create(&thread, NULL, flush_and_unref_thread, &flusher), 0);
        configure(&recorder, &bad);
        pthread_join(thread, NULL);
        assert_true(flusher.status == WCENC_OK || flusher.status == WCENC_ERROR_NOT_SUPPORTED ||
                    flusher.status == WCENC_ERROR_ABORTED || flusher.status == WCENC_ERROR_INVALID_STATE);
        recorder_wait(&recorder, &recorder.destroy_count, 1);
        recorder.encoder = NULL;
        recorder_close(&recorder);
    }
}

static void ref_and_unref(struct recorder *recorder)
{
    pass_gate(recorder);
    wcenc_encoder_ref(recorder->encoder);
    wcenc_encoder_unref(recorder->encoder);
}

static void *unref_thread(void *argument)
{
    struct recorder *recorder = argument;

    wcenc_encoder_unref(recorder->encoder);
    return NULL;
}

static void test_a_reference_taken_while_the_last_one_goes_ends_it_once(void **state)
{
    (void)state;
    for (int round = 0; round < 50; round++) {
        wcenc_config config = realtime_config();
        struct recorder recorder;
        struct gate gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
        pthread_t thread;

        recorder_open(&recorder);
        recorder.on_output = ref_and_unref;
        recorder.hook_data = &gate;
        configure(&recorder, &config);
        encode(&recorder, 0, WCENC_OK);
        recorder_wait(&recorder, &recorder.chunk_count, 1);
        assert_int_equal(pthread_create(&thread, NULL, unref_thread, &recorder), 0);
        open_gate(&gate);
        pthread_join(thread, NULL);
        recorder_wait(&recorder, &recorder.destroy_count, 1);
        recorder.encoder = NULL;
        recorder_close(&recorder);
    }
}

static void test_a_pending_dequeue_of_one_reset_is_not_lost_by_the_next(void **state)
{
    wcenc_config config = realtime_config();
    struct recorder recorder;
    struct gate gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};

    (void)state;
    recorder_open(&recorder);
    recorder.on_output = pass_gate;
    recorder.hook_data = &gate;
    configure(&recorder, &config);
    for (int i = 0; i < 5; i++)
        encode(&recorder, i, WCENC_OK);
    recorder_wait(&recorder, &recorder.chunk_count, 1);
    assert_int_equal(recorder.dequeue_count, 1);
    assert_int_equal(wcenc_encoder_reset(recorder.encoder), WCENC_OK);
    configure(&recorder, &config);
    assert_int_equal(wcenc_encoder_reset(recorder.encoder), WCENC_OK);
    open_gate(&gate);
    recorder_wait(&recorder, &recorder.dequeue_count, 2);
    assert_int_equal(recorder.last_dequeue_size, 0);
    recorder_close(&recorder);
}

static atomic_int releases;

static void count_release(void *user)
{
    free(user);
    atomic_fetch_add(&releases, 1);
}

static wcenc_frame *wrapped_frame(int number)
{
    wcenc_frame_desc desc;
    wcenc_frame *frame;
    uint8_t *pixels = malloc(i420_size(WIDTH, HEIGHT));

    assert_non_null(pixels);
    pattern_draw(pixels, WIDTH, HEIGHT, (unsigned)number);
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = WCENC_PIXEL_FORMAT_I420;
    desc.coded_width = WIDTH;
    desc.coded_height = HEIGHT;
    desc.data = pixels;
    desc.data_size = i420_size(WIDTH, HEIGHT);
    assert_int_equal(wcenc_frame_create_wrap(&desc, count_release, pixels, &frame), WCENC_OK);
    return frame;
}

static void test_wrapped_pixels_are_released_once_however_it_ends(void **state)
{
    static const char ends[] = {'f', 'r', 'c', 'd'};
    wcenc_config config = realtime_config();
    int made = 0;

    (void)state;
    atomic_store(&releases, 0);
    for (int round = 0; round < 24; round++) {
        struct recorder recorder;

        config.latency_mode = round & 1;
        recorder_open(&recorder);
        configure(&recorder, &config);
        for (int i = 0; i < round; i++) {
            wcenc_frame *frame = wrapped_frame(i);

            assert_int_equal(wcenc_encoder_encode(recorder.encoder, frame, NULL), WCENC_OK);
            wcenc_frame_unref(frame); /* ENC-003 */
            made++;
        }
        switch (ends[round % 4]) {
        case 'f':
            assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
            break;
        case 'r':
            assert_int_equal(wcenc_encoder_reset(recorder.encoder), WCENC_OK);
            break;
        case 'c':
            assert_int_equal(wcenc_encoder_close(recorder.encoder), WCENC_OK);
            break;
        default:
            break;
        }
        recorder_close(&recorder);
        assert_int_equal(atomic_load(&releases), made); /* CLO-008 */
    }
}

static void test_wrapped_pixels_are_released_once_the_codec_has_read_them(void **state)
{
    wcenc_config config = realtime_config();
    struct recorder recorder;

    (void)state;
    atomic_store(&releases, 0);
    recorder_open(&recorder);
    configure(&recorder, &config);
    for (int made = 1; made <= 20; made++) {
        wcenc_frame *frame = wrapped_frame(made);

        assert_int_equal(wcenc_encoder_encode(recorder.encoder, frame, NULL), WCENC_OK);
        wcenc_frame_unref(frame);
        assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
        assert_int_equal(atomic_load(&releases), made); /* ENC-023, MEM-004 */
    }
    recorder_close(&recorder);
    assert_int_equal(atomic_load(&releases), 20);
}

static void test_reconfiguring_loses_no_frame_and_keeps_the_order(void **state)
{
    wcenc_config first = config_for("avc1.42001f", 800, 600), second = config_for("avc1.42001f", 640, 480);
    struct recorder recorder;
    int configs = 0;

    (void)state;
    for (int latency = 0; latency < 2; latency++) {
        first.latency_mode = second.latency_mode = latency;
        recorder_open(&recorder);
        configure(&recorder, &first);
        for (int i = 0; i < 16; i++)
            encode(&recorder, i, WCENC_OK);
        configure(&recorder, &second);
        for (int i = 16; i < 32; i++)
            encode(&recorder, i, WCENC_OK);
        assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
        assert_int_equal(recorder.chunk_count, 32); /* CFG-006, WPT-012 */
        configure(&recorder, &first);
        assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
        assert_int_equal(recorder.chunk_count, 32); /* CFG-010 */
        configs = 0;
        for (int i = 0; i < 32; i++) {
            const wcenc_decoder_config *reported = wcenc_chunk_get_metadata(recorder.chunks[i])->decoder_config;

            assert_int_equal(wcenc_chunk_get_timestamp_us(recorder.chunks[i]), i);
            if (reported) {
                assert_true(i == 0 || i == 16);
                assert_int_equal(reported->coded_width, i < 16 ? 800 : 640); /* CFG-004, CFG-007, DEF-01 */
                assert_int_equal(reported->coded_height, i < 16 ? 600 : 480);
                assert_int_equal(wcenc_chunk_get_type(recorder.chunks[i]), WCENC_CHUNK_TYPE_KEY); /* CFG-013 */
                configs++;
            }
        }
        assert_int_equal(configs, 2);
        recorder_close(&recorder);
    }
}

static void test_reconfiguring_with_the_same_config_costs_nothing(void **state)
{
    wcenc_config config = realtime_config();
    struct recorder recorder;

    (void)state;
    recorder_open(&recorder);
    for (int i = 0; i < 5; i++) {
        configure(&recorder, &config);
        encode(&recorder, i, WCENC_OK);
    }
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, 5); /* CFG-008 */
    for (int i = 1; i < 5; i++) {
        assert_int_equal(wcenc_chunk_get_type(recorder.chunks[i]), WCENC_CHUNK_TYPE_DELTA); /* CFG-016, ENC-009 */
        assert_null(wcenc_chunk_get_metadata(recorder.chunks[i])->decoder_config);          /* DCF-003 */
    }
    recorder_close(&recorder);
}

static void test_a_new_bitrate_takes_effect_without_a_key_chunk(void **state)
{
    wcenc_config config = config_for("avc1.42001f", WIDTH, HEIGHT);
    struct recorder recorder;
    size_t low = 0, high = 0;

    (void)state;
    config.latency_mode = WCENC_LATENCY_REALTIME;
    config.bitrate_mode = WCENC_BITRATE_CONSTANT;
    config.framerate = 30;
    config.bitrate = 200000;
    recorder_open(&recorder);
    configure(&recorder, &config);
    for (int i = 0; i < 60; i++)
        encode(&recorder, i, WCENC_OK);
    config.bitrate = 1600000;
    configure(&recorder, &config);
    for (int i = 60; i < 120; i++)
        encode(&recorder, i, WCENC_OK);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, 120);
    for (int i = 1; i < 120; i++) {
        size_t size = wcenc_chunk_get_byte_length(recorder.chunks[i]);

        assert_int_equal(wcenc_chunk_get_type(recorder.chunks[i]), WCENC_CHUNK_TYPE_DELTA);
        assert_null(wcenc_chunk_get_metadata(recorder.chunks[i])->decoder_config); /* CFG-014 */
        low += i >= 30 && i < 60 ? size : 0;
        high += i >= 90 ? size : 0;
    }
    assert_true(high > 3 * low);
    recorder_close(&recorder);
}

static void test_a_new_framerate_alone_costs_no_key_chunk(void **state)
{
    static const double rates[] = {30, 15, 25, 60, 30};
    wcenc_config config = realtime_config();
    struct recorder recorder;

    (void)state;
    recorder_open(&recorder);
    config.bitrate = 300000;
    for (int i = 0; i < 5; i++) {
        config.framerate = rates[i];
        configure(&recorder, &config);
        for (int k = 0; k < 3; k++)
            encode(&recorder, i * 3 + k, WCENC_OK);
    }
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, 15);
    for (int i = 1; i < 15; i++)
        assert_int_equal(wcenc_chunk_get_type(recorder.chunks[i]), WCENC_CHUNK_TYPE_DELTA);
    recorder_close(&recorder);
}

static int compare_times(const void *one, const void *other)
{
    clock_t a = *(const clock_t *)one, b = *(const clock_t *)other;

    return (a > b) - (a < b);
}

/* Sorts them. */
static clock_t median(clock_t *times, size_t count)
{
    qsort(times, count, sizeof *times, compare_times);
    return times[count / 2];
}

/* The most memory that the process has had so far, in KiB. */
static long most_held(void)
{
    struct rusage usage;

    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

/* By the processor's time, which others on the machine take nothing of. */
static void test_a_thousand_rounds_of_encode_and_flush(void **state)
{
    /* An encoder takes a megabyte at least; what a sanitizer keeps of freed memory is less than the bound. */
    enum { ROUNDS = 1000, PART = ROUNDS / 4, GROWTH_KIB = 400 * 1024 };
    static clock_t times[ROUNDS];
    wcenc_config config = config_for("avc1.42001e", 64, 64);
    struct recorder recorder;
    clock_t first, last;
    long held = 0;

    (void)state;
    recorder_open(&recorder);
    configure(&recorder, &config);
    for (int round = 0; round < ROUNDS; round++) {
        if (round == PART)
            held = most_held();
        clock_t began = clock();
        wcenc_frame *frame = flat_frame(WCENC_PIXEL_FORMAT_I420, 64, 64, (const uint8_t[]){90, 120, 130}, NULL, round);

        assert_int_equal(wcenc_encoder_encode(recorder.encoder, frame, NULL), WCENC_OK);
        wcenc_frame_unref(frame);
        assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
        assert_int_equal(recorder.chunk_count, round + 1); /* FLU-017 */
        recorder.trace_length = 0;
        times[round] = clock() - began;
    }
    assert_true(most_held() - held < GROWTH_KIB); /* FLU-017: no round leaves its encoder behind */
    first = median(times, PART);
    last = median(times + ROUNDS - PART, PART);
    print_message("a round takes %.0f us at first, %.0f us at last\n", 1e6 * (double)first / CLOCKS_PER_SEC,
                  1e6 * (double)last / CLOCKS_PER_SEC);
    assert_true(last < 2 * first); /* FLU-017: what is left of a round does not burden those after it */
    recorder_close(&recorder);
}

static void test_chunks_outlive_their_encoder(void **state)
{
    wcenc_config config = realtime_config();
    struct recorder recorder;
    wcenc_chunk *chunk;

    (void)state;
    recorder_open(&recorder);
    configure(&recorder, &config);
    encode(&recorder, 0, WCENC_OK);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    chunk = wcenc_chunk_ref(recorder.chunks[0]);
    recorder_close(&recorder);
    /* CLO-007 */
    assert_true(wcenc_chunk_get_byte_length(chunk) > 0);
    assert_string_equal(wcenc_chunk_get_metadata(chunk)->decoder_config->codec, "avc1.42001e");
    wcenc_chunk_unref(chunk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flush_returns_after_every_callback_has_returned),
        cmocka_unit_test(test_flush_without_frames_returns_at_once),
        cmocka_unit_test(test_a_hundred_frames_may_be_queued),
        cmocka_unit_test(test_each_dequeue_sees_a_smaller_queue_and_the_last_an_empty_one),
        cmocka_unit_test(test_many_threads_may_flush_at_once),
        cmocka_unit_test(test_reset_wakes_a_flush_without_waiting_for_the_callback),
        cmocka_unit_test(test_close_from_outside_waits_for_the_callback_that_runs),
        cmocka_unit_test(test_reset_inside_a_callback_ends_the_batch),
        cmocka_unit_test(test_after_reset_another_codec_and_size_give_their_own_chunks_only),
        cmocka_unit_test(test_everything_but_flush_works_inside_a_callback),
        cmocka_unit_test(test_close_inside_a_callback_does_not_deadlock),
        cmocka_unit_test(test_destroy_inside_a_callback_frees_soon_after_it),
        cmocka_unit_test(test_destroy_inside_the_error_callback_lets_a_flush_leave_first),
        cmocka_unit_test(test_a_reference_taken_while_the_last_one_goes_ends_it_once),
        cmocka_unit_test(test_a_pending_dequeue_of_one_reset_is_not_lost_by_the_next),
        cmocka_unit_test(test_a_new_framerate_alone_costs_no_key_chunk),
        cmocka_unit_test(test_destroy_discards_and_reports_once),
        cmocka_unit_test(test_a_waiting_flush_returns_before_destroy_does),
        cmocka_unit_test(test_wrapped_pixels_are_released_once_however_it_ends),
        cmocka_unit_test(test_wrapped_pixels_are_released_once_the_codec_has_read_them),
        cmocka_unit_test(test_reconfiguring_loses_no_frame_and_keeps_the_order),
        cmocka_unit_test(test_reconfiguring_with_the_same_config_costs_nothing),
        cmocka_unit_test(test_a_new_bitrate_takes_effect_without_a_key_chunk),
        cmocka_unit_test(test_a_thousand_rounds_of_encode_and_flush),
        cmocka_unit_test(test_chunks_outlive_their_encoder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
