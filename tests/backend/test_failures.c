/* SPDX-License-Identifier: MIT */

/*
 * A backend that fails: at an opening, with a frame, with a packet, while draining, in a reconfigure, or by losing
 * count. Each ends the encoder in the same way, with any delivery: what was made before is reported, then the error,
 * then flushes end with it, then one dequeue where frames were queued; the words name encoder, cause and parameter.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <poll.h>
#include <string.h>

#include "../support/journal.h"
#include "../support/pattern.h"
#include "../support/scripted_backend.h"

enum { WIDTH = 128, HEIGHT = 64, DELIVERIES = 3 };

static wcenc_config config_of(uint32_t width)
{
    wcenc_config config;

    wcenc_config_init(&config, sizeof config);
    config.codec = "avc1.42001e";
    config.encoder_name = "scripted";
    config.width = width;
    config.height = HEIGHT;
    return config;
}

static void configure(struct journal *journal, uint32_t width, uint64_t bitrate)
{
    wcenc_config config = config_of(width);

    config.bitrate = bitrate;
    assert_int_equal(wcenc_encoder_configure(journal->encoder, &config), WCENC_OK);
}

static void encode(struct journal *journal, int first, int count)
{
    for (int i = first; i < first + count; i++) {
        wcenc_frame *frame = pattern_frame(WIDTH, HEIGHT, (unsigned)i, i);

        assert_int_equal(wcenc_encoder_encode(journal->encoder, frame, NULL), WCENC_OK);
        wcenc_frame_unref(frame);
    }
}

/* One way to fail, and what has to come of it. */
struct failure_case {
    const char *name;
    void (*write_script)(void);
    void (*use)(struct journal *journal); /* after the first configure; at most 10 frames */
    wcenc_status status;
    int32_t code;
    int outputs;          /* before the error */
    const char *words[2]; /* in the message */
};

static void ten_frames(struct journal *journal)
{
    encode(journal, 0, 10);
}

static void fail_first_open(void)
{
    scripted.fail_open = 0;
}

static void fail_second_open(void)
{
    scripted.fail_open = 1;
}

static void fail_sixth_frame(void)
{
    scripted.fail_send = 5;
}

static void fail_fourth_packet(void)
{
    scripted.fail_receive = 3;
}

static void fail_to_drain(void)
{
    scripted.held = 4;
    scripted.fail_drain = 0;
}

static void lose_a_packet(void)
{
    scripted.held = 2;
    scripted.lose_packet = 3;
}

static void make_a_stray_packet(void)
{
    scripted.stray_packet = 3;
}

/* Frames of two sizes, and rates: the second opening is that of a reconfigure. */
static void change_size(struct journal *journal)
{
    encode(journal, 0, 5);
    configure(journal, WIDTH * 2, 0);
    encode(journal, 5, 5);
}

static void change_rate(struct journal *journal)
{
    encode(journal, 0, 5);
    configure(journal, WIDTH, 77777);
    encode(journal, 5, 5);
}

static void change_to_what_is_not_supported(struct journal *journal)
{
    wcenc_config config = config_of(WIDTH);

    encode(journal, 0, 5);
    config.codec = "bogus";
    assert_int_equal(wcenc_encoder_configure(journal->encoder, &config), WCENC_OK);
    encode(journal, 5, 5);
}

