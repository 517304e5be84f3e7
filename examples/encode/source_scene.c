/* SPDX-License-Identifier: MIT */

/* The test scene as a source: frames of RGBA at a steady rate. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "scene_draw.h"
#include "source.h"

struct source_scene {
    struct source base;
    uint64_t next;
};

/* Of the start of a frame. Rounded from the exact time, so that nothing adds up. */
static int64_t time_of(const struct source_scene *scene, uint64_t number)
{
    return llround((double)number * 1e6 / scene->base.info.framerate);
}

static enum source_result scene_next(struct source *source, wcenc_frame **out, struct fault *fault)
{
    struct source_scene *scene = (struct source_scene *)source;
    const struct source_info *info = &source->info;
    uint64_t number = scene->next;
    uint8_t *pixels;
    wcenc_frame_desc desc;

    if (number >= info->total_frames)
        return SOURCE_END;
    pixels = malloc((size_t)info->width * info->height * 4);
    if (!pixels) {
        fault_set(fault, "out of memory");
        return SOURCE_FAILED;
    }
    scene_draw(pixels, info->width, info->height, (uint32_t)number, (double)number / info->framerate);
    wcenc_frame_desc_init(&desc, sizeof(desc));
    desc.format = WCENC_PIXEL_FORMAT_RGBA;
    desc.coded_width = info->width;
    desc.coded_height = info->height;
    desc.planes[0] = pixels;
    desc.timestamp_us = time_of(scene, number);
    desc.duration_us = (uint64_t)(time_of(scene, number + 1) - desc.timestamp_us);
    if (wcenc_frame_create_wrap(&desc, free, pixels, out) != WCENC_OK) {
        free(pixels);
        fault_set(fault, "cannot use a drawn frame: %s", wcenc_last_error());
        return SOURCE_FAILED;
    }
    scene->next++;
    return SOURCE_FRAME;
}

static void scene_close(struct source *source)
{
    free(source);
}

struct source *source_open_scene(const struct options *options, struct fault *fault)
{
    static const struct source_ops ops = {scene_next, scene_close, NULL, NULL};
    struct source_scene *scene = calloc(1, sizeof(*scene));
    struct source_info *info;
    double seconds = options->duration > 0 ? options->duration : 5;

    if (!scene) {
        fault_set(fault, "out of memory");
        return NULL;
    }
    scene->base.ops = &ops;
    info = &scene->base.info;
    options_size(options, 1280, 720, 1280.0 / 720, &info->width, &info->height);
    info->display_width = info->width;
    info->display_height = info->height;
    info->framerate = options->framerate > 0 ? options->framerate : 30;
    info->total_frames = (uint64_t)llround(seconds * info->framerate);
    /* Neither limit leaves nothing: one frame there is at least. */
    if (info->total_frames == 0)
        info->total_frames = 1;
    /* Frames asked for without a length are what the length is. */
    if (options->max_frames && (options->duration <= 0 || options->max_frames < info->total_frames))
        info->total_frames = options->max_frames;
    info->bit_depth = 8;
    snprintf(info->name, sizeof(info->name), "test scene");
    snprintf(info->pixels, sizeof(info->pixels), "RGBA, lent");
    return &scene->base;
}
