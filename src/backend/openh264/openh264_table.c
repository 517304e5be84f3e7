/* SPDX-License-Identifier: MIT */

/* Tuning OpenH264 is changing rows. */

#include "openh264_table.h"

#include <stddef.h>

#define ALWAYS OPENH264_ANY_LATENCY, OPENH264_ANY_MODE

const struct openh264_row wcenc__openh264_rows[] = {
    {OPENH264_IN_QUALITY, OPENH264_ANY_MODE, "complexity", "high"},
    {OPENH264_IN_REALTIME, OPENH264_ANY_MODE, "complexity", "low"},
    {ALWAYS, "coder", "{coder}"},
    {ALWAYS, "temporal-layers", "{layers}"},
    {OPENH264_ANY_LATENCY, OPENH264_RATE, "rc_mode", "bitrate"},
    {OPENH264_ANY_LATENCY, OPENH264_QUANTIZER | OPENH264_CONSTANT_QUALITY, "rc_mode", "off"},
    {OPENH264_ANY_LATENCY, OPENH264_RATE, "b", "{bitrate}"},
    {OPENH264_ANY_LATENCY, OPENH264_RATE, "qmin", "{qmin}"},
    {OPENH264_ANY_LATENCY, OPENH264_RATE, "qmax", "51"},
    {OPENH264_ANY_LATENCY, OPENH264_QUANTIZER, "qp", "26"},
    {OPENH264_ANY_LATENCY, OPENH264_CONSTANT_QUALITY, "qp", "{quality}"},
    {ALWAYS, "threads", "{threads}"},
    {ALWAYS, "slice_mode", "{slice_mode}"},
    {ALWAYS, "slices", "{slices}"},
    /* Moving parts of slices between threads would make streams differ from run to run. */
    {ALWAYS, "load-balancing", "0"},
    /* Every frame becomes a packet. */
    {ALWAYS, "allow_skip_frames", "0"},
    /* Key frames come where the library asks for them: patterns of layers begin there. */
    {ALWAYS, "g", "0"},
    {ALWAYS, "scene-change-detection", "0"},
    /* Decoders keep the parameter sets that they were given first. */
    {ALWAYS, "parameter-set-ids", "0"},
    /* It takes what changes little for background, which freezes: still pictures would not converge. */
    {ALWAYS, "background-detection", "0"},
    {ALWAYS, "adaptive-quantization", "0"},
    {ALWAYS, "denoise", "0"},
    {0, 0, NULL, NULL},
};

/* It has three complexities. */
const struct openh264_effort wcenc__openh264_efforts[] = {
    {OPENH264_IN_QUALITY, "complexity", {"low", "medium", "", "", ""}},
    {OPENH264_IN_REALTIME, "complexity", {"", "", "", "medium", "high"}},
    {0, NULL, {NULL}},
};
