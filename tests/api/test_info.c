/* SPDX-License-Identifier: MIT */

/*
 * The list of encoders, held against what the library answers of configurations; the versions of the libraries; and an
 * FFmpeg of another major version: the version functions of FFmpeg stand in this program too, before those of the
 * libraries, and name another version where a test wants one.
 */

#define _GNU_SOURCE

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libavcodec/avcodec.h>

#include <wcenc/wcenc.h>

enum { ENCODERS_MAX = 64, SIZE = 64, PRETENDED_MAJOR = 99 };

static const char *pretending; /* the function that names another version */

static unsigned version_of(const char *function)
{
    unsigned (*real)(void);
    void *address = dlsym(RTLD_NEXT, function);

    assert_non_null(address);
    memcpy(&real, &address, sizeof real);
    return pretending && strcmp(pretending, function) == 0 ? PRETENDED_MAJOR << 16 | 100 : real();
}

unsigned avcodec_version(void)
{
    return version_of("avcodec_version");
}

unsigned avutil_version(void)
{
    return version_of("avutil_version");
}

unsigned swscale_version(void);
unsigned swscale_version(void)
{
    return version_of("swscale_version");
}

static uint32_t read_all(wcenc_encoder_info infos[ENCODERS_MAX])
{
    uint32_t count = 0;

    for (;; count++) {
        wcenc_encoder_info info;

        wcenc_encoder_info_init(&info, sizeof info);
        if (wcenc_get_encoder_info(count, &info) != WCENC_OK)
            return count;
        assert_true(count < ENCODERS_MAX);
        infos[count] = info;
    }
}

static const char *string_of(const char *codec)
{
    static const char *const strings[][2] = {{"h264", "avc1.42001e"},
                                             {"hevc", "hvc1.1.6.L93.B0"},
                                             {"vp8", "vp8"},
                                             {"vp9", "vp09.00.10.08"},
                                             {"av1", "av01.0.04M.08"}};

    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
        if (strcmp(strings[i][0], codec) == 0)
            return strings[i][1];
    fail_msg("\"%s\" is no codec", codec);
    return NULL;
}

static wcenc_config config_of(const wcenc_encoder_info *info)
{
    wcenc_config config;

    wcenc_config_init(&config, sizeof config);
    config.codec = string_of(info->codec);
    config.encoder_name = info->name;
    config.width = SIZE;
    config.height = SIZE;
    return config;
}

/* Whether it is supported, and with which of the capabilities. */
static bool is_supported(const wcenc_config *config, wcenc_capabilities *capabilities)
{
    wcenc_config_support *support;
    bool is_supported;

    assert_int_equal(wcenc_is_config_supported(config, &support), WCENC_OK);
    is_supported = support->supported;
    *capabilities = support->capabilities;
    wcenc_config_support_free(support);
    return is_supported;
}

static void expect(const wcenc_encoder_info *info, const char *what, bool is_listed, bool is_so)
{
    if (is_listed != is_so)
        fail_msg("%s: %s is listed as %d, and the answer is %d", info->name, what, is_listed, is_so);
}

static void check_modes(const wcenc_encoder_info *info)
{
    static const wcenc_bitrate_mode modes[] = {WCENC_BITRATE_VARIABLE, WCENC_BITRATE_CONSTANT, WCENC_BITRATE_QUANTIZER,
                                               WCENC_BITRATE_CONSTANT_QUALITY};
    wcenc_capabilities capabilities;

    for (wcenc_latency_mode latency = 0; latency < 2; latency++)
        for (size_t i = 0; i < 4; i++) {
            wcenc_config config = config_of(info);

            config.latency_mode = latency;
            config.bitrate_mode = modes[i];
            expect(info, "a combination of modes",
                   (info->latency_modes & (1u << latency)) && (info->bitrate_modes & (1u << i)),
                   is_supported(&config, &capabilities));
        }
}

/* The list has what an encoder has in any latency mode. */
static wcenc_capabilities capabilities_of(const wcenc_encoder_info *info)
{
    wcenc_capabilities all = 0, capabilities;

    for (wcenc_latency_mode latency = 0; latency < 2; latency++) {
        wcenc_config config = config_of(info);

        config.latency_mode = latency;
        if (is_supported(&config, &capabilities))
            all |= capabilities;
    }
    return all;
}

