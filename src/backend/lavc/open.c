/* SPDX-License-Identifier: MIT */

/* From a configuration to an open encoder of libavcodec, and back. */

#ifdef __linux__
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <locale.h>
#include <string.h>

#include <libavutil/avutil.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>

#include "lavc.h"
#include "map.h"
#include "mem.h"
#include "process.h"
#include "registry.h"
#include "thread.h"

/* Some encoders keep state of the whole process that opening and closing change without a lock of their own. */
static void lock_global_state(const struct lavc_encoder *encoder)
{
    if (encoder->has_global_state)
        wcenc__process_lock(PROCESS_LOCK_CODECS);
}

static void unlock_global_state(const struct lavc_encoder *encoder)
{
    if (encoder->has_global_state)
        wcenc__process_unlock(PROCESS_LOCK_CODECS);
}

static int open_codec(struct lavc_backend *lavc, const AVCodec *codec)
{
    struct scheduling before;
    int error;

    lock_global_state(lavc->encoder);
    wcenc__thread_may_make_threads();
    if (lavc->encoder->raises_priorities)
        wcenc__scheduling_hold(&before);
    error = wcenc__lavc_open_device(lavc);
    if (error >= 0)
        error = avcodec_open2(lavc->context, codec, NULL);
    if (lavc->encoder->raises_priorities)
        wcenc__scheduling_give_back(&before);
    unlock_global_state(lavc->encoder);
    return error;
}

bool wcenc__lavc_takes_format(const AVCodec *codec, enum AVPixelFormat format)
{
    const enum AVPixelFormat *formats = compat_pixel_formats(codec);

    if (!formats)
        return true;
    for (; *formats != AV_PIX_FMT_NONE; formats++)
        if (*formats == format)
            return true;
    return false;
}

/* What the codec string's profile codes; NV12 in place of I420 where that spares a conversion. */
static wcenc_pixel_format input_format(const struct backend_setup *setup, const struct lavc_encoder *encoder)
{
    static const struct {
        enum chroma chroma;
        wcenc_pixel_format formats[3]; /* of 8, 10 and 12 bits */
    } rows[] = {
        {CHROMA_420, {WCENC_PIXEL_FORMAT_I420, WCENC_PIXEL_FORMAT_I420P10, WCENC_PIXEL_FORMAT_I420P12}},
        {CHROMA_422, {WCENC_PIXEL_FORMAT_I422, WCENC_PIXEL_FORMAT_I422P10, WCENC_PIXEL_FORMAT_I422P12}},
        {CHROMA_444, {WCENC_PIXEL_FORMAT_I444, WCENC_PIXEL_FORMAT_I444P10, WCENC_PIXEL_FORMAT_I444P12}},
    };
    const struct codec_id *codec = &setup->config->codec;
    wcenc_pixel_format format = WCENC_PIXEL_FORMAT_NONE;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].chroma == codec->chroma)
            format = rows[i].formats[(codec->bit_depth - 8) / 2];
    if (encoder->device && format == WCENC_PIXEL_FORMAT_I420)
        return WCENC_PIXEL_FORMAT_NV12;
    return (setup->candidate->capabilities & ENCODER_TAKES_NV12) && setup->frame_format == WCENC_PIXEL_FORMAT_NV12 &&
                   format == WCENC_PIXEL_FORMAT_I420
               ? WCENC_PIXEL_FORMAT_NV12
               : format;
}

/* Pixels are as wide as the display size asks for. */
static AVRational sample_aspect_ratio(const struct encoder_config *config)
{
    AVRational ratio = {1, 1};

    (void)av_reduce(&ratio.num, &ratio.den, (int64_t)config->display_width * config->given.height,
                    (int64_t)config->display_height * config->given.width, 0xffff);
    return ratio;
}

/*
 * Whether the encoder is to write a colour description of which nothing is specified, for the range that comes with it.
 * It is set to a matrix then, which is taken out again.
 */
static bool needs_matrix_for_range(const struct backend_setup *setup, const struct lavc_encoder *encoder)
{
    const wcenc_color_space *color_space = &setup->color_space;

    return encoder->leaves_range_out && !color_space->primaries && !color_space->transfer && !color_space->matrix;
}

