/* SPDX-License-Identifier: MIT */

/* What examples/live decides without sockets: who may watch, what is left out for whom, and which bitrate follows. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "access.h"
#include "pattern.h"
#include "viewers.h"

enum { FRAME_US = 33333, LAYERS = 3 };

static const unsigned layer_of[4] = {0, 2, 1, 2}; /* L1T3 */

static struct message *make_chunk(uint32_t sequence, int64_t made_us)
{
    struct message *message = message_create(1000);

    assert_non_null(message);
    message->is_chunk = true;
    message->is_key = sequence == 0;
    message->layer = layer_of[sequence % 4];
    message->sequence = sequence;
    message->made_us = made_us;
    return message;
}

static void push_chunk(struct outbox *outbox, uint32_t sequence, int64_t now_us)
{
    struct message *chunk = make_chunk(sequence, now_us);

    outbox_push(outbox, chunk, now_us);
    message_unref(chunk);
}

/* A receiver that fails where a decoder would: what came must not depend on what was left out. */
struct receiver {
    bool has_begun;
    uint32_t newest[LAYERS]; /* sequence of the last chunk that came of each layer */
    uint32_t received;
};

static void receive(struct receiver *receiver, struct message *chunk)
{
    uint32_t sequence = chunk->sequence, base = sequence - sequence % 4;

    assert_true(receiver->has_begun || chunk->is_key);
    if (receiver->has_begun)
        assert_true(sequence > receiver->newest[0] && sequence > receiver->newest[1] && sequence > receiver->newest[2]);
    if (chunk->is_key)
        receiver->has_begun = true;
    else if (chunk->layer == 0)
        assert_int_equal(receiver->newest[0], base - 4);
    else
        assert_int_equal(receiver->newest[0], base);
    /* The second chunk of layer 2 references the one of layer 1 between the two. */
    if (chunk->layer == 2 && sequence % 4 == 3)
        assert_int_equal(receiver->newest[1], base + 2);
    receiver->newest[chunk->layer] = sequence;
    receiver->received++;
    message_unref(chunk);
}

static void test_viewer_in_time_receives_everything(void **state)
{
    struct outbox outbox;
    struct receiver receiver = {0};

    (void)state;
    outbox_init(&outbox, 2, 0);
    for (uint32_t i = 0; i < 300; i++) {
        push_chunk(&outbox, i, i * FRAME_US);
        receive(&receiver, outbox_pop(&outbox));
    }
    assert_int_equal(receiver.received, 300);
    assert_int_equal(outbox.left_out + outbox.skipped, 0);
}

static void test_new_viewer_waits_for_a_key_chunk(void **state)
{
    struct outbox outbox;

    (void)state;
    outbox_init(&outbox, 2, 0);
    push_chunk(&outbox, 5, 0);
    assert_null(outbox_pop(&outbox));
    assert_int_equal(outbox.skipped, 0); /* what came before is nothing that it has missed */
    push_chunk(&outbox, 0, 0);
    message_unref(outbox_pop(&outbox));
    push_chunk(&outbox, 1, 0);
    message_unref(outbox_pop(&outbox));
    assert_int_equal(outbox.count, 0);
}

/* Takes one message in `every` frames only, or, if it is 0, none. */
static void run_slow(struct outbox *outbox, struct receiver *receiver, uint32_t from, uint32_t to, uint32_t every)
{
    for (uint32_t i = from; i < to; i++) {
        struct message *message;

        push_chunk(outbox, i, (int64_t)i * FRAME_US);
        if (every > 0 && i % every == 0 && (message = outbox_pop(outbox)))
            receive(receiver, message);
    }
}

static void test_slow_viewer_loses_upper_layers_first(void **state)
{
    struct outbox outbox;
    struct receiver receiver = {0};

    (void)state;
    outbox_init(&outbox, 2, 0);
    run_slow(&outbox, &receiver, 0, 300, 2); /* half of the frames: layers 0 and 1 */
    assert_int_equal(outbox.skips, 0);
    assert_true(outbox.limit < 2);
    assert_true(outbox.left_out > 50);
    outbox_clear(&outbox);
    assert_true(receiver.received > 100); /* it has read 150 times, at the end of what there was at times */
}

