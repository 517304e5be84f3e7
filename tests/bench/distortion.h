/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BENCH_DISTORTION_H
#define WCENC_BENCH_DISTORTION_H

/*
 * PSNR and SSIM of 8-bit 4:2:0 pictures as FFmpeg's filters psnr ("average") and ssim ("All") define them: PSNR of the
 * squared error of all samples of all frames, SSIM as the mean over frames, planes weighted by their samples.
 */

#include <stdint.h>

/* A picture to compare; its planes need not be without gaps. */
struct picture {
    const uint8_t *planes[3];
    int strides[3];
};

/* All zero: no frame yet. */
struct distortion {
    double squares;
    double samples;
    double ssim; /* sum over the frames */
    int frames;
};

/* A picture whose planes follow each other without gaps. */
struct picture picture_of_i420(const uint8_t *i420, int width, int height);

void distortion_add(struct distortion *distortion, const struct picture *coded, const struct picture *source, int width,
                    int height);

/* In dB; 99 where there is no difference. */
double distortion_psnr(const struct distortion *distortion);
double distortion_ssim(const struct distortion *distortion);

#endif
