/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_HDR10_H
#define WCENC_TESTS_HDR10_H

#include <wcenc/color_space.h>

/*
 * BT.2020 on a display of 1000 cd/m2. The bytes need escapes in NAL units: a luminance of 0.0001 has three zeros in
 * front.
 */
static inline wcenc_hdr_metadata hdr10(void)
{
    wcenc_hdr_metadata metadata;

    wcenc_hdr_metadata_init(&metadata, sizeof metadata);
    metadata.has_mastering_display = 1;
    metadata.has_content_light_level = 1;
    metadata.red_x = 35400;
    metadata.red_y = 14600;
    metadata.green_x = 8500;
    metadata.green_y = 39850;
    metadata.blue_x = 6550;
    metadata.blue_y = 2300;
    metadata.white_x = 15635;
    metadata.white_y = 16450;
    metadata.max_luminance = 10000000;
    metadata.min_luminance = 1;
    metadata.max_content_light_level = 1000;
    metadata.max_frame_average_light_level = 256;
    return metadata;
}

#endif
