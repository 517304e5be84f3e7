/* SPDX-License-Identifier: MIT */
#ifndef WCENC_FFMPEG_VERSION_H
#define WCENC_FFMPEG_VERSION_H

#include <stdbool.h>

#include "failure.h"

/*
 * Whether the FFmpeg that is loaded can be used: its structs are those of one major version, and the library was
 * compiled with the headers of one. NOT_SUPPORTED, with both versions, if they differ. To be asked before anything else
 * is asked of FFmpeg.
 */
bool wcenc__ffmpeg_check(struct failure *failure);

#endif
