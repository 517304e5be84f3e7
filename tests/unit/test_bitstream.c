/* SPDX-License-Identifier: MIT */

/*
 * The bitstream room against real streams: what the encoders wrote, and the records that FFmpeg's mp4 muxer made of the
 * same streams. Where no encoder gives a case, a bit writer makes up the header.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bitstream.h"
#include "claims.h"
#include "mem.h"

#define SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* libx264: parameter sets, and the avcC that FFmpeg wrote for them. */
static const uint8_t h264_base[] = {0x00, 0x00, 0x00, 0x01, 0x67, 0x42, 0xc0, 0x0a, 0xd9, 0x04, 0x7b, 0x01,
                                    0x10, 0x00, 0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x01, 0x40, 0xf1,
                                    0x22, 0x64, 0x80, 0x00, 0x00, 0x00, 0x01, 0x68, 0xcb, 0x83, 0xcb, 0x20};
static const uint8_t h264_base_avcc[] = {0x01, 0x42, 0xc0, 0x0a, 0xff, 0xe1, 0x00, 0x17, 0x67, 0x42, 0xc0, 0x0a, 0xd9,
                                         0x04, 0x7b, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x01,
                                         0x40, 0xf1, 0x22, 0x64, 0x80, 0x01, 0x00, 0x05, 0x68, 0xcb, 0x83, 0xcb, 0x20};
static const uint8_t h264_high[] = {0x00, 0x00, 0x00, 0x01, 0x67, 0x64, 0x00, 0x0b, 0xac, 0xb6, 0x0a, 0x8c, 0xf1, 0x13,
                                    0x60, 0x22, 0x00, 0x00, 0x03, 0x00, 0x02, 0x00, 0x00, 0x03, 0x00, 0x28, 0x1e, 0x28,
                                    0x55, 0xc0, 0x00, 0x00, 0x00, 0x01, 0x68, 0xea, 0xc0, 0xe4, 0xb2, 0x2c};
static const uint8_t h264_high_avcc[] = {0x01, 0x64, 0x00, 0x0b, 0xff, 0xe1, 0x00, 0x1a, 0x67, 0x64, 0x00, 0x0b,
                                         0xac, 0xb6, 0x0a, 0x8c, 0xf1, 0x13, 0x60, 0x22, 0x00, 0x00, 0x03, 0x00,
                                         0x02, 0x00, 0x00, 0x03, 0x00, 0x28, 0x1e, 0x28, 0x55, 0xc0, 0x01, 0x00,
                                         0x06, 0x68, 0xea, 0xc0, 0xe4, 0xb2, 0x2c, 0xfd, 0xf8, 0xf8, 0x00};
static const uint8_t h264_422[] = {0x00, 0x00, 0x00, 0x01, 0x67, 0x7a, 0x00, 0x0a, 0xb6, 0xcd, 0x94, 0x47, 0xb0,
                                   0x11, 0x00, 0x00, 0x03, 0x00, 0x01, 0x00, 0x00, 0x03, 0x00, 0x14, 0x0f, 0x12,
                                   0x25, 0x96, 0x00, 0x00, 0x00, 0x01, 0x68, 0xeb, 0xe3, 0xcb, 0x30, 0x02, 0xc0};
static const uint8_t h264_422_avcc[] = {0x01, 0x7a, 0x00, 0x0a, 0xff, 0xe1, 0x00, 0x18, 0x67, 0x7a, 0x00, 0x0a,
                                        0xb6, 0xcd, 0x94, 0x47, 0xb0, 0x11, 0x00, 0x00, 0x03, 0x00, 0x01, 0x00,
                                        0x00, 0x03, 0x00, 0x14, 0x0f, 0x12, 0x25, 0x96, 0x01, 0x00, 0x07, 0x68,
                                        0xeb, 0xe3, 0xcb, 0x30, 0x02, 0xc0, 0xfe, 0xfa, 0xfa, 0x00};
static const uint8_t h264_444[] = {0x00, 0x00, 0x00, 0x01, 0x67, 0xf4, 0x00, 0x15, 0x91, 0x9b, 0x28, 0x89, 0xf8,
                                   0x9c, 0x04, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x05, 0x07, 0xc5,
                                   0x0a, 0x65, 0x80, 0x00, 0x00, 0x00, 0x01, 0x68, 0xfb, 0xa3, 0xc4, 0x4e, 0x10,
                                   0x04, 0x24, 0x20, 0x08, 0x48, 0x43, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                   0xf1, 0x10, 0x87, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xe2, 0x00, 0x44};
static const uint8_t h264_444_avcc[] = {
    0x01, 0xf4, 0x00, 0x15, 0xff, 0xe1, 0x00, 0x19, 0x67, 0xf4, 0x00, 0x15, 0x91, 0x9b, 0x28, 0x89, 0xf8, 0x9c,
    0x04, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x05, 0x07, 0xc5, 0x0a, 0x65, 0x80, 0x01, 0x00, 0x20,
    0x68, 0xfb, 0xa3, 0xc4, 0x4e, 0x10, 0x04, 0x24, 0x20, 0x08, 0x48, 0x43, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xf1, 0x10, 0x87, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xe2, 0x00, 0x44, 0xff, 0xf8, 0xf8, 0x00};
/* libx265: parameter sets, and the hvcC that FFmpeg wrote for them. */
static const uint8_t hevc_main[] = {
    0x00, 0x00, 0x00, 0x01, 0x40, 0x01, 0x0c, 0x01, 0xff, 0xff, 0x01, 0x60, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00,
    0x00, 0x03, 0x00, 0x00, 0x03, 0x00, 0x3c, 0x95, 0x94, 0x09, 0x00, 0x00, 0x00, 0x01, 0x42, 0x01, 0x01, 0x01,
    0x60, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00, 0x03, 0x00, 0x3c, 0xa0, 0x0a, 0x88, 0x0c,
    0x1c, 0x44, 0xd9, 0x65, 0x65, 0x4a, 0x4c, 0x2f, 0x01, 0x68, 0x08, 0x00, 0x00, 0x03, 0x00, 0x08, 0x00, 0x00,
    0x03, 0x00, 0x50, 0x40, 0x00, 0x00, 0x00, 0x01, 0x44, 0x01, 0xc0, 0x73, 0xc0, 0x89};
static const uint8_t hevc_main_hvcc[] = {
    0x01, 0x01, 0x60, 0x00, 0x00, 0x00, 0x90, 0x00, 0x00, 0x00, 0x00, 0x00, 0x3c, 0xf0, 0x00, 0xfc, 0xfd, 0xf8, 0xf8,
    0x00, 0x00, 0x0f, 0x03, 0xa0, 0x00, 0x01, 0x00, 0x18, 0x40, 0x01, 0x0c, 0x01, 0xff, 0xff, 0x01, 0x60, 0x00, 0x00,
    0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00, 0x03, 0x00, 0x3c, 0x95, 0x94, 0x09, 0xa1, 0x00, 0x01, 0x00, 0x2c,
    0x42, 0x01, 0x01, 0x01, 0x60, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00, 0x03, 0x00, 0x3c, 0xa0,
    0x0a, 0x88, 0x0c, 0x1c, 0x44, 0xd9, 0x65, 0x65, 0x4a, 0x4c, 0x2f, 0x01, 0x68, 0x08, 0x00, 0x00, 0x03, 0x00, 0x08,
    0x00, 0x00, 0x03, 0x00, 0x50, 0x40, 0xa2, 0x00, 0x01, 0x00, 0x06, 0x44, 0x01, 0xc0, 0x73, 0xc0, 0x89};
static const uint8_t hevc_main10[] = {
    0x00, 0x00, 0x00, 0x01, 0x40, 0x01, 0x0c, 0x02, 0xff, 0xff, 0x02, 0x20, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00,
    0x03, 0x00, 0x00, 0x03, 0x00, 0x1e, 0x00, 0x00, 0x95, 0x90, 0xac, 0x80, 0x48, 0x00, 0x00, 0x00, 0x01, 0x42, 0x01,
    0x02, 0x02, 0x20, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00, 0x03, 0x00, 0x1e, 0x00, 0x00, 0xa0,
    0x20, 0x81, 0x04, 0xd9, 0x65, 0x64, 0x2b, 0x22, 0x52, 0x61, 0x78, 0x0b, 0x40, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40,
    0x00, 0x00, 0x03, 0x02, 0x82, 0x00, 0x00, 0x00, 0x01, 0x44, 0x01, 0xc0, 0x73, 0xc0, 0x89};
static const uint8_t hevc_main10_hvcc[] = {
    0x01, 0x02, 0x20, 0x00, 0x00, 0x00, 0x90, 0x00, 0x00, 0x00, 0x00, 0x00, 0x1e, 0xf0, 0x00, 0xfc, 0xfd,
    0xfa, 0xfa, 0x00, 0x00, 0x13, 0x03, 0xa0, 0x00, 0x01, 0x00, 0x1c, 0x40, 0x01, 0x0c, 0x02, 0xff, 0xff,
    0x02, 0x20, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00, 0x03, 0x00, 0x1e, 0x00, 0x00,
    0x95, 0x90, 0xac, 0x80, 0x48, 0xa1, 0x00, 0x01, 0x00, 0x2d, 0x42, 0x01, 0x02, 0x02, 0x20, 0x00, 0x00,
    0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00, 0x03, 0x00, 0x1e, 0x00, 0x00, 0xa0, 0x20, 0x81, 0x04,
    0xd9, 0x65, 0x64, 0x2b, 0x22, 0x52, 0x61, 0x78, 0x0b, 0x40, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40, 0x00,
    0x00, 0x03, 0x02, 0x82, 0xa2, 0x00, 0x01, 0x00, 0x06, 0x44, 0x01, 0xc0, 0x73, 0xc0, 0x89};
