/* SPDX-License-Identifier: MIT */
#ifndef OPTIONS_H
#define OPTIONS_H

/* The command line. Strings point into argv. */

#include <stdbool.h>
#include <stdint.h>
#include <wcenc/wcenc.h>

#include "messages.h"

enum action { ACTION_ENCODE, ACTION_LIST, ACTION_HELP, ACTION_VERSION, ACTION_MAN, ACTION_BASH, ACTION_ZSH };

struct options {
    enum action action;
    bool test_scene;     /* no input is read */
    const char *input;   /* "-": YUV4MPEG2 on standard input; NULL with test_scene */
    const char *output;  /* NULL only where nothing is to be encoded, as for an index */
    const char *format;  /* an extension without its dot; NULL: that of output */
    const char *out_dir; /* NULL: one file; else the folder for what is made of each of `inputs` */
    char **inputs;
    int input_count;
    const char *join;   /* NULL: nothing is joined; else the file to be made of the parts in `inputs` */
    uint32_t groups[2]; /* which part of how many, from 1; 0, 0: all */
    const char *index;  /* NULL: none; a file that keeps the index of input */
    const char *source_y4m;
    bool compare;
    bool overwrite;
    bool quiet;
    bool json;

    const char *codec; /* codec string or short name; NULL: what the output's extension suggests */
    int32_t size[2];   /* width and height; 0: the source's; -N: a multiple of N that keeps the shape */
    uint64_t bitrate;  /* bits per second; 0: the library chooses */
    bool has_bitrate_mode;
    wcenc_bitrate_mode bitrate_mode;
    bool has_quantizer;
    uint32_t quantizer;
    wcenc_latency_mode latency;
    bool has_preset;
    int32_t preset;   /* 0 to 4; 2 is the default of the library */
    double framerate; /* 0: the source's */
    bool deinterlace;
    bool no_audio;
    double seek; /* seconds of the input that are left out at its start */
    bool has_crf;
    double crf;
    uint32_t key_interval;
    uint32_t max_b_frames;
    int32_t keep_alpha;           /* 0 or 1 */
    const char *scalability_mode; /* NULL: a single layer */
    const char *content_hint;     /* NULL: none */
    uint32_t threads;
    uint32_t parallel_groups; /* 0: one encoder for the whole stream */
    const char *encoder;
    char encoder_options[1024]; /* empty: none */
    bool annexb;

    uint32_t max_frames; /* 0: all */
    double duration;     /* seconds; 0: the whole input, or 5 s of the test scene */
};

/* False after a usage error. */
bool options_parse(struct options *options, int argc, char **argv, struct fault *fault);

/* The size to encode at, for pictures of a size that are shown in a shape (width by height). */
void options_size(const struct options *options, uint32_t width, uint32_t height, double aspect, uint32_t *out_width,
                  uint32_t *out_height);

#endif
