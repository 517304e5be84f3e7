/* SPDX-License-Identifier: MIT */

/*
 * An encoder as one more thing that a libuv loop waits for, on one thread.
 *
 * A uv_poll_t watches the encoder's descriptor, and the callbacks run inside wcenc_encoder_pump. (A loop that cannot
 * watch descriptors is woken by on_wakeup: uv_async_send is all that it has to call.) A timer asks for pictures; a
 * picture for which there is no room yet is offered again at the next tick. Ctrl-C ends the recording early, and well.
 */

#include <signal.h>
#include <stdlib.h>
#include <uv.h>

#include "sample.h"

struct app {
    wcenc_encoder *encoder;
    struct sample sample;
    uv_poll_t results;
    uv_timer_t clock;
    uv_signal_t interrupt;
    int has_failed;
    unsigned frames;
    unsigned chunks;
};

static void check_uv(int result, const char *what)
{
    if (result < 0)
        fail(what, uv_strerror(result));
}

/* The loop ends when nothing is left in it. */
static void leave(struct app *app)
{
    uv_close((uv_handle_t *)&app->results, NULL);
    uv_close((uv_handle_t *)&app->clock, NULL);
    uv_close((uv_handle_t *)&app->interrupt, NULL);
}

static void on_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    struct app *app = user;

    (void)metadata; /* the chunks of these files have what a decoder needs */
    sample_write(&app->sample, chunk);
    app->chunks++;
}

/* The encoder is closed by now. */
static void on_error(void *user, const wcenc_error *error)
{
    struct app *app = user;

    fprintf(stderr, "encoder: %s\n", error->message);
    app->has_failed = 1;
    leave(app);
}

static void on_closed(void *user, wcenc_status status)
{
    (void)status; /* a close cannot fail */
    leave(user);
}

static void on_flushed(void *user, wcenc_status status)
{
    struct app *app = user;

    if (status == WCENC_OK) /* otherwise on_error has reported why */
        check(wcenc_encoder_close_async(app->encoder, on_closed, app), "close");
}

/* No more pictures. A second Ctrl-C finds no handler and ends the program at once. */
static void stop_recording(struct app *app)
{
    check_uv(uv_timer_stop(&app->clock), "timer");
    check_uv(uv_signal_stop(&app->interrupt), "signal");
    check(wcenc_encoder_flush_async(app->encoder, on_flushed, app), "flush");
}

static void on_interrupt(uv_signal_t *interrupt, int number)
{
    (void)number;
    stop_recording(interrupt->data);
}

static void on_tick(uv_timer_t *clock)
{
    struct app *app = clock->data;
    wcenc_frame *frame = sample_picture(app->frames);
    wcenc_status status = wcenc_encoder_encode(app->encoder, frame, NULL);

    wcenc_frame_unref(frame);
    if (status == WCENC_ERROR_QUOTA_EXCEEDED)
        return;
    check(status, "encode");
    app->frames++;
    if (app->frames == SAMPLE_FRAMES)
        stop_recording(app);
}

static void on_results(uv_poll_t *results, int status, int events)
{
    struct app *app = results->data;

    (void)events;
    check_uv(status, "poll");
    check(wcenc_encoder_pump(app->encoder, 0, 0, NULL), "pump");
}

static void start_encoder(struct app *app, const wcenc_config *config)
{
    wcenc_encoder_desc desc;

    wcenc_encoder_desc_init(&desc, sizeof(desc));
    desc.user = app;
    desc.on_output = on_output;
    desc.on_error = on_error;
    desc.delivery = WCENC_DELIVERY_PUMP;
    desc.queue_policy = WCENC_QUEUE_FAIL;
    desc.max_queued_frames = 4;
    check(wcenc_encoder_create(&desc, &app->encoder), "create");
    check(wcenc_encoder_configure(app->encoder, config), "configure");
}

int main(int argc, char **argv)
{
    struct app app = {0};
    uv_loop_t loop;
    wcenc_config config;

    sample_open(&app.sample, argc, argv, &config);
    start_encoder(&app, &config);
    app.results.data = app.clock.data = app.interrupt.data = &app;
    check_uv(uv_loop_init(&loop), "loop");
    check_uv(uv_poll_init(&loop, &app.results, check(wcenc_encoder_get_event_fd(app.encoder), "descriptor")), "poll");
    check_uv(uv_poll_start(&app.results, UV_READABLE, on_results), "poll");
    check_uv(uv_timer_init(&loop, &app.clock), "timer");
    check_uv(uv_timer_start(&app.clock, on_tick, 0, 1000 / SAMPLE_RATE), "timer");
    check_uv(uv_signal_init(&loop, &app.interrupt), "signal");
    check_uv(uv_signal_start(&app.interrupt, on_interrupt, SIGINT), "signal");
    check_uv(uv_run(&loop, UV_RUN_DEFAULT), "run");
    check_uv(uv_loop_close(&loop), "loop");
    wcenc_encoder_destroy(app.encoder); /* after the poll handle, which watched its descriptor */
    sample_close(&app.sample, app.frames, app.chunks, 0);
    return app.has_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
