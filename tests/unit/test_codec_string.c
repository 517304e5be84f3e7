/* SPDX-License-Identifier: MIT */

/* What codec strings say, and the many that say nothing. Ids in comments are rows of docs/conformance.md. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "compiler.h"
#include "codec_string.h"

struct accepted {
    const char *text;
    struct codec_id id;
};

#define ID(codec, idc, level_idc, high_tier, depth, subsampling)                                    \
    {                                                                                               \
        .family = codec, .profile = idc, .level = level_idc, .tier = high_tier, .bit_depth = depth, \
        .chroma = subsampling                                                                       \
    }

static const struct accepted h264[] = {
    {"avc1.42001E", {CODEC_H264, 66, 30, 0, 8, CHROMA_420, .constraints = 0x00}}, /* STR-008 */
    {"avc1.42001e", {CODEC_H264, 66, 30, 0, 8, CHROMA_420, .constraints = 0x00}}, /* STR-008 */
    {"avc1.42001F", {CODEC_H264, 66, 31, 0, 8, CHROMA_420, .constraints = 0x00}}, /* STR-009 */
    {"avc1.42E01E", {CODEC_H264, 66, 30, 0, 8, CHROMA_420, .constraints = 0xE0}},
    {"avc1.42f00b", {CODEC_H264, 66, 11, 0, 8, CHROMA_420, .constraints = 0xF0}}, /* level 1b */
    {"avc1.4d001e", {CODEC_H264, 77, 30, 0, 8, CHROMA_420, .constraints = 0x00}}, /* STR-010 */
    {"avc1.4D401E", {CODEC_H264, 77, 30, 0, 8, CHROMA_420, .constraints = 0x40}},
    {"avc1.64001e", ID(CODEC_H264, 100, 30, 0, 8, CHROMA_420)}, /* STR-010 */
    {"avc1.64003e", ID(CODEC_H264, 100, 62, 0, 8, CHROMA_420)}, /* STR-010 */
    {"avc1.640028", ID(CODEC_H264, 100, 40, 0, 8, CHROMA_420)}, /* STR-011 */
    {"avc1.640009", ID(CODEC_H264, 100, 9, 0, 8, CHROMA_420)},  /* level 1b */
    {"avc1.64000a", ID(CODEC_H264, 100, 10, 0, 8, CHROMA_420)},
    {"avc1.6E0028", ID(CODEC_H264, 110, 40, 0, 10, CHROMA_420)},
    {"avc1.7A0028", ID(CODEC_H264, 122, 40, 0, 10, CHROMA_422)},
    {"avc1.F40028", ID(CODEC_H264, 244, 40, 0, 8, CHROMA_444)},
    {"avc1.2C0028", ID(CODEC_H264, 44, 40, 0, 8, CHROMA_444)},
    {"avc1.FF000b", ID(CODEC_H264, 255, 11, 0, 8, CHROMA_420)}, /* SUP-024: refused as a profile */
    {"avc1.000000", ID(CODEC_H264, 0, 0, 0, 8, CHROMA_420)},
    {"avc3.640028", {CODEC_H264, 100, 40, 0, 8, CHROMA_420, .in_band_parameter_sets = true}}, /* STR-013, AVC-016 */
};

#define HEVC_RANGE_EXTENSIONS(depth, chroma, ...)                                                               \
    {                                                                                                           \
        CODEC_HEVC, 4, 93, 0, depth, chroma, .profile_compatibility = 0x10, .constraint_bytes = { __VA_ARGS__ } \
    }

