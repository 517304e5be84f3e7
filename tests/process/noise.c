/* SPDX-License-Identifier: MIT */

#include "noise.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LENGTH(array) ((uint32_t)(sizeof(array) / sizeof(array)[0]))

/* What each encoder may be asked for; a codec string stands as often as it is to be chosen. */
static const struct {
    const char *codec, *encoder;
    wcenc_pixel_format format;
} codecs[] = {
    {"avc1.42c033", "libx264", WCENC_PIXEL_FORMAT_I420},
    {"avc1.640033", "libx264", WCENC_PIXEL_FORMAT_I420},
    {"avc1.640033", "libx264", WCENC_PIXEL_FORMAT_NV12},
    {"avc1.6e0033", "libx264", WCENC_PIXEL_FORMAT_I420P10},
    {"avc1.7a0033", "libx264", WCENC_PIXEL_FORMAT_I422P10},
    {"avc1.f40033", "libx264", WCENC_PIXEL_FORMAT_I444},
    {"hvc1.1.6.L153.B0", "libx265", WCENC_PIXEL_FORMAT_I420},
    {"hvc1.2.4.L153.B0", "libx265", WCENC_PIXEL_FORMAT_I420P10},
    {"hvc1.4.10.L153.99.88", "libx265", WCENC_PIXEL_FORMAT_I420P12},
    {"hvc1.4.10.L153.9D.08", "libx265", WCENC_PIXEL_FORMAT_I422P10},
    {"hvc1.4.10.L153.9E.08", "libx265", WCENC_PIXEL_FORMAT_I444},
    {"hvc1.4.10.H153.98.08", "libx265", WCENC_PIXEL_FORMAT_I444P12},
    {"vp8", "libvpx", WCENC_PIXEL_FORMAT_I420},
    {"vp8", "libvpx", WCENC_PIXEL_FORMAT_I420A},
    {"vp09.00.51.08", "libvpx-vp9", WCENC_PIXEL_FORMAT_I420},
    {"vp09.00.51.08", "libvpx-vp9", WCENC_PIXEL_FORMAT_I420A},
    {"vp09.01.51.08.02", "libvpx-vp9", WCENC_PIXEL_FORMAT_I422},
    {"vp09.01.51.08.03", "libvpx-vp9", WCENC_PIXEL_FORMAT_I444},
    {"vp09.02.51.10", "libvpx-vp9", WCENC_PIXEL_FORMAT_I420P10},
    {"vp09.02.51.12", "libvpx-vp9", WCENC_PIXEL_FORMAT_I420P12},
    {"vp09.03.51.10.02", "libvpx-vp9", WCENC_PIXEL_FORMAT_I422P10},
    {"vp09.03.51.12.03", "libvpx-vp9", WCENC_PIXEL_FORMAT_I444P12},
#ifdef WCENC_HAS_VPX
    {"vp8", "native-vpx", WCENC_PIXEL_FORMAT_I420},
    {"vp8", "native-vpx", WCENC_PIXEL_FORMAT_I420A},
    {"vp09.00.51.08", "native-vpx", WCENC_PIXEL_FORMAT_I420},
    {"vp09.00.51.08", "native-vpx", WCENC_PIXEL_FORMAT_I420A},
    {"vp09.01.51.08.02", "native-vpx", WCENC_PIXEL_FORMAT_I422},
    {"vp09.01.51.08.03", "native-vpx", WCENC_PIXEL_FORMAT_I444},
    {"vp09.02.51.10", "native-vpx", WCENC_PIXEL_FORMAT_I420P10},
    {"vp09.02.51.12", "native-vpx", WCENC_PIXEL_FORMAT_I420P12},
    {"vp09.03.51.10.02", "native-vpx", WCENC_PIXEL_FORMAT_I422P10},
    {"vp09.03.51.12.03", "native-vpx", WCENC_PIXEL_FORMAT_I444P12},
#endif
#ifdef WCENC_HAS_OPENH264
    {"avc1.420033", "native-openh264", WCENC_PIXEL_FORMAT_I420},
    {"avc1.4d0033", "native-openh264", WCENC_PIXEL_FORMAT_I420},
    {"avc1.640033", "native-openh264", WCENC_PIXEL_FORMAT_I420},
    {"avc1.640033", "native-openh264", WCENC_PIXEL_FORMAT_I420A},
#endif
    {"av01.0.12M.08", "libaom-av1", WCENC_PIXEL_FORMAT_I420},
    {"av01.0.12M.10", "libaom-av1", WCENC_PIXEL_FORMAT_I420P10},
    {"av01.1.12M.08", "libaom-av1", WCENC_PIXEL_FORMAT_I444},
    {"av01.1.12M.10.0.000", "libaom-av1", WCENC_PIXEL_FORMAT_I444P10},
    {"av01.2.12M.08", "libaom-av1", WCENC_PIXEL_FORMAT_I422},
    {"av01.2.12M.12", "libaom-av1", WCENC_PIXEL_FORMAT_I420P12},
    {"av01.2.12M.12.0.000", "libaom-av1", WCENC_PIXEL_FORMAT_I444P12},
#ifdef WCENC_HAS_AOM
    {"av01.0.12M.08", "native-aom", WCENC_PIXEL_FORMAT_I420},
    {"av01.0.12M.08", "native-aom", WCENC_PIXEL_FORMAT_I420A},
    {"av01.0.12M.10", "native-aom", WCENC_PIXEL_FORMAT_I420P10},
    {"av01.1.12M.08", "native-aom", WCENC_PIXEL_FORMAT_I444},
    {"av01.1.12M.10.0.000", "native-aom", WCENC_PIXEL_FORMAT_I444P10},
    {"av01.2.12M.08", "native-aom", WCENC_PIXEL_FORMAT_I422},
    {"av01.2.12M.12", "native-aom", WCENC_PIXEL_FORMAT_I420P12},
    {"av01.2.12M.12.0.000", "native-aom", WCENC_PIXEL_FORMAT_I444P12},
#endif
    {"av01.0.12M.08", "librav1e", WCENC_PIXEL_FORMAT_I420},
    {"av01.0.12M.10", "librav1e", WCENC_PIXEL_FORMAT_I420P10},
    {"av01.0.12M.08", "libsvtav1", WCENC_PIXEL_FORMAT_I420},
    {"av01.0.12M.10", "libsvtav1", WCENC_PIXEL_FORMAT_I420P10},
};