/* ERR-003, ERR-004, ERR-005 */
static const struct failure_case cases[] = {
    {"opening", fail_first_open, ten_frames, WCENC_ERROR_NOT_SUPPORTED, -12, 0, {"scripted", "avc1.42001e"}},
    {"a frame", fail_sixth_frame, ten_frames, WCENC_ERROR_ENCODING, -5, 5, {"scripted", "with a frame"}},
    {"a packet", fail_fourth_packet, ten_frames, WCENC_ERROR_ENCODING, -5, 3, {"scripted", "to give a packet"}},
    {"a drain", fail_to_drain, ten_frames, WCENC_ERROR_ENCODING, -5, 6, {"scripted", "to drain"}},
    {"a lost frame", lose_a_packet, ten_frames, WCENC_ERROR_ENCODING, 0, 9, {"scripted", "lost a frame"}},
    {"a stray packet", make_a_stray_packet, ten_frames, WCENC_ERROR_ENCODING, 0, 3, {"scripted", "no frame"}},
    {"a new size", fail_second_open, change_size, WCENC_ERROR_NOT_SUPPORTED, -12, 5, {"scripted", "script"}},
    {"a new rate", fail_second_open, change_rate, WCENC_ERROR_NOT_SUPPORTED, -12, 5, {"scripted", "script"}},
    {"a drain for a new size", fail_to_drain, change_size, WCENC_ERROR_ENCODING, -5, 1, {"scripted", "to drain"}},
    /* CFG-012 */
    {"no codec", scripted_go_on, change_to_what_is_not_supported, WCENC_ERROR_NOT_SUPPORTED, 0, 5, {"bogus", "codec"}},
};

enum { CASES = sizeof cases / sizeof cases[0] };

/* ERR-009: from inside on_error the encoder is closed, and has nothing queued. */
static void look_from_inside(struct journal *journal, char what)
{
    wcenc_config config = config_of(WIDTH);
    int opened;

    if (what != TOLD_ERROR)
        return;
    assert_int_equal(journal->state_in_error, WCENC_STATE_CLOSED); /* ERR-002, ST-014 */
    opened = scripted_wait_for(&scripted.opened, 0) - (scripted.fail_open >= 0);
    assert_int_equal(scripted_wait_for(&scripted.closed, 0), opened); /* ERR-002 */
    assert_int_equal(wcenc_encoder_get_queue_size(journal->encoder), 0);
    assert_int_equal(wcenc_encoder_configure(journal->encoder, &config), WCENC_ERROR_INVALID_STATE);
    assert_int_equal(journal_flush(journal, NULL), WCENC_ERROR_INVALID_STATE);
}

/* Order and words, once the flush that covers everything has ended. */
static void check_end(struct journal *journal, const struct failure_case *row)
{
    char wanted[] = {TOLD_ERROR, TOLD_FLUSH, '\0'};
    const char *error = strchr(journal->trace, TOLD_ERROR);

    assert_int_equal(journal_count(journal, TOLD_ERROR), 1);             /* ERR-001 */
    assert_int_equal(journal_count(journal, TOLD_OUTPUT), row->outputs); /* ERR-008 */
    assert_int_equal(journal->error, row->status);                       /* ENC-019 */
    assert_int_equal(journal->error_code, row->code);
    assert_non_null(strstr(journal->error_message, row->words[0])); /* CON-010, ERR-010 */
    assert_non_null(strstr(journal->error_message, row->words[1]));
    assert_int_equal(journal->flushes[0], row->status); /* FLU-011, FLU-012 */
    assert_non_null(error);
    assert_int_equal(strncmp(error, wanted, 2), 0); /* ERR-006, FLU-003 */
    assert_null(strchr(error, TOLD_OUTPUT));        /* ERR-007 */
    /* The one whose packet was lost is missing. */
    for (int i = 0; i < row->outputs; i++)
        assert_int_equal(journal->timestamps[i], i + (scripted.lose_packet >= 0 && i >= scripted.lose_packet));
    assert_int_equal(wcenc_encoder_get_state(journal->encoder), WCENC_STATE_CLOSED); /* ST-013 */
    assert_int_equal(wcenc_encoder_flush(journal->encoder), WCENC_ERROR_INVALID_STATE);
}

static void run_case(const struct failure_case *row, wcenc_delivery delivery)
{
    struct journal journal;

    print_message("%s, delivery %d\n", row->name, (int)delivery);
    scripted_install();
    row->write_script();
    /* All calls come before the first frame is worked on, so that the flush is there when the failure comes. */
    scripted.stop_at_open = 0;
    scripted.goes_on = false;
    journal_open(&journal, delivery, NULL);
    journal.hook = look_from_inside;
    configure(&journal, WIDTH, 0);
    row->use(&journal);
    assert_int_equal(journal_flush(&journal, NULL), WCENC_OK);
    scripted_go_on();
    journal_wait(&journal, TOLD_FLUSH, 1);
    check_end(&journal, row);
    journal_take(&journal);
    journal_check_stats(&journal);
    journal_end(&journal);
    assert_int_equal(scripted.opened - (scripted.fail_open >= 0), scripted.closed);
    scripted_remove();
}

