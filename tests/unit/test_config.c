/* SPDX-License-Identifier: MIT */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/mem_fault.h"
#include "config.h"

static wcenc_config valid(void)
{
    wcenc_config config;

    wcenc_config_init(&config, sizeof config);
    config.codec = "vp8";
    config.width = 640;
    config.height = 480;
    return config;
}

static void expect(const wcenc_config *config, wcenc_status wanted)
{
    struct encoder_config *copy = NULL;

    assert_int_equal(wcenc__config_create(config, false, &copy), wanted);
    assert_true(wanted == WCENC_OK || strlen(wcenc_last_error()) > 0);
    wcenc__config_unref(copy);
}

static void test_what_is_required_is_required(void **state)
{
    static const char *const blanks[] = {"", " ", "\t\n\f\r "};
    wcenc_config config = valid();

    (void)state;
    expect(NULL, WCENC_ERROR_TYPE);
    expect(&config, WCENC_OK);
    config.codec = NULL; /* VAL-001 */
    expect(&config, WCENC_ERROR_TYPE);
    for (size_t i = 0; i < 3; i++) {
        config.codec = blanks[i]; /* VAL-002, VAL-003 */
        expect(&config, WCENC_ERROR_TYPE);
    }
    config = valid();
    config.codec = " vp8"; /* VAL-004 */
    expect(&config, WCENC_OK);
    config = valid();
    config.width = 0; /* VAL-005, VAL-007 */
    expect(&config, WCENC_ERROR_TYPE);
    assert_non_null(strstr(wcenc_last_error(), "width"));
    config = valid();
    config.height = 0; /* VAL-006, VAL-007 */
    expect(&config, WCENC_ERROR_TYPE);
    assert_non_null(strstr(wcenc_last_error(), "height"));
}

static void test_display_sizes_of_zero_are_absent_and_one_alone_is_valid(void **state)
{
    wcenc_config config = valid();

    (void)state;
    expect(&config, WCENC_OK);  /* VAL-008, VAL-009 */
    config.display_width = 800; /* VAL-010 */
    expect(&config, WCENC_OK);
}

static void test_numbers_and_enums_outside_their_range_are_not_valid(void **state)
{
    static const double not_numbers[] = {NAN, INFINITY, -INFINITY};
    static const size_t enums[] = {
        offsetof(wcenc_config, hardware_acceleration), offsetof(wcenc_config, alpha),
        offsetof(wcenc_config, bitrate_mode),          offsetof(wcenc_config, latency_mode),
        offsetof(wcenc_config, bitstream_format),      offsetof(wcenc_config, color_space),
    };
    static const int32_t wrong[] = {-1, 3, 63, 65, INT32_MAX}, no_location[] = {-1, 4, 64, INT32_MAX};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        wcenc_config config = valid();

        config.framerate = not_numbers[i]; /* VAL-012 */
        expect(&config, WCENC_ERROR_TYPE);
        config = valid();
        config.quality = not_numbers[i];
        expect(&config, WCENC_ERROR_TYPE);
    }
    for (size_t i = 0; i < sizeof enums / sizeof enums[0]; i++) /* VAL-016 */
        for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; k++) {
            wcenc_config config = valid();

            memcpy((char *)&config + enums[i], &wrong[k], sizeof wrong[k]);
            expect(&config, WCENC_ERROR_TYPE);
        }
    for (size_t k = 0; k < sizeof no_location / sizeof no_location[0]; k++) {
        wcenc_config config = valid();

        config.chroma_location = no_location[k];
        expect(&config, WCENC_ERROR_TYPE);
    }
}

static void test_texts_are_copied(void **state)
{
    char codec[] = "vp8", options[] = "cpu-used=4";
    wcenc_config config = valid();
    struct encoder_config *copy;

    (void)state;
    config.codec = codec;
    config.encoder_options = options;
    assert_int_equal(wcenc__config_create(&config, false, &copy), WCENC_OK);
    memset(codec, 'x', 3); /* CFG-001 */
    memset(options, 'x', 3);
    assert_string_equal(copy->given.codec, "vp8");
    assert_string_equal(copy->given.encoder_options, "cpu-used=4");
    wcenc__config_unref(copy);
}

static void test_defaults_are_those_of_the_header(void **state)
{
    static const struct {
        double framerate;
        uint32_t key_interval;
        int numerator, denominator;
    } rates[] = {
        {0, 300, 30, 1},
        {25, 250, 25, 1},
        {30, 300, 30, 1},
        {29.97, 300, 2997, 100},
        {30000.0 / 1001, 300, 30000, 1001},
        {60, 300, 60, 1},
        {240, 300, 240, 1},
        {10, 100, 10, 1},
        {1, 10, 1, 1},
        {0.5, 5, 1, 2},
        {23.976, 240, 2997, 125},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        wcenc_config config = valid();
        struct encoder_config *copy;

        config.framerate = rates[i].framerate;
        assert_int_equal(wcenc__config_create(&config, false, &copy), WCENC_OK);
        assert_int_equal(copy->framerate.numerator, rates[i].numerator); /* RC-006, RC-008 */
        assert_int_equal(copy->framerate.denominator, rates[i].denominator);
        assert_int_equal(copy->key_interval, rates[i].key_interval);
        assert_true(copy->bitrate > 20000 && copy->bitrate < 10000000); /* RC-005 */
        assert_true(copy->threads >= 1);
        assert_int_equal(copy->display_width, 640);
        assert_int_equal(copy->display_height, 480); /* DEF-02 */
        wcenc__config_unref(copy);
    }
}