static const struct accepted hevc[] = {
    {"hvc1.1.6.L123.00", {CODEC_HEVC, 1, 123, 0, 8, CHROMA_420, .profile_compatibility = 6}}, /* STR-012 */
    {"hvc1.1.6.L93", {CODEC_HEVC, 1, 93, 0, 8, CHROMA_420, .profile_compatibility = 6}},
    {"hvc1.1.6.L93.B0", {CODEC_HEVC, 1, 93, 0, 8, CHROMA_420, .profile_compatibility = 6, .constraint_bytes = {0xB0}}},
    {"hvc1.1.6.L93.b0.0.0.0.0.0",
     {CODEC_HEVC, 1, 93, 0, 8, CHROMA_420, .profile_compatibility = 6, .constraint_bytes = {0xB0}}},
    {"hvc1.1.6.H150.1.22.3.4.5.ff",
     {CODEC_HEVC, 1, 150, 1, 8, CHROMA_420, .profile_compatibility = 6, .constraint_bytes = {1, 0x22, 3, 4, 5, 0xFF}}},
    {"hvc1.1.00000006.L93", {CODEC_HEVC, 1, 93, 0, 8, CHROMA_420, .profile_compatibility = 6}},
    {"hvc1.1.abcDEF01.L93", {CODEC_HEVC, 1, 93, 0, 8, CHROMA_420, .profile_compatibility = 0xABCDEF01}},
    {"hvc1.1.6.L1", {CODEC_HEVC, 1, 1, 0, 8, CHROMA_420, .profile_compatibility = 6}},
    {"hvc1.1.6.L255", {CODEC_HEVC, 1, 255, 0, 8, CHROMA_420, .profile_compatibility = 6}},
    {"hvc1.2.4.L93.B0", {CODEC_HEVC, 2, 93, 0, 10, CHROMA_420, .profile_compatibility = 4, .constraint_bytes = {0xB0}}},
    {"hvc1.3.E.L93", {CODEC_HEVC, 3, 93, 0, 8, CHROMA_420, .profile_compatibility = 0xE}},
    {"hvc1.A1.6.L93", {CODEC_HEVC, 1, 93, 0, 8, CHROMA_420, .profile_space = 1, .profile_compatibility = 6}},
    {"hvc1.C1.6.L93", {CODEC_HEVC, 1, 93, 0, 8, CHROMA_420, .profile_space = 3, .profile_compatibility = 6}},
    {"hev1.1.6.L93",
     {CODEC_HEVC, 1, 93, 0, 8, CHROMA_420, .in_band_parameter_sets = true, .profile_compatibility = 6}}, /* STR-013 */
    {"hvc1.4.10.L93.9F.C8", HEVC_RANGE_EXTENSIONS(8, CHROMA_400, 0x9F, 0xC8)},
    {"hvc1.4.10.L93.9D.C8", HEVC_RANGE_EXTENSIONS(10, CHROMA_400, 0x9D, 0xC8)},
    {"hvc1.4.10.L93.99.C8", HEVC_RANGE_EXTENSIONS(12, CHROMA_400, 0x99, 0xC8)},
    {"hvc1.4.10.L93.91.C8", HEVC_RANGE_EXTENSIONS(16, CHROMA_400, 0x91, 0xC8)},
    {"hvc1.4.10.L93.99.88", HEVC_RANGE_EXTENSIONS(12, CHROMA_420, 0x99, 0x88)},
    {"hvc1.4.10.L93.9D.8", HEVC_RANGE_EXTENSIONS(10, CHROMA_422, 0x9D, 0x08)},
    {"hvc1.4.10.L93.99.08", HEVC_RANGE_EXTENSIONS(12, CHROMA_422, 0x99, 0x08)},
    {"hvc1.4.10.L93.9E.8", HEVC_RANGE_EXTENSIONS(8, CHROMA_444, 0x9E, 0x08)},
    {"hvc1.4.10.L93.9C.8", HEVC_RANGE_EXTENSIONS(10, CHROMA_444, 0x9C, 0x08)},
    {"hvc1.4.10.L93.98.8", HEVC_RANGE_EXTENSIONS(12, CHROMA_444, 0x98, 0x08)},
    {"hvc1.4.10.L93.9F.A0", HEVC_RANGE_EXTENSIONS(8, CHROMA_420, 0x9F, 0xA0)},
    {"hvc1.4.10.L93.9F.A8", HEVC_RANGE_EXTENSIONS(8, CHROMA_420, 0x9F, 0xA8)},
    {"hvc1.4.10.L93.9D.A8", HEVC_RANGE_EXTENSIONS(10, CHROMA_420, 0x9D, 0xA8)},
    {"hvc1.4.10.L93.99.A8", HEVC_RANGE_EXTENSIONS(12, CHROMA_420, 0x99, 0xA8)},
    {"hvc1.4.10.L93.9D.28", HEVC_RANGE_EXTENSIONS(10, CHROMA_422, 0x9D, 0x28)},
    {"hvc1.4.10.L93.99.28", HEVC_RANGE_EXTENSIONS(12, CHROMA_422, 0x99, 0x28)},
    {"hvc1.4.10.L93.9E.28", HEVC_RANGE_EXTENSIONS(8, CHROMA_444, 0x9E, 0x28)},
    {"hvc1.4.10.L93.9C.28", HEVC_RANGE_EXTENSIONS(10, CHROMA_444, 0x9C, 0x28)},
    {"hvc1.4.10.L93.98.28", HEVC_RANGE_EXTENSIONS(12, CHROMA_444, 0x98, 0x28)},
    {"hvc1.4.10.L93.90.20", HEVC_RANGE_EXTENSIONS(16, CHROMA_444, 0x90, 0x20)},
    {"hvc1.4.10.L93.9E.38", HEVC_RANGE_EXTENSIONS(8, CHROMA_444, 0x9E, 0x38)},
    {"hvc1.4.10.L93.90.38", HEVC_RANGE_EXTENSIONS(16, CHROMA_444, 0x90, 0x38)},
};