/* With %u for a number from 0 to 6. Most make sense to one or two encoders. */
static const char *const options[] = {
    "threads=%u",
    "tile-columns=%u",
    "tile-rows=%u",
    "tile-columns=%u:threads=4",
    "tile-columns=-1",
    "tile-columns=%u:tile-rows=2:row-mt=0",
    "row-mt=%u",
    "tiles=%u",
    "tiles=2x2",
    "frame-parallel=1:tile-columns=%u",
    "lossless=1",
    "lossless=1:tile-columns=%u",
    "qmin=%u:qmax=%u",
    "qmin=0:qmax=2:tile-columns=1",
    "crf=%u",
    "slices=%u",
    "cpu-used=%u",
    "speed=%u",
    "aq-mode=%u",
    "tune-content=screen",
    "tune-content=screen:aq-mode=%u:qmin=%u",
    "lossless=1:aq-mode=none",
    "deltaq-mode=0:aq-mode=%u:cdf-update-mode=%u",
    "error-resilient=0:max-reference-frames=3:enable-palette=1:enable-intrabc=%u",
    "lag-in-frames=%u:auto-alt-ref=%u",
    "aom-params=tune-content=screen",
    "aom-params=tune-content=screen:cpu-used=%u",
    "aom-params=tile-columns=%u",
    "aom-params=lossless=1",
    "usage=realtime",
    "usage=good:aom-params=tune-content=screen",
    "deadline=realtime",
    "deadline=best",
    "error-resilient=1",
    "g=%u",
    "preset=%u",
    "x264-params=sliced-threads=1\\:threads=%u",
    "x264-params=slices=%u",
    "x265-params=frame-threads=%u",
    "x265-params=slices=%u",
    "x265-params=lossless=1",
    "svtav1-params=tile-columns=%u",
    "rav1e-params=tiles=%u",
};