static void test_a_bitrate_of_zero_is_none(void **state)
{
    wcenc_config config = valid();
    struct encoder_config *copy;

    (void)state;
    config.bitrate = 0;
    assert_int_equal(wcenc__config_create(&config, false, &copy), WCENC_OK); /* VAL-014 */
    assert_true(copy->bitrate > 0);                                          /* VAL-014 */
    wcenc__config_unref(copy);
}

static void test_zero_is_the_default_of_every_enumeration(void **state)
{
    const wcenc_config config = valid();

    (void)state;
    /* VAL-018 */
    assert_int_equal(config.hardware_acceleration, WCENC_HARDWARE_NO_PREFERENCE);
    assert_int_equal(config.alpha, WCENC_ALPHA_DISCARD);
    assert_int_equal(config.bitrate_mode, WCENC_BITRATE_VARIABLE); /* RC-002 */
    assert_int_equal(config.latency_mode, WCENC_LATENCY_QUALITY);
    assert_int_equal(config.bitstream_format, WCENC_BITSTREAM_LENGTH_PREFIXED);
    expect(&config, WCENC_OK);
}

static void test_every_framerate_becomes_a_fraction_close_to_it(void **state)
{
    (void)state;
    for (double rate = 0.0007; rate < 20000; rate *= 1.0137) {
        wcenc_config config = valid();
        struct encoder_config *copy;
        double fraction, wanted = fmin(fmax(rate, CONFIG_FRAMERATE_MIN), CONFIG_FRAMERATE_MAX);

        config.framerate = rate;
        assert_int_equal(wcenc__config_create(&config, false, &copy), WCENC_OK);
        assert_true(copy->framerate.numerator > 0 && copy->framerate.denominator > 0);
        fraction = (double)copy->framerate.numerator / copy->framerate.denominator;
        assert_true(fabs(fraction - wanted) < wanted * 1e-5);
        wcenc__config_unref(copy);
    }
}

static uint32_t compare(const wcenc_config *a, const wcenc_config *b)
{
    struct encoder_config *old, *new_config;
    uint32_t change;

    assert_int_equal(wcenc__config_create(a, false, &old), WCENC_OK);
    assert_int_equal(wcenc__config_create(b, false, &new_config), WCENC_OK);
    change = wcenc__config_changes(old, new_config);
    wcenc__config_unref(old);
    wcenc__config_unref(new_config);
    return change;
}

static void test_changes_are_distinguished(void **state)
{
    char same_text[] = "vp8";
    wcenc_config a = valid(), b = valid();

    (void)state;
    b.codec = same_text;
    assert_int_equal(compare(&a, &b), 0);
    b.bitrate = 1000000;
    assert_int_equal(compare(&a, &b), CONFIG_BITRATE);
    b.width = 320;
    assert_int_equal(compare(&a, &b), CONFIG_BITRATE | CONFIG_SIZE);
    b = valid();
    b.height = 200;
    assert_int_equal(compare(&a, &b) & ~(uint32_t)CONFIG_BITRATE, CONFIG_SIZE); /* the default follows the size */
    b = valid();
    b.framerate = 60; /* 300 frames between keys either way */
    assert_int_equal(compare(&a, &b) & ~(uint32_t)CONFIG_BITRATE, CONFIG_FRAMERATE);
    b = valid();
    b.framerate = 15; /* 150 frames between keys, which the worker asks for */
    assert_int_equal(compare(&a, &b) & ~(uint32_t)CONFIG_BITRATE, CONFIG_FRAMERATE);
    b.key_interval = 150;
    assert_true(compare(&a, &b) & CONFIG_OTHER);
    b = valid();
    b.scalability_mode = "L1T2";
    assert_int_equal(compare(&a, &b), CONFIG_OTHER);
    b = valid();
    b.color_space.range = WCENC_COLOR_RANGE_FULL;
    assert_int_equal(compare(&a, &b), CONFIG_OTHER);
}

/* Those that are compared as strings, by what they stand for, or as a rate. */
static bool is_compared_otherwise(size_t offset)
{
    static const struct {
        size_t offset, size;
    } members[] = {
#define MEMBER(name) {offsetof(wcenc_config, name), sizeof(((wcenc_config *)NULL)->name)}
        MEMBER(struct_size),      MEMBER(reserved0),     MEMBER(bitrate),
        MEMBER(framerate),        MEMBER(codec),         MEMBER(scalability_mode),
        MEMBER(content_hint),     MEMBER(encoder_name),  MEMBER(encoder_options),
        MEMBER(hdr_metadata),     MEMBER(display_width), MEMBER(display_height),
        MEMBER(bitstream_format),
#undef MEMBER
    };

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (offset >= members[i].offset && offset < members[i].offset + members[i].size)
            return true;
    return false;
}