static const struct accepted vpx[] = {
    {"vp8", ID(CODEC_VP8, 0, 0, 0, 8, CHROMA_420)},                /* STR-001, VP8-001 */
    {"vp09.00.10.08", ID(CODEC_VP9, 0, 10, 0, 8, CHROMA_420)},     /* STR-002 */
    {"vp09.01.10.08.03", ID(CODEC_VP9, 1, 10, 0, 8, CHROMA_444)},  /* STR-003 */
    {"vp09.02.10.10", ID(CODEC_VP9, 2, 10, 0, 10, CHROMA_420)},    /* STR-004 */
    {"vp09.03.10.10.03", ID(CODEC_VP9, 3, 10, 0, 10, CHROMA_444)}, /* STR-005 */
    {"vp09.00.11.08.00", ID(CODEC_VP9, 0, 11, 0, 8, CHROMA_420)},  /* STR-014 from here on */
    {"vp09.00.20.08.01", ID(CODEC_VP9, 0, 20, 0, 8, CHROMA_420)},  /* VP9-002 from here on */
    {"vp09.00.21.08.01.01", ID(CODEC_VP9, 0, 21, 0, 8, CHROMA_420)},
    {"vp09.00.30.08.01.09.16", ID(CODEC_VP9, 0, 30, 0, 8, CHROMA_420)},
    {"vp09.00.31.08.01.09.16.09", ID(CODEC_VP9, 0, 31, 0, 8, CHROMA_420)},
    {"vp09.00.40.08.01.09.16.09.00", ID(CODEC_VP9, 0, 40, 0, 8, CHROMA_420)},
    {"vp09.00.41.08.00.02.02.02.01", ID(CODEC_VP9, 0, 41, 0, 8, CHROMA_420)},
    {"vp09.01.50.08", ID(CODEC_VP9, 1, 50, 0, 8, CHROMA_444)},
    {"vp09.01.51.08.02", ID(CODEC_VP9, 1, 51, 0, 8, CHROMA_422)},
    {"vp09.01.51.08.03.01.13.00.01", ID(CODEC_VP9, 1, 51, 0, 8, CHROMA_444)}, /* RGB */
    {"vp09.02.52.12", ID(CODEC_VP9, 2, 52, 0, 12, CHROMA_420)},
    {"vp09.02.60.10.01.09.16.09.01", ID(CODEC_VP9, 2, 60, 0, 10, CHROMA_420)},
    {"vp09.03.61.12", ID(CODEC_VP9, 3, 61, 0, 12, CHROMA_444)},
    {"vp09.03.62.10.02", ID(CODEC_VP9, 3, 62, 0, 10, CHROMA_422)},
};