static void test_slower_viewer_keeps_layer_0(void **state)
{
    struct outbox outbox;
    struct receiver receiver = {0};

    (void)state;
    outbox_init(&outbox, 2, 0);
    run_slow(&outbox, &receiver, 0, 400, 4);
    assert_int_equal(outbox.skips, 0);
    assert_int_equal(outbox.limit, 0);
    assert_true(receiver.received > 80);
    outbox_clear(&outbox);
}

static void test_stuck_viewer_skips_to_the_next_key_chunk(void **state)
{
    struct outbox outbox;
    struct receiver receiver = {0};
    struct message *key;

    (void)state;
    outbox_init(&outbox, 2, 0);
    run_slow(&outbox, &receiver, 0, 100, 0);
    assert_int_equal(outbox.skips, 1);
    assert_int_equal(outbox.count, 0); /* what waited is of no use any more */
    assert_true(outbox.waits_for_key);
    key = make_chunk(0, 100 * FRAME_US);
    outbox_push(&outbox, key, 100 * FRAME_US);
    assert_int_equal(outbox.count, 1);
    assert_false(outbox.waits_for_key);
    receive(&receiver, outbox_pop(&outbox));
    message_unref(key);
    assert_int_equal(outbox.skipped + outbox.left_out, 100);
}

static void test_layers_come_back_at_layer_0_after_calm(void **state)
{
    struct outbox outbox;
    struct receiver receiver = {0};
    uint32_t i;

    (void)state;
    outbox_init(&outbox, 2, 0);
    run_slow(&outbox, &receiver, 0, 60, 4);
    assert_int_equal(outbox.limit, 0);
    for (i = 60; i < 60 + 30 * 5; i++) { /* five seconds without a lag */
        unsigned before = outbox.limit;
        struct message *message;

        push_chunk(&outbox, i, (int64_t)i * FRAME_US);
        if (outbox.limit > before)
            assert_int_equal(layer_of[i % 4], 0);
        while ((message = outbox_pop(&outbox)))
            receive(&receiver, message);
    }
    assert_int_equal(outbox.limit, 2);
}

static void test_layer_that_returns_in_vain_waits_longer(void **state)
{
    struct outbox outbox;
    struct receiver receiver = {0};
    int64_t raised_us = 0, first_us = 0, last_us = 0;

    (void)state;
    outbox_init(&outbox, 1, 0);
    for (uint32_t i = 0; i < 30 * 120; i++) {
        int64_t now_us = (int64_t)i * FRAME_US;
        unsigned before = outbox.limit;
        struct message *message;

        push_chunk(&outbox, i, now_us);
        if (outbox.limit > before) {
            last_us = now_us - raised_us;
            if (raised_us > 0 && first_us == 0)
                first_us = last_us;
            raised_us = now_us;
        }
        /* A link for layer 0 alone: nothing goes out while the upper layer is sent. */
        while (outbox.limit == 0 && (message = outbox_pop(&outbox)))
            receive(&receiver, message);
    }
    assert_true(first_us > 0);
    assert_true(last_us >= 4 * first_us);
    outbox_clear(&outbox);
}

static void test_memory_for_a_viewer_is_bounded(void **state)
{
    struct outbox outbox;

    (void)state;
    outbox_init(&outbox, 0, 0);
    push_chunk(&outbox, 0, 0);
    for (uint32_t i = 0; i < 10 * OUTBOX_CAPACITY; i++) { /* all at one time, so that nothing is late */
        struct message *other = message_create(8), *chunk = make_chunk(4, 0);

        outbox_push(&outbox, chunk, 0);
        outbox_push(&outbox, other, 0);
        message_unref(chunk);
        message_unref(other);
        assert_true(outbox.count <= OUTBOX_CAPACITY);
    }
    outbox_clear(&outbox);
    assert_int_equal(outbox.bytes, 0);
}