static const uint8_t hevc_444[] = {0x00, 0x00, 0x00, 0x01, 0x40, 0x01, 0x0c, 0x01, 0xff, 0xff, 0x24, 0x08, 0x00, 0x00,
                                   0x03, 0x00, 0x9e, 0x08, 0x00, 0x00, 0x03, 0x00, 0x00, 0x96, 0x95, 0x94, 0x09, 0x00,
                                   0x00, 0x00, 0x01, 0x42, 0x01, 0x01, 0x24, 0x08, 0x00, 0x00, 0x03, 0x00, 0x9e, 0x08,
                                   0x00, 0x00, 0x03, 0x00, 0x00, 0x96, 0x90, 0x04, 0x10, 0x20, 0xb2, 0xca, 0xca, 0x94,
                                   0x98, 0x5e, 0x02, 0xd0, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x00,
                                   0xa0, 0x80, 0x00, 0x00, 0x00, 0x01, 0x44, 0x01, 0xc0, 0x73, 0x18, 0x30, 0x08, 0x90};
static const uint8_t hevc_444_hvcc[] = {
    0x01, 0x24, 0x08, 0x00, 0x00, 0x00, 0x9e, 0x08, 0x00, 0x00, 0x00, 0x00, 0x96, 0xf0, 0x00, 0xfc, 0xff, 0xf8, 0xf8,
    0x00, 0x00, 0x0f, 0x03, 0xa0, 0x00, 0x01, 0x00, 0x17, 0x40, 0x01, 0x0c, 0x01, 0xff, 0xff, 0x24, 0x08, 0x00, 0x00,
    0x03, 0x00, 0x9e, 0x08, 0x00, 0x00, 0x03, 0x00, 0x00, 0x96, 0x95, 0x94, 0x09, 0xa1, 0x00, 0x01, 0x00, 0x29, 0x42,
    0x01, 0x01, 0x24, 0x08, 0x00, 0x00, 0x03, 0x00, 0x9e, 0x08, 0x00, 0x00, 0x03, 0x00, 0x00, 0x96, 0x90, 0x04, 0x10,
    0x20, 0xb2, 0xca, 0xca, 0x94, 0x98, 0x5e, 0x02, 0xd0, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x00,
    0xa0, 0x80, 0xa2, 0x00, 0x01, 0x00, 0x08, 0x44, 0x01, 0xc0, 0x73, 0x18, 0x30, 0x08, 0x90};
/* Whole access units of one black picture, and the sample that FFmpeg made of them. */
static const uint8_t h264_unit[] = {0x00, 0x00, 0x00, 0x01, 0x67, 0x64, 0x00, 0x0a, 0xac, 0xd9, 0x5e, 0xc0, 0x44, 0x00,
                                    0x00, 0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0x50, 0x3c, 0x48, 0x96, 0x58, 0x00,
                                    0x00, 0x00, 0x01, 0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc0, 0x00, 0x00, 0x01, 0x65, 0x88,
                                    0x84, 0x00, 0x37, 0xff, 0xfe, 0xf6, 0xf0, 0xfe, 0x05, 0x36, 0x56, 0x04, 0xc1};
static const uint8_t h264_sample[] = {0x00, 0x00, 0x00, 0x0f, 0x65, 0x88, 0x84, 0x00, 0x37, 0xff,
                                      0xfe, 0xf6, 0xf0, 0xfe, 0x05, 0x36, 0x56, 0x04, 0xc1};
static const uint8_t hevc_unit[] = {0x00, 0x00, 0x00, 0x01, 0x40, 0x01, 0x0c, 0x01, 0xff, 0xff, 0x01, 0x60, 0x00, 0x00,
                                    0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00, 0x03, 0x00, 0x1e, 0x95, 0x98, 0x09,
                                    0x00, 0x00, 0x00, 0x01, 0x42, 0x01, 0x01, 0x01, 0x60, 0x00, 0x00, 0x03, 0x00, 0x90,
                                    0x00, 0x00, 0x03, 0x00, 0x00, 0x03, 0x00, 0x1e, 0xa0, 0x88, 0x45, 0x96, 0x56, 0x6a,
                                    0xbc, 0xaf, 0x01, 0x68, 0x08, 0x00, 0x00, 0x03, 0x00, 0x08, 0x00, 0x00, 0x03, 0x00,
                                    0x50, 0x40, 0x00, 0x00, 0x00, 0x01, 0x44, 0x01, 0xc1, 0x73, 0xd0, 0x89, 0x00, 0x00,
                                    0x01, 0x28, 0x01, 0xaf, 0x11, 0x80, 0xe8, 0x83, 0xd7, 0xff, 0x8b, 0xb5, 0x80};
static const uint8_t hevc_sample[] = {0x00, 0x00, 0x00, 0x0c, 0x28, 0x01, 0xaf, 0x11,
                                      0x80, 0xe8, 0x83, 0xd7, 0xff, 0x8b, 0xb5, 0x80};
/* libaom: the beginning of a stream, and the av1C that FFmpeg wrote for it. */
static const uint8_t av1_main[] = {0x12, 0x00, 0x0a, 0x0a, 0x00, 0x00, 0x00, 0x02, 0xaf, 0xf7, 0x9b,
                                   0x5f, 0x20, 0x08, 0x32, 0xe5, 0x0a, 0x10, 0x00, 0x80, 0x00, 0xdd};
static const uint8_t av1_main_av1c[] = {0x81, 0x00, 0x0c, 0x00, 0x0a, 0x0a, 0x00, 0x00,
                                        0x00, 0x02, 0xaf, 0xf7, 0x9b, 0x5f, 0x20, 0x08};
static const uint8_t av1_444[] = {0x12, 0x00, 0x0a, 0x0d, 0x20, 0x00, 0x00, 0x02, 0xaf, 0xf7, 0x9b, 0x5f, 0x2c,
                                  0x24, 0x40, 0x24, 0x40, 0x32, 0x86, 0x17, 0x10, 0x00, 0x80, 0x00, 0xdd};
static const uint8_t av1_444_av1c[] = {0x81, 0x20, 0x40, 0x00, 0x0a, 0x0d, 0x20, 0x00, 0x00, 0x02,
                                       0xaf, 0xf7, 0x9b, 0x5f, 0x2c, 0x24, 0x40, 0x24, 0x40};
static const uint8_t av1_gray[] = {0x12, 0x00, 0x0a, 0x0a, 0x00, 0x00, 0x00, 0x02, 0xaf, 0xf7, 0x9b,
                                   0x5f, 0x25, 0x40, 0x32, 0x84, 0x05, 0x10, 0x00, 0x80, 0x00, 0xdd};
static const uint8_t av1_gray_av1c[] = {0x81, 0x00, 0x1c, 0x00, 0x0a, 0x0a, 0x00, 0x00,
                                        0x00, 0x02, 0xaf, 0xf7, 0x9b, 0x5f, 0x25, 0x40};
static const uint8_t av1_still[] = {0x12, 0x00, 0x0a, 0x06, 0x58, 0x15, 0x7f, 0xbd, 0x9c,
                                    0xcc, 0x32, 0xbd, 0x02, 0x46, 0x80, 0x04, 0x0b, 0x19};
static const uint8_t av1_still_av1c[] = {0x81, 0x40, 0x68, 0x00, 0x0a, 0x06, 0x58, 0x15, 0x7f, 0xbd, 0x9c, 0xcc};
static const uint8_t av1_timing[] = {0x12, 0x00, 0x0a, 0x1d, 0x04, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x29, 0x78,
                                     0x00, 0x00, 0x00, 0x0a, 0x53, 0x00, 0x00, 0x03, 0x5f, 0x91, 0x5f, 0x90, 0xba, 0xaf,
                                     0xf7, 0x9b, 0x5f, 0x20, 0x08, 0x32, 0xe8, 0x0a, 0x10, 0x00, 0x00, 0x80, 0x04};
static const uint8_t av1_timing_av1c[] = {0x81, 0x00, 0x0c, 0x00, 0x0a, 0x1d, 0x04, 0x00, 0x00, 0x00, 0x04, 0x00,
                                          0x00, 0x00, 0x29, 0x78, 0x00, 0x00, 0x00, 0x0a, 0x53, 0x00, 0x00, 0x03,
                                          0x5f, 0x91, 0x5f, 0x90, 0xba, 0xaf, 0xf7, 0x9b, 0x5f, 0x20, 0x08};
/* libvpx: the first bytes of a stream, and the vpcC that FFmpeg wrote for it. */
static const uint8_t vp9_p0[] = {0x82, 0x49, 0x83, 0x42, 0x00, 0x03, 0xf0, 0x02,
                                 0xf6, 0x06, 0x38, 0x24, 0x1c, 0x18, 0x4a, 0x00};
static const uint8_t vp9_p0_vpcc[] = {0x01, 0x00, 0x00, 0x00, 0x00, 0x0a, 0x82, 0x02, 0x02, 0x02, 0x00, 0x00};
static const uint8_t vp9_p2[] = {0x92, 0x49, 0x83, 0x42, 0x80, 0x01, 0xf8, 0x01,
                                 0x7b, 0x03, 0x1c, 0x12, 0x0e, 0x0c, 0x2e, 0x00};
static const uint8_t vp9_p2_vpcc[] = {0x01, 0x00, 0x00, 0x00, 0x02, 0x0a, 0xc2, 0x02, 0x02, 0x02, 0x00, 0x00};
static const uint8_t vp9_p3[] = {0xb1, 0x24, 0xc1, 0xa1, 0x2c, 0x00, 0x1f, 0x80,
                                 0x17, 0xb0, 0x31, 0xc1, 0x20, 0xe0, 0xc2, 0xc0};
static const uint8_t vp9_p3_vpcc[] = {0x01, 0x00, 0x00, 0x00, 0x03, 0x0a, 0xa7, 0x09, 0x10, 0x09, 0x00, 0x00};
static const uint8_t vp9_rgb[] = {0xa2, 0x49, 0x83, 0x42, 0xe0, 0x03, 0xf0, 0x02,
                                  0xf6, 0x06, 0x38, 0x24, 0x1c, 0x18, 0x4a, 0x00};
static const uint8_t vp9_rgb_vpcc[] = {0x01, 0x00, 0x00, 0x00, 0x01, 0x0a, 0x87, 0x02, 0x02, 0x00, 0x00, 0x00};
static const uint8_t vp9_p1[] = {0xa2, 0x49, 0x83, 0x42, 0x04, 0x00, 0x7e, 0x00,
                                 0x5e, 0xc0, 0xc7, 0x04, 0x83, 0x83, 0x09, 0x40};