static const struct accepted av1[] = {
    {"av01.0.04M.08", ID(CODEC_AV1, 0, 4, 0, 8, CHROMA_420)},       /* STR-006, STR-016 from here on */
    {"av01.1.04M.08.0.000", ID(CODEC_AV1, 1, 4, 0, 8, CHROMA_444)}, /* STR-007 */
    {"av01.0.00M.08", ID(CODEC_AV1, 0, 0, 0, 8, CHROMA_420)},
    {"av01.0.08H.10", ID(CODEC_AV1, 0, 8, 1, 10, CHROMA_420)},
    {"av01.0.23H.08", ID(CODEC_AV1, 0, 23, 1, 8, CHROMA_420)},
    {"av01.0.31M.08", ID(CODEC_AV1, 0, 31, 0, 8, CHROMA_420)},
    {"av01.0.31H.08", ID(CODEC_AV1, 0, 31, 1, 8, CHROMA_420)},
    {"av01.0.04M.08.0", ID(CODEC_AV1, 0, 4, 0, 8, CHROMA_420)},
    {"av01.0.04M.08.1", ID(CODEC_AV1, 0, 4, 0, 8, CHROMA_400)},
    {"av01.0.04M.08.1.110", ID(CODEC_AV1, 0, 4, 0, 8, CHROMA_400)},
    {"av01.0.04M.08.0.110", ID(CODEC_AV1, 0, 4, 0, 8, CHROMA_420)},
    {"av01.0.04M.08.0.111.01", ID(CODEC_AV1, 0, 4, 0, 8, CHROMA_420)},
    {"av01.0.04M.08.0.112.01.01", ID(CODEC_AV1, 0, 4, 0, 8, CHROMA_420)},
    {"av01.0.04M.10.0.112.09.16.09", ID(CODEC_AV1, 0, 4, 0, 10, CHROMA_420)},
    {"av01.0.04M.10.0.112.09.16.09.0", ID(CODEC_AV1, 0, 4, 0, 10, CHROMA_420)},
    {"av01.0.04M.10.0.112.09.16.09.1", ID(CODEC_AV1, 0, 4, 0, 10, CHROMA_420)},
    {"av01.1.04M.08", ID(CODEC_AV1, 1, 4, 0, 8, CHROMA_444)},
    {"av01.1.04M.10.0", ID(CODEC_AV1, 1, 4, 0, 10, CHROMA_444)},
    {"av01.1.04M.08.0.000.01.13.00.1", ID(CODEC_AV1, 1, 4, 0, 8, CHROMA_444)}, /* RGB */
    {"av01.2.04M.08", ID(CODEC_AV1, 2, 4, 0, 8, CHROMA_422)},
    {"av01.2.04M.10.0.100", ID(CODEC_AV1, 2, 4, 0, 10, CHROMA_422)},
    {"av01.2.04M.12", ID(CODEC_AV1, 2, 4, 0, 12, CHROMA_420)},
    {"av01.2.04M.12.0.000", ID(CODEC_AV1, 2, 4, 0, 12, CHROMA_444)},
    {"av01.2.04M.12.0.100", ID(CODEC_AV1, 2, 4, 0, 12, CHROMA_422)},
    {"av01.2.04M.12.1.110", ID(CODEC_AV1, 2, 4, 0, 12, CHROMA_400)},
};

