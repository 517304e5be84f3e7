/* SPDX-License-Identifier: MIT */

#include "grid_cells.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LENGTH(array) ((uint32_t)(sizeof(array) / sizeof(array)[0]))

static const struct grid_codec codecs[] = {
    {"avc1.42001e", AV_PIX_FMT_YUV420P},
    {"avc1.42E01E", AV_PIX_FMT_YUV420P},
    {"avc1.42fc0b", AV_PIX_FMT_YUV420P}, /* level 1b */
    {"avc1.42c00d", AV_PIX_FMT_YUV420P},
    {"avc1.42000a", AV_PIX_FMT_YUV420P},
    {"avc1.42000b", AV_PIX_FMT_YUV420P},
    {"avc1.42100b", AV_PIX_FMT_YUV420P}, /* level 1b */
    {"avc1.420009", AV_PIX_FMT_YUV420P}, /* level 1b as level_idc 9 */
    {"avc1.420033", AV_PIX_FMT_YUV420P},
    {"avc1.4d000a", AV_PIX_FMT_YUV420P},
    {"avc1.4d401e", AV_PIX_FMT_YUV420P},
    {"avc1.4d100b", AV_PIX_FMT_YUV420P},
    {"avc1.4d0428", AV_PIX_FMT_YUV420P}, /* no B-frames */
    {"avc1.4d4c28", AV_PIX_FMT_YUV420P},
    {"avc1.640009", AV_PIX_FMT_YUV420P},
    {"avc1.64000a", AV_PIX_FMT_YUV420P},
    {"avc1.64000b", AV_PIX_FMT_YUV420P},
    {"avc1.640015", AV_PIX_FMT_YUV420P},
    {"avc1.64001f", AV_PIX_FMT_YUV420P},
    {"avc1.640028", AV_PIX_FMT_YUV420P},
    {"avc1.640828", AV_PIX_FMT_YUV420P},
    {"avc1.640c28", AV_PIX_FMT_YUV420P},
    {"avc1.640034", AV_PIX_FMT_YUV420P},
    {"avc1.64003c", AV_PIX_FMT_YUV420P},
    {"avc1.64003e", AV_PIX_FMT_YUV420P},
    {"avc3.42001e", AV_PIX_FMT_YUV420P},
    {"avc3.640028", AV_PIX_FMT_YUV420P},
    {"avc1.6e000a", AV_PIX_FMT_YUV420P10},
    {"avc1.6e0028", AV_PIX_FMT_YUV420P10},
    {"avc3.6e0033", AV_PIX_FMT_YUV420P10}, /* STR-013, AVC-016 */
    {"avc1.7a0028", AV_PIX_FMT_YUV422P10},
    {"avc1.7A000D", AV_PIX_FMT_YUV422P10},
    {"avc1.f40028", AV_PIX_FMT_YUV444P},
    {"avc1.F4001E", AV_PIX_FMT_YUV444P},
    {"hvc1.1.6.L30.B0", AV_PIX_FMT_YUV420P},
    {"hvc1.1.6.L60.B0", AV_PIX_FMT_YUV420P},
    {"hvc1.1.6.L93.B0", AV_PIX_FMT_YUV420P},
    {"hvc1.1.6.L93.90", AV_PIX_FMT_YUV420P},
    {"hvc1.1.2.L93", AV_PIX_FMT_YUV420P},
    {"hvc1.1.6.L120.B0.0.0.0.0.0", AV_PIX_FMT_YUV420P},
    {"hvc1.1.6.H120.B0", AV_PIX_FMT_YUV420P},
    {"hvc1.1.6.L153.B0", AV_PIX_FMT_YUV420P},
    {"hvc1.1.6.L186.B0", AV_PIX_FMT_YUV420P},
    {"hev1.1.6.L93.B0", AV_PIX_FMT_YUV420P},
    {"hvc1.2.4.L30.B0", AV_PIX_FMT_YUV420P10},
    {"hvc1.2.4.L93.B0", AV_PIX_FMT_YUV420P10},
    {"hvc1.2.4.H150.B0", AV_PIX_FMT_YUV420P10},
    {"hev1.2.4.L120.90", AV_PIX_FMT_YUV420P10}, /* STR-013 */
    {"hvc1.4.10.L93.99.88", AV_PIX_FMT_YUV420P12},
    {"hvc1.4.10.L93.9D.08", AV_PIX_FMT_YUV422P10},
    {"hvc1.4.10.L93.99.08", AV_PIX_FMT_YUV422P12},
    {"hvc1.4.10.L93.9E.08", AV_PIX_FMT_YUV444P},
    {"hev1.4.10.L93.9C.08", AV_PIX_FMT_YUV444P10},
    {"hvc1.4.10.H120.98.08", AV_PIX_FMT_YUV444P12},
    {"vp8", AV_PIX_FMT_YUV420P},
    {"vp09.00.10.08", AV_PIX_FMT_YUV420P},
    {"vp09.00.40.08", AV_PIX_FMT_YUV420P},
    {"vp09.00.62.08", AV_PIX_FMT_YUV420P},
    {"vp09.00.10.08.00", AV_PIX_FMT_YUV420P},
    {"vp09.00.10.08.01.09.16.09.01", AV_PIX_FMT_YUV420P},
    {"vp09.01.10.08", AV_PIX_FMT_YUV444P},
    {"vp09.01.10.08.02", AV_PIX_FMT_YUV422P},
    {"vp09.01.10.08.03", AV_PIX_FMT_YUV444P}, /* STR-003 */
    {"vp09.02.10.10", AV_PIX_FMT_YUV420P10},  /* STR-004 */
    {"vp09.02.31.12", AV_PIX_FMT_YUV420P12},
    {"vp09.03.10.10.02", AV_PIX_FMT_YUV422P10},
    {"vp09.03.10.12.02", AV_PIX_FMT_YUV422P12},
    {"vp09.03.10.10.03", AV_PIX_FMT_YUV444P10}, /* STR-005 */
    {"vp09.03.10.12", AV_PIX_FMT_YUV444P12},
    {"av01.0.00M.08", AV_PIX_FMT_YUV420P},
    {"av01.0.04M.08", AV_PIX_FMT_YUV420P},
    {"av01.0.08H.08", AV_PIX_FMT_YUV420P},
    {"av01.0.31M.08", AV_PIX_FMT_YUV420P},
    {"av01.0.04M.08.0.112", AV_PIX_FMT_YUV420P},
    {"av01.0.04M.08.0.110.01.01.01.0", AV_PIX_FMT_YUV420P},
    {"av01.0.04M.10", AV_PIX_FMT_YUV420P10},
    {"av01.1.04M.08", AV_PIX_FMT_YUV444P}, /* STR-007 */
    {"av01.1.04M.10.0.000", AV_PIX_FMT_YUV444P10},
    {"av01.2.04M.08", AV_PIX_FMT_YUV422P},
    {"av01.2.04M.10.0.100", AV_PIX_FMT_YUV422P10},
    {"av01.2.04M.12", AV_PIX_FMT_YUV420P12},
    {"av01.2.04M.12.0.100", AV_PIX_FMT_YUV422P12},
    {"av01.2.04M.12.0.000", AV_PIX_FMT_YUV444P12},
    /* Profiles that are known and not encoded, promises that are not kept, levels that there are not. */
    {"avc1.580028", AV_PIX_FMT_NONE},
    {"avc1.2c0028", AV_PIX_FMT_NONE},
    {"avc1.641028", AV_PIX_FMT_NONE},
    {"avc1.421028", AV_PIX_FMT_NONE},
    {"avc1.4d8028", AV_PIX_FMT_NONE},
    {"avc1.640063", AV_PIX_FMT_NONE},
    {"avc1.640000", AV_PIX_FMT_NONE},
    {"avc1.6e1028", AV_PIX_FMT_NONE},
    {"avc1.FF000b", AV_PIX_FMT_NONE},
    {"hvc1.3.E.L93.B0", AV_PIX_FMT_NONE},
    {"hvc1.1.1.L93.B0", AV_PIX_FMT_NONE},
    {"hvc1.2.6.L93.B0", AV_PIX_FMT_NONE},
    {"hvc1.1.6.H93.B0", AV_PIX_FMT_NONE},
    {"hvc1.1.6.L94.B0", AV_PIX_FMT_NONE},
    {"hvc1.A1.6.L93.B0", AV_PIX_FMT_NONE},
    {"hvc1.4.10.L93.9F.A8", AV_PIX_FMT_NONE},
    {"hvc1.4.10.L93.9F.C8", AV_PIX_FMT_NONE},
    {"hvc1.4.10.L93.B0", AV_PIX_FMT_NONE},
    {"hvc1.5.20.L93.B0", AV_PIX_FMT_NONE},
    {"hvc1.C99.6FFFFFF.L93", AV_PIX_FMT_NONE},
    {"av01.0.04M.08.1", AV_PIX_FMT_NONE},
    /* Depth and chroma that the profile has not. */
    {"vp09.00.10.10", AV_PIX_FMT_NONE},
    {"vp09.00.10.08.03", AV_PIX_FMT_NONE},
    {"vp09.01.10.10", AV_PIX_FMT_NONE},
    {"vp09.01.10.08.01", AV_PIX_FMT_NONE},
    {"vp09.02.10.08", AV_PIX_FMT_NONE},
    {"vp09.03.10.08.03", AV_PIX_FMT_NONE},
    {"vp09.00.10.08.01.01.01.00", AV_PIX_FMT_NONE},
    {"av01.0.04M.12", AV_PIX_FMT_NONE},
    {"av01.0.04M.08.0.100", AV_PIX_FMT_NONE},
    {"av01.1.04M.12", AV_PIX_FMT_NONE},
    {"av01.1.04M.08.0.110", AV_PIX_FMT_NONE},
    {"av01.2.04M.10.0.000", AV_PIX_FMT_NONE},
    /* No codec strings. */
    {"avc1", AV_PIX_FMT_NONE},
    {"avc1.", AV_PIX_FMT_NONE},
    {"avc1.64002", AV_PIX_FMT_NONE},
    {"avc1.6400288", AV_PIX_FMT_NONE},
    {"avc1.64 028", AV_PIX_FMT_NONE},
    {"avc1.0x6428", AV_PIX_FMT_NONE},
    {"avc1.+64028", AV_PIX_FMT_NONE},
    {"avc1.64002g", AV_PIX_FMT_NONE},
    {"avc1.640028.1", AV_PIX_FMT_NONE},
    {"avc1.640028 ", AV_PIX_FMT_NONE},
    {" avc1.640028", AV_PIX_FMT_NONE},
    {"AVC1.640028", AV_PIX_FMT_NONE},
    {"avc2.640028", AV_PIX_FMT_NONE},
    {"hvc1", AV_PIX_FMT_NONE},
    {"hvc1.1", AV_PIX_FMT_NONE},
    {"hvc1.1.6", AV_PIX_FMT_NONE},
    {"hvc1.1.6.L93.", AV_PIX_FMT_NONE},
    {"hvc1.1.6.93.B0", AV_PIX_FMT_NONE},
    {"hvc1.01.6.L93.B0", AV_PIX_FMT_NONE},
    {"hvc1.1.6.L093.B0", AV_PIX_FMT_NONE},
    {"hvc1.1.6.l93.B0", AV_PIX_FMT_NONE},
    {"hvc1.1.6.L93.B0.0.0.0.0.0.0", AV_PIX_FMT_NONE},
    {"HVC1.1.6.L93.B0", AV_PIX_FMT_NONE},
    {"hvc2.1.6.L93.B0", AV_PIX_FMT_NONE},
    {"vp8.0", AV_PIX_FMT_NONE},
    {"vp8 ", AV_PIX_FMT_NONE},
    {"vp80", AV_PIX_FMT_NONE},
    {"VP8", AV_PIX_FMT_NONE},
    {"vp08.00.10.08", AV_PIX_FMT_NONE},
    {"vp9", AV_PIX_FMT_NONE},
    {"vp09", AV_PIX_FMT_NONE},
    {"vp09.00.10", AV_PIX_FMT_NONE},
    {"vp09.0.10.08", AV_PIX_FMT_NONE},
    {"vp09.00.99.08", AV_PIX_FMT_NONE},
    {"vp09.04.10.08", AV_PIX_FMT_NONE},
    {"vp09.00.10.09", AV_PIX_FMT_NONE},
    {"vp09.00.10.08.04", AV_PIX_FMT_NONE},
    {"vp09.00.10.08.01.01.01.01.02", AV_PIX_FMT_NONE},
    {"vp09.00.10.08.01.01.01.01.00.00", AV_PIX_FMT_NONE},
    {"av1", AV_PIX_FMT_NONE},
    {"av01", AV_PIX_FMT_NONE},
    {"av01.0.04.08", AV_PIX_FMT_NONE},
    {"av01.0.4M.08", AV_PIX_FMT_NONE},
    {"av01.0.04M.8", AV_PIX_FMT_NONE},
    {"av01.00.04M.08", AV_PIX_FMT_NONE},
    {"av01.3.04M.08", AV_PIX_FMT_NONE},
    {"av01.9.99M.08", AV_PIX_FMT_NONE},
    {"av01.0.24M.08", AV_PIX_FMT_NONE},
    {"av01.0.04H.08", AV_PIX_FMT_NONE},
    {"av01.0.04M.08.0.113", AV_PIX_FMT_NONE},
    {"bogus", AV_PIX_FMT_NONE},
    {"h264", AV_PIX_FMT_NONE},
    {"libx264", AV_PIX_FMT_NONE},
    {"video/webm; codecs=\"vp8\"", AV_PIX_FMT_NONE},
    {"avc1.640028,vp8", AV_PIX_FMT_NONE},
    {"\xff\xfe", AV_PIX_FMT_NONE},
    {"%s%n", AV_PIX_FMT_NONE},
    {"vvc1.1.L51.CQA.O1+3xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
     AV_PIX_FMT_NONE},
};