static const uint8_t vp9_delta[] = {0x86, 0x00, 0x40, 0x92, 0x9c, 0x48, 0x50, 0x00,
                                    0x00, 0x03, 0x70, 0x00, 0x00, 0x7b, 0xbf, 0xbd};
static const uint8_t vp8_key[] = {0x90, 0x1b, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x00,
                                  0x30, 0x00, 0x00, 0x07, 0x08, 0x85, 0x85, 0x88};
static const uint8_t vp8_delta[] = {0xb1, 0x02, 0x00, 0x05, 0x10, 0xac, 0x00, 0x1e,
                                    0xb4, 0xf3, 0x83, 0xf1, 0xdd, 0xff, 0xf8, 0x30};

static const struct sample {
    const uint8_t *data;
    size_t size;
} samples[] = {
    {h264_base, sizeof(h264_base)},     {h264_high, sizeof(h264_high)},     {h264_422, sizeof(h264_422)},
    {h264_444, sizeof(h264_444)},       {hevc_main, sizeof(hevc_main)},     {hevc_main10, sizeof(hevc_main10)},
    {hevc_444, sizeof(hevc_444)},       {h264_unit, sizeof(h264_unit)},     {hevc_unit, sizeof(hevc_unit)},
    {h264_sample, sizeof(h264_sample)}, {hevc_sample, sizeof(hevc_sample)}, {av1_main, sizeof(av1_main)},
    {av1_444, sizeof(av1_444)},         {av1_gray, sizeof(av1_gray)},       {av1_still, sizeof(av1_still)},
    {av1_timing, sizeof(av1_timing)},   {vp9_p0, sizeof(vp9_p0)},           {vp9_p1, sizeof(vp9_p1)},
    {vp9_p2, sizeof(vp9_p2)},           {vp9_p3, sizeof(vp9_p3)},           {vp9_rgb, sizeof(vp9_rgb)},
    {vp9_delta, sizeof(vp9_delta)},     {vp8_key, sizeof(vp8_key)},         {vp8_delta, sizeof(vp8_delta)},
};

#define assert_buffer(buffer, expected)                                 \
    do {                                                                \
        assert_false((buffer).failed);                                  \
        assert_int_equal((buffer).size, sizeof(expected));              \
        assert_memory_equal((buffer).data, expected, sizeof(expected)); \
    } while (0)

/* Headers made up bit by bit. */
struct bit_writer {
    uint8_t bytes[128];
    size_t count; /* of bits */
};

static void put(struct bit_writer *writer, unsigned count, uint32_t value)
{
    assert_true(writer->count + count <= 8 * sizeof(writer->bytes));
    for (; count > 0; count--, writer->count++) {
        if (value >> (count - 1) & 1)
            writer->bytes[writer->count / 8] |= (uint8_t)(0x80 >> writer->count % 8);
    }
}

static void put_ue(struct bit_writer *writer, uint32_t value)
{
    unsigned bits = 1;

    while ((uint64_t)value + 1 >= (uint64_t)1 << bits)
        bits++;
    put(writer, bits - 1, 0);
    put(writer, bits, value + 1);
}

/* Start code, the bytes with emulation prevention, and the stop bit. Returns the size. */
static size_t write_nal(struct bit_writer *writer, uint8_t *nal)
{
    static const uint8_t start_code[] = {0, 0, 0, 1};
    size_t size = sizeof(start_code);
    unsigned zeros = 0;

    put(writer, 1, 1);
    memcpy(nal, start_code, size);
    for (size_t i = 0; i < (writer->count + 7) / 8; i++) {
        if (zeros >= 2 && writer->bytes[i] <= 3) {
            nal[size++] = 3;
            zeros = 0;
        }
        nal[size++] = writer->bytes[i];
        zeros = writer->bytes[i] ? 0 : zeros + 1;
    }
    return size;
}

static void the_buffer_keeps_what_is_appended(void **state)
{
    struct byte_buffer buffer = {0};
    uint8_t expected[1000];

    (void)state;
    wcenc__buffer_append(&buffer, NULL, 0);
    assert_int_equal(buffer.size, 0);
    for (size_t i = 0; i < sizeof(expected); i++) {
        expected[i] = (uint8_t)(i * 7);
        wcenc__buffer_append(&buffer, &expected[i], 1);
    }
    assert_buffer(buffer, expected);
    wcenc__buffer_free(&buffer);
    assert_null(buffer.data);
    assert_int_equal(buffer.size + buffer.capacity, 0);
    wcenc__buffer_free(&buffer);
}

static void a_size_that_memory_cannot_hold_fails_the_buffer_for_good(void **state)
{
    struct byte_buffer buffer = {0};

    (void)state;
    wcenc__buffer_append(&buffer, "12345678", 8);
    wcenc__buffer_append(&buffer, "1", SIZE_MAX - 4);
    assert_true(buffer.failed);
    wcenc__buffer_append(&buffer, "1", 1);
    assert_true(buffer.failed);
    assert_int_equal(buffer.size, 8);
    assert_false(wcenc__avcc_write(h264_base, sizeof(h264_base), &buffer));
    assert_false(wcenc__hvcc_write(hevc_main, sizeof(hevc_main), &buffer));
    assert_false(wcenc__annexb_to_length_prefixed(NAL_H264, h264_unit, sizeof(h264_unit), &buffer));
    wcenc__buffer_free(&buffer);
}

#ifdef WCENC_TESTING
static int fail_allocation(void)
{
    return 1;
}

static void every_writer_reports_that_it_is_out_of_memory(void **state)
{
    struct byte_buffer buffers[5] = {{0}};
    struct av1_sequence sequence;
    struct vpcc vpcc = {0};

    (void)state;
    assert_true(wcenc__av1_sequence_read(av1_main, sizeof(av1_main), &sequence));
    wcenc__mem_fault = fail_allocation;
    bool any = wcenc__avcc_write(h264_base, sizeof(h264_base), &buffers[0]) ||
               wcenc__hvcc_write(hevc_main, sizeof(hevc_main), &buffers[1]) ||
               wcenc__av1c_write(&sequence, &buffers[2]) || wcenc__vpcc_write(&vpcc, &buffers[3]) ||
               wcenc__annexb_to_length_prefixed(NAL_H264, h264_unit, sizeof(h264_unit), &buffers[4]);
    wcenc__mem_fault = NULL;
    assert_false(any);
    for (size_t i = 0; i < SIZE(buffers); i++) {
        assert_true(buffers[i].failed);
        wcenc__buffer_free(&buffers[i]);
    }
}
#endif

static void the_iterator_finds_nal_units_behind_start_codes_of_either_size(void **state)
{
    static const uint8_t data[] = {9, 9, 0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 0, 0, 2, 0, 0, 0, 0, 0, 1, 0x65, 7, 0, 0};
    static const size_t begins[] = {6, 11, 21};
    static const size_t sizes[] = {2, 4, 2};
    struct nal_iterator iterator = {.data = data, .size = sizeof(data)};
    struct nal_unit nal;

    (void)state;
    for (size_t i = 0; i < SIZE(begins); i++) {
        assert_true(wcenc__nal_next(&iterator, &nal));
        assert_ptr_equal(nal.data, data + begins[i]);
        assert_int_equal(nal.size, sizes[i]);
    }
    assert_false(wcenc__nal_next(&iterator, &nal));
    assert_false(wcenc__nal_next(&iterator, &nal));
}

static void the_iterator_finds_nothing_without_a_start_code_or_a_byte_behind_it(void **state)
{
    static const uint8_t no_code[] = {0x67, 0, 0, 2, 0, 1, 1, 1, 0, 0};
    static const uint8_t empty_units[] = {0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1};
    struct nal_iterator iterator = {.data = no_code, .size = sizeof(no_code)};
    struct nal_unit nal;

    (void)state;
    assert_false(wcenc__nal_next(&iterator, &nal));
    iterator = (struct nal_iterator){.data = empty_units, .size = sizeof(empty_units)};
    assert_false(wcenc__nal_next(&iterator, &nal));
    iterator = (struct nal_iterator){0};
    assert_false(wcenc__nal_next(&iterator, &nal));
}

static void nal_types_are_read_and_sorted(void **state)
{
    const uint8_t h264_sps = 0x67;
    const uint8_t hevc_sps = 0x42;

    (void)state;
    assert_int_equal(wcenc__nal_type(NAL_H264, &(struct nal_unit){&h264_sps, 1}), 7);
    assert_int_equal(wcenc__nal_type(NAL_HEVC, &(struct nal_unit){&hevc_sps, 1}), 33);
    for (int type = 0; type < 64; type++) {
        assert_int_equal(wcenc__nal_is_parameter_set(NAL_H264, type), type == 7 || type == 8);
        assert_int_equal(wcenc__nal_is_parameter_set(NAL_HEVC, type), type >= 32 && type <= 34);
        assert_int_equal(wcenc__nal_is_key(NAL_H264, type), type == 5);
        assert_int_equal(wcenc__nal_is_key(NAL_HEVC, type), type >= 16 && type <= 23);
    }
}

static void the_first_slice_says_whether_an_access_unit_is_key(void **state)
{
    static const uint8_t h264_delta[] = {0, 0, 0, 1, 0x06, 5, 0, 0, 1, 0x41, 0x9a, 0, 0, 1, 0x65, 1};
    static const uint8_t hevc_cra[] = {0, 0, 1, 0x46, 0x01, 0x10, 0, 0, 1, 0x2a, 0x01, 0xaf};
    static const uint8_t hevc_delta[] = {0, 0, 1, 0x02, 0x01, 0xd0};
    static const uint8_t hevc_padded[] = {0, 0, 1, 0, 0, 0, 0, 1, 0x26, 0x01};

    (void)state;
    assert_true(wcenc__annexb_is_key(NAL_H264, h264_unit, sizeof(h264_unit)));
    assert_true(wcenc__annexb_is_key(NAL_HEVC, hevc_unit, sizeof(hevc_unit)));
    assert_true(wcenc__annexb_is_key(NAL_HEVC, hevc_cra, sizeof(hevc_cra)));
    assert_true(wcenc__annexb_is_key(NAL_HEVC, hevc_padded, sizeof(hevc_padded)));
    assert_false(wcenc__annexb_is_key(NAL_H264, h264_delta, sizeof(h264_delta)));
    assert_false(wcenc__annexb_is_key(NAL_HEVC, hevc_delta, sizeof(hevc_delta)));
    assert_false(wcenc__annexb_is_key(NAL_H264, h264_base, sizeof(h264_base)));
    assert_false(wcenc__annexb_is_key(NAL_HEVC, hevc_main, sizeof(hevc_main)));
    assert_false(wcenc__annexb_is_key(NAL_H264, h264_sample, sizeof(h264_sample)));
    assert_false(wcenc__annexb_is_key(NAL_H264, NULL, 0));
}