/* A member that comes later and is not compared fails this. */
static void test_a_change_of_any_byte_is_seen(void **state)
{
    const wcenc_config config = valid();
    struct encoder_config *old, *changed;
    size_t count = 0;

    (void)state;
    assert_int_equal(wcenc__config_create(&config, false, &old), WCENC_OK);
    assert_int_equal(wcenc__config_create(&config, false, &changed), WCENC_OK);
    for (size_t offset = 0; offset < sizeof config; offset++) {
        unsigned char *byte = (unsigned char *)&changed->given + offset;

        if (is_compared_otherwise(offset))
            continue;
        *byte ^= 1;
        if (!(wcenc__config_changes(old, changed) & (CONFIG_OTHER | CONFIG_SIZE)))
            fail_msg("byte %zu is not compared", offset);
        *byte ^= 1;
        assert_int_equal(wcenc__config_changes(old, changed), 0);
        count++;
    }
    assert_true(count >= 14 * sizeof(int32_t));
    wcenc__config_unref(old);
    wcenc__config_unref(changed);
}

static void test_ways_to_say_the_same_are_no_change(void **state)
{
    wcenc_config a = valid(), b = valid();

    (void)state;
    b.display_width = b.width;
    b.display_height = b.height;
    assert_int_equal(compare(&a, &b), 0);
    b.display_width = 320;
    assert_int_equal(compare(&a, &b), CONFIG_SIZE);
    b = valid();
    /* The default is 30 too, but without a framerate rate control follows the timestamps. */
    b.framerate = 30;
    assert_int_equal(compare(&a, &b), CONFIG_FRAMERATE);
    a.framerate = 30;
    assert_int_equal(compare(&a, &b), 0);
    /* Of other codecs, as the config has VP8. */
    b.bitstream_format = WCENC_BITSTREAM_ANNEXB;
    assert_int_equal(compare(&a, &b), 0);
    a.codec = b.codec = "avc1.42001e";
    assert_int_equal(compare(&a, &b), CONFIG_OTHER);
    a.bitstream_format = WCENC_BITSTREAM_ANNEXB;
    assert_int_equal(compare(&a, &b), 0);
}

static void test_a_longer_struct_is_taken_as_far_as_it_is_known(void **state)
{
    size_t size = sizeof(wcenc_config) + 16;
    unsigned char *bytes = calloc(1, size);
    wcenc_config *longer = (wcenc_config *)bytes;
    struct encoder_config *copy;

    (void)state;
    assert_non_null(bytes);
    *longer = valid();
    longer->struct_size = (uint32_t)size;
    expect(longer, WCENC_OK);
    bytes[size - 1] = 1;
    expect(longer, WCENC_ERROR_NOT_SUPPORTED);
    /* An invalid config stays one, whatever else it asks for. */
    longer->width = 0;
    expect(longer, WCENC_ERROR_TYPE);
    longer->width = 640;
    assert_int_equal(wcenc__config_create(longer, true, &copy), WCENC_OK);
    assert_true(copy->sets_unknown);
    wcenc__config_unref(copy);
    longer->struct_size = 8;
    expect(longer, WCENC_ERROR_TYPE);
    free(bytes);
}

static void test_short_memory_is_an_error_and_leaks_nothing(void **state)
{
    wcenc_config config = valid();
    struct encoder_config *copy;
    wcenc_status status = WCENC_ERROR_NO_MEMORY;

    (void)state;
    config.scalability_mode = "L1T1";
    config.content_hint = "text";
    config.encoder_name = "libvpx";
    config.encoder_options = "cpu-used=4";
    for (long n = 0; status == WCENC_ERROR_NO_MEMORY; n++) {
        mem_fault_after(n);
        status = wcenc__config_create(&config, false, &copy);
        assert_true(n < 20);
        assert_true(mem_fault_happened() == (status != WCENC_OK));
    }
    mem_fault_after(-1);
    assert_int_equal(status, WCENC_OK);
    wcenc__config_unref(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_required_is_required),
        cmocka_unit_test(test_display_sizes_of_zero_are_absent_and_one_alone_is_valid),
        cmocka_unit_test(test_numbers_and_enums_outside_their_range_are_not_valid),
        cmocka_unit_test(test_texts_are_copied),
        cmocka_unit_test(test_defaults_are_those_of_the_header),
        cmocka_unit_test(test_a_bitrate_of_zero_is_none),
        cmocka_unit_test(test_zero_is_the_default_of_every_enumeration),
        cmocka_unit_test(test_every_framerate_becomes_a_fraction_close_to_it),
        cmocka_unit_test(test_changes_are_distinguished),
        cmocka_unit_test(test_a_change_of_any_byte_is_seen),
        cmocka_unit_test(test_ways_to_say_the_same_are_no_change),
        cmocka_unit_test(test_a_longer_struct_is_taken_as_far_as_it_is_known),
        cmocka_unit_test(test_short_memory_is_an_error_and_leaks_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