/* Which encoders a codec string is coded by: those of its prefix. */
static const struct {
    const char *prefix;
    const char *name;
} encoders[] = {
    {"avc", "libx264"},         {"h", "libx265"},       {"vp8", "libvpx"},     {"vp09", "libvpx-vp9"},
    {"av01", "libaom-av1"},     {"av01", "librav1e"},   {"av01", "libsvtav1"},
#ifdef WCENC_HAS_VPX
    {"vp8", "native-vpx"},      {"vp09", "native-vpx"},
#endif
#ifdef WCENC_HAS_OPENH264
    {"avc", "native-openh264"},
#endif
#ifdef WCENC_HAS_AOM
    {"av01", "native-aom"},
#endif
};

/*
 * They come by turns. The first leaves it to the frame. Five, which has no divisor in common with the number of forms
 * of most codec strings, so that forms meet colours.
 */
static const wcenc_color_space form_colors[] = {
    {0, 0, 0, 0},
    {1, 1, 1, WCENC_COLOR_RANGE_LIMITED},
    {6, 6, 6, WCENC_COLOR_RANGE_FULL},
    {9, 16, 9, WCENC_COLOR_RANGE_LIMITED},
    {9, 18, 9, WCENC_COLOR_RANGE_FULL},
};

/* No multiple of sixteen or eight, with rows of the largest blocks; and a small one for levels that have no other. */
static const uint32_t form_sizes[][2] = {{146, 130}, {64, 64}};