static void length_prefixed_samples_equal_those_of_the_mp4_muxer(void **state)
{
    struct byte_buffer out = {0};

    (void)state;
    assert_true(wcenc__annexb_to_length_prefixed(NAL_H264, h264_unit, sizeof(h264_unit), &out));
    assert_buffer(out, h264_sample);
    wcenc__buffer_free(&out);
    assert_true(wcenc__annexb_to_length_prefixed(NAL_HEVC, hevc_unit, sizeof(hevc_unit), &out));
    assert_buffer(out, hevc_sample);
    wcenc__buffer_free(&out);
}

static void sei_stays_and_delimiters_and_parameter_sets_go(void **state)
{
    static const uint8_t h264[] = {0, 0, 0, 1, 0x09, 0x10, 0,    0, 1, 0x67, 1,    0, 0, 1, 0x68, 1, 0, 0, 0, 1, 0x06,
                                   5, 0, 0, 1, 0x65, 0x88, 0x84, 0, 0, 1,    0x65, 9, 0, 0, 0,    0, 0, 1, 0, 0, 0};
    static const uint8_t h264_out[] = {0, 0, 0, 2, 0x06, 5, 0, 0, 0, 3, 0x65, 0x88, 0x84, 0, 0, 0, 2, 0x65, 9};
    static const uint8_t hevc[] = {0, 0,    0, 1, 0x46, 1, 0x10, 0, 0, 1,    0x40, 1, 0, 0, 1, 0x42, 1, 0, 0,
                                   1, 0x44, 1, 0, 0,    1, 0,    0, 1, 0x4e, 1,    5, 0, 0, 1, 0x28, 1, 7};
    static const uint8_t hevc_out[] = {0, 0, 0, 3, 0x4e, 1, 5, 0, 0, 0, 3, 0x28, 1, 7};
    struct byte_buffer out = {0};

    (void)state;
    assert_true(wcenc__annexb_to_length_prefixed(NAL_H264, h264, sizeof(h264), &out));
    assert_buffer(out, h264_out); /* AVC-002 */
    wcenc__buffer_free(&out);
    assert_true(wcenc__annexb_to_length_prefixed(NAL_HEVC, hevc, sizeof(hevc), &out));
    assert_buffer(out, hevc_out); /* HEV-001 */
    wcenc__buffer_free(&out);
}

static void nothing_to_write_leaves_the_buffer_as_it_was(void **state)
{
    struct byte_buffer out = {0};

    (void)state;
    wcenc__buffer_append(&out, "ab", 2);
    assert_false(wcenc__annexb_to_length_prefixed(NAL_H264, h264_base, sizeof(h264_base), &out));
    assert_false(wcenc__annexb_to_length_prefixed(NAL_H264, NULL, 0, &out));
    assert_false(wcenc__annexb_to_length_prefixed(NAL_H264, h264_base + 4, 12, &out));
    assert_false(wcenc__avcc_write(hevc_main, sizeof(hevc_main), &out));
    assert_false(wcenc__hvcc_write(h264_base, sizeof(h264_base), &out));
    assert_false(out.failed);
    assert_int_equal(out.size, 2);
    wcenc__buffer_free(&out);
}

static void many_three_byte_start_codes_outgrow_the_first_reservation(void **state)
{
    static uint8_t data[4 * 1000];
    struct byte_buffer out = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(data); i += 4)
        memcpy(data + i, "\0\0\1\x65", 4);
    assert_true(wcenc__annexb_to_length_prefixed(NAL_H264, data, sizeof(data), &out));
    assert_int_equal(out.size, 5 * 1000);
    for (size_t i = 0; i < out.size; i += 5)
        assert_memory_equal(out.data + i, "\0\0\0\1\x65", 5);
    wcenc__buffer_free(&out);
}

/* Runs the conversion on a copy. Returns its result, and checks that it equals the copying one or has left all alone.
 */
static bool convert_in_place(enum nal_codec codec, const uint8_t *data, size_t size)
{
    uint8_t *copy = (uint8_t *)malloc(size ? size : 1);
    struct byte_buffer out = {0};

    assert_non_null(copy);
    memcpy(copy, data, size);
    bool done = wcenc__annexb_to_length_prefixed_in_place(codec, copy, size);
    if (done) {
        assert_true(wcenc__annexb_to_length_prefixed(codec, data, size, &out));
        assert_int_equal(out.size, size);
        assert_memory_equal(copy, out.data, size);
    } else {
        assert_memory_equal(copy, data, size);
    }
    wcenc__buffer_free(&out);
    free(copy);
    return done;
}

static void framing_changes_in_place_where_nothing_moves(void **state)
{
    static const uint8_t one[] = {0, 0, 0, 1, 0x41, 1, 2, 3};
    static const uint8_t three[] = {0, 0, 0, 1, 0x06, 5, 0, 0, 0, 1, 0x65, 0, 0, 3, 1, 0, 0, 0, 1, 0x65, 9};
    static const uint8_t hevc[] = {0, 0, 0, 1, 0x4e, 1, 5, 0, 0, 0, 1, 0x28, 1, 7};

    (void)state;
    assert_true(convert_in_place(NAL_H264, one, sizeof(one)));
    assert_true(convert_in_place(NAL_H264, three, sizeof(three)));
    assert_true(convert_in_place(NAL_HEVC, hevc, sizeof(hevc)));
}

static void framing_in_place_refuses_all_else_and_leaves_the_data_alone(void **state)
{
    static const uint8_t three_bytes_first[] = {0, 0, 1, 0x65, 1, 0, 0, 0, 1, 0x65, 1};
    static const uint8_t three_bytes_later[] = {0, 0, 0, 1, 0x06, 5, 0, 0, 0, 1, 0x06, 5, 0, 0, 1, 0x65, 1};
    static const uint8_t padded_end[] = {0, 0, 0, 1, 0x65, 1, 0};
    static const uint8_t padded_between[] = {0, 0, 0, 1, 0x65, 1, 0, 0, 0, 0, 1, 0x65, 1};
    static const uint8_t padded_start[] = {0, 0, 0, 0, 1, 0x65, 1};
    static const uint8_t empty_unit[] = {0, 0, 0, 1, 0x65, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0x65};
    static const uint8_t empty_last[] = {0, 0, 0, 1, 0x65, 1, 0, 0, 0, 1};
    static const uint8_t delimiter_last[] = {0, 0, 0, 1, 0x65, 1, 0, 0, 0, 1, 0x09, 0x10};
    static const uint8_t hevc_delimiter[] = {0, 0, 0, 1, 0x26, 1, 7, 0, 0, 0, 1, 0x46, 1, 0x10};
    static const uint8_t no_code[] = {0x65, 1, 2, 3, 4};
    static const uint8_t stray_byte_first[] = {9, 0, 0, 1, 0x65, 1};

    (void)state;
    assert_false(convert_in_place(NAL_H264, three_bytes_first, sizeof(three_bytes_first)));
    assert_false(convert_in_place(NAL_H264, three_bytes_later, sizeof(three_bytes_later)));
    assert_false(convert_in_place(NAL_H264, padded_end, sizeof(padded_end)));
    assert_false(convert_in_place(NAL_H264, padded_between, sizeof(padded_between)));
    assert_false(convert_in_place(NAL_H264, padded_start, sizeof(padded_start)));
    assert_false(convert_in_place(NAL_H264, empty_unit, sizeof(empty_unit)));
    assert_false(convert_in_place(NAL_H264, empty_last, sizeof(empty_last)));
    assert_false(convert_in_place(NAL_H264, delimiter_last, sizeof(delimiter_last)));
    assert_false(convert_in_place(NAL_HEVC, hevc_delimiter, sizeof(hevc_delimiter)));
    assert_false(convert_in_place(NAL_H264, no_code, sizeof(no_code)));
    assert_false(convert_in_place(NAL_H264, no_code, 0));
    assert_false(convert_in_place(NAL_H264, stray_byte_first, sizeof(stray_byte_first)));
    assert_false(convert_in_place(NAL_H264, h264_unit, sizeof(h264_unit)));
}

static void avcc_equals_that_of_the_mp4_muxer(void **state)
{
    struct byte_buffer out = {0};

    (void)state;
    assert_true(wcenc__avcc_write(h264_base, sizeof(h264_base), &out));
    assert_buffer(out, h264_base_avcc);
    wcenc__buffer_free(&out);
    assert_true(wcenc__avcc_write(h264_high, sizeof(h264_high), &out));
    assert_buffer(out, h264_high_avcc);
    wcenc__buffer_free(&out);
    assert_true(wcenc__avcc_write(h264_422, sizeof(h264_422), &out));
    assert_buffer(out, h264_422_avcc);
    wcenc__buffer_free(&out);
    assert_true(wcenc__avcc_write(h264_444, sizeof(h264_444), &out));
    assert_buffer(out, h264_444_avcc);
    wcenc__buffer_free(&out);
}

/* FFmpeg adds an array for SEI where the stream's head has one; these streams have none. */
static void hvcc_equals_that_of_the_mp4_muxer(void **state)
{
    struct byte_buffer out = {0};

    (void)state;
    assert_true(wcenc__hvcc_write(hevc_main, sizeof(hevc_main), &out));
    assert_buffer(out, hevc_main_hvcc);
    wcenc__buffer_free(&out);
    assert_true(wcenc__hvcc_write(hevc_main10, sizeof(hevc_main10), &out));
    assert_buffer(out, hevc_main10_hvcc);
    wcenc__buffer_free(&out);
    assert_true(wcenc__hvcc_write(hevc_444, sizeof(hevc_444), &out));
    assert_buffer(out, hevc_444_hvcc);
    wcenc__buffer_free(&out);
}

