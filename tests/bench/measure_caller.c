/* SPDX-License-Identifier: MIT */

/*
 * What the thread that calls pays for a frame: wcenc_encoder_encode alone, with the worker as busy as it gets and at
 * the rate of a camera, with a frame of its own for each picture and with frames that are used again.
 */

#include "content.h"
#include "measures.h"
#include "process.h"
#include "wcenc_loop.h"

/* How a frame is come by; the encoder's part is the same. */
enum handles { HANDLES_WRAPPED, HANDLES_REFERENCED, HANDLES_CLONED };

static const struct variant {
    const char *setting;
    enum handles handles;
    bool is_paced;
} variants[] = {
    {"wrapped, saturated", HANDLES_WRAPPED, false},       {"wrapped, paced", HANDLES_WRAPPED, true},
    {"referenced, saturated", HANDLES_REFERENCED, false}, {"referenced, paced", HANDLES_REFERENCED, true},
    {"cloned, saturated", HANDLES_CLONED, false},         {"cloned, paced", HANDLES_CLONED, true},
};

static wcenc_frame *take_handle(const struct feed *feed, const struct content *content, wcenc_frame *kept,
                                enum handles handles, int number)
{
    wcenc_frame *frame = NULL;

    switch (handles) {
    case HANDLES_WRAPPED:
        return feed_frame(feed, content_picture(content, number), number);
    case HANDLES_REFERENCED:
        return wcenc_frame_ref(kept);
    case HANDLES_CLONED:
        return wcenc_frame_clone(kept, &frame) == WCENC_OK ? frame : NULL;
    }
    return NULL;
}

struct costs {
    struct samples handle; /* coming by the frame and giving it up again */
    struct samples encode;
    int preempted; /* calls of encode in which the thread lost its CPU */
};

static void measure_frame(struct feed *feed, const struct content *content, wcenc_frame *kept, enum handles handles,
                          int number, struct costs *costs)
{
    int64_t start = now_ns(), handle_ns, encode_ns, preemptions;
    wcenc_frame *frame = take_handle(feed, content, kept, handles, number);

    handle_ns = now_ns() - start;
    preemptions = thread_preemptions();
    start = now_ns();
    feed_send(feed, frame, number);
    encode_ns = now_ns() - start;
    costs->preempted += thread_preemptions() > preemptions;
    start = now_ns();
    wcenc_frame_unref(frame);
    handle_ns += now_ns() - start;
    samples_add(&costs->handle, (double)handle_ns / 1e3);
    samples_add(&costs->encode, (double)encode_ns / 1e3);
}

static void run_frames(struct feed *feed, const struct content *content, const struct variant *variant, int frames,
                       struct costs *costs)
{
    wcenc_frame *kept = feed_frame(feed, content_picture(content, 0), 0);
    const int64_t start = now_ns();

    for (int i = 0; i < frames; i++) {
        if (variant->is_paced)
            wait_until_ns(start + i * INT64_C(1000000000) / FRAMERATE);
        measure_frame(feed, content, kept, variant->handles, i, costs);
    }
    wcenc_frame_unref(kept);
}

static void run_variant(struct bench *bench, const struct bench_case *bench_case, const struct content *content,
                        const struct variant *variant)
{
    static const struct percentile_names encode_names = {"encode p50", "encode p99"};
    static const struct percentile_names handle_names = {"frame p50", "frame p99"};
    const int frames = bench_count(bench, variant->is_paced ? 60 : 300);
    struct row_key key = bench_key("caller", bench_case, "wcenc");
    struct tally tally;
    const struct feed_setup setup = {.take = tally_take, .user = &tally};
    struct costs costs = {0};
    struct feed feed;

    tally_start(&tally);
    feed_open(&feed, bench_case, &setup);
    feed_encode(&feed, content_picture(content, 0), 0);
    feed_flush(&feed);
    run_frames(&feed, content, variant, frames, &costs);
    feed_flush(&feed);
    bench_expect(bench, tally.frames == (uint64_t)frames + 1, "caller, %s: %ju packets for %d frames", variant->setting,
                 (uintmax_t)tally.frames, frames + 1);
    feed_close(&feed);
    key.setting = variant->setting;
    key.unit = "us";
    bench_add_percentiles(bench, key, &encode_names, &costs.encode);
    bench_add_percentiles(bench, key, &handle_names, &costs.handle);
    key.metric = "lost the CPU";
    key.unit = "% of calls";
    report_add(&bench->report, key, 100.0 * costs.preempted / frames);
    samples_free(&costs.encode);
    samples_free(&costs.handle);
}

static void run_case(struct bench *bench, const struct bench_case *bench_case)
{
    struct content content;

    if (bench_case->format->format == WCENC_PIXEL_FORMAT_BGRA)
        return;
    content_open(&content, bench_case->size, bench_case->format);
    for (int round = 0; round < bench->rounds; round++)
        for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++)
            run_variant(bench, bench_case, &content, &variants[i]);
    content_close(&content);
}

void measure_caller(struct bench *bench)
{
    bench_each_format_of_h264(bench, bench_size_of(bench, "1280x720"), run_case);
}
