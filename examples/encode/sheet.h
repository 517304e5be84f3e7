/* SPDX-License-Identifier: MIT */
#ifndef SHEET_H
#define SHEET_H

/* A contact sheet as PNG: frames of the source in the upper row, and below each what became of it. */

#include <libavutil/frame.h>
#include <stdbool.h>
#include <stdint.h>

#include "messages.h"
#include "outfile.h"

enum { SHEET_COLUMNS = 4 };

struct sheet {
    AVFrame *picture; /* RGB; NULL before the first tile */
    int tile_width;
    int tile_height;
};

/* Shows a frame in a row (0 or 1) with a text below; its colours are those of the frame. */
bool sheet_add(struct sheet *sheet, const AVFrame *frame, int column, int row, const char *text);

bool sheet_write(const struct sheet *sheet, struct outfile *file, struct fault *fault);

void sheet_free(struct sheet *sheet);

#endif
