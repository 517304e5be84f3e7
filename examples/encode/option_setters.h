/* SPDX-License-Identifier: MIT */
#ifndef OPTION_SETTERS_H
#define OPTION_SETTERS_H

/* One function an option: takes its argument (NULL where it has none) apart, and tells whether it is valid. */

#include <stdbool.h>

#include "options.h"

typedef bool (*setter)(struct options *options, const char *text);

bool set_codec(struct options *options, const char *text);
bool set_size(struct options *options, const char *text);
bool set_bitrate(struct options *options, const char *text);
bool set_bitrate_mode(struct options *options, const char *text);
bool set_quantizer(struct options *options, const char *text);
bool set_latency(struct options *options, const char *text);
bool set_framerate(struct options *options, const char *text);
bool set_key_interval(struct options *options, const char *text);
bool set_max_b_frames(struct options *options, const char *text);
bool set_alpha(struct options *options, const char *text);
bool set_scalability_mode(struct options *options, const char *text);
bool set_content_hint(struct options *options, const char *text);
bool set_threads(struct options *options, const char *text);
bool set_encoder(struct options *options, const char *text);
bool add_encoder_options(struct options *options, const char *text);
bool set_annexb(struct options *options, const char *text);
bool set_frames(struct options *options, const char *text);
bool set_duration(struct options *options, const char *text);
bool set_input(struct options *options, const char *text);
bool set_output(struct options *options, const char *text);
bool set_format(struct options *options, const char *text);
bool set_test_scene(struct options *options, const char *text);
bool set_source_y4m(struct options *options, const char *text);
bool set_overwrite(struct options *options, const char *text);
bool set_quiet(struct options *options, const char *text);
bool set_json(struct options *options, const char *text);
bool set_list(struct options *options, const char *text);
bool set_version(struct options *options, const char *text);
bool set_help(struct options *options, const char *text);

#endif
