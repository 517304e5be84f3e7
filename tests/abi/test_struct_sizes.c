/* SPDX-License-Identifier: MIT */

/*
 * Structs that a caller fills, as long as those of an older version, of this one and of a newer one. Each stands in a
 * block of exactly the size that it says of itself, so that AddressSanitizer sees every byte read too far.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wcenc/wcenc.h>

enum { WIDTH = 128, HEIGHT = 64, LONGEST_TAIL = 256 };

static uint8_t pixels[WIDTH * HEIGHT * 4];

/* One entry point that takes a struct: how the struct is made valid, and the call. */
struct entry {
    const char *name;
    size_t size; /* in this version, which is the first */
    void (*desc)(void *target, size_t size);
    void (*fill)(void *target);
    wcenc_status (*call)(const void *given);
};

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

static void init_frame(void *target, size_t size)
{
    wcenc_frame_desc_init((wcenc_frame_desc *)target, size);
}

static void fill_frame(void *target)
{
    wcenc_frame_desc *desc = (wcenc_frame_desc *)target;

    desc->format = WCENC_PIXEL_FORMAT_RGBA;
    desc->coded_width = WIDTH;
    desc->coded_height = HEIGHT;
    desc->planes[0] = pixels;
}

static wcenc_frame *a_frame(void)
{
    wcenc_frame_desc desc;
    wcenc_frame *frame = NULL;

    init_frame(&desc, sizeof desc);
    fill_frame(&desc);
    assert_int_equal(wcenc_frame_create_copy(&desc, &frame), WCENC_OK);
    return frame;
}

/* What a failed call gave; of a successful one, the object is released. */
static wcenc_status end_frame(wcenc_status status, wcenc_frame *frame)
{
    assert_true((status == WCENC_OK) == (frame != NULL));
    wcenc_frame_unref(frame);
    return status;
}

static wcenc_status call_create_copy(const void *given)
{
    wcenc_frame *frame = NULL;
    wcenc_status status = wcenc_frame_create_copy((const wcenc_frame_desc *)given, &frame);

    return end_frame(status, frame);
}

static wcenc_status call_create_wrap(const void *given)
{
    wcenc_frame *frame = NULL;
    wcenc_status status = wcenc_frame_create_wrap((const wcenc_frame_desc *)given, NULL, NULL, &frame);

    return end_frame(status, frame);
}

static void init_overrides(void *target, size_t size)
{
    wcenc_frame_overrides_init((wcenc_frame_overrides *)target, size);
}

static void fill_overrides(void *target)
{
    ((wcenc_frame_overrides *)target)->timestamp_us = 7;
}

static wcenc_status call_create_from(const void *given)
{
    wcenc_frame *source = a_frame();
    wcenc_frame *frame = NULL;
    wcenc_status status = wcenc_frame_create_from(source, (const wcenc_frame_overrides *)given, &frame);

    wcenc_frame_unref(source);
    return end_frame(status, frame);
}

static void init_copy_to(void *target, size_t size)
{
    wcenc_copy_to_options_init((wcenc_copy_to_options *)target, size);
}

static void fill_copy_to(void *target)
{
    ((wcenc_copy_to_options *)target)->format = WCENC_PIXEL_FORMAT_BGRA;
}

static wcenc_status call_allocation_size(const void *given)
{
    wcenc_frame *frame = a_frame();
    size_t size = 0;
    wcenc_status status = wcenc_frame_allocation_size(frame, (const wcenc_copy_to_options *)given, &size);

    wcenc_frame_unref(frame);
    return status;
}

static wcenc_status call_copy_to(const void *given)
{
    static uint8_t destination[sizeof pixels];
    wcenc_frame *frame = a_frame();
    wcenc_plane_layout layout[4];
    wcenc_status status =
        wcenc_frame_copy_to(frame, (const wcenc_copy_to_options *)given, destination, sizeof destination, layout);

    wcenc_frame_unref(frame);
    return status;
}

static void init_chunk(void *target, size_t size)
{
    wcenc_chunk_desc_init((wcenc_chunk_desc *)target, size);
}

static void fill_chunk(void *target)
{
    wcenc_chunk_desc *desc = (wcenc_chunk_desc *)target;

    desc->type = WCENC_CHUNK_TYPE_KEY;
    desc->data = pixels;
    desc->data_size = 3;
}

static wcenc_status call_chunk_create(const void *given)
{
    wcenc_chunk *chunk = NULL;
    wcenc_status status = wcenc_chunk_create((const wcenc_chunk_desc *)given, &chunk);

    assert_true((status == WCENC_OK) == (chunk != NULL));
    wcenc_chunk_unref(chunk);
    return status;
}