/* Of 4:2:0, where the codec has a code for it. */
static enum AVChromaLocation signalled_location(const struct backend_setup *setup)
{
    const struct codec_id *codec = &setup->config->codec;

    if (codec->chroma != CHROMA_420 ||
        (codec->family == CODEC_AV1 && setup->chroma_location == WCENC_CHROMA_LOCATION_CENTER))
        return AVCHROMA_LOC_UNSPECIFIED;
    return wcenc__lavc_chroma_location(setup->chroma_location);
}

static void set_fields(AVCodecContext *context, const struct backend_setup *setup)
{
    const struct encoder_config *config = setup->config;
    const struct lavc_encoder *encoder = wcenc__lavc_encoder(setup->candidate->name);
    const struct rational framerate = wcenc__lavc_framerate(encoder, config);
    AVRational aspect = sample_aspect_ratio(config);

    /* Silences FFmpeg for this encoder without touching anything global. */
    context->log_level_offset = 100;
    context->width = (int)config->given.width;
    context->height = (int)config->given.height;
    context->time_base = wcenc__lavc_time_base(wcenc__lavc_clock(encoder, config), framerate);
    context->framerate = (AVRational){framerate.numerator, framerate.denominator};
    if (aspect.num != aspect.den)
        context->sample_aspect_ratio = aspect;
    context->color_primaries = wcenc__lavc_primaries(setup->color_space.primaries);
    context->color_trc = wcenc__lavc_transfer(setup->color_space.transfer);
    context->colorspace =
        needs_matrix_for_range(setup, encoder) ? AVCOL_SPC_BT709 : wcenc__lavc_matrix(setup->color_space.matrix);
    context->color_range = wcenc__lavc_range(setup->color_space.range);
    context->chroma_sample_location = signalled_location(setup);
    if (config->codec.family == CODEC_H264 || config->codec.family == CODEC_HEVC)
        context->flags |=
            (config->annexb || setup->has_sets_in_band) && !setup->is_probe ? 0 : AV_CODEC_FLAG_GLOBAL_HEADER;
}

static bool have_same_fields(const AVCodecContext *context, const AVCodecContext *wanted)
{
    const int flags = AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_PASS1 | AV_CODEC_FLAG_PASS2;

    return context->width == wanted->width && context->height == wanted->height &&
           context->pix_fmt == wanted->pix_fmt && av_cmp_q(context->time_base, wanted->time_base) == 0 &&
           av_cmp_q(context->framerate, wanted->framerate) == 0 &&
           av_cmp_q(context->sample_aspect_ratio, wanted->sample_aspect_ratio) == 0 &&
           context->color_primaries == wanted->color_primaries && context->color_trc == wanted->color_trc &&
           context->colorspace == wanted->colorspace && context->color_range == wanted->color_range &&
           context->chroma_sample_location == wanted->chroma_sample_location &&
           (context->flags & flags) == (wanted->flags & flags);
}

/* Fields that the library answers for: options of the caller's must leave them as they are. */
static bool check_fields_kept(const AVCodecContext *context, const struct backend_setup *setup,
                              enum AVPixelFormat pixel_format, struct failure *failure)
{
    AVCodecContext *wanted = avcodec_alloc_context3(NULL);
    bool kept;

    if (!wanted) {
        wcenc__failure_set(failure, WCENC_ERROR_NO_MEMORY, 0, "%s: out of memory", setup->candidate->name);
        return false;
    }
    set_fields(wanted, setup);
    wanted->pix_fmt = pixel_format;
    kept = have_same_fields(context, wanted);
    if (!kept)
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0,
                           "encoder_options: members of the config set size, pixel format, rate, colours and headers");
    avcodec_free_context(&wanted);
    return kept;
}

static bool open_context(struct lavc_backend *lavc, const AVCodec *codec, const struct backend_setup *setup,
                         struct failure *failure)
{
    const enum AVPixelFormat pixel_format =
        lavc->encoder->device == DEVICE_VAAPI ? AV_PIX_FMT_VAAPI : lavc->pixel_format;
    int error;