static void repeated_parameter_sets_enter_a_record_once(void **state)
{
    struct byte_buffer twice = {0};
    struct byte_buffer out = {0};

    (void)state;
    wcenc__buffer_append(&twice, h264_high, sizeof(h264_high));
    wcenc__buffer_append(&twice, h264_high, sizeof(h264_high));
    assert_true(wcenc__avcc_write(twice.data, twice.size, &out));
    assert_buffer(out, h264_high_avcc);
    wcenc__buffer_free(&out);
    wcenc__buffer_free(&twice);
    wcenc__buffer_append(&twice, hevc_main10, sizeof(hevc_main10));
    wcenc__buffer_append(&twice, hevc_main10, sizeof(hevc_main10));
    assert_true(wcenc__hvcc_write(twice.data, twice.size, &out));
    assert_buffer(out, hevc_main10_hvcc);
    wcenc__buffer_free(&out);
    wcenc__buffer_free(&twice);
}

static void several_parameter_sets_enter_a_record_in_their_order(void **state)
{
    struct byte_buffer both = {0};
    struct byte_buffer out = {0};

    (void)state;
    wcenc__buffer_append(&both, h264_high, sizeof(h264_high));
    wcenc__buffer_append(&both, h264_base, sizeof(h264_base));
    assert_true(wcenc__avcc_write(both.data, both.size, &out));
    /* The head is that of the first, with two SPS; then SPS, SPS, two PPS, and the High extension. */
    assert_memory_equal(out.data, h264_high_avcc, 5);
    assert_int_equal(out.data[5], 0xe2);
    assert_int_equal(out.size, sizeof(h264_high_avcc) + sizeof(h264_base_avcc) - 7);
    assert_memory_equal(out.data + 6, h264_high_avcc + 6, 2 + 26);
    assert_memory_equal(out.data + 34, h264_base_avcc + 6, 2 + 23);
    assert_int_equal(out.data[59], 2);
    wcenc__buffer_free(&out);
    wcenc__buffer_free(&both);

    wcenc__buffer_append(&both, hevc_main, sizeof(hevc_main));
    wcenc__buffer_append(&both, hevc_444, sizeof(hevc_444));
    assert_true(wcenc__hvcc_write(both.data, both.size, &out));
    assert_memory_equal(out.data, hevc_main_hvcc, 23);
    assert_int_equal(out.data[25], 2);
    assert_int_equal(out.size, sizeof(hevc_main_hvcc) + sizeof(hevc_444_hvcc) - 23 - 9);
    wcenc__buffer_free(&out);
    wcenc__buffer_free(&both);
}

static void a_record_needs_each_kind_of_parameter_set_and_room_for_all(void **state)
{
    struct byte_buffer out = {0};
    struct byte_buffer sets = {0};

    (void)state;
    assert_false(wcenc__avcc_write(h264_base, 4 + 23, &out));
    assert_false(wcenc__hvcc_write(hevc_main, 4 + 24, &out));
    assert_false(wcenc__hvcc_write(hevc_main, 4 + 24 + 4 + 44, &out));
    assert_false(wcenc__hvcc_write(hevc_main + 28, sizeof(hevc_main) - 28, &out));
    wcenc__buffer_append(&sets, h264_base, sizeof(h264_base));
    for (uint8_t i = 0; i < 31; i++) {
        uint8_t sps[] = {0, 0, 1, 0x67, 66, i, 10};

        assert_true(wcenc__avcc_write(sets.data, sets.size, &out));
        wcenc__buffer_append(&sets, sps, sizeof(sps));
    }
    wcenc__buffer_free(&out);
    assert_false(wcenc__avcc_write(sets.data, sets.size, &out));
    wcenc__buffer_free(&sets);

    uint8_t *large = (uint8_t *)calloc(1, sizeof(h264_base) + 70000);
    assert_non_null(large);
    memcpy(large, h264_base, sizeof(h264_base));
    memset(large + sizeof(h264_base), 0xff, 70000);
    assert_false(wcenc__avcc_write(large, sizeof(h264_base) + 70000, &out));
    free(large);
    assert_int_equal(out.size, 0);
    wcenc__buffer_free(&out);
}

static void assert_sps(enum nal_codec codec, const uint8_t *data, size_t size, struct sps_info expected)
{
    struct sps_info info;

    memset(&info, 0xee, sizeof(info));
    assert_true(wcenc__sps_read(codec, data, size, &info));
    assert_int_equal(info.profile, expected.profile);
    assert_int_equal(info.constraints, expected.constraints);
    assert_int_equal(info.level, expected.level);
    assert_int_equal(info.tier, expected.tier);
    assert_int_equal(info.bit_depth, expected.bit_depth);
    assert_int_equal(info.chroma_format, expected.chroma_format);
    assert_int_equal(info.width, expected.width);
    assert_int_equal(info.height, expected.height);
}

static void an_h264_sps_is_read_with_cropping_scaling_lists_and_interlacing(void **state)
{
    (void)state;
    assert_sps(NAL_H264, h264_base, sizeof(h264_base), (struct sps_info){66, 0xc0, 10, 0, 8, 1, 64, 48});
    assert_sps(NAL_H264, h264_high, sizeof(h264_high), (struct sps_info){100, 0, 11, 0, 8, 1, 322, 182});
    assert_sps(NAL_H264, h264_422, sizeof(h264_422), (struct sps_info){122, 0, 10, 0, 10, 2, 64, 48});
    assert_sps(NAL_H264, h264_444, sizeof(h264_444), (struct sps_info){244, 0, 21, 0, 8, 3, 64, 48});
}

static void an_hevc_sps_is_read_with_tier_window_and_sub_layers(void **state)
{
    (void)state;
    assert_sps(NAL_HEVC, hevc_main, sizeof(hevc_main), (struct sps_info){1, 0, 60, 0, 8, 1, 322, 182});
    assert_sps(NAL_HEVC, hevc_main10, sizeof(hevc_main10), (struct sps_info){2, 0, 30, 0, 10, 1, 64, 64});
    assert_sps(NAL_HEVC, hevc_444, sizeof(hevc_444), (struct sps_info){4, 0, 150, 1, 8, 3, 64, 64});
}

/* Profile, constraints, level and id. */
static void put_h264_head(struct bit_writer *writer, uint8_t profile)
{
    put(writer, 8, 0x67);
    put(writer, 8, profile);
    put(writer, 8, 0);
    put(writer, 8, 30);
    put_ue(writer, 0);
}

/* From max_num_ref_frames on: 20 by 15 macroblocks of a field, `bottom` units cut off. */
static void put_h264_tail(struct bit_writer *writer, uint32_t bottom)
{
    put_ue(writer, 1);
    put(writer, 1, 0);
    put_ue(writer, 19);
    put_ue(writer, 14);
    put(writer, 3, 1 /* frame_mbs_only 0, mb_adaptive 0, direct_8x8 1 */);
    put(writer, 1, 1);
    put_ue(writer, 0);
    put_ue(writer, 0);
    put_ue(writer, 0);
    put_ue(writer, bottom);
    put(writer, 1, 0);
}

static void an_h264_sps_with_picture_order_type_1_and_fields_is_read(void **state)
{
    struct bit_writer writer = {0};
    uint8_t nal[200];
    size_t size;

    (void)state;
    put_h264_head(&writer, 77);
    put_ue(&writer, 0);
    put_ue(&writer, 1);
    put(&writer, 1, 0);
    put_ue(&writer, 0x10000);
    put_ue(&writer, 3);
    put_ue(&writer, 2);
    put_ue(&writer, 5);
    put_ue(&writer, 4294967294u);
    put_h264_tail(&writer, 1);
    size = write_nal(&writer, nal);
    assert_sps(NAL_H264, nal, size, (struct sps_info){77, 0, 30, 0, 8, 1, 320, 476});
}

static void an_h264_sps_of_separate_planes_or_no_chroma_crops_by_single_samples(void **state)
{
    (void)state;
    for (unsigned chroma_format = 0; chroma_format <= 3; chroma_format += 3) {
        struct bit_writer writer = {0};
        uint8_t nal[200];
        size_t size;

        put_h264_head(&writer, 244);
        put_ue(&writer, chroma_format);
        if (chroma_format == 3)
            put(&writer, 1, 1);
        put_ue(&writer, 6);
        put_ue(&writer, 6);
        put(&writer, 2, 0);
        put_ue(&writer, 0);
        put_ue(&writer, 2);
        put_h264_tail(&writer, 3);
        size = write_nal(&writer, nal);
        assert_sps(NAL_H264, nal, size, (struct sps_info){244, 0, 30, 0, 14, (uint8_t)chroma_format, 320, 474});
    }
}

static void an_h264_sps_with_scaling_lists_of_every_kind_is_read(void **state)
{
    struct bit_writer writer = {0};
    uint8_t nal[200];
    size_t size;

    (void)state;
    put_h264_head(&writer, 100);
    put_ue(&writer, 1);
    put_ue(&writer, 0);
    put_ue(&writer, 0);
    put(&writer, 1, 0);
    put(&writer, 1, 1);  /* seq_scaling_matrix_present_flag */
    put(&writer, 1, 1);  /* a list that says at once to use the default: 8 - 8 is 0 */
    put_ue(&writer, 16); /* se(v): -8 */
    put(&writer, 1, 1);  /* one of 16 that goes up to 14, down to 11, and wraps to 0 there: the last value stays */
    put_ue(&writer, 11);
    put_ue(&writer, 6);
    put_ue(&writer, 22);
    put(&writer, 4, 0); /* four left out */
    put(&writer, 1, 1); /* one of 64 that stays where it is */
    for (unsigned i = 0; i < 64; i++)
        put_ue(&writer, 0);
    put(&writer, 1, 1); /* and one through the extremes: 8 - 128 is 136 modulo 256, 136 + 127 is 7 */
    put_ue(&writer, 256);
    put_ue(&writer, 253);
    for (unsigned i = 2; i < 64; i++)
        put_ue(&writer, 0);
    put_ue(&writer, 0);
    put_ue(&writer, 2);
    put_h264_tail(&writer, 0);
    size = write_nal(&writer, nal);
    assert_sps(NAL_H264, nal, size, (struct sps_info){100, 0, 30, 0, 8, 1, 320, 480});
}