/* How a codec string is coded. Modes, B-frames and layers are left out where an encoder or profile has none. */
struct grid_form {
    const char *name;
    int32_t latency;
    bool annexb;
    int32_t mode;
    uint32_t b_frames;
    const char *layers;
    bool shows_samples;
    const char *family; /* for codec strings that begin with it; "": all, "n": those with NAL units */
};

static const struct grid_form forms[] = {
    {"quality", WCENC_LATENCY_QUALITY, false, WCENC_BITRATE_VARIABLE, 0, NULL, false, ""},
    {"realtime, constant bitrate", WCENC_LATENCY_REALTIME, false, WCENC_BITRATE_CONSTANT, 0, NULL, false, ""},
    {"quality, annexb, B-frames", WCENC_LATENCY_QUALITY, true, WCENC_BITRATE_VARIABLE, 2, NULL, false, "n"},
    {"realtime, annexb, quantizer", WCENC_LATENCY_REALTIME, true, WCENC_BITRATE_QUANTIZER, 0, NULL, false, "n"},
    {"realtime, temporal layers", WCENC_LATENCY_REALTIME, false, WCENC_BITRATE_VARIABLE, 0, "L1T3", false, "vp"},
    {"realtime, temporal layers", WCENC_LATENCY_REALTIME, false, WCENC_BITRATE_CONSTANT, 0, "L1T3", false, "avc"},
    {"realtime, samples", WCENC_LATENCY_REALTIME, false, WCENC_BITRATE_VARIABLE, 0, NULL, true, ""},
};

