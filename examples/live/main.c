/* SPDX-License-Identifier: MIT */

/*
 * A screen in every browser that watches, live.
 *
 * One loop on one thread: libuv's, which on Linux is one epoll descriptor. It waits for a timer that paces the capture,
 * for the encoder's results (wcenc_encoder_get_event_fd), and for the sockets, which libwebsockets adds to it. Encoding
 * happens on the library's own thread; its callbacks run inside wcenc_encoder_pump, in here. Nothing needs a lock.
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <uv.h>

#include "check.h"
#include "clock.h"
#include "control.h"
#include "options.h"
#include "server.h"
#include "source.h"
#include "stream.h"
#include "viewers.h"

enum { RATE_INTERVAL_US = 500 * 1000 };

struct live {
    struct options options;
    struct source *source;
    struct stream *stream;
    struct control *control; /* NULL: nothing is controlled */
    struct viewers viewers;
    struct server *server;
    uv_loop_t loop;
    uv_poll_t ticks;
    uv_poll_t results;
    uv_signal_t interrupt;
    uv_signal_t termination;
    int timer;
    int64_t started_us;
    int64_t rated_us;
    bool is_stopping;
    bool has_failed;
};

static void check_uv(int result, const char *what)
{
    if (result < 0)
        fail(what, uv_strerror(result));
}

/* The loop ends when nothing is left in it. */
static void stop(struct live *live)
{
    if (live->is_stopping)
        return;
    live->is_stopping = true;
    uv_close((uv_handle_t *)&live->ticks, NULL);
    uv_close((uv_handle_t *)&live->results, NULL);
    uv_close((uv_handle_t *)&live->interrupt, NULL);
    uv_close((uv_handle_t *)&live->termination, NULL);
    server_stop(live->server);
}

static void wake_all(const struct live *live)
{
    for (struct viewer *viewer = live->viewers.first; viewer; viewer = viewer->next)
        server_wake(viewer);
}

static void on_message(void *user, struct message *message, bool is_config)
{
    struct live *live = user;

    viewers_push(&live->viewers, message, is_config, clock_monotonic_us());
    wake_all(live);
}

static void on_results(uv_poll_t *results, int status, int events)
{
    struct live *live = results->data;

    (void)events;
    check_uv(status, "poll");
    if (!stream_pump(live->stream)) {
        live->has_failed = true;
        stop(live);
    }
}

static void send_state(struct live *live, struct viewer *viewer)
{
    struct live_state state = viewer_state(&live->viewers, viewer, stream_dropped(live->stream));
    struct message *message = live_make_state(&state);

    if (!message)
        return; /* the next one will do */
    outbox_push(&viewer->outbox, message, clock_monotonic_us());
    message_unref(message);
    server_wake(viewer);
}

static void follow_rate(struct live *live, int64_t now_us)
{
    if (now_us - live->rated_us < RATE_INTERVAL_US)
        return;
    live->rated_us = now_us;
    if (viewers_update_rate(&live->viewers, server_unsent, now_us))
        stream_set_bitrate(live->stream, live->viewers.control.bitrate);
    for (struct viewer *viewer = live->viewers.first; viewer; viewer = viewer->next)
        send_state(live, viewer);
}

/* Without viewers nothing is captured. */
static void capture(struct live *live, int64_t now_us)
{
    int64_t unix_us = clock_unix_us();
    wcenc_frame *frame = live->source->ops->capture(live->source, now_us - live->started_us, unix_us);

    if (!frame)
        return; /* the encoder still has all buffers */
    if (viewers_want_key(&live->viewers, server_unsent, now_us))
        stream_request_key(live->stream);
    stream_encode(live->stream, frame, unix_us);
}

static void on_tick(uv_poll_t *ticks, int status, int events)
{
    struct live *live = ticks->data;
    int64_t now_us = clock_monotonic_us();
    uint64_t count;

    (void)events;
    check_uv(status, "poll");
    if (read(live->timer, &count, sizeof(count)) != sizeof(count))
        return; /* none after all */
    if (live->viewers.count == 0)
        return;
    capture(live, now_us); /* one picture, however many ticks have gone by */
    follow_rate(live, now_us);
}

static void on_joined(void *user, struct viewer *viewer)
{
    struct live *live = user;

    viewers_add(&live->viewers, viewer, clock_monotonic_us());
    send_state(live, viewer);
}