static void test_every_failure_ends_the_encoder_in_the_same_way(void **state)
{
    (void)state;
    for (int i = 0; i < CASES; i++)
        for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++)
            run_case(&cases[i], delivery);
}

/* A flush that blocks returns what on_error got, and after it. */
static void test_a_blocking_flush_returns_the_error(void **state)
{
    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++) {
        struct journal journal;

        scripted_install();
        scripted.held = 4;
        scripted.fail_drain = 0;
        journal_open(&journal, delivery, NULL);
        configure(&journal, WIDTH, 0);
        encode(&journal, 0, 10);
        assert_int_equal(wcenc_encoder_flush(journal.encoder), WCENC_ERROR_ENCODING); /* FLU-011 */
        assert_non_null(strstr(wcenc_last_error(), "to drain"));
        if (delivery == WCENC_DELIVERY_PULL) {
            /* It is pending; until it is taken, calls are accepted and what they ask for is discarded. */
            assert_int_equal(journal_count(&journal, TOLD_ERROR), 0);
            assert_int_equal(wcenc_encoder_get_state(journal.encoder), WCENC_STATE_CONFIGURED);
            encode(&journal, 10, 1);
            assert_int_equal(wcenc_encoder_flush(journal.encoder), WCENC_ERROR_ENCODING);
            journal_wait(&journal, TOLD_ERROR, 1);
        }
        assert_int_equal(journal_count(&journal, TOLD_ERROR), 1);
        assert_int_equal(wcenc_encoder_get_state(journal.encoder), WCENC_STATE_CLOSED); /* ST-015 */
        journal_take(&journal);
        journal_check_stats(&journal);
        journal_end(&journal);
        scripted_remove();
    }
}

/* Waits until there is something to take. */
static void wait_until_readable(struct journal *journal)
{
    struct pollfd poller = {.fd = wcenc_encoder_get_event_fd(journal->encoder), .events = POLLIN};

    assert_int_equal(poll(&poller, 1, JOURNAL_DEADLINE_SECONDS * 1000), 1);
}

/* With PUMP and PULL the error takes effect when it is delivered, and a reset before that takes it back. */
static void test_a_reset_before_the_error_is_taken_goes_on_with_the_encoder(void **state)
{
    (void)state;
    for (wcenc_delivery delivery = WCENC_DELIVERY_PUMP; delivery < DELIVERIES; delivery++) {
        struct journal journal;

        scripted_install();
        scripted.fail_send = 0;
        journal_open(&journal, delivery, NULL);
        configure(&journal, WIDTH, 0);
        encode(&journal, 0, 1);
        /* What comes is the dequeue, and then nothing but the error. */
        journal_wait(&journal, TOLD_DEQUEUE, 1);
        wait_until_readable(&journal);
        assert_string_equal(journal.trace, "d");
        assert_int_equal(wcenc_encoder_get_state(journal.encoder), WCENC_STATE_CONFIGURED);
        encode(&journal, 1, 3);
        assert_int_equal(wcenc_encoder_reset(journal.encoder), WCENC_OK);
        configure(&journal, WIDTH, 0);
        encode(&journal, 5, 1);
        assert_int_equal(journal_flush(&journal, NULL), WCENC_OK);
        journal_wait(&journal, TOLD_FLUSH, 1);
        assert_int_equal(journal.flushes[0], WCENC_OK);
        assert_int_equal(journal_count(&journal, TOLD_ERROR), 0);
        assert_int_equal(journal_count(&journal, TOLD_OUTPUT), 1);
        assert_int_equal(journal.timestamps[0], 5);
        journal_check_stats(&journal);
        journal_end(&journal);
        scripted_remove();
    }
}