/* An ordinary configuration of each encoder, of which single members are changed. */
static const struct {
    struct grid_codec codec;
    const char *encoder;
    const char *hurry; /* options with which it codes large pictures in less time; NULL: realtime does */
} bases[] = {
    {{"avc1.640028", AV_PIX_FMT_YUV420P}, "libx264", NULL},
    {{"hvc1.1.6.L120.B0", AV_PIX_FMT_YUV420P}, "libx265", NULL},
    {{"vp8", AV_PIX_FMT_YUV420P}, "libvpx", NULL},
    {{"vp09.00.40.08", AV_PIX_FMT_YUV420P}, "libvpx-vp9", NULL},
#ifdef WCENC_HAS_VPX
    {{"vp8", AV_PIX_FMT_YUV420P}, "native-vpx", NULL},
    {{"vp09.00.40.08", AV_PIX_FMT_YUV420P}, "native-vpx", NULL},
#endif
#ifdef WCENC_HAS_AOM
    {{"av01.0.04M.08", AV_PIX_FMT_YUV420P}, "native-aom", NULL},
#endif
#ifdef WCENC_HAS_OPENH264
    {{"avc1.640028", AV_PIX_FMT_YUV420P}, "native-openh264", NULL},
#endif
    {{"av01.0.04M.08", AV_PIX_FMT_YUV420P}, "libaom-av1", NULL},
    {{"av01.0.04M.08", AV_PIX_FMT_YUV420P}, "librav1e", "speed=10"},
    {{"av01.0.04M.08", AV_PIX_FMT_YUV420P}, "libsvtav1", "preset=12"},
};

static const uint32_t sizes[][2] = {
    {16, 16},
    {64, 64},
    {320, 200},
    {128, 128},
    {176, 144},
    {66, 34},
    {1, 1},
    {2, 2},
    {17, 16},
    {65, 33},
    {641, 480},
    {640, 480},
    {1, 64},
    {64, 2},
    {1280, 720},
    {1920, 1080},
    {2, 4096},
    {4096, 2176},
    {16384, 64},
    /* beyond what some builds of libvpx code */
    {16386, 16},
    {16, 16386},
    {20000, 20000},
    {16, 65536},
    {65537, 64},
    {UINT32_MAX, UINT32_MAX},
    {0, 64},
};
static const int32_t latencies[] = {WCENC_LATENCY_REALTIME, WCENC_LATENCY_QUALITY, 2};
static const int32_t modes[] = {WCENC_BITRATE_CONSTANT, WCENC_BITRATE_QUANTIZER, 3};
static const int32_t formats[][2] = {{WCENC_BITSTREAM_ANNEXB, WCENC_BITSTREAM_ANNEXB}, {-1, -1}};
static const uint32_t b_frames[] = {1, 2, 3, 16, 17, UINT32_MAX};
static const uint32_t threads[] = {1, 2, 3, 4, 16, 63, 64, 65, 128, 1024, 1025, UINT32_MAX};
static const int32_t efforts[] = {0, -2, -1, 1, 2, 3, INT32_MIN};
static const int32_t flags[] = {0, 1, 2};
static const uint32_t key_intervals[] = {1, 2, 30, 300, 9999, 1000000, INT32_MAX, UINT32_MAX};
static const int32_t alphas[] = {WCENC_ALPHA_DISCARD, WCENC_ALPHA_KEEP};
static const char *const layers[] = {"L1T1", "", "L1T2", "L1T3", "L3T3_KEY", "S2T1", "l1t1", "many"};
static const char *const hints[] = {"motion", "text", "", "no such hint"};
static const int32_t hardware[] = {WCENC_HARDWARE_PREFER_SOFTWARE, WCENC_HARDWARE_PREFER_HARDWARE,
                                   WCENC_HARDWARE_REQUIRED};
static const uint32_t held[] = {100, 1000, UINT32_MAX, 60, 40, 20, 5, 3, 2, 1};
static const double framerates[] = {30,   25,    30000 / 1001.0, 60,   1,      120,     7.123456789, 240,
                                    1000, 10000, 0.001,          0.01, 0.0009, 10000.1, 1e300,       -1};
static const uint64_t bitrates[] = {1000000, 64000,     300000,     20000,     5000000,    1000,        999,
                                    1,       100000000, 1000000000, INT32_MAX, UINT32_MAX, 10000000000, UINT64_MAX};
static const char *const names[] = {"",           "libx264",         "libx265",         "libvpx",
                                    "libvpx-vp9", "libaom-av1",      "librav1e",        "libsvtav1",
                                    "native-vpx", "native-aom",      "native-openh264", "libx264rgb",
                                    "h264_vaapi", "no such encoder", "LIBX264"};