static void an_sps_that_contradicts_itself_is_refused(void **state)
{
    struct sps_info info = {.width = 12345};
    uint8_t nal[200];

    (void)state;
    for (unsigned fault = 0; fault < 6; fault++) {
        struct bit_writer writer = {0};

        put_h264_head(&writer, 100);
        put_ue(&writer, fault == 1 ? 4 : 1); /* chroma_format_idc */
        put_ue(&writer, fault == 2 ? 9 : 0); /* bit depth */
        put_ue(&writer, 0);
        put(&writer, 1, 0);
        put(&writer, 1, fault == 3);
        if (fault == 3) {
            put(&writer, 1, 1);
            put_ue(&writer, 4294967294u); /* delta_scale */
        }
        put_ue(&writer, 0);
        put_ue(&writer, fault == 4 ? 3 : 2);            /* pic_order_cnt_type */
        put_h264_tail(&writer, fault == 5 ? 120 : 119); /* 480 lines: all of them */
        size_t size = write_nal(&writer, nal);
        assert_int_equal(wcenc__sps_read(NAL_H264, nal, size, &info), fault == 0);
        assert_int_equal(info.width, fault == 0 ? 320 : 12345);
        assert_int_equal(info.height, fault == 0 ? 4 : 0);
        info = (struct sps_info){.width = 12345};
    }
    assert_false(wcenc__sps_read(NAL_H264, hevc_main, sizeof(hevc_main), &info));
    assert_false(wcenc__sps_read(NAL_HEVC, NULL, 0, &info));
}

static size_t make_hevc_sps(uint8_t *nal, unsigned layer, unsigned sub_layers)
{
    struct bit_writer writer = {0};

    put(&writer, 7, 33);
    put(&writer, 6, layer);
    put(&writer, 3, 1);
    put(&writer, 4, 0);
    put(&writer, 3, sub_layers);
    put(&writer, 1, 1);
    put(&writer, 8, 0x21); /* tier 1, Main */
    for (unsigned i = 0; i < 10; i++)
        put(&writer, 8, 0);
    put(&writer, 8, 93);
    for (unsigned i = 0; i < sub_layers; i++)
        put(&writer, 2, i % 4);
    for (unsigned i = sub_layers; sub_layers > 0 && i < 8; i++)
        put(&writer, 2, 0);
    for (unsigned i = 0; i < sub_layers; i++) {
        for (unsigned bytes = (i & 2 ? 11 : 0) + (i & 1); bytes > 0; bytes--)
            put(&writer, 8, 0xff);
    }
    put_ue(&writer, 0);
    put_ue(&writer, 2);
    put_ue(&writer, 1288);
    put_ue(&writer, 720);
    put(&writer, 1, 1);
    put_ue(&writer, 1);
    put_ue(&writer, 3);
    put_ue(&writer, 2);
    put_ue(&writer, 0);
    put_ue(&writer, 2);
    put_ue(&writer, 2);
    return write_nal(&writer, nal);
}

static void an_hevc_sps_with_profiles_and_levels_of_sub_layers_is_read(void **state)
{
    uint8_t nal[200];
    struct sps_info info;

    (void)state;
    for (unsigned sub_layers = 0; sub_layers < 7; sub_layers++)
        assert_sps(NAL_HEVC, nal, make_hevc_sps(nal, 0, sub_layers), (struct sps_info){1, 0, 93, 1, 10, 2, 1280, 718});
    assert_false(wcenc__sps_read(NAL_HEVC, nal, make_hevc_sps(nal, 0, 7), &info));
    assert_false(wcenc__sps_read(NAL_HEVC, nal, make_hevc_sps(nal, 1, 0), &info));
}

/* The claims of the nth parameter set that has some. */
static struct set_claims claims_of(enum nal_codec codec, const uint8_t *data, size_t size, int n)
{
    struct nal_iterator iterator = {.data = data, .size = size};
    struct set_claims claims;
    struct nal_unit nal;

    while (wcenc__nal_next(&iterator, &nal)) {
        assert_true(wcenc__claims_read(codec, &nal, &claims));
        if (claims.kind != CLAIMS_NONE && n-- == 0)
            return claims;
    }
    fail_msg("there are no more parameter sets");
    return claims;
}

static void claims_of_parameter_sets_are_read_to_the_end(void **state)
{
    struct set_claims claims = claims_of(NAL_H264, h264_base, sizeof(h264_base), 0);

    (void)state;
    assert_int_equal(claims.kind, CLAIMS_SPS);
    assert_int_equal(claims.profile, 66);
    assert_int_equal(claims.constraint_bytes[0], 0xc0);
    assert_true(claims.is_reorder_known);
    assert_int_equal(claims.reorder_frames, 0);
    assert_int_equal(claims.coded_width, 64);
    assert_false(claims.has_fields);
    claims = claims_of(NAL_H264, h264_base, sizeof(h264_base), 1);
    assert_int_equal(claims.kind, CLAIMS_PPS);
    assert_false(claims.has_cabac || claims.has_weighted_prediction || claims.has_8x8_transform);
    claims = claims_of(NAL_H264, h264_high, sizeof(h264_high), 0);
    assert_int_equal(claims.coded_width, 336);
    assert_true(claims.is_reorder_known && claims.dpb_frames >= 1);
    claims = claims_of(NAL_H264, h264_high, sizeof(h264_high), 1);
    assert_true(claims.has_cabac && claims.has_8x8_transform && !claims.has_slice_groups);
    for (int n = 0; n < 2; n++) {
        claims = claims_of(NAL_HEVC, hevc_main, sizeof(hevc_main), n);
        assert_int_equal(claims.kind, n ? CLAIMS_SPS : CLAIMS_VPS);
        assert_int_equal(claims.compatibility, 6);
        assert_int_equal(claims.constraint_bytes[0], 0x90);
        assert_int_equal(claims.level, 60);
        assert_true(claims.dpb_frames >= 1 && claims.dpb_frames <= 16);
    }
    assert_false(claims.has_fields);
}

static void claims_that_are_cut_short_are_not_read(void **state)
{
    struct nal_iterator iterator = {.data = hevc_main, .size = sizeof(hevc_main)};
    struct set_claims claims;
    struct nal_unit nal;

    (void)state;
    while (wcenc__nal_next(&iterator, &nal)) {
        assert_true(wcenc__claims_read(NAL_HEVC, &nal, &claims));
        if (claims.kind == CLAIMS_NONE)
            continue;
        for (nal.size = 20; nal.size > 0; nal.size--)
            assert_false(wcenc__claims_read(NAL_HEVC, &nal, &claims));
    }
}

static void only_b_slices_are_b_slices(void **state)
{
    static const struct {
        uint8_t bytes[2]; /* header; first_mb_in_slice 0 and slice_type */
        bool is_b;
    } slices[] = {
        {{0x41, 0xc0}, false}, /* P */
        {{0x01, 0xa0}, true},  /* B */
        {{0x65, 0xb0}, false}, /* I */
        {{0x01, 0x9e}, true},  /* B, and all others of the picture */
        {{0x06, 0xa0}, false}, /* not a slice */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(slices) / sizeof(slices[0]); i++)
        assert_int_equal(wcenc__h264_is_b_slice(&(struct nal_unit){slices[i].bytes, 2}), slices[i].is_b);
}

static void constraint_flags_are_added_to_every_sps_and_nothing_else(void **state)
{
    uint8_t data[sizeof(h264_high) + sizeof(h264_base)];
    uint8_t expected[sizeof(data)];
    uint8_t cut_short[] = {0, 0, 1, 0x67, 66, 0};

    (void)state;
    memcpy(data, h264_high, sizeof(h264_high));
    memcpy(data + sizeof(h264_high), h264_base, sizeof(h264_base));
    memcpy(expected, data, sizeof(data));
    expected[6] |= 0x50;
    expected[sizeof(h264_high) + 6] |= 0x50;
    wcenc__h264_add_constraints(data, sizeof(data), 0x50);
    assert_memory_equal(data, expected, sizeof(data));
    assert_sps(NAL_H264, data, sizeof(data), (struct sps_info){100, 0x50, 11, 0, 8, 1, 322, 182});
    wcenc__h264_add_constraints(cut_short, sizeof(cut_short), 0x50);
    assert_int_equal(cut_short[5], 0);
    wcenc__h264_add_constraints(NULL, 0, 0x50);
}

/* An SPS with a colour description, which `shift` moves by as many bits. */
static size_t make_described_sps(uint8_t *nal, unsigned shift, bool has_extended_sar, uint32_t matrix)
{
    struct bit_writer writer = {0};

    put_h264_head(&writer, 77);
    put_ue(&writer, (1u << shift / 2) - 1);
    put_ue(&writer, 2);
    put_h264_tail(&writer, 1);
    writer.count--;
    put(&writer, 1, 1);
    put(&writer, 1, has_extended_sar);
    if (has_extended_sar)
        put(&writer, 8 + 16, 255 << 16), put(&writer, 16, 3);
    put(&writer, 1, shift % 2);
    put(&writer, shift % 2, 0);
    put(&writer, 1 + 3 + 1 + 1, 1 << 5 | 5 << 2 | 0 << 1 | 1);
    put(&writer, 8, 2);
    put(&writer, 8, 2);
    put(&writer, 8, matrix);
    put(&writer, 2, 1); /* no chroma_loc_info, timing_info */
    put(&writer, 32, 1);
    put(&writer, 32, 60);
    put(&writer, 1, 1);
    put(&writer, 5, 0);
    return write_nal(&writer, nal);
}

static void a_matrix_is_made_unspecified_wherever_it_lies_and_nothing_else(void **state)
{
    uint8_t nal[200], expected[200];

    (void)state;
    for (unsigned shift = 0; shift < 16; shift++)
        for (int sar = 0; sar < 2; sar++) {
            const size_t size = make_described_sps(nal, shift, sar, 1);

            assert_int_equal(make_described_sps(expected, shift, sar, 2), size);
            assert_true(wcenc__h264_unset_matrix(nal, size));
            assert_memory_equal(nal, expected, size);
            /* It is not one that was borrowed. */
            assert_false(wcenc__h264_unset_matrix(nal, size));
            assert_memory_equal(nal, expected, size);
        }
    assert_true(wcenc__h264_unset_matrix(NULL, 0));
}