static const int32_t modes[] = {WCENC_BITRATE_VARIABLE, WCENC_BITRATE_CONSTANT, WCENC_BITRATE_QUANTIZER,
                                WCENC_BITRATE_CONSTANT_QUALITY};
static const double qualities[] = {0, 1, 20, 51};
static const char *const hints[] = {NULL, NULL, "motion", "detail", "text"};
static const char *const layers[] = {NULL, NULL, NULL, "L1T2", "L1T3", "manual"};
static const uint64_t bitrates[] = {300000, 2000000, 5000000, 20000000, 200000000, 2000000000};

/* What once crashed, each with something that avoids it and with something that asks for it all the same. */
static const struct {
    const char *codec, *encoder;
    wcenc_pixel_format format;
    uint32_t width, height, threads;
    uint64_t bitrate;
    wcenc_latency_mode latency;
    const char *hint, *layers, *options;
    int frames;
} known[] = {
    {"vp09.01.51.08.03", "libvpx-vp9", WCENC_PIXEL_FORMAT_I444, 640, 96, 2, 5000000, 1, NULL, NULL, "", 3},
    {"vp09.01.51.08.03", "libvpx-vp9", WCENC_PIXEL_FORMAT_I444, 640, 96, 4, 5000000, 0, NULL, NULL, "", 3},
    {"vp09.01.51.08.03", "libvpx-vp9", WCENC_PIXEL_FORMAT_I444, 640, 96, 2, 5000000, 1, NULL, NULL, "tile-columns=1",
     3},
    {"vp09.01.51.08.03", "libvpx-vp9", WCENC_PIXEL_FORMAT_I444, 640, 96, 2, 5000000, 1, NULL, NULL, "tile-columns=-1",
     3},
    {"vp09.01.51.08.03", "libvpx-vp9", WCENC_PIXEL_FORMAT_I444, 640, 96, 1, 5000000, 1, NULL, NULL,
     "threads=2:tile-columns=6", 3},
    {"vp09.01.51.08.03", "libvpx-vp9", WCENC_PIXEL_FORMAT_I444, 640, 96, 1, 5000000, 1, NULL, NULL, "tile-columns=1",
     3},
    {"vp09.01.51.08.02", "libvpx-vp9", WCENC_PIXEL_FORMAT_I422, 640, 96, 2, 5000000, 1, NULL, NULL, "lossless=1", 3},
    {"vp09.03.51.12.03", "libvpx-vp9", WCENC_PIXEL_FORMAT_I444P12, 640, 96, 2, 5000000, 1, NULL, NULL, "", 3},
    {"vp09.02.51.12", "libvpx-vp9", WCENC_PIXEL_FORMAT_I420P12, 640, 96, 2, 5000000, 1, NULL, NULL, "lossless=1", 3},
    {"vp09.02.51.10", "libvpx-vp9", WCENC_PIXEL_FORMAT_I420P10, 640, 96, 2, 5000000, 1, NULL, NULL, "lossless=1", 3},
    {"vp09.02.51.10", "libvpx-vp9", WCENC_PIXEL_FORMAT_I420P10, 640, 96, 2, 5000000, 1, NULL, NULL,
     "qmin=0:qmax=1:tile-columns=1", 3},
    {"vp09.00.51.08", "libvpx-vp9", WCENC_PIXEL_FORMAT_I420, 640, 96, 2, 5000000, 1, NULL, NULL, "lossless=1", 3},
    {"vp09.00.51.08", "libvpx-vp9", WCENC_PIXEL_FORMAT_I420, 512, 1, 2, 5000000, 1, NULL, NULL, "", 6},
    {"vp09.00.51.08", "libvpx-vp9", WCENC_PIXEL_FORMAT_I420, 576, 9, 2, 5000000, 1, NULL, NULL, "lossless=1", 6},
    {"vp09.01.51.08.03", "libvpx-vp9", WCENC_PIXEL_FORMAT_I444, 4160, 32, 2, 5000000, 1, NULL, NULL, "", 3},
    {"vp09.01.51.08.03", "libvpx-vp9", WCENC_PIXEL_FORMAT_I444, 4160, 32, 2, 5000000, 1, NULL, NULL, "threads=2", 3},
    {"av01.0.12M.10", "libaom-av1", WCENC_PIXEL_FORMAT_I420P10, 128, 64, 1, 300000, 1, "text", NULL, "", 4},
    {"av01.0.12M.10", "libaom-av1", WCENC_PIXEL_FORMAT_I420P10, 128, 64, 2, 300000, 1, "detail", NULL, "", 4},
    {"av01.2.12M.12", "libaom-av1", WCENC_PIXEL_FORMAT_I420P12, 128, 64, 1, 300000, 1, "text", NULL, "", 4},
    {"av01.0.12M.10", "libaom-av1", WCENC_PIXEL_FORMAT_I420P10, 128, 64, 1, 300000, 1, NULL, NULL,
     "aom-params=tune-content=screen", 4},
    {"av01.0.12M.10", "libaom-av1", WCENC_PIXEL_FORMAT_I420P10, 128, 64, 1, 300000, 0, "text", NULL,
     "usage=realtime:cpu-used=8", 4},
    {"vp09.00.51.08", "libvpx-vp9", WCENC_PIXEL_FORMAT_I420, 37, 40, 1, 100000, 1, NULL, "L1T2", "", 4},
    {"vp09.00.51.08", "libvpx-vp9", WCENC_PIXEL_FORMAT_I420, 40, 37, 1, 100000, 0, NULL, "L1T3", "", 4},
#ifdef WCENC_HAS_VPX
    {"vp09.01.51.08.03", "native-vpx", WCENC_PIXEL_FORMAT_I444, 640, 96, 2, 5000000, 1, NULL, NULL, "", 3},
    {"vp09.01.51.08.03", "native-vpx", WCENC_PIXEL_FORMAT_I444, 640, 96, 4, 5000000, 0, NULL, NULL, "", 3},
    {"vp09.01.51.08.03", "native-vpx", WCENC_PIXEL_FORMAT_I444, 640, 96, 2, 5000000, 1, NULL, NULL, "tile-columns=1",
     3},
    {"vp09.03.51.12.03", "native-vpx", WCENC_PIXEL_FORMAT_I444P12, 640, 96, 2, 5000000, 1, NULL, NULL, "lossless=1", 3},
    {"vp09.00.51.08", "native-vpx", WCENC_PIXEL_FORMAT_I420, 576, 9, 2, 5000000, 1, NULL, NULL, "lossless=1", 6},
    {"vp09.01.51.08.03", "native-vpx", WCENC_PIXEL_FORMAT_I444, 4160, 32, 2, 5000000, 1, NULL, NULL, "", 3},
    {"vp09.00.51.08", "native-vpx", WCENC_PIXEL_FORMAT_I420, 37, 40, 1, 100000, 1, NULL, "L1T3", "", 4},
#endif
#ifdef WCENC_HAS_AOM
    {"av01.0.12M.10", "native-aom", WCENC_PIXEL_FORMAT_I420P10, 128, 64, 2, 300000, 1, "text", NULL, "", 4},
    {"av01.2.12M.12", "native-aom", WCENC_PIXEL_FORMAT_I420P12, 128, 64, 1, 300000, 0, "text", "L1T2", "", 4},
    {"av01.0.12M.10", "native-aom", WCENC_PIXEL_FORMAT_I420P10, 128, 64, 1, 300000, 1, NULL, NULL,
     "tune-content=screen", 4},
    {"av01.0.12M.08", "native-aom", WCENC_PIXEL_FORMAT_I420, 128, 64, 1, 20000000, 1, NULL, "L1T3", "qmin=0", 4},
    {"av01.0.12M.08", "native-aom", WCENC_PIXEL_FORMAT_I420, 128, 64, 1, 20000000, 1, NULL, "L1T3", "lossless=1", 4},
    {"av01.0.12M.08", "native-aom", WCENC_PIXEL_FORMAT_I420, 37, 41, 1, 20000000, 1, NULL, "L1T3", "qmin=1", 4},
#endif
#ifdef WCENC_HAS_OPENH264
    {"avc1.640033", "native-openh264", WCENC_PIXEL_FORMAT_I420, 640, 368, 1, 200000000, 1, NULL, NULL, "", 6},
    {"avc1.640033", "native-openh264", WCENC_PIXEL_FORMAT_I420, 640, 368, 2, 200000000, 1, NULL, "L1T3", "", 6},
    {"avc1.420033", "native-openh264", WCENC_PIXEL_FORMAT_I420, 640, 368, 1, 200000000, 0, NULL, NULL, "", 6},
    {"avc1.420033", "native-openh264", WCENC_PIXEL_FORMAT_I420, 640, 368, 2, 200000000, 1, NULL, NULL, "qmin=13", 6},
#endif
};

