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
#include "support.h"

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

/* The name of the encoder that would run; NULL, and why, if none does. */
static const char *find(const char *codec, const char *encoder, wcenc_hardware_acceleration preference,
                        struct failure *why)
{
    struct encoder_config *config;
    struct support support;
    wcenc_config given;

    wcenc_config_init(&given, sizeof given);
    given.codec = codec;
    given.encoder_name = encoder;
    given.width = 160;
    given.height = 64;
    given.hardware_acceleration = preference;
    assert_int_equal(wcenc__config_create(&given, true, &config), WCENC_OK);
    if (!wcenc__support_find(config, &support))
        support.candidate = NULL;
    wcenc__config_unref(config);
    *why = support.why;
    return support.candidate ? support.candidate->name : NULL;
}

static void expect_found(const char *codec, const char *encoder, wcenc_hardware_acceleration preference,
                         const char *wanted)
{
    struct failure why;
    const char *found = find(codec, encoder, preference, &why);

    if (!wanted ? found != NULL : !found || strcmp(found, wanted) != 0)
        fail_msg("%s, encoder_name %s, preference %d: %s, not %s (%s)", codec, encoder ? encoder : "none",
                 (int)preference, found ? found : "none", wanted ? wanted : "none", why.message);
}

/* The scripted encoder is hardware here. What it writes is of profile 66, so that other codec strings need another. */
static void test_hardware_runs_if_it_is_preferred_and_opens(void **state)
{
    static const char *const opens = "avc1.42001e", *const fails = "avc1.64001e", *const software = "libx264";
    struct failure why;

    (void)state;
    scripted_install();
    scripted_candidate.is_hardware = true;
    scripted_candidate.by_name_only = false;
    expect_found(opens, NULL, WCENC_HARDWARE_NO_PREFERENCE, software);
    expect_found(opens, NULL, WCENC_HARDWARE_PREFER_SOFTWARE, software);
    expect_found(opens, NULL, WCENC_HARDWARE_PREFER_HARDWARE, "scripted"); /* HWA-003 */
    expect_found(opens, NULL, WCENC_HARDWARE_REQUIRED, "scripted");
    expect_found(fails, NULL, WCENC_HARDWARE_PREFER_HARDWARE, software); /* HWA-003, SUP-016 */
    assert_null(find(fails, NULL, WCENC_HARDWARE_REQUIRED, &why));
    assert_non_null(strstr(why.message, "scripted would write another profile"));
    assert_string_equal(why.encoder_name, "scripted");
    /* A name decides, as long as it is of a kind that may run. */
    expect_found(opens, "scripted", WCENC_HARDWARE_NO_PREFERENCE, "scripted");
    expect_found(opens, "scripted", WCENC_HARDWARE_PREFER_SOFTWARE, NULL);
    expect_found(opens, software, WCENC_HARDWARE_PREFER_HARDWARE, software);
    expect_found(opens, software, WCENC_HARDWARE_REQUIRED, NULL);
    expect_found(opens, "none", WCENC_HARDWARE_PREFER_HARDWARE, NULL);
    scripted_remove();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_answer_is_remembered),
        cmocka_unit_test(test_parameter_sets_are_held_against_the_codec_string),
        cmocka_unit_test(test_options_that_delay_frames_are_not_realtime),
        cmocka_unit_test(test_hardware_runs_if_it_is_preferred_and_opens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