/* The encoder has stopped and is to be closed: there will be no room, and what is accepted is discarded. */
static void test_nobody_waits_for_room_behind_an_error_that_was_not_taken(void **state)
{
    (void)state;
    for (wcenc_delivery delivery = WCENC_DELIVERY_PUMP; delivery < DELIVERIES; delivery++) {
        wcenc_encoder_desc desc;
        struct journal journal;

        wcenc_encoder_desc_init(&desc, sizeof desc);
        desc.queue_policy = WCENC_QUEUE_WAIT;
        desc.max_queued_frames = 2;
        scripted_install();
        scripted.fail_send = 0;
        journal_open(&journal, delivery, &desc);
        configure(&journal, WIDTH, 0);
        encode(&journal, 0, 1);
        journal_wait(&journal, TOLD_DEQUEUE, 1);
        wait_until_readable(&journal);
        encode(&journal, 1, 10);
        assert_int_equal(wcenc_encoder_get_queue_size(journal.encoder), 2);
        journal_wait(&journal, TOLD_ERROR, 1);
        journal_take(&journal);
        assert_string_equal(journal.trace, "ded");
        journal_check_stats(&journal);
        journal_end(&journal);
        scripted_remove();
    }
}

static void test_a_failure_that_a_reset_has_overtaken_is_not_reported(void **state)
{
    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++) {
        struct journal journal;

        scripted_install();
        scripted.fail_open = scripted.stop_at_open = 0;
        journal_open(&journal, delivery, NULL);
        configure(&journal, WIDTH, 0);
        encode(&journal, 0, 1);
        scripted_wait_until_it_stands();
        assert_int_equal(wcenc_encoder_reset(journal.encoder), WCENC_OK);
        configure(&journal, WIDTH, 0);
        encode(&journal, 1, 1);
        assert_int_equal(journal_flush(&journal, NULL), WCENC_OK);
        scripted_go_on();
        journal_wait(&journal, TOLD_FLUSH, 1);
        assert_int_equal(journal.flushes[0], WCENC_OK); /* CFG-019 */
        assert_int_equal(journal_count(&journal, TOLD_ERROR), 0);
        assert_int_equal(journal_count(&journal, TOLD_OUTPUT), 1);
        assert_int_equal(journal.timestamps[0], 1);
        assert_int_equal(wcenc_encoder_get_state(journal.encoder), WCENC_STATE_CONFIGURED);
        journal_check_stats(&journal);
        journal_end(&journal);
        scripted_remove();
    }
}

static void destroy_inside(struct journal *journal, char what)
{
    if (what != TOLD_ERROR)
        return;
    wcenc_encoder_destroy(journal->encoder);
    journal->encoder = NULL;
}

/* An error makes a dequeue pending where frames were queued, but not for a program that has released the encoder. */
static void test_nothing_but_completions_is_reported_after_a_destroy(void **state)
{
    (void)state;
    for (int inside = 0; inside < 2; inside++)
        for (wcenc_delivery delivery = 0; delivery < WCENC_DELIVERY_PULL; delivery++) {
            struct journal journal;

            if (!inside && delivery == WCENC_DELIVERY_THREAD)
                continue; /* its own thread reports the dequeue at once */
            scripted_install();
            scripted.fail_send = 0;
            scripted.stop_at_open = 0;
            journal_open(&journal, delivery, NULL);
            journal.hook = inside ? destroy_inside : NULL;
            configure(&journal, WIDTH, 0);
            encode(&journal, 0, 3);
            assert_int_equal(journal_flush(&journal, NULL), WCENC_OK);
            scripted_go_on();
            /* With THREAD the error is written down before the hook has destroyed the encoder. */
            journal_wait(&journal, inside && delivery == WCENC_DELIVERY_THREAD ? TOLD_DESTROY : TOLD_ERROR, 1);
            journal_end(&journal);
            assert_non_null(strstr(journal.trace, "efD"));
            scripted_remove();
        }
}