static wcenc_config config_of(const char *codec, const char *encoder, uint32_t width, uint32_t height)
{
    wcenc_config config;

    wcenc_config_init(&config, sizeof config);
    config.codec = codec;
    config.encoder_name = encoder;
    config.width = width;
    config.height = height;
    config.framerate = 30;
    return config;
}

bool noise_known(uint32_t n, struct noise_case *out)
{
    if (n >= LENGTH(known))
        return false;
    memset(out, 0, sizeof *out);
    out->config = config_of(known[n].codec, known[n].encoder, known[n].width, known[n].height);
    out->config.threads = known[n].threads;
    out->config.bitrate = known[n].bitrate;
    out->config.latency_mode = known[n].latency;
    out->config.content_hint = known[n].hint;
    out->config.scalability_mode = known[n].layers;
    out->format = known[n].format;
    out->frames = known[n].frames;
    (void)snprintf(out->options, sizeof out->options, "%s", known[n].options);
    return true;
}

/* SplitMix64. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static uint32_t below(uint64_t *state, uint32_t limit)
{
    return (uint32_t)((next_random(state) >> 32) * limit >> 32);
}

/* Puts the numbers, by turns, for each %u. */
static void write_options(const char *format, uint32_t first, uint32_t second, char out[NOISE_OPTIONS_SIZE])
{
    const uint32_t numbers[] = {first, second};
    size_t used = 0, taken = 0;

    for (const char *at = format; *at && used + 2 < NOISE_OPTIONS_SIZE; at++)
        if (at[0] == '%' && at[1] == 'u') {
            used += (size_t)snprintf(out + used, NOISE_OPTIONS_SIZE - used, "%" PRIu32, numbers[taken++ % 2]);
            at++;
        } else {
            out[used++] = *at;
        }
    out[used] = '\0';
}

