/* SPDX-License-Identifier: MIT */

/* The state machine: which call is allowed in which state, what it returns, and what it leaves behind. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

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

static void test_both_callbacks_are_required(void **state)
{
    wcenc_encoder_desc desc;
    wcenc_encoder *encoder = (wcenc_encoder *)&desc;

    (void)state;
    wcenc_encoder_desc_init(&desc, sizeof desc);
    assert_int_equal(wcenc_encoder_create(&desc, &encoder), WCENC_ERROR_TYPE); /* CON-001 */
    assert_null(encoder);
    assert_non_null(strstr(wcenc_last_error(), "on_output"));
    assert_int_equal(wcenc_encoder_create(NULL, &encoder), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_encoder_create(&desc, NULL), WCENC_ERROR_TYPE);
}

static void test_null_encoders_are_refused_or_ignored(void **state)
{
    wcenc_config config = realtime_config();

    (void)state;
    assert_int_equal(wcenc_encoder_configure(NULL, &config), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_encoder_encode(NULL, NULL, NULL), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_encoder_flush(NULL), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_encoder_reset(NULL), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_encoder_close(NULL), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_encoder_get_state(NULL), WCENC_STATE_CLOSED);
    assert_int_equal(wcenc_encoder_get_queue_size(NULL), 0);
    assert_null(wcenc_encoder_ref(NULL));
    wcenc_encoder_unref(NULL);
    wcenc_encoder_destroy(NULL);
}

static void test_an_unconfigured_encoder_resets_and_closes_and_nothing_else(void **state)
{
    struct recorder recorder;

    (void)state;
    recorder_open(&recorder);
    assert_int_equal(wcenc_encoder_get_state(recorder.encoder), WCENC_STATE_UNCONFIGURED); /* CON-002 */
    assert_int_equal(wcenc_encoder_get_queue_size(recorder.encoder), 0);                   /* CON-003 */
    encode(&recorder, 0, WCENC_ERROR_INVALID_STATE);                                       /* ST-006 */
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_ERROR_INVALID_STATE);    /* ST-007 */
    assert_int_equal(wcenc_encoder_reset(recorder.encoder), WCENC_OK);                     /* ST-008 */
    assert_int_equal(wcenc_encoder_get_state(recorder.encoder), WCENC_STATE_UNCONFIGURED);
    assert_int_equal(wcenc_encoder_close(recorder.encoder), WCENC_OK); /* ST-011 */
    recorder_close(&recorder);
    assert_string_equal(recorder.trace, "D"); /* CON-007, RST-013 */
}

static void test_a_closed_encoder_allows_nothing(void **state)
{
    wcenc_config config = realtime_config(), invalid = config_for("", WIDTH, HEIGHT);
    struct recorder recorder;

    (void)state;
    recorder_open(&recorder);
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
    assert_int_equal(wcenc_encoder_get_state(recorder.encoder), WCENC_STATE_CONFIGURED); /* ST-002 */
    assert_int_equal(wcenc_encoder_get_queue_size(recorder.encoder), 0);                 /* QUE-002 */
    assert_int_equal(wcenc_encoder_close(recorder.encoder), WCENC_OK);
    assert_int_equal(wcenc_encoder_get_state(recorder.encoder), WCENC_STATE_CLOSED); /* CLO-004, CON-006 */
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_ERROR_INVALID_STATE); /* ST-005 */
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &invalid), WCENC_ERROR_TYPE);         /* ST-004 */
    encode(&recorder, 0, WCENC_ERROR_INVALID_STATE);                                                 /* ST-006 */
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_ERROR_INVALID_STATE);              /* ST-007 */
    assert_int_equal(wcenc_encoder_reset(recorder.encoder), WCENC_ERROR_INVALID_STATE); /* ST-001, ST-010 */
    assert_int_equal(wcenc_encoder_close(recorder.encoder), WCENC_ERROR_INVALID_STATE); /* ST-012 */
    recorder_close(&recorder);
    assert_int_equal(recorder.error_count, 0); /* CLO-002 */
}

static void test_an_invalid_config_changes_nothing_in_any_state(void **state)
{
    wcenc_config config = realtime_config(), invalid = config_for("vp8", 0, HEIGHT);
    struct recorder recorder;

    (void)state;
    recorder_open(&recorder);
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &invalid), WCENC_ERROR_TYPE); /* ST-003 */
    assert_int_equal(wcenc_encoder_get_state(recorder.encoder), WCENC_STATE_UNCONFIGURED);
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
    encode(&recorder, 0, WCENC_OK);
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &invalid), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_encoder_get_state(recorder.encoder), WCENC_STATE_CONFIGURED);
    encode(&recorder, 1, WCENC_OK);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, 2); /* CFG-011 */
    recorder_close(&recorder);
}