    set_fields(lavc->context, setup);
    lavc->context->pix_fmt = pixel_format;
    if (!wcenc__lavc_takes_format(codec, lavc->context->pix_fmt)) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0, "%s does not take %s, which codec \"%s\" asks for",
                           codec->name, wcenc_pixel_format_name(lavc->base.input.format), setup->config->given.codec);
        return false;
    }
    if (!wcenc__lavc_apply_options(lavc->context, lavc->encoder, setup->config, failure) ||
        !check_fields_kept(lavc->context, setup, pixel_format, failure))
        return false;
    error = open_codec(lavc, codec);
    if (error < 0) {
        wcenc__failure_set(failure, lavc_status(error, WCENC_ERROR_NOT_SUPPORTED), error,
                           "%s does not open for codec \"%s\" at %ux%u: %s", codec->name, setup->config->given.codec,
                           setup->config->given.width, setup->config->given.height, av_err2str(error));
        return false;
    }
    return true;
}

static int get_packet_memory(AVCodecContext *context, AVPacket *packet, int flags)
{
    struct lavc_backend *lavc = context->opaque;
    int error = avcodec_default_get_encode_buffer(context, packet, flags);

    if (error < 0)
        atomic_store(&lavc->lacked_memory, true);
    return error;
}

/* FFmpeg ends the process where memory runs out while it sets an encoder's defaults, which takes little. */
static AVCodecContext *create_context(const AVCodec *codec)
{
    enum { MORE_THAN_DEFAULTS_TAKE = 64 * 1024 };
    void *reserve = av_malloc(MORE_THAN_DEFAULTS_TAKE);

    if (!reserve)
        return NULL;
    av_free(reserve);
    return avcodec_alloc_context3(codec);
}

static struct lavc_backend *create(const struct backend_setup *setup, const struct lavc_encoder *encoder,
                                   const AVCodec *codec)
{
    struct lavc_backend *lavc = mem_zalloc(sizeof *lavc);
    const struct encoder_config *config = setup->config;

    if (!lavc)
        return NULL;
    lavc->base.ops = &wcenc__lavc_backend;
    lavc->base.input.format = input_format(setup, encoder);
    lavc->pixel_format = wcenc__lavc_pixel_format(lavc->base.input.format);
    lavc->base.input.width = config->given.width;
    lavc->base.input.height = config->given.height;
    lavc->base.input.color_space = setup->color_space;
    if (config->codec.chroma == CHROMA_420)
        lavc->base.input.chroma_location = setup->chroma_location;
    lavc->encoder = encoder;
    lavc->capabilities = setup->candidate->capabilities;
    lavc->bit_depth = config->codec.bit_depth;
    lavc->base.must_unset_matrix = needs_matrix_for_range(setup, encoder);
    lavc->controls_layers = wcenc__lavc_controls_layers(config);
    if (config->key_interval >= encoder->key_interval_min && !encoder->rounds_key_interval &&
        !wcenc__lavc_asks_for_keys(config))
        lavc->base.key_interval = config->key_interval;
    lavc->frame_quantizer = config->given.bitrate_mode == WCENC_BITRATE_QUANTIZER;
    lavc->clock = wcenc__lavc_clock(encoder, config);
    lavc->opened_framerate = wcenc__lavc_framerate(encoder, config);
    lavc->codec_rate = wcenc__lavc_rate(lavc->encoder, config, lavc->opened_framerate);
    lavc->rate = wcenc__lavc_rate(lavc->encoder, config, config->framerate);
    lavc->chroma_location = signalled_location(setup);
    lavc->context = create_context(codec);
    lavc->frame = av_frame_alloc();
    lavc->packet = av_packet_alloc();
    if (!lavc->context || !lavc->frame || !lavc->packet || !wcenc__lavc_join_ending(lavc)) {
        wcenc__lavc_close(&lavc->base);
        return NULL;
    }
    lavc->context->opaque = lavc;
    lavc->context->get_encode_buffer = get_packet_memory;
    return lavc;
}

/* False if out of memory. */
static bool copy_parameter_sets(struct lavc_backend *lavc)
{
    const AVCodecContext *context = lavc->context;

    if (!(context->flags & AV_CODEC_FLAG_GLOBAL_HEADER) || context->extradata_size <= 0)
        return true;
    lavc->parameter_sets = mem_dup(context->extradata, (size_t)context->extradata_size);
    lavc->base.parameter_sets = lavc->parameter_sets;
    lavc->base.parameter_sets_size = (size_t)context->extradata_size;
    return lavc->parameter_sets != NULL;
}