static const char *const refused[] = {
    "",
    " ",
    ".",
    "bogus",                      /* SUP-020 */
    "vP8",                        /* SUP-021 */
    "vorbis",                     /* SUP-028 */
    "vp9",                        /* SUP-028 */
    "video/webm; codecs=\"vp9\"", /* SUP-028 */
    "video/webm; codecs=\"vp8\"",
    " vp8", /* VAL-004 */
    "vp8 ",
    "vp8\n",
    "vp8.",
    "vp8.0",
    "vp80",
    "vp08",
    "VP8",
    "vp",
    "v",
    "h264",
    "hevc",
    "av1",
    "vp8,vp8",
    "opus",
    /* STR-017 */
    "avc1",
    "avc1.",
    "avc1.42",
    "avc1.4200",
    "avc1.42001",
    "avc1.42001E0",
    "avc1.42001E.",
    "avc1.42001E.00",
    "avc1.42001G",
    "avc1.42 01E",
    "avc1.-2001E",
    "avc1.+42001",
    "avc1.0x001E",
    "avc1. 42001",
    "avc1.42.00.1E",
    "avc1.66.30",
    "avc1-42001E",
    "avc142001E",
    "avc2.42001E",
    "AVC1.42001E",
    "Avc1.42001E",
    "avc1.42001E ",
    " avc1.42001E",
    "avc3",
    "hvc1",
    "hev1",
    "hvc1.",
    "hvc1.1",
    "hvc1.1.",
    "hvc1.1.6",
    "hvc1.1.6.",
    "hvc1.1.6.L",
    "hvc1.1.6.L0",
    "hvc1.1.6.L093",
    "hvc1.1.6.L256",
    "hvc1.1.6.L1000",
    "hvc1.1.6.L4294967389",
    "hvc1.1.6.L93.",
    "hvc1.1.6.L93..",
    "hvc1.1.6.L93.G0",
    "hvc1.1.6.L93.B00",
    "hvc1.1.6.L93.B0.",
    "hvc1.1.6.L93.1.2.3.4.5.6.7",
    "hvc1.1.6.L93.1.2.3.4.5.6.",
    "hvc1.1.6.l93",
    "hvc1.1.6.h93",
    "hvc1.1.6.M93",
    "hvc1.1.6.93",
    "hvc1.1.6.L93 ",
    "hvc1.1.6.L-3",
    "hvc1.1.6.L+3",
    "hvc1.1.6.L 3",
    "hvc1.1..L93",
    "hvc1..6.L93",
    "hvc1.1.123456789.L93",
    "hvc1.1.0x6.L93",
    "hvc1.1.G.L93",
    "hvc1.01.6.L93",
    "hvc1.001.6.L93",
    "hvc1.32.6.L93",
    "hvc1.4294967297.6.L93",
    "hvc1.a1.6.L93",
    "hvc1.D1.6.L93",
    "hvc1.A.6.L93",
    "hvc1.AA1.6.L93",
    "hvc1.C99.6FFFFFF.L93", /* SUP-025 */
    "HVC1.1.6.L93",
    "hvc1.0.6.L93", /* profiles that are not defined, or whose samples are not known here */
    "hvc1.5.6.L93",
    "hvc1.9.6.L93",
    "hvc1.31.6.L93",
    "hvc1.4.10.L93", /* format range extensions that none of the profiles has */
    "hvc1.4.10.L93.9F.88",
    "hvc1.4.10.L93.9C",
    "hvc1.4.10.L93.9D.18",
    "hvc1.4.10.L93.9F.B8",
    "vp09",
    "vp09.",
    "vp09.00",
    "vp09.00.10",
    "vp09.00.10.",
    "vp09.00.10.8",
    "vp09.0.10.08",
    "vp09.00.1.08",
    "vp09.000.10.08",
    "vp09.00.010.08",
    "vp09.00.10.008",
    "vp09.00.10.08.",
    "vp09.00.10.08 ",
    "vp09.00.10.08.1",
    "vp09.00.10.08.001",
    "vp09.00.10.08.01.",
    "vp09.00.10.08.01.1",
    "vp09.00.10.08.01.01.01.01.00.00",
    "vp09.00.10.08.01.01.01.01.00.",
    "vp09.00.10.08.01.01.01.01.02",
    "vp09.00.10.08.01.01.01.00",    /* RGB in 4:2:0 */
    "vp09.01.10.08.02.01.01.00.00", /* RGB in 4:2:2 */
    "vp09.00.10.08.04",
    "vp09.0a.10.08",
    "vp09.-1.10.08",
    "vp09.+1.10.08",
    "VP09.00.10.08",
    "vp09.99.99.08", /* SUP-026 */
    "vp09.04.10.08",
    "vp09.00.00.08",
    "vp09.00.12.08",
    "vp09.00.63.08",
    "vp09.00.99.08",
    "vp09.00.10.09",
    "vp09.00.10.16",
    "vp09.00.10.00",
    "vp09.00.10.10", /* STR-014 */
    "vp09.00.10.12",
    "vp09.01.10.10",
    "vp09.02.10.08",
    "vp09.03.10.08",
    "vp09.00.10.08.02",
    "vp09.00.10.08.03",
    "vp09.01.10.08.00",
    "vp09.01.10.08.01",
    "vp09.02.10.10.03",
    "vp09.03.10.10.01",
    "av01",
    "av01.",
    "av01.0",
    "av01.0.04",
    "av01.0.04M",
    "av01.0.04M.",
    "av01.0.04M.8",
    "av01.0.04M.008",
    "av01.0.4M.08",
    "av01.0.004M.08",
    "av01.00.04M.08",
    "av01.0.04.08",
    "av01.0.04m.08",
    "av01.0.08h.08",
    "av01.0.04L.08",
    "av01.0.04MM.08",
    "av01.0.04M.08.",
    "av01.0.04M.08 ",
    "av01.0.04M.08.0.",
    "av01.0.04M.08.00",
    "av01.0.04M.08.2",
    "av01.0.04M.08.0.11",
    "av01.0.04M.08.0.1100",
    "av01.0.04M.08.0.113",
    "av01.0.04M.08.0.010",
    "av01.0.04M.08.0.001",
    "av01.0.04M.08.0.101",
    "av01.0.04M.08.0.200",
    "av01.0.04M.08.0.366",
    "av01.0.04M.08.1.000",
    "av01.0.04M.08.1.100",
    "av01.0.04M.08.0.110.1",
    "av01.0.04M.08.0.110.01.01.1",
    "av01.0.04M.08.0.110.01.01.00", /* RGB in 4:2:0 */
    "av01.0.04M.08.0.110.01.01.01.2",
    "av01.0.04M.08.0.110.01.01.01.00",
    "av01.0.04M.08.0.110.01.01.01.0.",
    "av01.0.04M.08.0.110.01.01.01.0.0",
    "AV01.0.04M.08",
    "av02.0.04M.08",
    "av01.9.99M.08", /* SUP-027 */
    "av01.3.04M.08",
    "av01.0.24M.08",
    "av01.0.30M.08",
    "av01.0.32M.08",
    "av01.0.99M.08",
    "av01.0.07H.08",
    "av01.0.00H.08",
    "av01.0.04M.09",
    "av01.0.04M.16",
    "av01.0.04M.12",
    "av01.1.04M.12",
    "av01.0.04M.08.0.000",
    "av01.0.04M.08.0.100",
    "av01.1.04M.08.0.110",
    "av01.1.04M.08.1",
    "av01.2.04M.08.0.110",
    "av01.2.04M.10.0.000",
    "av01.2.04M.10.1",
};