static const uint32_t display_sizes[][2] = {
    {1920, 1080}, {64, 48},          {65535, 65535},  {1, 1},          {1, 65535},
    {65535, 1},   {1000003, 999983}, {UINT32_MAX, 1}, {1, UINT32_MAX}, {UINT32_MAX, UINT32_MAX},
};
static const wcenc_color_space colors[] = {
    {WCENC_COLOR_PRIMARIES_BT709, WCENC_COLOR_TRANSFER_BT709, WCENC_COLOR_MATRIX_BT709, WCENC_COLOR_RANGE_LIMITED},
    {WCENC_COLOR_PRIMARIES_SMPTE170M, WCENC_COLOR_TRANSFER_SMPTE170M, WCENC_COLOR_MATRIX_SMPTE170M,
     WCENC_COLOR_RANGE_FULL},
    {WCENC_COLOR_PRIMARIES_BT2020, WCENC_COLOR_TRANSFER_PQ, WCENC_COLOR_MATRIX_BT2020_NCL, WCENC_COLOR_RANGE_LIMITED},
    {WCENC_COLOR_PRIMARIES_BT470BG, WCENC_COLOR_TRANSFER_LINEAR, WCENC_COLOR_MATRIX_BT470BG, WCENC_COLOR_RANGE_LIMITED},
    {WCENC_COLOR_PRIMARIES_SMPTE432, WCENC_COLOR_TRANSFER_IEC61966_2_1, WCENC_COLOR_MATRIX_RGB,
     WCENC_COLOR_RANGE_UNSPECIFIED},
    {WCENC_COLOR_PRIMARIES_BT709, WCENC_COLOR_TRANSFER_IEC61966_2_1, WCENC_COLOR_MATRIX_RGB, WCENC_COLOR_RANGE_FULL},
    {0, WCENC_COLOR_TRANSFER_HLG, 0, 0},
    {0, 0, 0, WCENC_COLOR_RANGE_FULL},
    {-1, 0, 0, 0},
};

/* Most make sense to one encoder only; the first few to most. */
static const char *const options[] = {
    "",
    "g=12",
    "keyint_min=1",
    "flags=+cgop",
    "preset=fast",
    "cpu-used=8",
    "qmin=10:qmax=40",
    "b=250000",
    "crf=30",
    "threads=2",
    "preset=ultrafast:tune=zerolatency",
    "preset=veryslow",
    "tune=film",
    "rc-lookahead=5",
    "rc-lookahead=0:bf=0",
    "bf=3",
    "bf=0",
    "x264-params=keyint=10\\:ref=2",
    "x264-params=aud=1",
    "x264-params=slices=4",
    "x264-params=bframes=5",
    "x264-params=no-such-key=1",
    "aud=1",
    "coder=vlc",
    "8x8dct=0",
    "refs=1",
    "refs=16",
    "x265-params=ref=2\\:rc-lookahead=5",
    "x265-params=bframes=4",
    "x265-params=no-such-key=1",
    "x265-params=aud=1",
    "x265-params=repeat-headers=1",
    "x265-params=lossless=1",
    "deadline=realtime:cpu-used=8",
    "deadline=best",
    "lag-in-frames=10",
    "lag-in-frames=25:auto-alt-ref=1",
    "lag-in-frames=0",
    "auto-alt-ref=6",
    "tile-columns=2",
    "row-mt=0",
    "aq-mode=0",
    "lossless=1",
    "static-thresh=1000",
    "error-resilient=1",
    "noise-sensitivity=2",
    "speed=6",
    "speed=10:tiles=4",
    "qp=50",
    "usage=allintra",
    "usage=realtime",
    "aom-params=enable-cdef=0",
    "aom-params=no-such-key=1",
    "rav1e-params=speed=9",
    "rav1e-params=no-such-key=1",
    "svtav1-params=film-grain=8",
    "svtav1-params=no-such-key=1",
    "preset=12",
    "preset=13",
    "forced-idr=0",
    "flags=-global_header",
    "flags=+global_header",
    "flags=+psnr",
    "flags=+pass1",
    "flags=+pass2",
    "flags=+ildct+ilme",
    "flags2=+local_header",
    "strict=experimental",
    "g=0",
    "g=-1",
    "g=2147483647",
    "g=99999999999",
    "bf=17",
    "bf=-1",
    "refs=-5",
    "b=0",
    "b=1e30",
    "crf=-1",
    "crf=1000",
    "qmin=63:qmax=10",
    "cpu-used=99",
    "speed=99",
    "preset=zzz",
    "tune=zzz",
    "profile=high",
    "level=51",
    "pix_fmt=yuv444p",
    "pixel_format=yuv444p",
    "video_size=640x480",
    "s=640x480",
    "time_base=1/7",
    "colorspace=bt2020nc",
    "drop-threshold=30",
    "no-such-option=1",
    "g",
    "g=",
    "=1",
    ":",
    "::g=12::",
    "g=12:",
    "g=12:=",
    "g=\\",
    "threads=auto",
    "threads=-1",
    "thread_type=slice",
    "x264-params=threads=3\\:sliced-threads=1",
    "x264-params=profile=baseline",
    "x264-params=fps=1/7",
    "x264-params=level=62",
    "x264-params=interlaced=1",
    "x264-params=annexb=0",
    "x264-params=repeat-headers=1",
    "x264-params=intra-refresh=1",
    "intra-refresh=1",
    "x265-params=annexb=0",
    "x265-params=interlace=1",
    "x265-params=level-idc=62",
    "x265-params=profile=main10",
    "x265-params=output-depth=10",
    "x265-params=input-res=64x48",
    "x265-params=fps=1/7",
    "x265-params=intra-refresh=1",
    "x265-params=open-gop=1",
    "x265-params=keyint=5",
    "x265-params=limit-refs=0\\:frame-threads=4",
    "frame-parallel=1",
    "ts-parameters=ts_number_layers=2",
    "nal-hrd=cbr",
    "nal-hrd=vbr",
    "bufsize=0",
    "maxrate=1",
    "maxrate=0:bufsize=0",
    "still-picture=1",
    "frame-size=5",
    "x264-params=pass=1",
    "x264-params=bframes=3\\:b-pyramid=strict",
    "x264-params=crop-rect=2,2,2,2",
    "x264-params=colorprim=bt2020\\:transfer=smpte2084\\:colormatrix=bt2020nc",
    "x264-params=fullrange=on",
    "x264-params=sar=2/1",
    "x264-params=fake-interlaced=1",
    "x264-params=frame-packing=3",
    "x264-params=nal-hrd=cbr",
    "x264-params=csp=i444",
    "x264-params=input-depth=10",
    "x264-params=stitchable=1",
    "x265-params=pass=1",
    "x265-params=frame-dup=1\\:hrd=1",
    "x265-params=pools=none",
    "x265-params=frame-threads=1",
    "x265-params=colorprim=9\\:transfer=16\\:colormatrix=9",
    "x265-params=range=full",
    "x265-params=sar=2\\:1",
    "x265-params=display-window=2,2,2,2",
    "x265-params=uhd-bd=1",
    "x265-params=hdr10=1",
    "x265-params=high-tier=1",
    "x265-params=field=1",
    "x265-params=ctu=16",
    "x265-params=ctu=16\\:min-cu-size=16",
    "x265-params=input-csp=i444",
    "x265-params=frames=1",
    "x265-params=total-frames=1",
    "x265-params=chunk-start=2",
    "x265-params=slices=4",
    "x265-params=wpp=0\\:pmode=1\\:pme=1",
    "x265-params=hash=1",
    "x265-params=temporal-layers=2",
    "aom-params=monochrome=1",
    "aom-params=resize-mode=1\\:resize-denominator=16",
    "aom-params=superres-mode=1\\:superres-denominator=16",
    "aom-params=lag-in-frames=30",
    "aom-params=large-scale-tile=1",
    "aom-params=annexb=1",
    "aom-params=target-seq-level-idx=0",
    "aom-params=drop-frame=30",
    "aom-params=color-primaries=bt2020",
    "aom-params=matrix-coefficients=bt2020ncl",
    "aom-params=chroma-sample-position=colocated",
    "aom-params=bit-depth=10",
    "aom-params=profile=2",
    "aom-params=sframe-dist=2",
    "aom-params=enable-fwd-kf=1",
    "aom-params=denoise-noise-level=20",
    "svtav1-params=keyint=5",
    "svtav1-params=pred-struct=1",
    "svtav1-params=lookahead=0",
    "svtav1-params=hierarchical-levels=3",
    "svtav1-params=profile=1",
    "svtav1-params=color-primaries=9",
    "svtav1-params=enable-overlays=1",
    "svtav1-params=resize-mode=1",
    "svtav1-params=superres-mode=1",
    "rav1e-params=low_latency=false",
    "rav1e-params=still_picture=true",
    "rav1e-params=key_frame_interval=5",
    "rav1e-params=reservoir_frame_delay=20",
    "rav1e-params=matrix=bt2020ncl",
    "sharpness=7",
    "undershoot-pct=10:overshoot-pct=10",
    "arnr-maxframes=7:arnr-strength=4",
    "temporal-filter=1",
    "enable-intrabc=1:tune=ssim",
    "reduced-tx-type-set=1",
    "sc_threshold=0",
    "idr_interval=2",
    "slices=4",
    "field_order=tt",
    "sample_aspect_ratio=2/1",
    "aspect=2",
    "chroma_sample_location=top",
    "export_side_data=+mvs",
    "a53cc=0:udu_sei=1",
    "stats=here.log",
    "passlogfile=here",
    "dump_separator=x",
    "max_pixels=100",
    "trellis=0:me_method=dia",
    "me_range=4:subq=1",
    "strict=-2",
    "compression_level=9",
    "global_quality=1000",
    "flags=+qscale:global_quality=1000",
    "flags=+low_delay",
    "flags=+drop_changed",
    "flags=+gray",
    "flags2=+fast",
};