static void init_encoder(void *target, size_t size)
{
    wcenc_encoder_desc_init((wcenc_encoder_desc *)target, size);
}

static void fill_encoder(void *target)
{
    wcenc_encoder_desc *desc = (wcenc_encoder_desc *)target;

    desc->on_output = ignore_output;
    desc->on_error = ignore_error;
}

static wcenc_status call_encoder_create(const void *given)
{
    wcenc_encoder *encoder = NULL;
    wcenc_status status = wcenc_encoder_create((const wcenc_encoder_desc *)given, &encoder);

    assert_true((status == WCENC_OK) == (encoder != NULL));
    wcenc_encoder_destroy(encoder);
    return status;
}

static wcenc_encoder *an_encoder(void)
{
    wcenc_encoder_desc desc;
    wcenc_encoder *encoder = NULL;

    init_encoder(&desc, sizeof desc);
    fill_encoder(&desc);
    assert_int_equal(wcenc_encoder_create(&desc, &encoder), WCENC_OK);
    return encoder;
}

static void init_config(void *target, size_t size)
{
    wcenc_config_init((wcenc_config *)target, size);
}

static void fill_config(void *target)
{
    wcenc_config *config = (wcenc_config *)target;

    config->codec = "vp8";
    config->width = WIDTH;
    config->height = HEIGHT;
    config->latency_mode = WCENC_LATENCY_REALTIME;
}

static wcenc_status call_configure(const void *given)
{
    wcenc_encoder *encoder = an_encoder();
    wcenc_status status = wcenc_encoder_configure(encoder, (const wcenc_config *)given);

    assert_int_equal(wcenc_encoder_get_state(encoder) == WCENC_STATE_UNCONFIGURED, status != WCENC_OK);
    wcenc_encoder_destroy(encoder);
    return status;
}

/* An answer of "not supported" counts as the status of that name. */
static wcenc_status call_is_config_supported(const void *given)
{
    wcenc_config_support *support = NULL;
    wcenc_status status = wcenc_is_config_supported((const wcenc_config *)given, &support);

    assert_true((status == WCENC_OK) == (support != NULL));
    assert_int_not_equal(status, WCENC_ERROR_NOT_SUPPORTED);
    if (support && !support->supported) {
        assert_non_null(support->reason);
        status = WCENC_ERROR_NOT_SUPPORTED;
    }
    wcenc_config_support_free(support);
    return status;
}

static void init_parameters(void *target, size_t size)
{
    wcenc_codec_parameters_init((wcenc_codec_parameters *)target, size);
}

static void fill_parameters(void *target)
{
    wcenc_codec_parameters *parameters = (wcenc_codec_parameters *)target;

    parameters->codec = WCENC_CODEC_VP8;
    parameters->width = WIDTH;
    parameters->height = HEIGHT;
}

static wcenc_status call_codec_string(const void *given)
{
    char text[WCENC_CODEC_STRING_SIZE];
    wcenc_status status = wcenc_codec_string((const wcenc_codec_parameters *)given, text, sizeof text);

    assert_int_equal(status == WCENC_OK, text[0] != '\0');
    return status;
}

static void init_encode(void *target, size_t size)
{
    wcenc_encode_options_init((wcenc_encode_options *)target, size);
}

static void fill_encode(void *target)
{
    ((wcenc_encode_options *)target)->key_frame = 1;
}

static wcenc_status call_encode(const void *given)
{
    wcenc_encoder *encoder = an_encoder();
    wcenc_frame *frame = a_frame();
    wcenc_config config;

    init_config(&config, sizeof config);
    fill_config(&config);
    assert_int_equal(wcenc_encoder_configure(encoder, &config), WCENC_OK);

    wcenc_status status = wcenc_encoder_encode(encoder, frame, (const wcenc_encode_options *)given);

    wcenc_frame_unref(frame);
    wcenc_encoder_destroy(encoder);
    return status;
}

static void init_hdr(void *target, size_t size)
{
    wcenc_hdr_metadata_init((wcenc_hdr_metadata *)target, size);
}

static void fill_hdr(void *target)
{
    wcenc_hdr_metadata *metadata = (wcenc_hdr_metadata *)target;

    metadata->has_content_light_level = 1;
    metadata->max_content_light_level = 1000;
}

static wcenc_config config_with(const void *given)
{
    wcenc_config config;

    init_config(&config, sizeof config);
    fill_config(&config);
    config.hdr_metadata = (const wcenc_hdr_metadata *)given;
    return config;
}