/* What is known of links is known of those who had them: the next viewer begins with the bitrate of the first. */
static void forget_rate(struct live *live)
{
    struct rate_control *control = &live->viewers.control;
    bool differs = control->bitrate != live->options.bitrate;

    rate_control_init(control, &control->bounds, live->options.bitrate, clock_monotonic_us());
    if (differs)
        stream_set_bitrate(live->stream, control->bitrate);
}

static void on_left(void *user, struct viewer *viewer)
{
    struct live *live = user;

    viewers_remove(&live->viewers, viewer);
    if (live->viewers.count == 0)
        forget_rate(live);
    if (viewer->may_control && live->control)
        control_release(live->control);
}

static void answer_ping(struct viewer *viewer, uint32_t number)
{
    struct message *pong = live_make_pong(number, clock_unix_us());

    if (!pong)
        return;
    outbox_push(&viewer->outbox, pong, clock_monotonic_us());
    message_unref(pong);
    server_wake(viewer);
}

static void on_said(void *user, struct viewer *viewer, const struct live_input *input)
{
    struct live *live = user;

    if (input->type == LIVE_FEEDBACK)
        viewer_feedback(&live->viewers, viewer, input, clock_monotonic_us());
    else if (input->type == LIVE_PING)
        answer_ping(viewer, input->sequence);
    else if (input->type == LIVE_RESYNC)
        outbox_skip(&viewer->outbox);
    else if (live->control)
        control_apply(live->control, input);
}

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    stop(handle->data);
}

static void watch(struct live *live, uv_poll_t *poll, int descriptor, uv_poll_cb on_readable)
{
    check_uv(uv_poll_init(&live->loop, poll, descriptor), "poll");
    poll->data = live;
    check_uv(uv_poll_start(poll, UV_READABLE, on_readable), "poll");
}

static void watch_signal(struct live *live, uv_signal_t *handle, int number)
{
    check_uv(uv_signal_init(&live->loop, handle), "signal");
    handle->data = live;
    check_uv(uv_signal_start(handle, on_signal, number), "signal");
}

static void start_timer(struct live *live)
{
    long nanoseconds = (long)(1e9 / live->options.framerate);
    struct timespec interval = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    struct itimerspec period = {interval, {0, 1}};

    live->timer = check_system(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "timer");
    check_system(timerfd_settime(live->timer, 0, &period, NULL), "timer");
}

static void open_all(struct live *live)
{
    const struct options *options = &live->options;
    struct rate_bounds bounds = {options->min_bitrate, options->max_bitrate};
    struct rate_control control;
    uint32_t width = options->width ? options->width : 1280, height = options->height ? options->height : 720;

    live->source = options->display ? source_open_screen(options->display) : source_open_scene(width, height);
    if (options->access.control[0] != '\0')
        live->control = control_open(options->display);
    if (!options->width) {
        width = live->source->width;
        height = live->source->height;
    }
    live->stream = stream_open(options, width, height, on_message, live);
    live->started_us = clock_monotonic_us();
    rate_control_init(&control, &bounds, options->bitrate, live->started_us);
    viewers_init(&live->viewers, stream_top_layer(live->stream), options->framerate, &control);
    live->viewers.follows_rate = stream_has_live_bitrate(live->stream);
}

static void close_all(struct live *live)
{
    server_free(live->server);
    check_uv(uv_loop_close(&live->loop), "loop");
    close(live->timer);
    stream_close(live->stream); /* which releases the pictures of the source */
    viewers_clear(&live->viewers);
    control_close(live->control);
    live->source->ops->close(live->source);
}

int main(int argc, char **argv)
{
    static const struct server_events events = {on_joined, on_left, on_said};
    static struct live live;
    const char *listen;

    options_parse(&live.options, argc, argv);
    signal(SIGPIPE, SIG_IGN);
    open_all(&live);
    check_uv(uv_loop_init(&live.loop), "loop");
    start_timer(&live);
    watch(&live, &live.ticks, live.timer, on_tick);
    watch(&live, &live.results, stream_descriptor(live.stream), on_results);
    watch_signal(&live, &live.interrupt, SIGINT);
    watch_signal(&live, &live.termination, SIGTERM);
    live.server = server_open(&live.loop, &live.options, &events, &live);
    listen = live.options.listen;
    printf("listening on http://%s%s%s:%d/\n", strchr(listen, ':') ? "[" : "", listen, strchr(listen, ':') ? "]" : "",
           server_port(live.server));
    fflush(stdout);
    uv_run(&live.loop, UV_RUN_DEFAULT);
    close_all(&live);
    return live.has_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