/* What a configuration is made of. All values of a table are of one size, and are copied to the offset. */
enum kind { NUMBERS, TEXT, RATE, BITS };

struct factor {
    const char *name;
    enum kind kind;
    uint32_t offset, size; /* of the member, or of members that stand together */
    const void *values;
    uint32_t count, ordinary; /* so many of the first are nothing strange */
    uint32_t chance;          /* in a thousand random cells */
};

#define FACTOR(member, kind, values, ordinary, chance)                                                            \
    {                                                                                                             \
#member, kind, offsetof(wcenc_config, member), sizeof values[0], values, LENGTH(values), ordinary, chance \
    }

static const struct factor factors[] = {
    FACTOR(width, NUMBERS, sizes, 6, 900),
    FACTOR(latency_mode, NUMBERS, latencies, 2, 700),
    FACTOR(bitrate_mode, NUMBERS, modes, 2, 450),
    FACTOR(bitstream_format, NUMBERS, formats, 1, 400),
    FACTOR(max_b_frames, NUMBERS, b_frames, 3, 150),
    FACTOR(threads, NUMBERS, threads, 4, 500),
    FACTOR(key_interval, NUMBERS, key_intervals, 4, 300),
    FACTOR(alpha, NUMBERS, alphas, 1, 200),
    FACTOR(scalability_mode, TEXT, layers, 2, 200),
    FACTOR(content_hint, TEXT, hints, 4, 100),
    FACTOR(hardware_acceleration, NUMBERS, hardware, 1, 200),
    FACTOR(max_delay_frames, NUMBERS, held, 3, 200),
    FACTOR(framerate, RATE, framerates, 8, 500),
    FACTOR(bitrate, BITS, bitrates, 5, 600),
    FACTOR(encoder_name, TEXT, names, 1, 200),
    FACTOR(encoder_options, TEXT, options, 9, 250),
    FACTOR(display_width, NUMBERS, display_sizes, 2, 300),
    FACTOR(color_space, NUMBERS, colors, 5, 400),
    FACTOR(effort, NUMBERS, efforts, 5, 300),
    FACTOR(force_screen_content_tools, NUMBERS, flags, 2, 100),
};