static wcenc_status call_configure_hdr(const void *given)
{
    const wcenc_config config = config_with(given);

    return call_configure(&config);
}

static wcenc_status call_hdr_supported(const void *given)
{
    const wcenc_config config = config_with(given);

    return call_is_config_supported(&config);
}

static wcenc_status call_encode_hdr(const void *given)
{
    wcenc_encode_options options;

    init_encode(&options, sizeof options);
    options.hdr_metadata = (const wcenc_hdr_metadata *)given;
    return call_encode(&options);
}

static const struct entry entries[] = {
    {"wcenc_frame_create_copy", sizeof(wcenc_frame_desc), init_frame, fill_frame, call_create_copy},
    {"wcenc_frame_create_wrap", sizeof(wcenc_frame_desc), init_frame, fill_frame, call_create_wrap},
    {"wcenc_frame_create_from", sizeof(wcenc_frame_overrides), init_overrides, fill_overrides, call_create_from},
    {"wcenc_frame_allocation_size", sizeof(wcenc_copy_to_options), init_copy_to, fill_copy_to, call_allocation_size},
    {"wcenc_frame_copy_to", sizeof(wcenc_copy_to_options), init_copy_to, fill_copy_to, call_copy_to},
    {"wcenc_chunk_create", sizeof(wcenc_chunk_desc), init_chunk, fill_chunk, call_chunk_create},
    {"wcenc_encoder_create", sizeof(wcenc_encoder_desc), init_encoder, fill_encoder, call_encoder_create},
    {"wcenc_encoder_configure", sizeof(wcenc_config), init_config, fill_config, call_configure},
    {"wcenc_is_config_supported", sizeof(wcenc_config), init_config, fill_config, call_is_config_supported},
    {"wcenc_codec_string", sizeof(wcenc_codec_parameters), init_parameters, fill_parameters, call_codec_string},
    {"wcenc_encoder_encode", sizeof(wcenc_encode_options), init_encode, fill_encode, call_encode},
    {"configure with HDR metadata", sizeof(wcenc_hdr_metadata), init_hdr, fill_hdr, call_configure_hdr},
    {"a query with HDR metadata", sizeof(wcenc_hdr_metadata), init_hdr, fill_hdr, call_hdr_supported},
    {"encode with HDR metadata", sizeof(wcenc_hdr_metadata), init_hdr, fill_hdr, call_encode_hdr},
};

enum { ENTRY_COUNT = sizeof entries / sizeof entries[0] };

/* A reserved member of a struct that a caller fills. */
struct reserved {
    const char *struct_name;
    const char *member;
    size_t offset;
    size_t size;
    wcenc_status (*call)(const void *given); /* of its entry; each that takes the struct has a row */
};

#define RESERVED(type, name, call)                                             \
    {                                                                          \
#type, #name, offsetof(type, name), sizeof(((type *)NULL)->name), call \
    }

static const struct reserved reserved_members[] = {
    RESERVED(wcenc_frame_desc, reserved0, call_create_copy),
    RESERVED(wcenc_frame_desc, reserved0, call_create_wrap),
    RESERVED(wcenc_frame_overrides, reserved0, call_create_from),
    RESERVED(wcenc_frame_overrides, reserved1, call_create_from),
    RESERVED(wcenc_copy_to_options, reserved0, call_allocation_size),
    RESERVED(wcenc_copy_to_options, reserved1, call_allocation_size),
    RESERVED(wcenc_copy_to_options, reserved0, call_copy_to),
    RESERVED(wcenc_copy_to_options, reserved1, call_copy_to),
    RESERVED(wcenc_chunk_desc, reserved0, call_chunk_create),
    RESERVED(wcenc_encoder_desc, reserved0, call_encoder_create),
    RESERVED(wcenc_encoder_desc, reserved1, call_encoder_create),
    RESERVED(wcenc_config, reserved0, call_configure),
    RESERVED(wcenc_config, reserved0, call_is_config_supported),
    RESERVED(wcenc_codec_parameters, reserved0, call_codec_string),
    RESERVED(wcenc_encode_options, reserved0, call_encode),
    RESERVED(wcenc_encode_options, reserved1, call_encode),
    RESERVED(wcenc_encode_options, reserved2, call_encode),
    RESERVED(wcenc_hdr_metadata, reserved0, call_configure_hdr),
    RESERVED(wcenc_hdr_metadata, reserved0, call_hdr_supported),
    RESERVED(wcenc_hdr_metadata, reserved0, call_encode_hdr),
};

