/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BACKEND_KEY_FRAMES_H
#define WCENC_BACKEND_KEY_FRAMES_H

/* How large a key frame may become in realtime, where it delays the frames behind it on a link of the stream's bitrate.
 */

#include "config.h"

/*
 * The maximum size of a key frame in per cent of the bits of an average frame: `step` times the framerate, at least
 * 300. A step of 20 is a fifth of a second's bits.
 */
uint32_t wcenc__key_frame_percent(struct rational framerate, uint32_t step);

#endif
