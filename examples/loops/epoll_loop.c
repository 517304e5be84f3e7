/* SPDX-License-Identifier: MIT */

/*
 * A live source and an encoder in one epoll loop, on one thread.
 *
 * A timer stands for a camera: 30 pictures a second, which wait for nobody. Where the encoder falls behind, the oldest
 * picture in its queue is dropped, so that what is coded is never far behind the camera. The encoder wakes the loop
 * through a descriptor, and its callbacks run inside wcenc_encoder_pump: nothing in here needs a lock.
 */

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "sample.h"

struct app {
    wcenc_encoder *encoder;
    struct sample sample;
    int timer;
    int is_done;
    int has_failed;
    unsigned frames;
    unsigned chunks;
    unsigned drops;
};

static void on_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    struct app *app = user;

    (void)metadata; /* the chunks of these files have what a decoder needs */
    sample_write(&app->sample, chunk);
    app->chunks++;
}

static void on_drop(void *user, const wcenc_drop *drop)
{
    struct app *app = user;

    fprintf(stderr, "too slow for the picture at %.3f s\n", (double)drop->timestamp_us / 1e6);
    app->drops++;
}

/* The encoder is closed by now. A flush that is under way still ends, at the latest when the encoder is destroyed. */
static void on_error(void *user, const wcenc_error *error)
{
    struct app *app = user;

    fprintf(stderr, "encoder: %s\n", error->message);
    app->has_failed = 1;
    app->is_done = 1;
}

static void on_closed(void *user, wcenc_status status)
{
    struct app *app = user;

    (void)status; /* a close cannot fail */
    app->is_done = 1;
}

static void on_flushed(void *user, wcenc_status status)
{
    struct app *app = user;

    if (status == WCENC_OK) /* otherwise on_error has reported why */
        check(wcenc_encoder_close_async(app->encoder, on_closed, app), "close");
}

static void start_encoder(struct app *app, const wcenc_config *config)
{
    wcenc_encoder_desc desc;

    wcenc_encoder_desc_init(&desc, sizeof(desc));
    desc.user = app;
    desc.on_output = on_output;
    desc.on_error = on_error;
    desc.on_drop = on_drop;
    desc.delivery = WCENC_DELIVERY_PUMP;
    desc.queue_policy = WCENC_QUEUE_DROP_OLDEST;
    desc.max_queued_frames = 4;
    check(wcenc_encoder_create(&desc, &app->encoder), "create");
    check(wcenc_encoder_configure(app->encoder, config), "configure");
}

/* A picture for each tick since the last time. Behind the last picture it flushes. */
static void on_tick(struct app *app)
{
    uint64_t ticks;

    if (read(app->timer, &ticks, sizeof(ticks)) != sizeof(ticks))
        return; /* none after all */
    for (; ticks > 0 && app->frames < SAMPLE_FRAMES; ticks--) {
        wcenc_frame *frame = sample_picture(app->frames++);
        check(wcenc_encoder_encode(app->encoder, frame, NULL), "encode");
        wcenc_frame_unref(frame); /* the encoder has a reference of its own */
        if (app->frames == SAMPLE_FRAMES)
            check(wcenc_encoder_flush_async(app->encoder, on_flushed, app), "flush");
    }
}

static int watch(int epoll, int descriptor)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};

    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int main(int argc, char **argv)
{
    struct itimerspec period = {.it_interval.tv_nsec = 1000000000 / SAMPLE_RATE, .it_value.tv_nsec = 1};
    struct app app = {0};
    struct epoll_event event;
    wcenc_config config;
    int epoll, results;

    sample_open(&app.sample, argc, argv, &config);
    start_encoder(&app, &config);
    results = check(wcenc_encoder_get_event_fd(app.encoder), "descriptor");
    app.timer = check_system(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), "timer");
    check_system(timerfd_settime(app.timer, 0, &period, NULL), "timer");
    epoll = check_system(epoll_create1(EPOLL_CLOEXEC), "epoll");
    check_system(watch(epoll, app.timer), "epoll");
    check_system(watch(epoll, results), "epoll");

    while (!app.is_done) {
        int count = epoll_wait(epoll, &event, 1, -1); /* one, so that it still holds when its turn comes */

        check_system(count < 0 && errno != EINTR ? -1 : 0, "epoll");
        if (count == 1 && event.data.fd == app.timer)
            on_tick(&app);
        else if (count == 1)
            check(wcenc_encoder_pump(app.encoder, 0, 0, NULL), "pump");
    }

    close(epoll); /* before the encoder, whose descriptor it watches */
    close(app.timer);
    wcenc_encoder_destroy(app.encoder);
    sample_close(&app.sample, app.frames, app.chunks, app.drops);
    return app.has_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