static void check_capabilities(const wcenc_encoder_info *info)
{
    wcenc_config layers = config_of(info), alpha = config_of(info), manual = config_of(info),
                 quantizer = config_of(info);
    wcenc_capabilities capabilities, unused;

    layers.scalability_mode = "L1T2";
    manual.scalability_mode = "manual";
    alpha.alpha = WCENC_ALPHA_KEEP;
    quantizer.bitrate_mode = WCENC_BITRATE_QUANTIZER;
    assert_int_equal(info->capabilities & ~(uint32_t)WCENC_CAPABILITY_FRAME_QUANTIZER, capabilities_of(info));
    expect(info, "layers", info->capabilities & WCENC_CAPABILITY_TEMPORAL_LAYERS, is_supported(&layers, &unused));
    expect(info, "references", info->capabilities & WCENC_CAPABILITY_REFERENCES, is_supported(&manual, &unused));
    expect(info, "alpha", info->capabilities & WCENC_CAPABILITY_ALPHA, is_supported(&alpha, &unused));
    expect(info, "a quantizer of each frame", info->capabilities & WCENC_CAPABILITY_FRAME_QUANTIZER,
           is_supported(&quantizer, &capabilities) && (capabilities & WCENC_CAPABILITY_FRAME_QUANTIZER));
}

static void test_each_listed_encoder_has_what_the_list_says(void **state)
{
    wcenc_encoder_info infos[ENCODERS_MAX];
    const uint32_t count = read_all(infos);
    uint32_t software = 0;

    (void)state;
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(infos[i].is_native, strncmp(infos[i].name, "native-", strlen("native-")) == 0);
        assert_int_equal(infos[i].is_native, !avcodec_find_encoder_by_name(infos[i].name));
        assert_int_equal(infos[i].reserved0, 0);
        for (uint32_t k = 0; k < i; k++)
            assert_true(strcmp(infos[i].name, infos[k].name) != 0 || strcmp(infos[i].codec, infos[k].codec) != 0);
        if (infos[i].is_hardware)
            continue;
        software++;
        check_modes(&infos[i]);
        check_capabilities(&infos[i]);
    }
    assert_true(software > 0);
}

/* The first of the list that may be chosen without being named. */
static void test_the_list_is_in_the_order_of_preference(void **state)
{
    wcenc_encoder_info infos[ENCODERS_MAX];
    const uint32_t count = read_all(infos);
    const char *codec = "";

    (void)state;
    for (uint32_t i = 0; i < count; i++) {
        wcenc_config config = config_of(&infos[i]);
        wcenc_config_support *support;

        if (infos[i].is_hardware || infos[i].by_name_only || strcmp(codec, infos[i].codec) == 0)
            continue;
        codec = infos[i].codec;
        config.encoder_name = NULL;
        assert_int_equal(wcenc_is_config_supported(&config, &support), WCENC_OK);
        assert_string_equal(support->encoder_name, infos[i].name);
        wcenc_config_support_free(support);
    }
}

static void test_the_list_ends_with_an_error(void **state)
{
    wcenc_encoder_info infos[ENCODERS_MAX];
    const uint32_t count = read_all(infos);
    char message[96];

    (void)state;
    wcenc_encoder_info_init(&infos[0], sizeof infos[0]);
    (void)snprintf(message, sizeof message, "index is %u, and %u encoders are available", count + 3, count);
    assert_int_equal(wcenc_get_encoder_info(count + 3, &infos[0]), WCENC_ERROR_TYPE);
    assert_string_equal(wcenc_last_error(), message);
    assert_null(infos[0].name);
    assert_int_equal(wcenc_get_encoder_info(UINT32_MAX, &infos[0]), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_get_encoder_info(0, NULL), WCENC_ERROR_TYPE);
    infos[0].struct_size = sizeof infos[0] - 4;
    assert_int_equal(wcenc_get_encoder_info(0, &infos[0]), WCENC_ERROR_TYPE);
}

/* Run in a child, for the string is made once. */
static void check_in_child(void (*check)(void))
{
    const pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        check();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void require(bool is_so)
{
    if (!is_so) {
        (void)fprintf(stderr, "%s\n", wcenc_build_info());
        _exit(1);
    }
}

/* It says its version in numbers. */
static void find_version_of_openh264(const char *info)
{
    void *address = dlsym(RTLD_DEFAULT, "WelsGetCodecVersionEx");
    void (*ask)(unsigned numbers[4]);
    unsigned numbers[4];
    char text[64];

#ifdef WCENC_HAS_OPENH264
    require(address);
#endif
    require((strstr(info, "OpenH264 ") != NULL) == (address != NULL));
    if (!address)
        return;
    memcpy(&ask, &address, sizeof ask);
    ask(numbers);
    (void)snprintf(text, sizeof text, ", OpenH264 %u.%u.%u", numbers[0], numbers[1], numbers[2]);
    require(strstr(info, text));
}

static void find_versions(void)
{
    static const char *const symbols[][2] = {{"vpx_codec_version_str", "libvpx "},
                                             {"aom_codec_version_str", "libaom "}};
    const char *info = wcenc_build_info();
    const unsigned version = avcodec_version();
    char text[64];

    (void)snprintf(text, sizeof text, "libwcenc %s; FFmpeg %s; ", wcenc_version_string(), av_version_info());
    require(strncmp(info, text, strlen(text)) == 0);
    (void)snprintf(text, sizeof text, "libavcodec %u.%u.%u", version >> 16, version >> 8 & 255, version & 255);
    require(strstr(info, text));
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        void *address = dlsym(RTLD_DEFAULT, symbols[i][0]);
        const char *(*ask)(void);

        memcpy(&ask, &address, sizeof ask);
        require((strstr(info, symbols[i][1]) != NULL) == (address != NULL));
        require(!address || strstr(info, ask()));
    }
    find_version_of_openh264(info);
    require(wcenc_build_info() == info && !strchr(info, '\n'));
}