static struct backend *open_backend(const struct backend_setup *setup, struct failure *failure)
{
    const struct lavc_encoder *encoder = wcenc__lavc_encoder(setup->candidate->name);
    const AVCodec *codec = avcodec_find_encoder_by_name(setup->candidate->name);
    struct lavc_backend *lavc;
    bool is_open, has_sets;

    if (!encoder || !codec) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0, "FFmpeg has no encoder \"%s\" here",
                           setup->candidate->name);
        return NULL;
    }
    lavc = create(setup, encoder, codec);
    if (!lavc) {
        wcenc__failure_set(failure, WCENC_ERROR_NO_MEMORY, 0, "%s: out of memory", setup->candidate->name);
        return NULL;
    }
    wcenc__lavc_begin_call(lavc);
    is_open = open_context(lavc, codec, setup, failure);
    has_sets = is_open && copy_parameter_sets(lavc);
    wcenc__lavc_end_call(lavc);
    if (is_open && !has_sets)
        wcenc__failure_set(failure, WCENC_ERROR_NO_MEMORY, 0, "%s: out of memory", codec->name);
    if (!has_sets) {
        wcenc__lavc_close(&lavc->base);
        return NULL;
    }
    wcenc__lavc_was_opened(lavc);
    return &lavc->base;
}

struct backend *wcenc__lavc_open(const struct backend_setup *setup, struct failure *failure)
{
    /* FFmpeg and its encoders read numbers as the program's locale writes them; "0.01" would be none in some. */
    locale_t plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    struct backend *backend;
    locale_t programs;

    if (plain == (locale_t)0) {
        wcenc__failure_set(failure, WCENC_ERROR_NO_MEMORY, 0, "%s: out of memory", setup->candidate->name);
        return NULL;
    }
    programs = uselocale(plain);
    backend = open_backend(setup, failure);
    (void)uselocale(programs);
    freelocale(plain);
    if (backend)
        wcenc__log(setup->log, WCENC_LOG_INFO, "%s opened for %s at %ux%u", setup->candidate->name,
                   setup->config->given.codec, setup->config->given.width, setup->config->given.height);
    return backend;
}

/* One picture of whatever is in memory, so that an encoder that waits for one can be closed. */
static bool send_any_frame(struct lavc_backend *lavc)
{
    AVFrame *frame = lavc->frame;
    bool sent;

    frame->format = lavc->context->pix_fmt;
    frame->width = lavc->context->width;
    frame->height = lavc->context->height;
    frame->pts = 0;
    sent = av_frame_get_buffer(frame, 0) >= 0 && avcodec_send_frame(lavc->context, frame) >= 0;
    av_frame_unref(frame);
    return sent;
}

void wcenc__lavc_close(struct backend *backend)
{
    struct lavc_backend *lavc = lavc_of(backend);
    bool must_wait = lavc->encoder->needs_frame_to_close && lavc->context && avcodec_is_open(lavc->context) &&
                     !lavc->has_frame && !send_any_frame(lavc);

    wcenc__lavc_begin_call(lavc);
    lock_global_state(lavc->encoder);
    /* Without a frame it would wait for ever: its memory is the smaller loss. */
    if (!must_wait)
        avcodec_free_context(&lavc->context);
    unlock_global_state(lavc->encoder);
    wcenc__lavc_end_call(lavc);
    wcenc__lavc_leave_ending(lavc);
    av_frame_free(&lavc->frame);
    av_packet_free(&lavc->packet);
    wcenc__lavc_release_pixels(lavc);
    mem_free(lavc->parameter_sets);
    mem_free(lavc);
}

static bool finds_option(const char *options, const char *const *names, char found[OPTION_NAME_SIZE])
{
    return wcenc__lavc_find_option(options, names, found) > 0;
}

const struct backend_ops wcenc__lavc_backend = {
    .name = "libavcodec",
    .describe = wcenc__lavc_describe,
    .check = wcenc__lavc_check,
    .finds_option = finds_option,
    .open = wcenc__lavc_open,
    .send = wcenc__lavc_send,
    .receive = wcenc__lavc_receive,
    .drain = wcenc__lavc_drain,
    .reconfigure = wcenc__lavc_reconfigure,
    .close = wcenc__lavc_close,
};