enum { RESERVED_COUNT = sizeof reserved_members / sizeof reserved_members[0] };

/* Structs whose reserved members the library sets. */
static const char *const filled_by_library[] = {"wcenc_config_support", "wcenc_decoder_config", "wcenc_chunk_metadata",
                                                "wcenc_stats",          "wcenc_event",          "wcenc_error",
                                                "wcenc_drop",           "wcenc_encoder_info"};

/* Calls with a valid struct that says `size` of itself, in a block of exactly that; a tail beyond it is all zero. */
static wcenc_status call_with(const struct entry *entry, size_t size, size_t stray_byte)
{
    uint8_t *whole = calloc(1, entry->size);
    const uint32_t struct_size = (uint32_t)size;
    uint8_t *block = calloc(1, size > sizeof struct_size ? size : sizeof struct_size);

    assert_non_null(whole);
    assert_non_null(block);
    entry->desc(whole, entry->size);
    entry->fill(whole);
    memcpy(block, whole, size < entry->size ? size : entry->size);
    memcpy(block, &struct_size, sizeof struct_size);
    if (stray_byte)
        block[stray_byte] = 1;

    wcenc_status status = entry->call(block);

    free(block);
    free(whole);
    return status;
}

static void expect(const struct entry *entry, size_t size, size_t stray_byte, wcenc_status wanted)
{
    wcenc_status status = call_with(entry, size, stray_byte);

    if (status != wanted)
        print_error("%s with %zu bytes of %zu, stray byte %zu: %s\n", entry->name, size, entry->size, stray_byte,
                    wcenc_status_name(status));
    assert_int_equal(status, wanted);
}

/* Leaves the question out where FFmpeg has no encoder for it. */
static bool can_be_asked(const struct entry *entry)
{
    return entry->call != call_is_config_supported || call_with(entry, entry->size, 0) == WCENC_OK;
}

static void test_init_zeroes_exactly_the_given_size(void **state)
{
    (void)state;
    for (int i = 0; i < ENTRY_COUNT; i++) {
        const size_t sizes[] = {sizeof(uint32_t), entries[i].size - 8, entries[i].size, entries[i].size + 24};

        for (int j = 0; j < 4; j++) {
            uint8_t *block = malloc(sizes[j]);
            uint32_t stored;

            assert_non_null(block);
            memset(block, 0xA5, sizes[j]);
            entries[i].desc(block, sizes[j]);
            memcpy(&stored, block, sizeof stored);
            assert_int_equal(stored, sizes[j]);
            for (size_t k = sizeof stored; k < sizes[j]; k++)
                assert_int_equal(block[k], 0);
            free(block);
        }
        entries[i].desc(NULL, entries[i].size);
    }
}

static void test_a_struct_of_this_version_is_taken(void **state)
{
    (void)state;
    for (int i = 0; i < ENTRY_COUNT; i++)
        if (can_be_asked(&entries[i]))
            expect(&entries[i], entries[i].size, 0, WCENC_OK);
}

static void test_a_struct_shorter_than_that_of_the_first_version_is_a_type_error(void **state)
{
    (void)state;
    for (int i = 0; i < ENTRY_COUNT; i++) {
        expect(&entries[i], 0, 0, WCENC_ERROR_TYPE);
        expect(&entries[i], 1, 0, WCENC_ERROR_TYPE);
        expect(&entries[i], sizeof(size_t), 0, WCENC_ERROR_TYPE);
        expect(&entries[i], entries[i].size / 2, 0, WCENC_ERROR_TYPE);
        expect(&entries[i], entries[i].size - 1, 0, WCENC_ERROR_TYPE);
        assert_non_null(strstr(wcenc_last_error(), "struct_size"));
    }
}

static void test_a_longer_struct_is_taken_if_its_tail_is_zero(void **state)
{
    (void)state;
    for (int i = 0; i < ENTRY_COUNT; i++) {
        if (!can_be_asked(&entries[i]))
            continue;
        expect(&entries[i], entries[i].size + 1, 0, WCENC_OK);
        expect(&entries[i], entries[i].size + 8, 0, WCENC_OK);
        expect(&entries[i], entries[i].size + LONGEST_TAIL, 0, WCENC_OK);
    }
}

