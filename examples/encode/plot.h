/* SPDX-License-Identifier: MIT */
#ifndef PLOT_H
#define PLOT_H

/* A plot of bitrate and quality over time, as SVG. */

#include <stdbool.h>
#include <stddef.h>

#include "outfile.h"

/* One frame. */
struct plot_point {
    double seconds;
    double bytes;
    double psnr; /* dB */
    double ssim;
};

bool plot_write(struct outfile *file, const char *title, const struct plot_point *points, size_t count);

#endif