static void assert_accepted(const struct accepted *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct codec_id *want = &rows[i].id;
        struct codec_id id;
        struct failure why = {.message = ""};

        memset(&id, 0xA5, sizeof id);
        if (!wcenc__codec_string_parse(rows[i].text, &id, &why))
            fail_msg("%s is refused: %s", rows[i].text, why.message);
        assert_string_equal(why.message, "");
        assert_int_equal(id.family, want->family);
        assert_int_equal(id.profile, want->profile);
        assert_int_equal(id.level, want->level);
        assert_int_equal(id.tier, want->tier);
        assert_int_equal(id.bit_depth, want->bit_depth);
        assert_int_equal(id.chroma, want->chroma);
        assert_int_equal(id.in_band_parameter_sets, want->in_band_parameter_sets);
        assert_int_equal(id.constraints, want->constraints);
        assert_int_equal(id.profile_space, want->profile_space);
        assert_int_equal(id.profile_compatibility, want->profile_compatibility);
        assert_memory_equal(id.constraint_bytes, want->constraint_bytes, sizeof id.constraint_bytes);
    }
}

static void h264_strings_say_profile_constraints_and_level(void **state)
{
    (void)state;
    assert_accepted(h264, ARRAY_LENGTH(h264));
}

static void hevc_strings_say_profile_tier_level_and_constraints(void **state)
{
    (void)state;
    assert_accepted(hevc, ARRAY_LENGTH(hevc));
}

static void vp8_and_vp9_strings_say_profile_depth_and_chroma(void **state)
{
    (void)state;
    assert_accepted(vpx, ARRAY_LENGTH(vpx));
}

static void av1_strings_say_profile_tier_depth_and_chroma(void **state)
{
    (void)state;
    assert_accepted(av1, ARRAY_LENGTH(av1));
}

static void assert_written(const struct accepted *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[CODEC_STRING_SIZE];
        struct codec_id id, again;

        assert_true(wcenc__codec_string_parse(rows[i].text, &id, NULL));
        if (id.chroma == CHROMA_400)
            continue; /* is not encoded, and not written */
        wcenc__codec_string_write(&id, text);
        if (!wcenc__codec_string_parse(text, &again, NULL) || memcmp(&id, &again, sizeof id) != 0)
            fail_msg("%s is written as %s", rows[i].text, text);
    }
}