static void test_a_longer_struct_with_anything_in_its_tail_is_not_supported(void **state)
{
    (void)state;
    for (int i = 0; i < ENTRY_COUNT; i++) {
        size_t size = entries[i].size;

        expect(&entries[i], size + 1, size, WCENC_ERROR_NOT_SUPPORTED);
        expect(&entries[i], size + 8, size + 3, WCENC_ERROR_NOT_SUPPORTED);
        expect(&entries[i], size + LONGEST_TAIL, size, WCENC_ERROR_NOT_SUPPORTED);
        expect(&entries[i], size + LONGEST_TAIL, size + LONGEST_TAIL - 1, WCENC_ERROR_NOT_SUPPORTED);
    }
}

/* A size that was never set may be any number; nothing may be read on its word. */
static void test_a_size_that_no_struct_has_is_a_type_error(void **state)
{
    const uint32_t sizes[] = {UINT32_MAX, UINT32_MAX / 2, UINT32_C(1) << 24};

    (void)state;
    for (int i = 0; i < ENTRY_COUNT; i++)
        for (int j = 0; j < 3; j++) {
            uint8_t *block = calloc(1, entries[i].size);

            assert_non_null(block);
            memcpy(block, &sizes[j], sizeof sizes[j]);
            assert_int_equal(entries[i].call(block), WCENC_ERROR_TYPE);
            free(block);
        }
}

static const struct entry *entry_of(const struct reserved *member)
{
    for (int i = 0; i < ENTRY_COUNT; i++)
        if (entries[i].call == member->call)
            return &entries[i];
    fail_msg("%s.%s has no entry", member->struct_name, member->member);
    return NULL;
}

/* Each byte of each member: one that is ignored today could not be given a meaning tomorrow. */
static void test_reserved_members_that_are_not_zero_are_not_supported(void **state)
{
    (void)state;
    for (int i = 0; i < RESERVED_COUNT; i++) {
        const struct reserved *member = &reserved_members[i];
        const struct entry *entry = entry_of(member);

        for (size_t byte = 0; byte < member->size; byte++) {
            expect(entry, entry->size, member->offset + byte, WCENC_ERROR_NOT_SUPPORTED);
            if (member->call != call_is_config_supported)
                assert_non_null(strstr(wcenc_last_error(), "reserved"));
        }
    }
}

static bool is_known(const char *struct_name, const char *member)
{
    for (int i = 0; i < RESERVED_COUNT; i++)
        if (strcmp(reserved_members[i].struct_name, struct_name) == 0 &&
            strcmp(reserved_members[i].member, member) == 0)
            return true;
    for (size_t i = 0; i < sizeof filled_by_library / sizeof filled_by_library[0]; i++)
        if (strcmp(filled_by_library[i], struct_name) == 0)
            return true;
    return false;
}

/* The reserved members that a header declares; their number. */
static int check_header(const char *name)
{
    char path[1024], line[256], struct_name[64] = "", member[64];
    FILE *file;
    int count = 0;

    (void)snprintf(path, sizeof path, "%s/wcenc/%s", WCENC_INCLUDE, name);
    file = fopen(path, "r");
    if (!file)
        fail_msg("%s cannot be read", path);
    while (fgets(line, sizeof line, file)) {
        (void)sscanf(line, "typedef struct %63[a-z_0-9] {", struct_name);
        if (sscanf(line, " %*[a-z_0-9] reserved%63[a-z_0-9;[]", member) != 1)
            continue;
        memmove(member + strlen("reserved"), member, strlen(member) + 1);
        memcpy(member, "reserved", strlen("reserved"));
        member[strcspn(member, ";[")] = '\0';
        if (!is_known(struct_name, member))
            fail_msg("%s.%s is in no table of this test", struct_name, member);
        count++;
    }
    (void)fclose(file);
    return count;
}

static void test_every_reserved_member_is_in_the_table(void **state)
{
    static const char *const headers[] = {"chunk.h", "codec.h", "color_space.h", "config.h", "encoder.h",
                                          "frame.h", "info.h",  "log.h",         "status.h", "wcenc.h"};
    int count = 0;

    (void)state;
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        count += check_header(headers[i]);
    assert_true(count >= RESERVED_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reserved_members_that_are_not_zero_are_not_supported),
        cmocka_unit_test(test_every_reserved_member_is_in_the_table),
        cmocka_unit_test(test_init_zeroes_exactly_the_given_size),
        cmocka_unit_test(test_a_struct_of_this_version_is_taken),
        cmocka_unit_test(test_a_struct_shorter_than_that_of_the_first_version_is_a_type_error),
        cmocka_unit_test(test_a_longer_struct_is_taken_if_its_tail_is_zero),
        cmocka_unit_test(test_a_longer_struct_with_anything_in_its_tail_is_not_supported),
        cmocka_unit_test(test_a_size_that_no_struct_has_is_a_type_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
