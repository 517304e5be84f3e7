/* SPDX-License-Identifier: MIT */
#ifndef OPTIONS_H
#define OPTIONS_H

/* What the command line says. */

#include <stdbool.h>
#include <stdint.h>
#include <wcenc/wcenc.h>

#include "access.h"

struct options {
    const char *listen; /* an address in numbers */
    int port;           /* 0: any that is free */
    struct access access;
    unsigned max_viewers;
    const char *display; /* of X11, to capture; NULL: the test scene */
    wcenc_codec codec;
    const char *encoder; /* by name; NULL: the library chooses */
    uint32_t width;      /* of the stream; 0: that of the source */
    uint32_t height;
    double framerate;
    uint64_t bitrate;
    uint64_t min_bitrate;
    uint64_t max_bitrate;
    unsigned layers;
    int effort;
};

/* Ends the program where the command line is wrong, and well after --help. Removes tokens from `argv`. */
void options_parse(struct options *options, int argc, char **argv);

#endif