static void test_a_closed_frame_is_a_type_error_before_all_else(void **state)
{
    wcenc_config config = realtime_config();
    wcenc_frame *frame = pattern_frame(WIDTH, HEIGHT, 0, 0);
    struct recorder recorder;

    (void)state;
    wcenc_frame_close(frame);
    recorder_open(&recorder);
    assert_int_equal(wcenc_encoder_encode(recorder.encoder, frame, NULL), WCENC_ERROR_TYPE); /* ENC-001 */
    assert_int_equal(wcenc_encoder_encode(recorder.encoder, NULL, NULL), WCENC_ERROR_TYPE);  /* ENC-008 */
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
    assert_int_equal(wcenc_encoder_encode(recorder.encoder, frame, NULL), WCENC_ERROR_TYPE); /* ENC-002 */
    encode(&recorder, 1, WCENC_OK);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, 1);
    recorder_close(&recorder);
    wcenc_frame_unref(frame);
}

/* Frames turned by `rotation`, until the next configure. */
static void encode_turned(struct recorder *recorder, double rotation, int32_t flip, wcenc_status wanted)
{
    wcenc_frame *frame = pattern_frame(WIDTH, HEIGHT, 0, 0), *turned;
    wcenc_frame_overrides overrides;

    wcenc_frame_overrides_init(&overrides, sizeof overrides);
    overrides.rotation = rotation;
    overrides.flip = flip;
    assert_int_equal(wcenc_frame_create_from(frame, &overrides, &turned), WCENC_OK);
    assert_int_equal(wcenc_encoder_encode(recorder->encoder, turned, NULL), wanted);
    wcenc_frame_unref(turned);
    wcenc_frame_unref(frame);
}

static void test_orientation_holds_from_one_configure_to_the_next(void **state)
{
    wcenc_config config = realtime_config();
    const wcenc_decoder_config *reported;
    struct recorder recorder;

    (void)state;
    recorder_open(&recorder);
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
    encode_turned(&recorder, 90, 1, WCENC_OK);          /* ORI-008 */
    encode_turned(&recorder, 180, 1, WCENC_ERROR_DATA); /* ORI-001, ORI-002, ORI-006, WPT-019 */
    encode_turned(&recorder, 90, 0, WCENC_ERROR_DATA);
    encode_turned(&recorder, 450, 1, WCENC_OK); /* ORI-003 */
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, 2);
    reported = wcenc_chunk_get_metadata(recorder.chunks[0])->decoder_config;
    assert_int_equal(reported->rotation, 90); /* ORI-004, DCF-008 */
    assert_int_equal(reported->flip, 1);
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
    encode_turned(&recorder, 270, 0, WCENC_OK); /* CFG-002 */
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    reported = wcenc_chunk_get_metadata(recorder.chunks[2])->decoder_config;
    assert_non_null(reported); /* ORI-005, DCF-009 */
    assert_int_equal(reported->rotation, 270);
    assert_int_equal(reported->flip, 0);
    recorder_close(&recorder);
}

static void test_a_first_frame_that_is_not_turned_fixes_that_too(void **state)
{
    wcenc_config config = realtime_config();
    struct recorder recorder;

    (void)state;
    recorder_open(&recorder);
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
    encode(&recorder, 0, WCENC_OK);
    encode_turned(&recorder, 90, 0, WCENC_ERROR_DATA); /* ORI-007 */
    encode_turned(&recorder, 0, 1, WCENC_ERROR_DATA);
    encode_turned(&recorder, 360, 0, WCENC_OK);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, 2);
    recorder_close(&recorder);
}

static void look_into_the_error(struct recorder *recorder)
{
    wcenc_config config = realtime_config();

    /* ERR-009 */
    assert_int_equal(wcenc_encoder_configure(recorder->encoder, &config), WCENC_ERROR_INVALID_STATE);
    encode(recorder, 0, WCENC_ERROR_INVALID_STATE);
    assert_int_equal(wcenc_encoder_get_queue_size(recorder->encoder), 0); /* CON-006 */
}

