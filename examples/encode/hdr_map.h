/* SPDX-License-Identifier: MIT */
#ifndef HDR_MAP_H
#define HDR_MAP_H

/* HDR metadata: FFmpeg's and the library's. */

#include <libavformat/avformat.h>
#include <libavutil/frame.h>
#include <stdbool.h>
#include <wcenc/wcenc.h>

/* What a decoded frame says, and for a part that it does not, its stream; without any part where neither says any. */
void hdr_from_source(const AVStream *stream, const AVFrame *frame, wcenc_hdr_metadata *metadata);

/* Into a stream to be written. Returns 0 or AVERROR(ENOMEM). */
int hdr_to_stream(const wcenc_hdr_metadata *metadata, AVStream *stream);

/* Metadata for which there is no place: HDR10+ and Dolby Vision. */
bool hdr_is_dynamic(const AVStream *stream, const AVFrame *frame);

#endif