void noise_random(uint64_t seed, uint32_t n, struct noise_case *out)
{
    enum { LEAST = 512, MOST = 1280, OPTION_NUMBERS = 7, QUALITY_FRAMES = 3, REALTIME_FRAMES = 6, ROWS_MAX = 720 };
    uint64_t random = seed ^ (uint64_t)n << 32;
    uint32_t codec = below(&random, LENGTH(codecs));
    wcenc_config *config = &out->config;

    memset(out, 0, sizeof *out);
    *config = config_of(codecs[codec].codec, codecs[codec].encoder, LEAST + below(&random, MOST - LEAST + 1),
                        /* Low ones too: of each width the rows of blocks at the bottom differ. */
                        below(&random, 4) ? LEAST + below(&random, ROWS_MAX - LEAST + 1) : 1 + below(&random, 128));
    if (below(&random, 8)) {
        config->width &= ~1u;
        config->height = (config->height + 1) & ~1u;
    }
    out->format = codecs[codec].format;
    if (out->format == WCENC_PIXEL_FORMAT_I420A)
        config->alpha = WCENC_ALPHA_KEEP;
    config->latency_mode = below(&random, 3) ? WCENC_LATENCY_REALTIME : WCENC_LATENCY_QUALITY;
    config->bitrate_mode = modes[below(&random, LENGTH(modes))];
    config->bitrate = bitrates[below(&random, LENGTH(bitrates))];
    if (config->bitrate_mode == WCENC_BITRATE_CONSTANT_QUALITY) {
        config->has_quality = 1;
        config->quality = qualities[below(&random, LENGTH(qualities))];
        config->bitrate = below(&random, 2) ? config->bitrate : 0;
    }
    config->content_hint = hints[below(&random, LENGTH(hints))];
    config->scalability_mode = layers[below(&random, LENGTH(layers))];
    config->threads = below(&random, 5);
    config->key_interval = below(&random, 3) ? 0 : 1 + below(&random, 4);
    out->content = (enum noise_content)below(&random, NOISE_CONTENTS);
    out->frames = config->latency_mode == WCENC_LATENCY_REALTIME ? REALTIME_FRAMES : QUALITY_FRAMES;
    if (below(&random, 2))
        write_options(options[below(&random, LENGTH(options))], below(&random, OPTION_NUMBERS),
                      below(&random, OPTION_NUMBERS), out->options);
}