static void test_an_unsupported_config_ends_the_encoder_with_a_message(void **state)
{
    static const struct {
        const char *codec;
        uint32_t width, height;
        const char *word; /* in the message */
    } unsupported[] = {
        {"bogus", 640, 480, "bogus"},         {"avc1.42001e", 641, 480, "641"},
        {"avc1.42001e", 1920, 1080, "level"}, {"vp8", 1000000, 480, "width is 1000000"},
        {" vp8", 640, 480, " vp8"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof unsupported / sizeof unsupported[0]; i++) {
        wcenc_config config = config_for(unsupported[i].codec, unsupported[i].width, unsupported[i].height);
        struct recorder recorder;
        wcenc_status status;

        recorder_open(&recorder);
        recorder.on_error = look_into_the_error;
        assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK); /* CFG-005 */
        status = wcenc_encoder_flush(recorder.encoder);
        /* The flush may come before or after the close. */
        assert_true(status == WCENC_ERROR_NOT_SUPPORTED || status == WCENC_ERROR_INVALID_STATE); /* FLU-012 */
        recorder_wait(&recorder, &recorder.error_count, 1);
        assert_int_equal(recorder.error_count, 1);                     /* ERR-001 */
        assert_int_equal(recorder.error, WCENC_ERROR_NOT_SUPPORTED);   /* ERR-003 */
        assert_int_equal(recorder.state_in_error, WCENC_STATE_CLOSED); /* ST-014 */
        assert_non_null(strstr(recorder.error_message, unsupported[i].word));
        assert_int_equal(wcenc_encoder_get_state(recorder.encoder), WCENC_STATE_CLOSED);
        recorder_close(&recorder);
    }
}

/* Keeps the worker busy, so that calls after a failing configure are there before it fails. */
static void hold_until_released(struct recorder *recorder)
{
    pthread_mutex_t *gate = recorder->hook_data;

    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
}

static void *flush_thread(void *argument)
{
    struct recorder *recorder = argument;
    wcenc_status status = wcenc_encoder_flush(recorder->encoder);

    recorder_trace(recorder, status == WCENC_ERROR_NOT_SUPPORTED ? 'N' : '?');
    return NULL;
}

static void test_the_error_callback_comes_before_the_flush_fails_and_dequeue_last(void **state)
{
    wcenc_config good = realtime_config(), bad = config_for("bogus", WIDTH, HEIGHT);
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    struct recorder recorder;
    pthread_t thread;

    (void)state;
    recorder_open(&recorder);
    recorder.hook_data = &gate;
    recorder.on_output = hold_until_released;
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &good), WCENC_OK);
    pthread_mutex_lock(&gate);
    encode(&recorder, 0, WCENC_OK);
    recorder_wait(&recorder, &recorder.chunk_count, 1);
    /* The worker is inside the callback: what follows is queued in this order. */
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &bad), WCENC_OK);         /* CFG-003 */
    assert_int_equal(wcenc_encoder_get_state(recorder.encoder), WCENC_STATE_CONFIGURED); /* ST-016 */
    encode(&recorder, 1, WCENC_OK);                                                      /* ST-017 */
    encode(&recorder, 2, WCENC_OK);
    assert_int_equal(wcenc_encoder_get_queue_size(recorder.encoder), 2);
    assert_int_equal(pthread_create(&thread, NULL, flush_thread, &recorder), 0);
    pthread_mutex_unlock(&gate);
    pthread_join(thread, NULL);
    assert_int_equal(wcenc_encoder_get_queue_size(recorder.encoder), 0); /* QUE-006 */
    recorder_close(&recorder);
    /*
     * d o: the first frame. Then the error, the flush (before it saw the state closed: N, else ?), one dequeue.
     * The flush's own thread may write its letter before or after the dequeue.
     */
    assert_int_equal(strncmp(recorder.trace, "doe", 3), 0); /* ERR-006, ERR-008, QUE-012 */
    assert_non_null(strchr(recorder.trace + 3, 'd'));
    assert_int_equal(recorder.last_dequeue_size, 0);
    assert_int_equal(recorder.chunk_count, 0);
    pthread_mutex_destroy(&gate);
}

static void test_quantizers_are_checked_by_codec_and_mode(void **state)
{
    wcenc_config config = realtime_config();
    wcenc_frame *frame = pattern_frame(WIDTH, HEIGHT, 0, 0);
    wcenc_encode_options options;
    struct recorder recorder;

    (void)state;
    wcenc_encode_options_init(&options, sizeof options);
    options.quantizer = 52;
    recorder_open(&recorder);
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
    assert_int_equal(wcenc_encoder_encode(recorder.encoder, frame, &options), WCENC_OK); /* QP-007 */
    config.bitrate_mode = WCENC_BITRATE_QUANTIZER;
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
    assert_int_equal(wcenc_encoder_encode(recorder.encoder, frame, &options), WCENC_ERROR_TYPE); /* QP-009 */
    options.quantizer = UINT32_MAX;
    assert_int_equal(wcenc_encoder_encode(recorder.encoder, frame, &options), WCENC_ERROR_TYPE); /* QP-009 */
    options.quantizer = 51;                                                                      /* QP-002 */
    assert_int_equal(wcenc_encoder_encode(recorder.encoder, frame, &options), WCENC_OK); /* ENC-004, ENC-005, QP-001 */
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, 2);
    recorder_close(&recorder);
    wcenc_frame_unref(frame);
}

