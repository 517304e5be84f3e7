/* SPDX-License-Identifier: MIT */
#ifndef COMPARE_H
#define COMPARE_H

/*
 * --compare: what was written is decoded, and compared with the frames that were encoded. Makes a picture of some
 * frames (PNG) and a plot of bitrate and quality over time (SVG) beside the output.
 */

#include <stdbool.h>
#include <stdint.h>

#include "messages.h"
#include "options.h"
#include "outfile.h"
#include "session.h"

struct compare {
    bool enabled;
    char *sheet_path;
    char *plot_path;
    struct outfile sheet;
    struct outfile plot;
    uint64_t frames; /* that were compared; 0: none were */
    double psnr;     /* dB, of all frames together, at most COMPARE_PSNR_MOST */
    double ssim;     /* mean */
    double lowest;   /* PSNR of a frame */
    double lowest_seconds;
};

#define COMPARE_PSNR_MOST 100.0 /* of equal pictures it is infinite */

/* Before anything is encoded: names the files, and refuses what cannot be compared. */
bool compare_open(struct compare *compare, const struct options *options, struct fault *fault);

/* Of a file that is complete. */
bool compare_run(struct compare *compare, const struct options *options, const struct session_stats *stats,
                 struct notes *notes, struct fault *fault);

/* Gives the files their names, or removes them. */
void compare_close(struct compare *compare, bool keep, struct fault *fault);

void compare_free(struct compare *compare);

#endif
