/* SPDX-License-Identifier: MIT */

/* Probing over the scripted backend: what holds for encoders of any backend. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "config.h"
#include "probe.h"
#include "registry.h"

#include "../support/scripted_backend.h"

static struct encoder_config *make_config(const char *codec, uint32_t width, wcenc_latency_mode latency)
{
    struct encoder_config *config;
    wcenc_config given;

    wcenc_config_init(&given, sizeof given);
    given.codec = codec;
    given.encoder_name = "scripted";
    given.width = width;
    given.height = 64;
    given.latency_mode = latency;
    given.encoder_options = latency == WCENC_LATENCY_REALTIME ? "any=1" : NULL;
    assert_int_equal(wcenc__config_create(&given, false, &config), WCENC_OK);
    return config;
}

static bool probe(const char *codec, uint32_t width, wcenc_latency_mode latency, struct failure *failure)
{
    struct encoder_config *config = make_config(codec, width, latency);
    struct backend_probe found;
    bool supported = wcenc__probe(wcenc__testing_candidate, config, &found, failure);

    wcenc__config_unref(config);
    return supported;
}

static void test_an_answer_is_remembered(void **state)
{
    struct failure failure;

    (void)state;
    scripted_install();
    for (int i = 0; i < 3; i++)
        assert_true(probe("avc1.42001e", 160, WCENC_LATENCY_QUALITY, &failure));
    assert_int_equal(scripted.probed, 1);
    assert_true(probe("avc1.42001e", 176, WCENC_LATENCY_QUALITY, &failure));
    assert_int_equal(scripted.probed, 2);
    scripted_remove();
}

static void test_parameter_sets_are_held_against_the_codec_string(void **state)
{
    struct failure failure;

    (void)state;
    scripted_install();
    /* What it writes is of profile 66 and level 3. */
    assert_true(probe("avc1.42001f", 160, WCENC_LATENCY_QUALITY, &failure));
    assert_false(probe("avc1.42000d", 160, WCENC_LATENCY_QUALITY, &failure));
    assert_int_equal(failure.status, WCENC_ERROR_NOT_SUPPORTED);
    assert_non_null(strstr(failure.message, "scripted would write a higher level"));
    assert_false(probe("avc1.640028", 160, WCENC_LATENCY_QUALITY, &failure));
    assert_non_null(strstr(failure.message, "scripted would write another profile"));
    /* That came of no call that may have been short of memory. */
    scripted.probed = 0;
    assert_false(probe("avc1.640028", 160, WCENC_LATENCY_QUALITY, &failure));
    assert_int_equal(scripted.probed, 0);
    scripted_remove();
}

static void test_options_that_delay_frames_are_not_realtime(void **state)
{
    struct failure failure;

    (void)state;
    scripted_install();
    assert_true(probe("avc1.42001e", 192, WCENC_LATENCY_REALTIME, &failure));
    scripted.held = 1;
    assert_false(probe("avc1.42001e", 208, WCENC_LATENCY_REALTIME, &failure));
    assert_int_equal(failure.status, WCENC_ERROR_NOT_SUPPORTED);
    assert_non_null(strstr(failure.message, "realtime"));
    /* It may have been anything: it is asked again. */
    scripted.held = 0;
    assert_true(probe("avc1.42001e", 208, WCENC_LATENCY_REALTIME, &failure));
    scripted_remove();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_answer_is_remembered),
        cmocka_unit_test(test_parameter_sets_are_held_against_the_codec_string),
        cmocka_unit_test(test_options_that_delay_frames_are_not_realtime),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