/* STR-019 */
static void what_is_written_is_read_as_the_same(void **state)
{
    (void)state;
    assert_written(h264, ARRAY_LENGTH(h264));
    assert_written(hevc, ARRAY_LENGTH(hevc));
    assert_written(vpx, ARRAY_LENGTH(vpx));
    assert_written(av1, ARRAY_LENGTH(av1));
}

static void assert_refused(const char *text)
{
    static const struct codec_id zero;
    struct codec_id id;
    struct failure why = {.message = ""};

    memset(&id, 0xA5, sizeof id);
    if (wcenc__codec_string_parse(text, &id, &why))
        fail_msg("\"%s\" is accepted", text);
    assert_int_equal(why.status, WCENC_ERROR_NOT_SUPPORTED);
    if (!*why.message)
        fail_msg("\"%s\" is refused without a word", text);
    assert_memory_equal(&id, &zero, sizeof id);
}

static void what_is_no_codec_string_is_refused_with_a_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++)
        assert_refused(refused[i]);
}

static void a_string_with_a_byte_more_is_refused(void **state)
{
    static const char *const full[] = {"avc1.42001E", "vp8", "vp09.00.10.08.01.01.01.01.00",
                                       "av01.0.04M.08.0.110.01.01.01.0", "hvc1.1.6.L93.1.2.3.4.5.66"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(full); i++) {
        for (int byte = 1; byte < 256; byte++) {
            char text[64];
            (void)snprintf(text, sizeof text, "%s%c", full[i], byte);
            assert_refused(text);
        }
    }
}

static void a_string_cut_short_is_refused_or_still_whole(void **state)
{
    static const char text[] = "av01.0.04M.08.0.110.01.01.01.0";
    (void)state;
    for (size_t length = 0; length < sizeof text; length++) {
        char part[sizeof text];
        struct codec_id id;
        struct failure why;

        memcpy(part, text, length);
        part[length] = '\0';
        /* Whole after bit depth and after each optional field. */
        bool whole = length == 13 || length == 15 || length == 19 || length == 22 || length == 25 || length == 28 ||
                     length == 30;
        if (!whole)
            assert_refused(part);
        else if (!wcenc__codec_string_parse(part, &id, &why))
            fail_msg("%s is refused: %s", part, why.message);
    }
}

static void words_name_what_contradicts(void **state)
{
    static const struct {
        const char *text;
        const char *words;
    } rows[] = {
        {"avc1.42", "six hex digits"},
        {"vp09.00.10.10", "profile 0 of VP9 has 8 bits"},
        {"vp09.02.10.08", "profile 2 of VP9 has 10 or 12 bits"},
        {"vp09.01.10.08.01", "4:4:4"},
        {"vp09.99.99.08", "profile of VP9"},
        {"vp09.00.99.08", "level of VP9"},
        {"av01.9.99M.08", "profile of AV1"},
        {"av01.0.99M.08", "level of AV1"},
        {"av01.0.04M.12", "10 bits"},
        {"av01.2.04M.08.0.110", "4:2:2"},
        {"av01.1.04M.08.1", "4:4:4"},
        {"av01.0.04H.08", "tier"},
        {"hvc1.C99.6FFFFFF.L93", "profile of HEVC"},
        {"hvc1.1.6.M93", "tier of HEVC"},
        {"hvc1.1.6.L0", "level of HEVC"},
        {"hvc1.4.10.L93", "constraint bytes"},
        {"vp8x", "last field"},
        {"vP8", "lower case"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct codec_id id;
        struct failure why;

        assert_false(wcenc__codec_string_parse(rows[i].text, &id, &why));
        if (!strstr(why.message, rows[i].words))
            fail_msg("%s: \"%s\" does not say \"%s\"", rows[i].text, why.message, rows[i].words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(h264_strings_say_profile_constraints_and_level),
        cmocka_unit_test(hevc_strings_say_profile_tier_level_and_constraints),
        cmocka_unit_test(vp8_and_vp9_strings_say_profile_depth_and_chroma),
        cmocka_unit_test(av1_strings_say_profile_tier_depth_and_chroma),
        cmocka_unit_test(what_is_written_is_read_as_the_same),
        cmocka_unit_test(what_is_no_codec_string_is_refused_with_a_message),
        cmocka_unit_test(a_string_with_a_byte_more_is_refused),
        cmocka_unit_test(a_string_cut_short_is_refused_or_still_whole),
        cmocka_unit_test(words_name_what_contradicts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