static void test_estimate_falls_with_lag_and_rises_without(void **state)
{
    const struct rate_bounds bounds = {100000, 4000000};
    const struct rate_stream stream = {&bounds, 2000000, 2000000}, lower = {&bounds, 800000, 800000};
    struct rate_estimate estimate;
    int64_t now_us = 0;
    uint64_t bytes = 0;

    (void)state;
    rate_estimate_init(&estimate, 2000000, 0);
    for (int i = 0; i < 10; i++) { /* a link of 800,000 bits a second */
        rate_estimate_lag(&estimate);
        now_us += 500000;
        bytes += 50000;
        rate_estimate_update(&estimate, bytes, true, &stream, now_us);
    }
    assert_true(estimate.bits >= 600000 && estimate.bits <= 800000);
    for (int i = 0; i < 100; i++) { /* in time, but a layer is left out */
        now_us += 500000;
        rate_estimate_update(&estimate, bytes += 50000, false, &stream, now_us);
    }
    assert_true(estimate.bits <= 800000);
    for (int i = 0; i < 100; i++) { /* in time with all that a stream of 800,000 has */
        now_us += 500000;
        rate_estimate_update(&estimate, bytes += 50000, true, &lower, now_us);
    }
    assert_true(estimate.bits > 1000000 && estimate.bits <= 1200000);
}

static void test_moment_of_lag_costs_little(void **state)
{
    const struct rate_bounds bounds = {100000, 4000000};
    const struct rate_stream stream = {&bounds, 2000000, 2000000}, quiet = {&bounds, 2000000, 400000};
    struct rate_estimate estimate;

    (void)state;
    rate_estimate_init(&estimate, 2000000, 0);
    rate_estimate_lag(&estimate);
    rate_estimate_update(&estimate, 0, true, &stream, 500000);
    assert_true(estimate.bits >= 1300000);
    rate_estimate_lag(&estimate); /* less was tried than what the viewer was thought to take */
    rate_estimate_update(&estimate, 20000, true, &quiet, 1000000);
    assert_true(estimate.bits >= 270000 && estimate.bits <= 400000);
}

static void test_median_is_the_lower_one_of_two(void **state)
{
    double odd[] = {5, 1, 3}, even[] = {4, 1, 3, 2}, one[] = {7};

    (void)state;
    assert_true(rate_median(odd, 3) == 3);
    assert_true(rate_median(even, 4) == 2);
    assert_true(rate_median(one, 1) == 7);
    assert_true(rate_median(NULL, 0) == 0);
}

static void test_bitrate_follows_the_median_with_hysteresis(void **state)
{
    const struct rate_bounds bounds = {100000, 4000000};
    struct rate_control control;

    (void)state;
    rate_control_init(&control, &bounds, 2000000, 0);
    assert_false(rate_control_update(&control, 1900000, 10000000)); /* near enough */
    assert_true(rate_control_update(&control, 1000000, 10500000));
    assert_int_equal(control.bitrate, 1000000);
    assert_false(rate_control_update(&control, 500000, 11000000)); /* too soon */
    assert_true(rate_control_update(&control, 500000, 11600000));
    assert_false(rate_control_update(&control, 3000000, 15000000)); /* too soon behind the last time that it fell */
    assert_true(rate_control_update(&control, 9000000, 17000000));
    assert_int_equal(control.bitrate, 4000000); /* the bound */
    assert_true(rate_control_update(&control, 1, 19000000));
    assert_int_equal(control.bitrate, 100000);
}

static int64_t nothing_unsent(const struct viewer *viewer)
{
    (void)viewer;
    return 0;
}

static int64_t much_unsent(const struct viewer *viewer)
{
    (void)viewer;
    return 1000000;
}