static struct av1_sequence read_av1(const uint8_t *data, size_t size)
{
    struct av1_sequence sequence;

    memset(&sequence, 0xee, sizeof(sequence));
    assert_true(wcenc__av1_sequence_read(data, size, &sequence));
    return sequence;
}

static void an_av1_sequence_header_is_read(void **state)
{
    struct av1_sequence main = read_av1(av1_main, sizeof(av1_main));
    struct av1_sequence high = read_av1(av1_444, sizeof(av1_444));
    struct av1_sequence gray = read_av1(av1_gray, sizeof(av1_gray));
    struct av1_sequence still = read_av1(av1_still, sizeof(av1_still));

    (void)state;
    assert_int_equal(main.profile, 0);
    assert_int_equal(main.level, 0);
    assert_int_equal(main.bit_depth, 8);
    assert_int_equal(main.max_width, 64);
    assert_int_equal(main.max_height, 48);
    assert_true(main.chroma_subsampling_x && main.chroma_subsampling_y && !main.monochrome && !main.full_range);
    assert_int_equal(main.color_primaries, 2);
    assert_int_equal(main.matrix_coefficients, 2);
    assert_ptr_equal(main.obu, av1_main + 2);
    assert_int_equal(main.obu_size, 12);
    assert_int_equal(high.profile, 1);
    assert_int_equal(high.bit_depth, 10);
    assert_false(high.chroma_subsampling_x || high.chroma_subsampling_y);
    assert_int_equal(high.color_primaries, 9);
    assert_int_equal(high.transfer_characteristics, 16);
    assert_int_equal(high.matrix_coefficients, 9);
    assert_true(gray.monochrome);
    assert_int_equal(still.profile, 2);
    assert_int_equal(still.bit_depth, 12);
    assert_true(still.chroma_subsampling_x && !still.chroma_subsampling_y && still.full_range);
    assert_int_equal(still.max_width, 64);
    assert_int_equal(still.max_height, 48);
}

static void an_av1_sequence_header_with_timing_and_decoder_model_is_read(void **state)
{
    struct av1_sequence sequence = read_av1(av1_timing, sizeof(av1_timing));

    (void)state;
    assert_int_equal(sequence.max_width, 64);
    assert_int_equal(sequence.max_height, 48);
    assert_int_equal(sequence.bit_depth, 8);
    assert_true(sequence.chroma_subsampling_y);
}

