/* SPDX-License-Identifier: MIT */

/* --list: the library is asked for a choice of codec strings, encoder by encoder. */

#include "listing.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wcenc/wcenc.h>

/* `family` is what wcenc_encoder_info calls the codec. */
static const struct {
    const char *codec;
    const char *title;
    const char *family;
} rows[] = {
    {"avc1.42001f", "H.264 Baseline", "h264"},
    {"avc1.4d001f", "H.264 Main", "h264"},
    {"avc1.64001f", "H.264 High", "h264"},
    {"avc1.6e001f", "H.264 High 10", "h264"},
    {"hvc1.1.6.L93.B0", "HEVC Main", "hevc"},
    {"hvc1.2.4.L93.B0", "HEVC Main 10", "hevc"},
    {"vp8", "VP8", "vp8"},
    {"vp09.00.31.08", "VP9 profile 0", "vp9"},
    {"vp09.02.31.10", "VP9 profile 2", "vp9"},
    {"av01.0.05M.08", "AV1 Main", "av1"},
    {"av01.0.05M.10", "AV1 Main, 10 bit", "av1"},
};

static const struct {
    uint32_t bit;
    const char *name;
} capabilities[] = {
    {WCENC_CAPABILITY_FRAME_QUANTIZER, "quantizer"},
    {WCENC_CAPABILITY_LIVE_BITRATE, "live-bitrate"},
    {WCENC_CAPABILITY_TEMPORAL_LAYERS, "layers"},
    {WCENC_CAPABILITY_ALPHA, "alpha"},
    {WCENC_CAPABILITY_422, "4:2:2"},
    {WCENC_CAPABILITY_444, "4:4:4"},
    {WCENC_CAPABILITY_10_BIT, "10-bit"},
};

static void print_support(wcenc_config_support *support)
{
    if (!support->supported) {
        printf("no: %s\n", support->reason ? support->reason : "no reason given");
        return;
    }
    printf("yes, holds back %u", (unsigned)support->delay_frames);
    for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++)
        if (support->capabilities & capabilities[i].bit)
            printf(", %s", capabilities[i].name);
    putchar('\n');
}

/* The answer for an encoder by name; NULL for the one that the library chooses. */
static wcenc_config_support *ask(const char *codec, const char *encoder)
{
    wcenc_config_support *support = NULL;
    wcenc_config config;

    wcenc_config_init(&config, sizeof(config));
    config.codec = codec;
    config.encoder_name = encoder;
    config.width = 1280;
    config.height = 720;
    config.framerate = 30;
    wcenc_is_config_supported(&config, &support);
    return support;
}

static void print_line(const char *codec, const char *title, const char *encoder, wcenc_config_support *support,
                       bool chosen)
{
    printf("%-15s  %-16s  %c %-10s  ", codec, title, chosen ? '*' : ' ', encoder);
    if (support)
        print_support(support);
    else
        printf("no: %s\n", wcenc_last_error());
}

/* Encoders that need a device are in the list where there is none, too. */
static void print_encoder(size_t index, const wcenc_encoder_info *info, const char *choice)
{
    wcenc_config_support *support = ask(rows[index].codec, info->name);

    if (!info->is_hardware || (support && support->supported))
        print_line(rows[index].codec, rows[index].title, info->name, support, !strcmp(info->name, choice));
    wcenc_config_support_free(support);
}

static void print_row(size_t index)
{
    wcenc_config_support *choice = ask(rows[index].codec, NULL);
    bool known = choice && choice->supported;
    wcenc_encoder_info info;

    /* Where nothing does it, the reason is the same for every encoder. */
    if (!known)
        print_line(rows[index].codec, rows[index].title, "-", choice, false);
    wcenc_encoder_info_init(&info, sizeof(info));
    for (uint32_t i = 0; known && wcenc_get_encoder_info(i, &info) == WCENC_OK; i++)
        if (!strcmp(info.codec, rows[index].family))
            print_encoder(index, &info, choice->encoder_name);
    wcenc_config_support_free(choice);
}

void listing_print(void)
{
    printf("At 1280x720 and 30 frames a second; * is what the library chooses.\n");
    printf("%-15s  %-16s  %-12s  %s\n", "CODEC", "", "ENCODER", "SUPPORTED");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        print_row(i);
}