static void test_key_chunks_are_requested_for_new_viewers_and_after_skips(void **state)
{
    struct rate_control control;
    struct viewers viewers;
    struct viewer viewer = {0};
    struct message *key = make_chunk(0, 1000000);

    (void)state;
    rate_control_init(&control, &(struct rate_bounds){1, 2}, 1, 0);
    viewers_init(&viewers, 2, 30, &control);
    assert_false(viewers_want_key(&viewers, nothing_unsent, 1000000));
    viewers_add(&viewers, &viewer, 1000000);
    assert_true(viewers_want_key(&viewers, nothing_unsent, 1000000));
    assert_false(viewers_want_key(&viewers, nothing_unsent, 1100000)); /* it is on the way */
    viewers_push(&viewers, key, false, 1200000);
    assert_false(viewers_want_key(&viewers, nothing_unsent, 2000000));
    message_unref(viewer_take(&viewer));
    outbox_skip(&viewer.outbox);
    assert_false(viewers_want_key(&viewers, much_unsent, 5000000)); /* it could not take one yet */
    assert_true(viewers_want_key(&viewers, nothing_unsent, 5000000));
    assert_false(viewers_want_key(&viewers, nothing_unsent, 6000000)); /* the others pay for it too */
    viewers_remove(&viewers, &viewer);
    assert_int_equal(viewers.count, 0);
    viewers_clear(&viewers);
    message_unref(key);
}

static void test_viewer_that_reports_a_full_decoder_loses_layers(void **state)
{
    struct rate_control control;
    struct viewers viewers;
    struct viewer viewer = {0};
    struct live_input feedback = {.type = LIVE_FEEDBACK};

    (void)state;
    rate_control_init(&control, &(struct rate_bounds){1, 2}, 1, 0);
    viewers_init(&viewers, 2, 30, &control);
    viewers_add(&viewers, &viewer, 0);
    for (uint32_t i = 0; i < 150; i++) {
        int64_t now_us = (int64_t)i * FRAME_US;
        struct message *chunk = make_chunk(i, now_us), *taken;

        viewers_push(&viewers, chunk, false, now_us);
        while ((taken = viewer_take(&viewer)))
            message_unref(taken);
        message_unref(chunk);
        feedback.sequence = i;
        feedback.queue_size = i < 100 ? 0 : 5;
        viewer_feedback(&viewers, &viewer, &feedback, now_us);
        if (i == 99)
            assert_int_equal(viewer.outbox.limit, 2);
    }
    assert_int_equal(viewer.outbox.limit, 0);
    assert_int_equal(viewer.outbox.skips, 0);
    feedback.sequence = 0xFFFFFFF0; /* nonsense is ignored */
    viewer_feedback(&viewers, &viewer, &feedback, 150 * FRAME_US);
    viewers_remove(&viewers, &viewer);
    viewers_clear(&viewers);
}

static void test_flood_of_messages_is_noticed(void **state)
{
    struct viewer viewer = {0};
    unsigned accepted = 0;

    (void)state;
    for (int i = 0; i < 2000; i++)
        accepted += viewer_may_speak(&viewer, 1000000000);
    assert_int_equal(accepted, 500);
    assert_true(viewer_may_speak(&viewer, 1010000000));
}

static void test_origin_is_the_own_one_or_listed(void **state)
{
    struct access access = {.origins = {"https://live.example.org"}, .origin_count = 1};

    (void)state;
    assert_true(access_allows_origin(&access, "http://127.0.0.1:8090", "127.0.0.1:8090"));
    assert_true(access_allows_origin(&access, "http://localhost:8090", "localhost:8090"));
    assert_true(access_allows_origin(&access, "http://[::1]:8090", "[::1]:8090"));
    assert_true(access_allows_origin(&access, "https://live.example.org", "127.0.0.1:8090"));
    assert_false(access_allows_origin(&access, "http://live.example.org", "127.0.0.1:8090"));
    assert_false(access_allows_origin(&access, "https://live.example.org.evil.example", "127.0.0.1:8090"));
    assert_false(access_allows_origin(&access, "http://127.0.0.1:8091", "127.0.0.1:8090"));
    assert_false(access_allows_origin(&access, NULL, "127.0.0.1:8090"));
    assert_false(access_allows_origin(&access, "null", "127.0.0.1:8090"));
    assert_false(access_allows_origin(&access, "http://127.0.0.1:8090", NULL));
    /* A name of a stranger that leads to this machine. */
    assert_false(access_allows_origin(&access, "http://evil.example:8090", "evil.example:8090"));
    assert_false(access_allows_origin(&access, "http://127.0.0.1.evil.example", "127.0.0.1.evil.example"));
}