static void av1c_equals_that_of_the_mp4_muxer(void **state)
{
    struct byte_buffer out = {0};
    struct av1_sequence sequence;

#define CHECK(name)                                  \
    sequence = read_av1(name, sizeof(name));         \
    assert_true(wcenc__av1c_write(&sequence, &out)); \
    assert_buffer(out, name##_av1c);                 \
    wcenc__buffer_free(&out)

    (void)state;
    CHECK(av1_main);
    CHECK(av1_444);
    CHECK(av1_gray);
    CHECK(av1_still);
    CHECK(av1_timing);
#undef CHECK
}

/* The second operating point differs in everything from the first, which is the one reported. */
static void put_av1_operating_points(struct bit_writer *writer)
{
    put(writer, 1, 1); /* timing_info_present_flag */
    put(writer, 32, 1);
    put(writer, 32, 0xffffffff);
    put(writer, 1, 1);
    put_ue(writer, 70000);
    put(writer, 1, 1);  /* decoder_model_info_present_flag */
    put(writer, 5, 31); /* buffer_delay_length_minus_1 */
    put(writer, 32, 0x12345678);
    put(writer, 10, 0);
    put(writer, 1, 1); /* initial_display_delay_present_flag */
    put(writer, 5, 1); /* two of them */
    put(writer, 12, 0x303);
    put(writer, 5, 13); /* level 5.1 */
    put(writer, 1, 1);  /* High tier */
    put(writer, 1, 1);
    put(writer, 32, 0xffffffff);
    put(writer, 32, 0);
    put(writer, 1, 1);
    put(writer, 1, 1);
    put(writer, 4, 7);
    put(writer, 12, 0x101);
    put(writer, 5, 5);
    put(writer, 1, 0);
    put(writer, 1, 0);
}

static size_t make_av1_sequence(uint8_t *data)
{
    struct bit_writer writer = {0};

    put(&writer, 3, 1); /* High */
    put(&writer, 2, 0);
    put_av1_operating_points(&writer);
    put(&writer, 8, 0xff); /* sixteen bits of width and height */
    put(&writer, 16, 3839);
    put(&writer, 16, 65535);
    put(&writer, 1, 1); /* frame_id_numbers_present_flag */
    put(&writer, 7, 0x7f);
    put(&writer, 3, 0);
    put(&writer, 4, 0);
    put(&writer, 1, 1); /* enable_order_hint */
    put(&writer, 2, 0);
    put(&writer, 2, 1); /* seq_force_screen_content_tools */
    put(&writer, 2, 1); /* seq_force_integer_mv */
    put(&writer, 3, 6);
    put(&writer, 3, 0);
    put(&writer, 1, 0); /* 8 bits */
    put(&writer, 1, 1);
    put(&writer, 24, 0x010d00); /* BT.709, sRGB, identity */
    put(&writer, 1, 0);
    put(&writer, 1, 1); /* film grain */

    size_t payload = (writer.count + 7) / 8;
    /* An OBU of another kind with an extension byte, then the header with one and a size of two bytes. */
    const uint8_t head[] = {0x2e, 0x08, 0x02, 1, 2, 0x0e, 0x20, (uint8_t)(payload | 0x80), 0};
    memcpy(data, head, sizeof(head));
    memcpy(data + sizeof(head), writer.bytes, payload);
    return sizeof(head) + payload;
}

static void an_av1_header_is_described_by_its_first_operating_point(void **state)
{
    uint8_t data[200];
    size_t size = make_av1_sequence(data);
    struct av1_sequence sequence = read_av1(data, size);
    struct byte_buffer out = {0};

    (void)state;
    assert_int_equal(sequence.level, 13);
    assert_int_equal(sequence.tier, 1);
    assert_int_equal(sequence.max_width, 3840);
    assert_int_equal(sequence.max_height, 65536);
    assert_int_equal(sequence.transfer_characteristics, 13);
    assert_true(sequence.full_range);
    assert_false(sequence.chroma_subsampling_x || sequence.chroma_subsampling_y);
    assert_ptr_equal(sequence.obu, data + 5);
    assert_int_equal(sequence.obu_size, size - 5);
    assert_true(wcenc__av1c_write(&sequence, &out));
    assert_memory_equal(out.data, "\x81\x2d\x80\x00", 4);
    wcenc__buffer_free(&out);
}

static void av1_data_without_a_readable_sequence_header_is_refused(void **state)
{
    static const uint8_t delimiter[] = {0x12, 0x00};
    static const uint8_t no_size[] = {0x08, 0x00, 0x00, 0x00, 0x02};
    static const uint8_t forbidden[] = {0x8a, 0x01, 0x00};
    static const uint8_t endless_size[] = {0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
    static const uint8_t huge_size[] = {0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0};
    static const uint8_t profile_3[] = {0x0a, 0x02, 0x60, 0x00};
    struct av1_sequence sequence;

    (void)state;
    assert_false(wcenc__av1_sequence_read(NULL, 0, &sequence));
    assert_false(wcenc__av1_sequence_read(delimiter, sizeof(delimiter), &sequence));
    assert_false(wcenc__av1_sequence_read(no_size, sizeof(no_size), &sequence));
    assert_false(wcenc__av1_sequence_read(forbidden, sizeof(forbidden), &sequence));
    assert_false(wcenc__av1_sequence_read(endless_size, sizeof(endless_size), &sequence));
    assert_false(wcenc__av1_sequence_read(huge_size, sizeof(huge_size), &sequence));
    assert_false(wcenc__av1_sequence_read(profile_3, sizeof(profile_3), &sequence));
    for (size_t size = 0; size < 14; size++)
        assert_false(wcenc__av1_sequence_read(av1_main, size, &sequence));
    for (uint8_t size = 0; size < 9; size++) { /* the header, cut short by its own size */
        uint8_t cut[] = {0x0a, size, 0, 0, 0, 2, 0xaf, 0xf7, 0x9b, 0x5f, 0x20, 0x08};

        assert_false(wcenc__av1_sequence_read(cut, 2 + (size_t)size, &sequence));
    }
}

static struct vp9_header read_vp9(const uint8_t *data, size_t size)
{
    struct vp9_header header;

    memset(&header, 0xee, sizeof(header));
    assert_true(wcenc__vp9_header_read(data, size, &header));
    return header;
}

static void a_vp9_key_frame_header_is_read_in_every_profile(void **state)
{
    static const struct {
        const uint8_t *data;
        uint8_t profile, bit_depth, color_space, full_range, subsampling_x, subsampling_y;
    } cases[] = {
        {vp9_p0, 0, 8, 0, 0, 1, 1},  {vp9_p1, 1, 8, 0, 0, 0, 1},  {vp9_p2, 2, 12, 0, 0, 1, 1},
        {vp9_p3, 3, 10, 5, 1, 0, 0}, {vp9_rgb, 1, 8, 7, 1, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < SIZE(cases); i++) {
        struct vp9_header header = read_vp9(cases[i].data, 16);

        assert_int_equal(header.profile, cases[i].profile);
        assert_true(header.is_key && header.show_frame && !header.show_existing_frame);
        assert_int_equal(header.bit_depth, cases[i].bit_depth);
        assert_int_equal(header.color_space, cases[i].color_space);
        assert_int_equal(header.full_range, cases[i].full_range);
        assert_int_equal(header.subsampling_x, cases[i].subsampling_x);
        assert_int_equal(header.subsampling_y, cases[i].subsampling_y);
        assert_int_equal(header.width, 64);
        assert_int_equal(header.height, 48);
    }
}

static void vp9_frames_that_are_not_key_are_distinguished(void **state)
{
    static const uint8_t shows_existing[] = {0x89};
    static const uint8_t profile_3_shows_existing[] = {0xb4, 0x80};
    struct vp9_header header = read_vp9(vp9_delta, sizeof(vp9_delta));

    (void)state;
    assert_true(!header.is_key && header.show_frame && !header.show_existing_frame);
    assert_int_equal(header.width, 0);
    header = read_vp9(shows_existing, sizeof(shows_existing));
    assert_true(!header.is_key && header.show_existing_frame);
    header = read_vp9(profile_3_shows_existing, sizeof(profile_3_shows_existing));
    assert_true(header.profile == 3 && header.show_existing_frame);
}

static void a_broken_vp9_header_is_refused(void **state)
{
    static const uint8_t wrong_marker[] = {0x42, 0x49, 0x83, 0x42, 0, 3, 0xf0, 2, 0xf6};
    static const uint8_t wrong_sync[] = {0x82, 0x49, 0x83, 0x43, 0, 3, 0xf0, 2, 0xf6};
    static const uint8_t rgb_in_profile_0[] = {0x82, 0x49, 0x83, 0x42, 0xe0, 3, 0xf0, 2, 0xf6};
    static const uint8_t is_420_in_profile_1[] = {0xa2, 0x49, 0x83, 0x42, 0x0c, 0, 0x7e, 0, 0x5e, 0xc0};
    static const uint8_t profile_4[] = {0xb9, 0x24, 0xc1, 0xa1, 0x2c, 0, 0x1f, 0x80, 0x17, 0xb0};
    struct vp9_header header;

    (void)state;
    assert_false(wcenc__vp9_header_read(NULL, 0, &header));
    assert_false(wcenc__vp9_header_read(wrong_marker, sizeof(wrong_marker), &header));
    assert_false(wcenc__vp9_header_read(wrong_sync, sizeof(wrong_sync), &header));
    assert_false(wcenc__vp9_header_read(rgb_in_profile_0, sizeof(rgb_in_profile_0), &header));
    assert_false(wcenc__vp9_header_read(is_420_in_profile_1, sizeof(is_420_in_profile_1), &header));
    assert_false(wcenc__vp9_header_read(profile_4, sizeof(profile_4), &header));
    for (size_t size = 0; size < 9; size++)
        assert_false(wcenc__vp9_header_read(vp9_p0, size, &header));
}

/* The record for a stream at ten frames per second; colours as FFmpeg was set to. */
static void write_vpcc(const uint8_t *data, size_t size, uint8_t primaries, uint8_t transfer, uint8_t matrix,
                       struct byte_buffer *out)
{
    struct vp9_header header = read_vp9(data, size);
    struct vpcc vpcc = {
        .profile = header.profile,
        .level = 10,
        .bit_depth = header.bit_depth,
        .chroma_subsampling = header.subsampling_x ? 1 : 3,
        .full_range = header.full_range,
        .color_primaries = primaries,
        .transfer_characteristics = transfer,
        .matrix_coefficients = matrix,
    };

    assert_true(wcenc__vpcc_write(&vpcc, out));
}

static void vpcc_equals_that_of_the_mp4_muxer(void **state)
{
    struct byte_buffer out = {0};

    (void)state;
    write_vpcc(vp9_p0, sizeof(vp9_p0), 2, 2, 2, &out);
    assert_buffer(out, vp9_p0_vpcc);
    wcenc__buffer_free(&out);
    write_vpcc(vp9_p2, sizeof(vp9_p2), 2, 2, 2, &out);
    assert_buffer(out, vp9_p2_vpcc);
    wcenc__buffer_free(&out);
    write_vpcc(vp9_p3, sizeof(vp9_p3), 9, 16, 9, &out);
    assert_buffer(out, vp9_p3_vpcc);
    wcenc__buffer_free(&out);
    write_vpcc(vp9_rgb, sizeof(vp9_rgb), 2, 2, 0, &out);
    assert_buffer(out, vp9_rgb_vpcc);
    wcenc__buffer_free(&out);
}

static void vp8_key_frames_are_found_by_tag_and_start_code(void **state)
{
    uint8_t wrong_code[sizeof(vp8_key)];

    (void)state;
    assert_true(wcenc__vp8_is_key(vp8_key, sizeof(vp8_key)));
    assert_false(wcenc__vp8_is_key(vp8_delta, sizeof(vp8_delta)));
    assert_false(wcenc__vp8_is_key(vp8_key, 9));
    assert_false(wcenc__vp8_is_key(NULL, 0));
    memcpy(wrong_code, vp8_key, sizeof(vp8_key));
    wrong_code[4] = 2;
    assert_false(wcenc__vp8_is_key(wrong_code, sizeof(wrong_code)));
}

static void call_everything_on_nals(enum nal_codec codec, uint8_t *data, size_t size)
{
    struct nal_iterator iterator = {.data = data, .size = size};
    struct byte_buffer out = {0};
    struct nal_unit nal;
    struct sps_info info;

    while (wcenc__nal_next(&iterator, &nal))
        assert_true(nal.size > 0 && nal.data >= data && nal.size <= size - (size_t)(nal.data - data));
    wcenc__annexb_is_key(codec, data, size);
    wcenc__sps_read(codec, data, size, &info);
    wcenc__annexb_to_length_prefixed(codec, data, size, &out);
    wcenc__avcc_write(data, size, &out);
    wcenc__hvcc_write(data, size, &out);
    wcenc__buffer_free(&out);
    convert_in_place(codec, data, size);
}

/* In a block of exactly that size, so that a sanitizer sees each byte read too far. */
static void no_prefix_of_any_stream_is_read_beyond_its_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIZE(samples); i++) {
        for (size_t size = 0; size <= samples[i].size; size++) {
            uint8_t *copy = (uint8_t *)malloc(size);
            struct av1_sequence sequence;
            struct vp9_header header;
            struct byte_buffer out = {0};

            if (size > 0)
                memcpy(copy, samples[i].data, size);
            call_everything_on_nals(NAL_H264, copy, size);
            call_everything_on_nals(NAL_HEVC, copy, size);
            if (wcenc__av1_sequence_read(copy, size, &sequence))
                assert_true(wcenc__av1c_write(&sequence, &out));
            wcenc__vp9_header_read(copy, size, &header);
            wcenc__vp8_is_key(copy, size);
            wcenc__h264_add_constraints(copy, size, 0xfc);
            wcenc__h264_unset_matrix(copy, size);
            wcenc__buffer_free(&out);
            free(copy);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_buffer_keeps_what_is_appended),
        cmocka_unit_test(a_size_that_memory_cannot_hold_fails_the_buffer_for_good),
        cmocka_unit_test(the_iterator_finds_nal_units_behind_start_codes_of_either_size),
        cmocka_unit_test(the_iterator_finds_nothing_without_a_start_code_or_a_byte_behind_it),
        cmocka_unit_test(nal_types_are_read_and_sorted),
        cmocka_unit_test(the_first_slice_says_whether_an_access_unit_is_key),
        cmocka_unit_test(length_prefixed_samples_equal_those_of_the_mp4_muxer),
        cmocka_unit_test(sei_stays_and_delimiters_and_parameter_sets_go),
        cmocka_unit_test(nothing_to_write_leaves_the_buffer_as_it_was),
        cmocka_unit_test(many_three_byte_start_codes_outgrow_the_first_reservation),
        cmocka_unit_test(framing_changes_in_place_where_nothing_moves),
        cmocka_unit_test(framing_in_place_refuses_all_else_and_leaves_the_data_alone),
        cmocka_unit_test(avcc_equals_that_of_the_mp4_muxer),
        cmocka_unit_test(hvcc_equals_that_of_the_mp4_muxer),
        cmocka_unit_test(repeated_parameter_sets_enter_a_record_once),
        cmocka_unit_test(several_parameter_sets_enter_a_record_in_their_order),
        cmocka_unit_test(a_record_needs_each_kind_of_parameter_set_and_room_for_all),
        cmocka_unit_test(an_h264_sps_is_read_with_cropping_scaling_lists_and_interlacing),
        cmocka_unit_test(an_hevc_sps_is_read_with_tier_window_and_sub_layers),
        cmocka_unit_test(an_h264_sps_with_picture_order_type_1_and_fields_is_read),
        cmocka_unit_test(an_h264_sps_of_separate_planes_or_no_chroma_crops_by_single_samples),
        cmocka_unit_test(an_h264_sps_with_scaling_lists_of_every_kind_is_read),
        cmocka_unit_test(an_sps_that_contradicts_itself_is_refused),
        cmocka_unit_test(an_hevc_sps_with_profiles_and_levels_of_sub_layers_is_read),
        cmocka_unit_test(claims_of_parameter_sets_are_read_to_the_end),
        cmocka_unit_test(claims_that_are_cut_short_are_not_read),
        cmocka_unit_test(only_b_slices_are_b_slices),
        cmocka_unit_test(constraint_flags_are_added_to_every_sps_and_nothing_else),
        cmocka_unit_test(a_matrix_is_made_unspecified_wherever_it_lies_and_nothing_else),
        cmocka_unit_test(an_av1_sequence_header_is_read),
        cmocka_unit_test(an_av1_sequence_header_with_timing_and_decoder_model_is_read),
        cmocka_unit_test(av1c_equals_that_of_the_mp4_muxer),
        cmocka_unit_test(an_av1_header_is_described_by_its_first_operating_point),
        cmocka_unit_test(av1_data_without_a_readable_sequence_header_is_refused),
        cmocka_unit_test(a_vp9_key_frame_header_is_read_in_every_profile),
        cmocka_unit_test(vp9_frames_that_are_not_key_are_distinguished),
        cmocka_unit_test(a_broken_vp9_header_is_refused),
        cmocka_unit_test(vpcc_equals_that_of_the_mp4_muxer),
        cmocka_unit_test(vp8_key_frames_are_found_by_tag_and_start_code),
        cmocka_unit_test(no_prefix_of_any_stream_is_read_beyond_its_end),
#ifdef WCENC_TESTING
        cmocka_unit_test(every_writer_reports_that_it_is_out_of_memory),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
