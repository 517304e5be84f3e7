/* SPDX-License-Identifier: MIT */

/* The library as a binding of another language has it: loaded at run time, used, and unloaded; and all that again. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <string.h>

#include <wcenc/wcenc.h>

enum { WIDTH = 128, HEIGHT = 64, FRAMES = 5 };

/* Every function by its name, as the headers declare it. */
struct library {
    void *handle;
    void (*config_init)(wcenc_config *, size_t);
    wcenc_status (*is_config_supported)(const wcenc_config *, wcenc_config_support **);
    void (*config_support_free)(wcenc_config_support *);
    void (*encoder_desc_init)(wcenc_encoder_desc *, size_t);
    wcenc_status (*encoder_create)(const wcenc_encoder_desc *, wcenc_encoder **);
    wcenc_status (*encoder_configure)(wcenc_encoder *, const wcenc_config *);
    wcenc_status (*encoder_encode)(wcenc_encoder *, wcenc_frame *, const wcenc_encode_options *);
    wcenc_status (*encoder_flush)(wcenc_encoder *);
    int32_t (*encoder_get_event_fd)(const wcenc_encoder *);
    wcenc_status (*encoder_pump)(wcenc_encoder *, uint32_t, int64_t, uint32_t *);
    wcenc_status (*encoder_receive)(wcenc_encoder *, int64_t, wcenc_event **);
    void (*event_free)(wcenc_event *);
    void (*encoder_destroy)(wcenc_encoder *);
    void (*frame_desc_init)(wcenc_frame_desc *, size_t);
    wcenc_status (*frame_create_wrap)(const wcenc_frame_desc *, wcenc_release_fn, void *, wcenc_frame **);
    void (*frame_unref)(wcenc_frame *);
    size_t (*chunk_get_byte_length)(const wcenc_chunk *);
    const char *(*version_string)(void);
};

/* What the callbacks of one encoder have seen. They read it only where the library's calls order it. */
struct seen {
    const struct library *library;
    int chunks;
    int errors;
    int destroyed;
};

static void find(const struct library *library, const char *name, void *function, size_t size)
{
    void *symbol = dlsym(library->handle, name);

    assert_non_null(symbol);
    assert_int_equal(size, sizeof symbol);
    memcpy(function, &symbol, size);
}