static void find_another_version(void)
{
    char text[64];

    pretending = "swscale_version";
    (void)snprintf(text, sizeof text, "libswscale %d.0.100 (built with ", PRETENDED_MAJOR);
    require(strstr(wcenc_build_info(), text));
}

static void test_the_build_info_names_the_versions(void **state)
{
    (void)state;
    check_in_child(find_versions);
    check_in_child(find_another_version);
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

static void count_destroy(void *count)
{
    ++*(int *)count;
}

static void expect_named(const char *message, const char *library)
{
    char text[64];

    (void)snprintf(text, sizeof text, "%s %d is loaded", library, PRETENDED_MAJOR);
    assert_non_null(strstr(message, text));
}

static void check_create_fails(const char *library)
{
    wcenc_encoder *encoder = (wcenc_encoder *)&pretending;
    wcenc_encoder_desc desc;
    int destroyed = 0;

    wcenc_encoder_desc_init(&desc, sizeof desc);
    desc.user = &destroyed;
    desc.on_output = ignore_output;
    desc.on_error = ignore_error;
    desc.on_destroy = count_destroy;
    assert_int_equal(wcenc_encoder_create(&desc, &encoder), WCENC_ERROR_NOT_SUPPORTED);
    assert_null(encoder);
    assert_int_equal(destroyed, 0);
    expect_named(wcenc_last_error(), library);
}

static void check_nothing_is_supported(const char *library)
{
    wcenc_config_support *support;
    wcenc_encoder_info info;
    wcenc_config config;

    wcenc_config_init(&config, sizeof config);
    config.codec = "vp8";
    config.width = config.height = SIZE;
    assert_int_equal(wcenc_is_config_supported(&config, &support), WCENC_OK);
    assert_int_equal(support->supported, 0);
    expect_named(support->reason, library);
    wcenc_config_support_free(support);
    wcenc_encoder_info_init(&info, sizeof info);
    assert_int_equal(wcenc_get_encoder_info(0, &info), WCENC_ERROR_NOT_SUPPORTED);
    expect_named(wcenc_last_error(), library);
}

/* A conversion that libswscale does. */
static wcenc_status convert(void)
{
    static uint8_t samples[SIZE * SIZE * 2 * 3], rgba[SIZE * SIZE * 4];
    wcenc_copy_to_options options;
    wcenc_frame_desc desc;
    wcenc_frame *frame;
    wcenc_status status;

    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = WCENC_PIXEL_FORMAT_I444P12;
    desc.coded_width = desc.coded_height = SIZE;
    desc.data = samples;
    desc.data_size = sizeof samples;
    assert_int_equal(wcenc_frame_create_copy(&desc, &frame), WCENC_OK);
    wcenc_copy_to_options_init(&options, sizeof options);
    options.format = WCENC_PIXEL_FORMAT_RGBA;
    status = wcenc_frame_copy_to(frame, &options, rgba, sizeof rgba, NULL);
    wcenc_frame_unref(frame);
    return status;
}

static void test_another_major_version_of_ffmpeg_is_an_error(void **state)
{
    static const char *const functions[][2] = {
        {"avcodec_version", "libavcodec"}, {"avutil_version", "libavutil"}, {"swscale_version", "libswscale"}};

    (void)state;
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        assert_int_equal(convert(), WCENC_OK);
        pretending = functions[i][0];
        check_create_fails(functions[i][1]);
        check_nothing_is_supported(functions[i][1]);
        assert_int_equal(convert(), WCENC_ERROR_NOT_SUPPORTED);
        expect_named(wcenc_last_error(), functions[i][1]);
        pretending = NULL;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_build_info_names_the_versions),
        cmocka_unit_test(test_each_listed_encoder_has_what_the_list_says),
        cmocka_unit_test(test_the_list_is_in_the_order_of_preference),
        cmocka_unit_test(test_the_list_ends_with_an_error),
        cmocka_unit_test(test_another_major_version_of_ffmpeg_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