static void test_tokens_decide_who_watches_and_who_controls(void **state)
{
    static const struct access open = {.token = ""},
                               closed = {.token = "watch-0123456789", .control = "move-0123456789."};

    (void)state;
    assert_int_equal(access_check_tokens(&open, "wcenc-live-1"), ACCESS_WATCH);
    assert_int_equal(access_check_tokens(&open, "wcenc-live-1, token.any"), ACCESS_WATCH);
    assert_int_equal(access_check_tokens(&open, "wcenc-live-1, control."), ACCESS_WATCH);
    assert_int_equal(access_check_tokens(&open, "wcenc-live-1, control.x"), ACCESS_REFUSED);
    assert_int_equal(access_check_tokens(&closed, "wcenc-live-1"), ACCESS_REFUSED);
    assert_int_equal(access_check_tokens(&closed, "wcenc-live-1, token.watch-0123456789"), ACCESS_WATCH);
    assert_int_equal(access_check_tokens(&closed, "wcenc-live-1,token.watch-012345678"), ACCESS_REFUSED);
    assert_int_equal(access_check_tokens(&closed, "wcenc-live-1,token.watch-01234567890"), ACCESS_REFUSED);
    assert_int_equal(access_check_tokens(&closed, "wcenc-live-1, control.move-0123456789."), ACCESS_REFUSED);
    assert_int_equal(access_check_tokens(&closed, "token.watch-0123456789, control.move-0123456789."), ACCESS_CONTROL);
    assert_int_equal(access_check_tokens(&closed, "token.watch-0123456789, control.watch-0123456789"), ACCESS_REFUSED);
}

static void test_tokens_have_a_length_and_no_separators(void **state)
{
    char token[ACCESS_TOKEN_MAX + 2];

    (void)state;
    assert_true(access_token_is_valid("0123456789abcdef"));
    assert_false(access_token_is_valid("0123456789abcde"));
    assert_false(access_token_is_valid("0123456789abcde,"));
    memset(token, 'a', sizeof(token));
    token[ACCESS_TOKEN_MAX + 1] = '\0';
    assert_false(access_token_is_valid(token));
    token[ACCESS_TOKEN_MAX] = '\0';
    assert_true(access_token_is_valid(token));
    assert_true(access_is_loopback("127.0.0.1") && access_is_loopback("127.9.9.9") && access_is_loopback("::1"));
    assert_false(access_is_loopback("0.0.0.0") || access_is_loopback("::") || access_is_loopback("192.168.1.1"));
    assert_false(access_is_loopback("127.0.0.1.example.org"));
}

static void test_messages_are_as_documented(void **state)
{
    wcenc_chunk_desc desc;
    wcenc_chunk *chunk;
    struct message *message;
    static const unsigned char expected[] = {1, 2, 1, 0, 0x44, 0x33, 0x22, 0x11, 2, 0, 0, 0, 0, 0, 0,   0,   1,  0,
                                             0, 0, 1, 0, 0,    0,    7,    0,    0, 0, 9, 0, 0, 0, 'a', 'b', 'c'};
    wcenc_decoder_config config = {.codec = "avc1.42001f",
                                   .description = "\1\2",
                                   .description_size = 2,
                                   .coded_width = 64,
                                   .coded_height = 48,
                                   .display_aspect_width = 64,
                                   .display_aspect_height = 48};
    static const char json[] =
        "{\"codec\":\"avc1.42001f\",\"codedWidth\":64,\"codedHeight\":48,"
        "\"displayAspectWidth\":64,\"displayAspectHeight\":48,\"colorSpace\":{\"primaries\":null,"
        "\"transfer\":null,\"matrix\":null,\"fullRange\":false},\"rotation\":0,\"flip\":false,"
        "\"encoder\":\"some\"}";

    (void)state;
    wcenc_chunk_desc_init(&desc, sizeof(desc));
    desc.timestamp_us = 2;
    desc.data = "abc";
    desc.data_size = 3;
    desc.type = WCENC_CHUNK_TYPE_KEY;
    assert_int_equal(wcenc_chunk_create(&desc, &chunk), WCENC_OK);
    message = live_make_chunk(chunk, &(struct live_chunk){0x100000001, 0x11223344, 7, 9});
    assert_int_equal(message->size, sizeof(expected));
    assert_memory_equal(message_data(message), expected, sizeof(expected));
    assert_true(message->is_chunk && message->is_key && message->sequence == 0x11223344);
    message_unref(message);
    wcenc_chunk_unref(chunk);

    message = live_make_config(&config, "some", 3, 5);
    assert_int_equal(message->size, 16 + strlen(json) + 2);
    assert_memory_equal(message_data(message) + 16, json, strlen(json));
    assert_memory_equal(message_data(message) + 16 + strlen(json), "\1\2", 2);
    message_unref(message);
}