static int bit_depth(wcenc_pixel_format format)
{
    const char *name = wcenc_pixel_format_name(format);

    return strstr(name, "P10") ? 10 : strstr(name, "P12") ? 12 : 8;
}

/* Three planes of full size and an alpha plane, of two bytes. */
size_t noise_size(const struct noise_case *noise)
{
    return ((size_t)noise->config.width + 1) * (noise->config.height + 1u) * 8;
}

size_t noise_draw(const struct noise_case *noise, int number, uint64_t seed, uint8_t *pixels)
{
    enum { BLOCK = 48 };
    const int depth = bit_depth(noise->format);
    const unsigned mask = (1u << depth) - 1;
    size_t size = noise_size(noise);
    uint64_t random = seed + (uint64_t)number;
    bool is_flat = noise->content == NOISE_FLAT && number + 2 < noise->frames;

    for (size_t at = 0; at + 8 <= size; at += 8) {
        uint64_t block = at / BLOCK + (uint64_t)number * 7919;
        uint64_t bits =
            noise->content == NOISE_BLOCKS ? (next_random(&block) & 1 ? UINT64_MAX : 0) : next_random(&random);

        for (unsigned i = 0; i<8; i += depth> 8 ? 2 : 1) {
            unsigned sample = is_flat ? 1u << (depth - 1) : (unsigned)(bits >> i * 8) & mask;

            pixels[at + i] = (uint8_t)sample;
            if (depth > 8)
                pixels[at + i + 1] = (uint8_t)(sample >> 8);
        }
    }
    return size;
}

void noise_describe(const struct noise_case *noise, char out[NOISE_DESCRIPTION_SIZE])
{
    static const char *const contents[NOISE_CONTENTS] = {"random", "blocks", "flat, then random"};
    const wcenc_config *config = &noise->config;

    (void)snprintf(out, NOISE_DESCRIPTION_SIZE,
                   "%s with %s, %" PRIu32 "x%" PRIu32 ", latency %d, bitrate mode %d, quality %g, %" PRIu64
                   " b/s, key interval %" PRIu32 ", %" PRIu32
                   " threads, hint %s, layers %s, alpha %d, %d frames of %s, %s, "
                   "options \"%s\"",
                   config->codec, config->encoder_name, config->width, config->height, (int)config->latency_mode,
                   (int)config->bitrate_mode, config->quality, config->bitrate, config->key_interval, config->threads,
                   config->content_hint ? config->content_hint : "none",
                   config->scalability_mode ? config->scalability_mode : "none", (int)config->alpha, noise->frames,
                   wcenc_pixel_format_name(noise->format), contents[noise->content], noise->options);
}
