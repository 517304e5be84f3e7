/* SPDX-License-Identifier: MIT */

/*
 * An encoder without a callback: the program asks for the next result when it wants one.
 *
 * Memory stays bounded on both sides. No more than four pictures wait for the encoder: it refuses the fifth, and the
 * program takes results until one of them reports that the queue is shorter. No more than eight chunks wait for the
 * program: with so many the encoder rests, so that the queue fills up and pictures are refused.
 */

#include <stdlib.h>

#include "sample.h"

struct app {
    wcenc_encoder *encoder;
    struct sample sample;
    int is_done;
    int has_failed;
};

static void start_encoder(struct app *app, const wcenc_config *config)
{
    wcenc_encoder_desc desc;

    wcenc_encoder_desc_init(&desc, sizeof(desc));
    desc.delivery = WCENC_DELIVERY_PULL;
    desc.queue_policy = WCENC_QUEUE_FAIL;
    desc.max_queued_frames = 4;
    desc.max_pending_results = 8;
    check(wcenc_encoder_create(&desc, &app->encoder), "create");
    check(wcenc_encoder_configure(app->encoder, config), "configure");
}

/* 1 if the encoder has taken the picture, 0 if its queue is full. */
static int offer(struct app *app, wcenc_frame *frame)
{
    wcenc_status status = wcenc_encoder_encode(app->encoder, frame, NULL);

    if (status == WCENC_ERROR_QUOTA_EXCEEDED)
        return 0;
    check(status, "encode");
    return 1;
}

static void handle(struct app *app, const wcenc_event *event)
{
    switch (event->type) {
    case WCENC_EVENT_OUTPUT:
        sample_write(&app->sample, event->chunk);
        break;
    case WCENC_EVENT_ERROR: /* the encoder is closed by now */
        fprintf(stderr, "encoder: %s\n", event->error->message);
        app->has_failed = 1;
        app->is_done = 1;
        break;
    case WCENC_EVENT_FLUSH_DONE: /* every chunk has come before it; were it not OK, so had an error */
        app->is_done = 1;
        break;
    default: /* the queue is shorter, and what later versions add */
        break;
    }
}

/* Takes the next result, waiting for it for so long at most. 0 if none came. */
static int take(struct app *app, int64_t timeout_us)
{
    wcenc_event *event;
    wcenc_status status = wcenc_encoder_receive(app->encoder, timeout_us, &event);

    check(status, "receive");
    if (status == WCENC_END) /* the encoder is closed, and everything was taken */
        app->is_done = 1;
    if (status != WCENC_OK)
        return 0;
    handle(app, event);
    wcenc_event_free(event);
    return 1;
}

static void encode_all(struct app *app)
{
    for (unsigned n = 0; n < SAMPLE_FRAMES && !app->is_done; n++) {
        wcenc_frame *frame = sample_picture(n);

        while (!app->is_done && !offer(app, frame))
            take(app, -1); /* there is always one to come while pictures wait */
        wcenc_frame_unref(frame);
        while (!app->is_done && take(app, 0))
            ; /* what is there already */
    }
    if (!app->is_done)
        check(wcenc_encoder_flush_async(app->encoder, NULL, NULL), "flush");
    while (!app->is_done)
        take(app, -1);
}

static void report(const wcenc_stats *stats)
{
    double frames = (double)stats->frames_out;

    if (stats->frames_out > 0)
        printf("each frame: %.2f ms in the queue, %.2f ms to convert, %.2f ms to encode, %.0f bytes\n",
               (double)stats->queued_ns / 1e6 / frames, (double)stats->converting_ns / 1e6 / frames,
               (double)stats->encoding_ns / 1e6 / frames, (double)stats->bytes_out / frames);
}

int main(int argc, char **argv)
{
    struct app app = {0};
    wcenc_config config;
    wcenc_stats stats;

    sample_open(&app.sample, argc, argv, &config);
    start_encoder(&app, &config);
    encode_all(&app);

    wcenc_stats_init(&stats, sizeof(stats));
    check(wcenc_encoder_get_stats(app.encoder, &stats), "stats");
    wcenc_encoder_destroy(app.encoder);
    report(&stats);
    sample_close(&app.sample, stats.frames_accepted, stats.frames_out, stats.frames_dropped);
    return app.has_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