/* The comparison, which is not evaluated, does not compile where the member has another type than the function. */
#define FIND(library, name)                         \
    ((void)sizeof((library)->name == wcenc_##name), \
     find(library, "wcenc_" #name, &(library)->name, sizeof(library)->name))

static void load(struct library *library)
{
    library->handle = dlopen(WCENC_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library->handle)
        fail_msg("%s", dlerror());
    FIND(library, config_init);
    FIND(library, is_config_supported);
    FIND(library, config_support_free);
    FIND(library, encoder_desc_init);
    FIND(library, encoder_create);
    FIND(library, encoder_configure);
    FIND(library, encoder_encode);
    FIND(library, encoder_flush);
    FIND(library, encoder_get_event_fd);
    FIND(library, encoder_pump);
    FIND(library, encoder_receive);
    FIND(library, event_free);
    FIND(library, encoder_destroy);
    FIND(library, frame_desc_init);
    FIND(library, frame_create_wrap);
    FIND(library, frame_unref);
    FIND(library, chunk_get_byte_length);
    FIND(library, version_string);
}

static void on_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    struct seen *seen = (struct seen *)user;

    (void)metadata;
    if (seen->library->chunk_get_byte_length(chunk) > 0)
        seen->chunks++;
}

static void on_error(void *user, const wcenc_error *error)
{
    (void)error;
    ((struct seen *)user)->errors++;
}

static void on_destroy(void *user)
{
    ((struct seen *)user)->destroyed++;
}

/* The first configuration that works here; its codec is NULL if there is none. */
static wcenc_config find_config(const struct library *library)
{
    static const char *const codecs[] = {"vp8", "avc1.42001e", "vp09.00.10.08", "hvc1.1.6.L93.B0", "av01.0.04M.08"};
    wcenc_config config;

    library->config_init(&config, sizeof config);
    config.width = WIDTH;
    config.height = HEIGHT;
    config.latency_mode = WCENC_LATENCY_REALTIME;
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++) {
        wcenc_config_support *support = NULL;

        config.codec = codecs[i];
        assert_int_equal(library->is_config_supported(&config, &support), WCENC_OK);

        int32_t supported = support->supported;

        library->config_support_free(support);
        if (supported)
            return config;
    }
    config.codec = NULL;
    return config;
}

static void encode_frames(const struct library *library, wcenc_encoder *encoder)
{
    static const uint8_t pixels[WIDTH * HEIGHT * 4];
    wcenc_frame_desc desc;
    wcenc_frame *frame = NULL;

    library->frame_desc_init(&desc, sizeof desc);
    desc.format = WCENC_PIXEL_FORMAT_RGBA;
    desc.coded_width = WIDTH;
    desc.coded_height = HEIGHT;
    desc.planes[0] = pixels;
    for (int i = 0; i < FRAMES; i++) {
        desc.timestamp_us = i * 1000;
        assert_int_equal(library->frame_create_wrap(&desc, NULL, NULL, &frame), WCENC_OK);
        assert_int_equal(library->encoder_encode(encoder, frame, NULL), WCENC_OK);
        library->frame_unref(frame);
    }
}

/* Everything that is pending; the status that ended it. */
static wcenc_status receive(const struct library *library, wcenc_encoder *encoder, struct seen *seen)
{
    wcenc_event *event = NULL;
    wcenc_status status;

    while ((status = library->encoder_receive(encoder, 0, &event)) == WCENC_OK) {
        if (event->type == WCENC_EVENT_OUTPUT)
            on_output(seen, event->chunk, event->metadata);
        library->event_free(event);
    }
    return status;
}

static void take(const struct library *library, wcenc_encoder *encoder, wcenc_delivery delivery, struct seen *seen)
{
    if (delivery == WCENC_DELIVERY_PUMP) {
        assert_true(library->encoder_get_event_fd(encoder) >= 0);
        /* A flush pumps by itself. */
        assert_true(library->encoder_pump(encoder, 0, 0, NULL) >= 0);
    } else if (delivery == WCENC_DELIVERY_PULL) {
        assert_true(library->encoder_get_event_fd(encoder) >= 0);
        assert_int_equal(receive(library, encoder, seen), WCENC_AGAIN);
    }
}

static void use(const struct library *library, const wcenc_config *config, wcenc_delivery delivery)
{
    struct seen seen = {.library = library};
    wcenc_encoder_desc desc;
    wcenc_encoder *encoder = NULL;

    library->encoder_desc_init(&desc, sizeof desc);
    desc.user = &seen;
    desc.delivery = delivery;
    if (delivery != WCENC_DELIVERY_PULL) {
        desc.on_output = on_output;
        desc.on_error = on_error;
    }
    desc.on_destroy = on_destroy;
    assert_int_equal(library->encoder_create(&desc, &encoder), WCENC_OK);
    assert_int_equal(library->encoder_configure(encoder, config), WCENC_OK);
    encode_frames(library, encoder);
    assert_int_equal(library->encoder_flush(encoder), WCENC_OK);
    take(library, encoder, delivery, &seen);
    assert_int_equal(seen.chunks, FRAMES);
    library->encoder_destroy(encoder);
    assert_int_equal(seen.errors, 0);
    assert_int_equal(seen.destroyed, 1);
}

static void test_the_library_is_loaded_used_and_unloaded_twice(void **state)
{
    struct library library;

    (void)state;
    assert_null(dlopen(WCENC_LIBRARY, RTLD_NOW | RTLD_NOLOAD));
    for (int i = 0; i < 2; i++) {
        load(&library);
        assert_non_null(strchr(library.version_string(), '.'));

        wcenc_config config = find_config(&library);

        if (!config.codec)
            print_message("left out: no encoder is available\n");
        for (int delivery = WCENC_DELIVERY_THREAD; delivery <= WCENC_DELIVERY_PULL && config.codec; delivery++)
            use(&library, &config, delivery);
        assert_int_equal(dlclose(library.handle), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_library_is_loaded_used_and_unloaded_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