/* Frames that cells are fed with, by turns. */
static const wcenc_pixel_format frame_formats[] = {
    WCENC_PIXEL_FORMAT_I420, WCENC_PIXEL_FORMAT_RGBA,    WCENC_PIXEL_FORMAT_NV12,
    WCENC_PIXEL_FORMAT_I444, WCENC_PIXEL_FORMAT_I420P10, WCENC_PIXEL_FORMAT_I422,
};

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

static void apply(const struct factor *factor, uint32_t value, wcenc_config *config)
{
    memcpy((char *)config + factor->offset, (const char *)factor->values + (size_t)value * factor->size, factor->size);
}

static uint32_t changes(void)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < LENGTH(factors); i++)
        sum += factors[i].count;
    return sum;
}

enum {
    GRID_STREAMS_MAX = 1000,
    LARGE_AREA = 1280 * 720,
    BASE_SIZE = 64,
    SAMPLES_BITRATE = 8000000,
    FORM_FRAMES = GRID_FRAMES_MAX,
    FORM_KEY_EVERY = 3
};

static bool is_family(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Samples of 8 bits in 4:2:0 are looked at by every other test. */
static bool fits(const struct grid_form *form, const struct grid_codec *codec)
{
    bool has_nal_units = is_family(codec->text, "avc") || is_family(codec->text, "h");

    if (form->shows_samples && codec->decoded == AV_PIX_FMT_YUV420P)
        return false;
    return strcmp(form->family, "n") == 0 ? has_nal_units : is_family(codec->text, form->family);
}

/* A stream of a codec string by an encoder in a form; or, without the latter two, a codec string that is never coded.
 */
struct stream {
    const struct grid_codec *codec;
    const char *encoder;
    const struct grid_form *form;
};

static struct stream streams[GRID_STREAMS_MAX];
static uint32_t stream_count;

static void add_stream(const struct grid_codec *codec, const char *encoder, const struct grid_form *form)
{
    if (stream_count < GRID_STREAMS_MAX)
        streams[stream_count++] = (struct stream){codec, encoder, form};
}

static void add_streams(const struct grid_codec *codec)
{
    if (codec->decoded == AV_PIX_FMT_NONE) {
        add_stream(codec, NULL, NULL);
        return;
    }
    for (uint32_t encoder = 0; encoder < LENGTH(encoders); encoder++)
        for (uint32_t form = 0; form < LENGTH(forms); form++)
            if (is_family(codec->text, encoders[encoder].prefix) && fits(&forms[form], codec))
                add_stream(codec, encoders[encoder].name, &forms[form]);
}

/* How many cells there are of codec strings. */
static uint32_t count_streams(void)
{
    if (stream_count == 0)
        for (uint32_t i = 0; i < LENGTH(codecs); i++)
            add_streams(&codecs[i]);
    return stream_count;
}

uint32_t grid_form_cells(void)
{
    return count_streams();
}

uint32_t grid_fixed_cells(void)
{
    return grid_form_cells() + LENGTH(bases) * changes();
}

static void set_codec(struct grid_cell *cell, const struct grid_codec *codec)
{
    cell->codec = codec;
    cell->config.codec = codec->text;
}

/* Where pictures have several slices: libx264 makes one for each thread in realtime, libx265 as many as it is asked
 * for. */
static bool has_slices(const struct grid_cell *cell)
{
    bool hevc = is_family(cell->codec->text, "h");

    return (hevc || is_family(cell->codec->text, "avc")) && cell->config.width == form_sizes[0][0] &&
           cell->form->latency == (hevc ? WCENC_LATENCY_QUALITY : WCENC_LATENCY_REALTIME);
}

static void set_size(struct grid_cell *cell, const uint32_t size[2])
{
    cell->config.width = size[0];
    cell->config.height = size[1];
    cell->has_slices = has_slices(cell);
    cell->config.encoder_options =
        cell->has_slices && is_family(cell->codec->text, "h") ? "x265-params=slices=2" : NULL;
}

static void set_modes(struct grid_cell *cell, const struct grid_form *form)
{
    cell->config.bitrate_mode = form->mode;
    cell->config.max_b_frames = form->b_frames;
    cell->config.scalability_mode = form->layers;
}

static void fill_form(struct grid_cell *cell, const struct stream *stream)
{
    cell->form = stream->form;
    cell->config.encoder_name = stream->encoder;
    cell->config.latency_mode = stream->form->latency;
    cell->config.bitstream_format = stream->form->annexb ? WCENC_BITSTREAM_ANNEXB : WCENC_BITSTREAM_LENGTH_PREFIXED;
    cell->config.framerate = 15;
    cell->config.threads = is_family(cell->codec->text, "avc") ? 4 : 1;
    cell->config.color_space = form_colors[cell->number % LENGTH(form_colors)];
    cell->picture = GRID_OWN;
    cell->frames = FORM_FRAMES;
    cell->key_every = FORM_KEY_EVERY;
    if (stream->form->shows_samples) {
        cell->picture = GRID_SAMPLES;
        cell->config.bitrate = SAMPLES_BITRATE;
        cell->config.color_space = form_colors[0];
        cell->frames = 3;
        cell->key_every = 2;
    }
    set_modes(cell, stream->form);
    set_size(cell, form_sizes[0]);
}

bool grid_relax(struct grid_cell *cell)
{
    static const struct grid_form plain = {.mode = WCENC_BITRATE_VARIABLE};

    if (!cell->form || ++cell->relaxed >= 2 * (int)LENGTH(form_sizes))
        return false;
    set_modes(cell, cell->relaxed % 2 == 0 ? cell->form : &plain);
    set_size(cell, form_sizes[cell->relaxed / 2]);
    return true;
}

static void fill_fixed(struct grid_cell *cell, uint32_t number)
{
    uint32_t base;

    if (number < count_streams()) {
        set_codec(cell, streams[number].codec);
        if (streams[number].form)
            fill_form(cell, &streams[number]);
        return;
    }
    number -= count_streams();
    base = number % LENGTH(bases);
    number /= LENGTH(bases);
    set_codec(cell, &bases[base].codec);
    cell->config.encoder_name = bases[base].encoder;
    for (uint32_t i = 0; i < LENGTH(factors); number -= factors[i++].count)
        if (number < factors[i].count) {
            apply(&factors[i], number, &cell->config);
            break;
        }
    if ((uint64_t)cell->config.width * cell->config.height >= LARGE_AREA) {
        cell->config.latency_mode = bases[base].hurry ? WCENC_LATENCY_QUALITY : WCENC_LATENCY_REALTIME;
        cell->config.encoder_options = bases[base].hurry;
        cell->frames = 1; /* what follows it does not depend on the size */
    }
}

static uint32_t ordinary_codecs(void)
{
    uint32_t count = 0;

    while (codecs[count].decoded != AV_PIX_FMT_NONE)
        count++;
    return count;
}

static void fill_random(struct grid_cell *cell, uint64_t *random)
{
    enum { STRANGE = 60 }; /* in a thousand */
    bool strange_codec = below(random, 1000) < STRANGE;

    set_codec(cell, &codecs[below(random, strange_codec ? LENGTH(codecs) : ordinary_codecs())]);
    for (uint32_t i = 0; i < LENGTH(factors); i++) {
        bool wanted = below(random, 1000) < factors[i].chance, strange = below(random, 1000) < STRANGE;
        uint32_t value = below(random, strange ? factors[i].count : factors[i].ordinary);

        if (wanted)
            apply(&factors[i], value, &cell->config);
    }
}

struct grid_cell grid_cell(uint64_t seed, uint32_t number)
{
    uint64_t random = seed ^ (uint64_t)number << 32;
    struct grid_cell cell;

    memset(&cell, 0, sizeof cell);
    cell.number = number;
    wcenc_config_init(&cell.config, sizeof cell.config);
    cell.config.width = cell.config.height = BASE_SIZE;
    cell.frame_format = frame_formats[number % LENGTH(frame_formats)];
    cell.picture = number % 2 == 0 ? GRID_OWN : GRID_FLAT;
    cell.frames = 2;
    cell.key_every = number % 3 == 0 ? 1 : 0;
    if (number < grid_fixed_cells())
        fill_fixed(&cell, number);
    else
        fill_random(&cell, &random);
    return cell;
}

static void add(char *out, const char *format, ...)
{
    size_t used = strlen(out);
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(out + used, GRID_DESCRIPTION_MAX - used, format, arguments);
    va_end(arguments);
}

/* As C writes it. */
static void add_text(char *out, const char *text)
{
    add(out, "\"");
    for (; *text; text++)
        add(out, *text >= ' ' && *text <= '~' ? strchr("\\\"", *text) ? "\\%c" : "%c" : "\\x%02x",
            (unsigned char)*text);
    add(out, "\"");
}

static void add_member(char *out, const struct factor *factor, const wcenc_config *config)
{
    static const wcenc_config nothing;
    const char *member = (const char *)config + factor->offset;
    const char *text;
    uint64_t bits;
    double rate;

    if (memcmp(member, (const char *)&nothing + factor->offset, factor->size) == 0)
        return;
    add(out, " .%s=", factor->name);
    switch (factor->kind) {
    case TEXT:
        memcpy(&text, member, sizeof text);
        add_text(out, text);
        break;
    case RATE:
        memcpy(&rate, member, sizeof rate);
        add(out, "%.17g", rate);
        break;
    case BITS:
        memcpy(&bits, member, sizeof bits);
        add(out, "%" PRIu64, bits);
        break;
    case NUMBERS:
        for (uint32_t at = 0; at < factor->size; at += 4) {
            uint32_t number;

            memcpy(&number, member + at, sizeof number);
            add(out, "%s%" PRIu32, at ? "," : "", number);
        }
        break;
    }
}

void grid_describe(const struct grid_cell *cell, char out[GRID_DESCRIPTION_MAX])
{
    static const char *const pictures[] = {"another size", "that size", "samples"};

    out[0] = '\0';
    add(out, "test_cell: %" PRIu32 ": .codec=", cell->number);
    add_text(out, cell->codec->text);
    for (uint32_t i = 0; i < LENGTH(factors); i++)
        add_member(out, &factors[i], &cell->config);
    if (cell->form)
        add(out, "; %s", cell->form->name);
    add(out, "; %d frames, %s of %s", cell->frames, pictures[cell->picture],
        wcenc_pixel_format_name(cell->frame_format));
    if (cell->key_every)
        add(out, ", a key every %d", cell->key_every);
}
