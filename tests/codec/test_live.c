/* SPDX-License-Identifier: MIT */

/* Bitrate and framerate that change while a stream runs, and how many threads an encoder takes. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <math.h>
#include <string.h>

#include "../support/coding.h"
#include "../support/pattern.h"

enum { WIDTH = 320, HEIGHT = 200, FRAMERATE = 30, SECONDS = 6, COUNT = SECONDS * FRAMERATE };

static bool is_live(const wcenc_config *config)
{
    wcenc_config_support *support;
    bool live;

    assert_int_equal(wcenc_is_config_supported(config, &support), WCENC_OK);
    live = support->capabilities & WCENC_CAPABILITY_LIVE_BITRATE;
    wcenc_config_support_free(support);
    return live;
}

static void encode(struct recorder *recorder, int first, int count)
{
    for (int i = first; i < first + count; i++)
        coding_encode(recorder, pattern_frame(WIDTH, HEIGHT, (unsigned)i % 256, 33333 * (int64_t)i), false);
}

/* Bits per second of the chunks from `first` on, at the framerate that was configured. */
static double rate_of(const struct recorder *recorder, int first, int count, double framerate)
{
    size_t bytes = 0;

    for (int i = first; i < first + count; i++)
        bytes += wcenc_chunk_get_byte_length(recorder->chunks[i]);
    return (double)bytes * 8 * framerate / count;
}

/* Nothing is lost or out of place, whether the encoder goes on or is reopened. */
static void check_chunks(const struct recorder *recorder, bool live)
{
    for (int i = 0; i < recorder->chunk_count; i++) {
        bool is_key = i == 0 || (i % COUNT == 0 && !live);

        assert_int_equal(wcenc_chunk_get_timestamp_us(recorder->chunks[i]), 33333 * (int64_t)i);
        assert_int_equal(wcenc_chunk_get_type(recorder->chunks[i]),
                         is_key ? WCENC_CHUNK_TYPE_KEY : WCENC_CHUNK_TYPE_DELTA);
    }
}

static void check_no_new_parameter_sets(const struct recorder *recorder)
{
    enum { IDR_SLICE = 5, SPS = 7, PPS = 8 };

    for (int i = 1; i < recorder->chunk_count; i++) {
        const uint8_t *data = wcenc_chunk_get_data(recorder->chunks[i]);
        size_t size = wcenc_chunk_get_byte_length(recorder->chunks[i]);

        for (size_t at = 0; at + 4 < size; at++)
            if (data[at] == 0 && data[at + 1] == 0 && data[at + 2] == 1) {
                assert_int_not_equal(data[at + 3] & 31, IDR_SLICE);
                assert_int_not_equal(data[at + 3] & 31, SPS);
                assert_int_not_equal(data[at + 3] & 31, PPS);
            }
    }
}

/* What is configured before each part of the stream. */
struct part {
    uint64_t bitrate;
    double framerate;
};

/* Each part has its own rate, and a change costs a key chunk only where the encoder is reopened. */
static void check_changes(const wcenc_config *first, const struct part *parts, int count)
{
    enum { SETTLING = FRAMERATE };
    const bool live = is_live(first);
    wcenc_config config = *first;
    struct recorder recorder;
    struct decoder decoder;

    recorder_open(&recorder);
    for (int i = 0; i < count; i++) {
        config.bitrate = parts[i].bitrate;
        config.framerate = parts[i].framerate;
        assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
        encode(&recorder, i * COUNT, COUNT);
    }
    coding_finish(&recorder, &decoder, count * COUNT);
    check_chunks(&recorder, live);
    if (live && strncmp(config.codec, "avc", strlen("avc")) == 0)
        check_no_new_parameter_sets(&recorder);
    for (int i = 0; i < count; i++) {
        double rate =
            rate_of(&recorder, i * COUNT + SETTLING, COUNT - SETTLING, parts[i].framerate) / (double)parts[i].bitrate;

        print_message("%s: part %d has %.2f of its rate\n", live ? "live" : "reopened", i, rate);
        assert_true(fabs(rate - 1) <= 0.2);
    }
    coding_close(&recorder, &decoder);
}

static void test_a_new_rate_has_its_effect_and_loses_nothing(void **state)
{
    static const struct part parts[] = {{1500000, FRAMERATE}, {600000, FRAMERATE}, {600000, FRAMERATE / 2.0}};
    const struct codec_row *row = *state;
    wcenc_config config = row_config(row, WIDTH, HEIGHT);

    config.bitrate_mode = WCENC_BITRATE_CONSTANT;
    config.latency_mode = WCENC_LATENCY_REALTIME;
    config.bitstream_format = WCENC_BITSTREAM_ANNEXB;
    config.key_interval = 10000;
    config.framerate = FRAMERATE;
    config.bitrate = parts[0].bitrate;
    if (!config_works(&config))
        skip();
    check_changes(&config, parts, sizeof parts / sizeof parts[0]);
}

/* x264 would keep the old average. */
static void test_a_new_average_reopens_x264_in_quality(void **state)
{
    static const struct part parts[] = {{1500000, FRAMERATE}, {500000, FRAMERATE}};
    wcenc_config config = config_for("avc1.42001f", WIDTH, HEIGHT);

    (void)state;
    config.encoder_name = "libx264";
    config.key_interval = 10000;
    config.framerate = FRAMERATE;
    config.bitrate = parts[0].bitrate;
    if (!config_works(&config))
        skip();
    config.bitrate_mode = WCENC_BITRATE_CONSTANT;
    assert_true(is_live(&config));
    config.bitrate_mode = WCENC_BITRATE_VARIABLE;
    assert_false(is_live(&config));
    check_changes(&config, parts, sizeof parts / sizeof parts[0]); /* CFG-014 */
}

static int thread_count(void)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *entry;
    int count = 0;

    assert_non_null(tasks);
    while ((entry = readdir(tasks)))
        count += entry->d_name[0] != '.';
    assert_int_equal(closedir(tasks), 0);
    return count;
}

/* Threads of the process while an encoder is open that was given so many. */
static int threads_with(const struct codec_row *row, uint32_t threads)
{
    wcenc_config config = row_config(row, 1280, 720);
    struct recorder recorder;
    int count;

    config.threads = threads;
    coding_open(&recorder, &config);
    for (int i = 0; i < 2; i++)
        coding_encode(&recorder, pattern_frame(1280, 720, (unsigned)i, i), false);
    if (row->realtime)
        recorder_wait(&recorder, &recorder.chunk_count, 2);
    else
        recorder_wait(&recorder, &recorder.dequeue_count, 2);
    count = thread_count();
    recorder_close(&recorder);
    return count;
}

static void test_an_encoder_takes_the_threads_that_it_is_given(void **state)
{
    const struct codec_row *row = *state;
    wcenc_config config = row_config(row, 1280, 720);
    int one, two;

    if (!config_works(&config))
        skip();
    one = threads_with(row, 1);
    two = threads_with(row, 2);
    print_message("%s: %d with one, %d with two\n", row->name, one, two);
    assert_true(two > one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOR_FAST_CODECS(test_a_new_rate_has_its_effect_and_loses_nothing),
        cmocka_unit_test(test_a_new_average_reopens_x264_in_quality),
        FOR_ALL_CODECS(test_an_encoder_takes_the_threads_that_it_is_given),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
