/* SPDX-License-Identifier: MIT */
#ifndef Y4M_H
#define Y4M_H

/*
 * Writes frames as they are before encoding, as YUV4MPEG2, for comparing with what comes out. Planar YCbCr is written
 * as it is, without alpha; RGB and NV12 as 4:2:0, RGB in BT.709 and limited range. The format knows one rate and no
 * timestamps.
 */

#include <stdbool.h>
#include <wcenc/wcenc.h>

#include "messages.h"
#include "outfile.h"

struct SwsContext;

struct y4m {
    struct outfile file; /* fd -1: nothing is to be written */
    double framerate;
    wcenc_pixel_format format; /* of the first frame; all others must have it, and its size */
    uint32_t width;
    uint32_t height;
    struct SwsContext *scaler;
};

bool y4m_open(struct y4m *y4m, const char *path, const char *input, bool overwrite, double framerate,
              struct fault *fault);
bool y4m_write(struct y4m *y4m, const wcenc_frame *frame, struct fault *fault);

/* As outfile_close; a file without a frame is removed in any case. */
bool y4m_close(struct y4m *y4m, bool keep, struct fault *fault);

#endif