static void test_a_key_frame_on_request_is_the_next_frame(void **state)
{
    wcenc_config config = realtime_config();
    struct recorder recorder;

    (void)state;
    recorder_open(&recorder);
    assert_int_equal(wcenc_encoder_request_key_frame(NULL), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_encoder_request_key_frame(recorder.encoder), WCENC_ERROR_INVALID_STATE);
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
    for (int i = 0; i < 3; i++)
        encode(&recorder, i, WCENC_OK);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(wcenc_encoder_request_key_frame(recorder.encoder), WCENC_OK);
    assert_int_equal(wcenc_encoder_request_key_frame(recorder.encoder), WCENC_OK);
    for (int i = 3; i < 6; i++)
        encode(&recorder, i, WCENC_OK);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, 6);
    for (int i = 0; i < 6; i++)
        assert_int_equal(wcenc_chunk_get_type(recorder.chunks[i]),
                         i % 3 == 0 ? WCENC_CHUNK_TYPE_KEY : WCENC_CHUNK_TYPE_DELTA);
    assert_int_equal(wcenc_encoder_close(recorder.encoder), WCENC_OK);
    assert_int_equal(wcenc_encoder_request_key_frame(recorder.encoder), WCENC_ERROR_INVALID_STATE);
    recorder_close(&recorder);
}

static void test_the_encoder_in_use_has_a_name_from_the_first_frame_on(void **state)
{
    wcenc_config config = realtime_config();
    struct recorder recorder;

    (void)state;
    config.encoder_name = "libx264";
    assert_null(wcenc_encoder_get_name(NULL));
    recorder_open(&recorder);
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
    assert_null(wcenc_encoder_get_name(recorder.encoder));
    encode(&recorder, 0, WCENC_OK);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_string_equal(wcenc_encoder_get_name(recorder.encoder), "libx264");
    assert_int_equal(wcenc_encoder_reset(recorder.encoder), WCENC_OK);
    assert_null(wcenc_encoder_get_name(recorder.encoder));
    recorder_close(&recorder);
}

static void test_a_closed_encoder_says_why(void **state)
{
    wcenc_config config = realtime_config();
    struct recorder recorder;
    wcenc_error error;

    (void)state;
    wcenc_error_init(&error, sizeof error);
    recorder_open(&recorder);
    assert_int_equal(wcenc_encoder_get_error(NULL, &error), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_encoder_get_error(recorder.encoder, &error), WCENC_ERROR_INVALID_STATE);
    assert_int_equal(wcenc_encoder_close(recorder.encoder), WCENC_OK);
    assert_int_equal(wcenc_encoder_get_error(recorder.encoder, NULL), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_encoder_get_error(recorder.encoder, &error), WCENC_OK);
    assert_int_equal(error.status, WCENC_OK);
    assert_string_equal(error.message, "");
    recorder_close(&recorder);

    config.encoder_options = "no-such-option=1";
    recorder_open(&recorder);
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_ERROR_NOT_SUPPORTED);
    assert_int_equal(wcenc_encoder_get_error(recorder.encoder, &error), WCENC_OK);
    assert_int_equal(error.status, WCENC_ERROR_NOT_SUPPORTED);
    assert_string_equal(error.message, recorder.error_message);
    assert_string_equal(error.encoder_name, "libx264");
    recorder_close(&recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_callbacks_are_required),
        cmocka_unit_test(test_null_encoders_are_refused_or_ignored),
        cmocka_unit_test(test_an_unconfigured_encoder_resets_and_closes_and_nothing_else),
        cmocka_unit_test(test_a_closed_encoder_allows_nothing),
        cmocka_unit_test(test_an_invalid_config_changes_nothing_in_any_state),
        cmocka_unit_test(test_a_closed_frame_is_a_type_error_before_all_else),
        cmocka_unit_test(test_orientation_holds_from_one_configure_to_the_next),
        cmocka_unit_test(test_a_first_frame_that_is_not_turned_fixes_that_too),
        cmocka_unit_test(test_an_unsupported_config_ends_the_encoder_with_a_message),
        cmocka_unit_test(test_the_error_callback_comes_before_the_flush_fails_and_dequeue_last),
        cmocka_unit_test(test_quantizers_are_checked_by_codec_and_mode),
        cmocka_unit_test(test_a_key_frame_on_request_is_the_next_frame),
        cmocka_unit_test(test_the_encoder_in_use_has_a_name_from_the_first_frame_on),
        cmocka_unit_test(test_a_closed_encoder_says_why),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
