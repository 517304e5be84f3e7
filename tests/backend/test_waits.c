/* SPDX-License-Identifier: MIT */

/* What close, close_async, reset, unref and destroy each wait for: the table in encoder.h, cell by cell. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include <wcenc/wcenc.h>

#include "../support/journal.h"
#include "../support/scripted_backend.h"

enum { WIDTH = 64, HEIGHT = 64, YIELDS = 2000 };

static uint8_t pixels[WIDTH * HEIGHT * 4];

/* Where a thread of the library is held until the gate opens. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_inside, is_open;
} gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, false};

static void stay_until_open(void)
{
    pthread_mutex_lock(&gate.lock);
    gate.is_inside = true;
    pthread_cond_broadcast(&gate.changed);
    while (!gate.is_open)
        pthread_cond_wait(&gate.changed, &gate.lock);
    pthread_mutex_unlock(&gate.lock);
}

static void close_gate(void)
{
    gate.is_inside = gate.is_open = false;
}

static void wait_until_inside(void)
{
    pthread_mutex_lock(&gate.lock);
    while (!gate.is_inside)
        pthread_cond_wait(&gate.changed, &gate.lock);
    pthread_mutex_unlock(&gate.lock);
}

static void open_gate(void)
{
    pthread_mutex_lock(&gate.lock);
    gate.is_open = true;
    pthread_cond_broadcast(&gate.changed);
    pthread_mutex_unlock(&gate.lock);
}

/* What the encoder is in the middle of. */

static void stay_in_output(struct journal *journal, char what)
{
    (void)journal;
    if (what == TOLD_OUTPUT)
        stay_until_open();
}

static void stay_in_release(void *user)
{
    (void)user;
    stay_until_open();
}

static void ignore_release(void *user)
{
    (void)user;
}

static void encode(const struct journal *journal, void (*release)(void *))
{
    wcenc_frame_desc desc;
    wcenc_frame *frame;

    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = WCENC_PIXEL_FORMAT_RGBA;
    desc.coded_width = WIDTH;
    desc.coded_height = HEIGHT;
    desc.data = pixels;
    desc.data_size = sizeof pixels;
    assert_int_equal(wcenc_frame_create_wrap(&desc, release, NULL, &frame), WCENC_OK);
    assert_int_equal(wcenc_encoder_encode(journal->encoder, frame, NULL), WCENC_OK);
    wcenc_frame_unref(frame);
}

static void be_in_callback(struct journal *journal)
{
    journal->hook = stay_in_output;
    encode(journal, ignore_release);
    wait_until_inside();
}

static void be_in_codec(struct journal *journal)
{
    scripted.stop_at_frame = 0;
    encode(journal, ignore_release);
    scripted_wait_until_it_stands();
}

static void be_in_release(struct journal *journal)
{
    encode(journal, stay_in_release);
    wait_until_inside();
}

/* The calls. */

static void call_close(struct journal *journal)
{
    assert_int_equal(wcenc_encoder_close(journal->encoder), WCENC_OK);
}

static void call_close_async(struct journal *journal)
{
    assert_int_equal(journal_close_encoder(journal), WCENC_OK);
}

static void call_reset(struct journal *journal)
{
    assert_int_equal(wcenc_encoder_reset(journal->encoder), WCENC_OK);
}

static void call_unref(struct journal *journal)
{
    wcenc_encoder_unref(journal->encoder);
}

static void call_destroy(struct journal *journal)
{
    wcenc_encoder_destroy(journal->encoder);
}

static const struct {
    const char *name;
    void (*call)(struct journal *journal);
    bool is_last; /* the encoder is gone */
    bool waits_for_callback, waits_for_codec, waits_for_release;
} calls[] = {
    {"close", call_close, false, true, false, false},  {"close_async", call_close_async, false, false, false, false},
    {"reset", call_reset, false, false, false, false}, {"unref", call_unref, true, true, true, true},
    {"destroy", call_destroy, true, true, true, true},
};

struct caller {
    struct journal *journal;
    void (*call)(struct journal *journal);
    atomic_bool has_returned;
};

static void *run_call(void *argument)
{
    struct caller *caller = argument;

    caller->call(caller->journal);
    atomic_store(&caller->has_returned, true);
    return NULL;
}

/* A call that waits closes the encoder first. One that did not wait would return about then. */
static void expect_wait(const char *name, struct caller *caller, void (*go_on)(void))
{
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, run_call, caller), 0);
    while (wcenc_encoder_get_state(caller->journal->encoder) != WCENC_STATE_CLOSED)
        sched_yield();
    for (int i = 0; i < YIELDS; i++)
        sched_yield();
    if (atomic_load(&caller->has_returned))
        fail_msg("%s did not wait", name);
    go_on();
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(atomic_load(&caller->has_returned));
}

static void check_cell(size_t which, bool waits, void (*be_inside)(struct journal *), void (*go_on)(void))
{
    struct journal journal;
    struct caller caller = {.journal = &journal, .call = calls[which].call};
    wcenc_config config;

    close_gate();
    scripted_install();
    journal_open(&journal, WCENC_DELIVERY_THREAD, NULL);
    wcenc_config_init(&config, sizeof config);
    config.codec = "avc1.42001e";
    config.encoder_name = "scripted";
    config.width = WIDTH;
    config.height = HEIGHT;
    assert_int_equal(wcenc_encoder_configure(journal.encoder, &config), WCENC_OK);
    be_inside(&journal);
    if (waits) {
        expect_wait(calls[which].name, &caller, go_on);
    } else {
        calls[which].call(&journal); /* would never return if it waited */
        go_on();
    }
    if (calls[which].is_last)
        journal.encoder = NULL;
    journal_end(&journal);
    scripted_remove();
}

static void test_each_call_waits_for_what_its_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        check_cell(i, calls[i].waits_for_callback, be_in_callback, open_gate);
        check_cell(i, calls[i].waits_for_codec, be_in_codec, scripted_go_on);
        check_cell(i, calls[i].waits_for_release, be_in_release, open_gate);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_call_waits_for_what_its_table_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
