/* SPDX-License-Identifier: MIT */

/*
 * The table of FFmpeg's encoders that use a device, in the form of encoders.c. They take NV12, and what they promise is
 * held against the stream that they open with. No device was available when it was written.
 */

#include "options.h"

/* Members and rows that they have in common. */
/* clang-format off */
#define ANY WHEN_ANY_LATENCY, WHEN_ANY_MODE
#define ON(which) \
    .device = (which), .latencies = WHEN_ANY_LATENCY, .modes = WHEN_RATE, .min_size = 16, .even_size = true
#define RATES \
    {ANY, "g", "{key_interval}"}, {ANY, "bf", "0"}, {ANY, "b", "{bitrate}"}, {ANY, "maxrate", "{max_rate}"}, \
    {ANY, "bufsize", "{buffer_size}"}
#define NVENC \
    {ANY, "profile", "{profile}"}, {ANY, "level", "{level_idc}"}, {ANY, "forced-idr", "1"}, {ANY, "delay", "0"}, \
    {WHEN_REALTIME, WHEN_ANY_MODE, "tune", "ull"}, {WHEN_REALTIME, WHEN_ANY_MODE, "zerolatency", "1"}, \
    {WHEN_ANY_LATENCY, WHEN_VARIABLE, "rc", "vbr"}, {WHEN_ANY_LATENCY, WHEN_CONSTANT, "rc", "cbr"}
#define QSV \
    {ANY, "profile", "{profile}"}, {ANY, "level", "{level_idc}"}, {ANY, "forced_idr", "1"}, {ANY, "async_depth", "1"}
#define VAAPI \
    {ANY, "async_depth", "1"}, {WHEN_ANY_LATENCY, WHEN_VARIABLE, "rc_mode", "VBR"}, \
    {WHEN_ANY_LATENCY, WHEN_CONSTANT, "rc_mode", "CBR"}
#define VAAPI_PROFILE \
    {ANY, "profile", "{profile_idc}"}, {ANY, "level", "{level_idc}"}
/* clang-format on */

static const struct lavc_encoder encoders[] = {
    {.name = "h264_nvenc", ON(DEVICE_NVIDIA), .rows = {RATES, NVENC}},
    {.name = "h264_qsv", ON(DEVICE_QSV), .rows = {RATES, QSV}},
    {.name = "h264_vaapi", ON(DEVICE_VAAPI), .rows = {RATES, VAAPI, VAAPI_PROFILE}},
    {.name = "h264_amf", ON(DEVICE_AMF), .rows = {RATES}},
    {.name = "h264_v4l2m2m", ON(DEVICE_V4L2), .held_beside_lookahead = 16, .rows = {RATES}},
    {.name = "hevc_nvenc", ON(DEVICE_NVIDIA), .rows = {RATES, NVENC}},
    {.name = "hevc_qsv", ON(DEVICE_QSV), .rows = {RATES, QSV}},
    {.name = "hevc_vaapi", ON(DEVICE_VAAPI), .rows = {RATES, VAAPI, VAAPI_PROFILE}},
    {.name = "hevc_amf", ON(DEVICE_AMF), .rows = {RATES}},
    {.name = "hevc_v4l2m2m", ON(DEVICE_V4L2), .held_beside_lookahead = 16, .rows = {RATES}},
    {.name = "vp8_vaapi", ON(DEVICE_VAAPI), .rows = {RATES, VAAPI}},
    {.name = "vp8_v4l2m2m", ON(DEVICE_V4L2), .held_beside_lookahead = 16, .rows = {RATES}},
    {.name = "vp9_qsv", ON(DEVICE_QSV), .rows = {RATES, {ANY, "async_depth", "1"}}},
    {.name = "vp9_vaapi", ON(DEVICE_VAAPI), .rows = {RATES, VAAPI}},
    {.name = "av1_nvenc", ON(DEVICE_NVIDIA), .rows = {RATES, {ANY, "delay", "0"}}},
    {.name = "av1_qsv", ON(DEVICE_QSV), .rows = {RATES, {ANY, "async_depth", "1"}}},
    {.name = "av1_vaapi", ON(DEVICE_VAAPI), .rows = {RATES, VAAPI}},
    {.name = "av1_amf", ON(DEVICE_AMF), .rows = {RATES}},
};

const struct lavc_encoder *wcenc__lavc_hardware_encoder(size_t n)
{
    return n < sizeof encoders / sizeof encoders[0] ? &encoders[n] : NULL;
}