static void destroy_with_the_pixels(void *user)
{
    struct journal *journal = user;

    wcenc_encoder_destroy(journal->encoder);
    journal->encoder = NULL;
}

/* A frame that dies with the error releases the encoder before the error is reported: it never is. */
static void test_a_release_that_destroys_keeps_the_error_from_everybody(void **state)
{
    static const uint8_t pixels[WIDTH * HEIGHT * 3 / 2];

    (void)state;
    for (wcenc_delivery delivery = 0; delivery < WCENC_DELIVERY_PULL; delivery++) {
        struct journal journal;
        wcenc_frame_desc desc;
        wcenc_frame *frame;

        scripted_install();
        scripted.fail_send = 0;
        scripted.stop_at_open = 0;
        journal_open(&journal, delivery, NULL);
        configure(&journal, WIDTH, 0);
        encode(&journal, 0, 1);
        wcenc_frame_desc_init(&desc, sizeof desc);
        desc.format = WCENC_PIXEL_FORMAT_I420;
        desc.coded_width = WIDTH;
        desc.coded_height = HEIGHT;
        desc.data = pixels;
        desc.data_size = sizeof pixels;
        assert_int_equal(wcenc_frame_create_wrap(&desc, destroy_with_the_pixels, &journal, &frame), WCENC_OK);
        assert_int_equal(wcenc_encoder_encode(journal.encoder, frame, NULL), WCENC_OK);
        wcenc_frame_unref(frame);
        assert_int_equal(journal_flush(&journal, NULL), WCENC_OK);
        scripted_go_on();
        while (delivery == WCENC_DELIVERY_PUMP && journal.encoder)
            assert_int_equal(wcenc_encoder_pump(journal.encoder, 1, -1, NULL), WCENC_OK);
        journal_wait(&journal, TOLD_DESTROY, 1);
        assert_int_equal(journal_count(&journal, TOLD_ERROR), 0);
        assert_int_equal(journal_count(&journal, TOLD_FLUSH), 1);
        assert_int_equal(journal.flushes[0], WCENC_ERROR_ABORTED);
        journal_end(&journal);
        scripted_remove();
    }
}

/* No failure: the frames are reported as dropped, in their place among the outputs, and counted. */
static void test_frames_that_the_encoder_drops_are_reported(void **state)
{
    enum { FIRST = 3, COUNT = 8 };

    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++) {
        struct journal journal;

        scripted_install();
        scripted.drop_frame = FIRST;
        scripted.drop_to = FIRST + 1;
        journal_open(&journal, delivery, NULL);
        configure(&journal, WIDTH, 0);
        encode(&journal, 0, COUNT);
        assert_int_equal(journal_flush(&journal, NULL), WCENC_OK);
        journal_wait(&journal, TOLD_FLUSH, 1);
        assert_int_equal(journal.flushes[0], WCENC_OK);
        assert_int_equal(journal_count(&journal, TOLD_OUTPUT), COUNT - 2);
        assert_int_equal(journal_count(&journal, TOLD_DROP), 2);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(journal.drops[i].timestamp_us, FIRST + i);
            assert_int_equal(journal.drops[i].reason, WCENC_DROP_ENCODER); /* OUT-010 */
        }
        assert_int_equal(journal.timestamps[FIRST], FIRST + 2);
        journal_check_stats(&journal);
        journal_end(&journal);
        scripted_remove();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_release_that_destroys_keeps_the_error_from_everybody),
        cmocka_unit_test(test_every_failure_ends_the_encoder_in_the_same_way),
        cmocka_unit_test(test_a_blocking_flush_returns_the_error),
        cmocka_unit_test(test_a_reset_before_the_error_is_taken_goes_on_with_the_encoder),
        cmocka_unit_test(test_a_failure_that_a_reset_has_overtaken_is_not_reported),
        cmocka_unit_test(test_nobody_waits_for_room_behind_an_error_that_was_not_taken),
        cmocka_unit_test(test_frames_that_the_encoder_drops_are_reported),
        cmocka_unit_test(test_nothing_but_completions_is_reported_after_a_destroy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