static void test_only_messages_of_the_protocol_are_accepted(void **state)
{
    struct live_input input;

    (void)state;
    assert_true(live_parse_input((const unsigned char *)"\1\x10\5\0\1\0\0\0", 8, &input));
    assert_int_equal(input.queue_size, 5);
    assert_int_equal(input.sequence, 1);
    assert_true(live_parse_input((const unsigned char *)"\1\x14\3\1\xFF\xFF\0\0", 8, &input));
    assert_true(input.button == 3 && input.is_down && input.x == 1 && input.y == 0);
    assert_false(live_parse_input((const unsigned char *)"\1\x14\0\1\0\0\0\0", 8, &input)); /* no such button */
    assert_false(live_parse_input((const unsigned char *)"\1\x14\x8\1\0\0\0\0", 8, &input));
    assert_false(live_parse_input((const unsigned char *)"\2\x10\5\0\1\0\0\0", 8, &input)); /* another version */
    assert_false(live_parse_input((const unsigned char *)"\1\2\5\0\1\0\0\0", 8, &input));   /* a server's */
    assert_false(live_parse_input((const unsigned char *)"\1\x10\5\0\1\0\0", 7, &input));
    assert_false(live_parse_input((const unsigned char *)"", 0, &input));
}

static void test_pattern_has_number_and_time(void **state)
{
    uint64_t bits = 0;

    (void)state;
    for (unsigned i = 0; i < PATTERN_BLOCKS; i++)
        bits = bits << 1 | pattern_is_white(i, 0x1ABCD, INT64_C(250) * 0x51234);
    assert_true(bits == UINT64_C(0x2ABCD1234));
    assert_int_equal(pattern_block_size(1280, 720), 36);
    assert_int_equal(pattern_block_size(320, 180), 8);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_viewer_in_time_receives_everything),
        cmocka_unit_test(test_new_viewer_waits_for_a_key_chunk),
        cmocka_unit_test(test_slow_viewer_loses_upper_layers_first),
        cmocka_unit_test(test_slower_viewer_keeps_layer_0),
        cmocka_unit_test(test_stuck_viewer_skips_to_the_next_key_chunk),
        cmocka_unit_test(test_layers_come_back_at_layer_0_after_calm),
        cmocka_unit_test(test_layer_that_returns_in_vain_waits_longer),
        cmocka_unit_test(test_memory_for_a_viewer_is_bounded),
        cmocka_unit_test(test_estimate_falls_with_lag_and_rises_without),
        cmocka_unit_test(test_moment_of_lag_costs_little),
        cmocka_unit_test(test_median_is_the_lower_one_of_two),
        cmocka_unit_test(test_bitrate_follows_the_median_with_hysteresis),
        cmocka_unit_test(test_key_chunks_are_requested_for_new_viewers_and_after_skips),
        cmocka_unit_test(test_viewer_that_reports_a_full_decoder_loses_layers),
        cmocka_unit_test(test_flood_of_messages_is_noticed),
        cmocka_unit_test(test_origin_is_the_own_one_or_listed),
        cmocka_unit_test(test_tokens_decide_who_watches_and_who_controls),
        cmocka_unit_test(test_tokens_have_a_length_and_no_separators),
        cmocka_unit_test(test_messages_are_as_documented),
        cmocka_unit_test(test_only_messages_of_the_protocol_are_accepted),
        cmocka_unit_test(test_pattern_has_number_and_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
