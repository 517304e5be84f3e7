/* SPDX-License-Identifier: MIT */

/*
 * An X11 screen as a source. The X server copies the screen into memory that it shares with this program, and the
 * encoder reads it there. An odd last column or row is left out.
 */

#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/extensions/XShm.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#include "buffers.h"
#include "check.h"
#include "source.h"

struct screen {
    struct source base;
    Display *display;
    struct buffer buffers[BUFFER_COUNT];
    XImage *images[BUFFER_COUNT];
    XShmSegmentInfo segments[BUFFER_COUNT];
};

/* Every client of an X server hears of a new keyboard map; nothing else comes unasked. */
static void drop_events(Display *display)
{
    XEvent event;

    while (XPending(display) > 0)
        XNextEvent(display, &event);
}

static wcenc_frame *screen_capture(struct source *source, int64_t timestamp_us, int64_t now_us)
{
    struct screen *screen = (struct screen *)source;
    struct buffer *buffer = buffer_take(screen->buffers);
    XImage *image;
    wcenc_frame_desc desc;
    wcenc_frame *frame;

    (void)now_us;
    if (!buffer)
        return NULL;
    image = screen->images[buffer - screen->buffers];
    drop_events(screen->display);
    if (!XShmGetImage(screen->display, DefaultRootWindow(screen->display), image, 0, 0, AllPlanes))
        fail("screen", "the X server does not copy it");
    wcenc_frame_desc_init(&desc, sizeof(desc));
    desc.format = WCENC_PIXEL_FORMAT_BGRX;
    desc.coded_width = (uint32_t)image->width;
    desc.coded_height = (uint32_t)image->height;
    desc.planes[0] = image->data;
    desc.plane_sizes[0] = (size_t)image->bytes_per_line * (size_t)image->height;
    desc.strides[0] = image->bytes_per_line;
    desc.visible_rect = (wcenc_rect){.width = source->width, .height = source->height};
    desc.timestamp_us = timestamp_us;
    check(wcenc_frame_create_wrap(&desc, buffer_release, buffer, &frame), "frame");
    return frame;
}

static void screen_close(struct source *source)
{
    struct screen *screen = (struct screen *)source;

    for (int i = 0; i < BUFFER_COUNT; i++) {
        XShmDetach(screen->display, &screen->segments[i]);
        XDestroyImage(screen->images[i]);
        shmdt(screen->segments[i].shmaddr);
    }
    XCloseDisplay(screen->display);
    free(screen);
}

static void share_image(struct screen *screen, int index)
{
    XShmSegmentInfo *segment = &screen->segments[index];
    Display *display = screen->display;
    int number = DefaultScreen(display);
    XImage *image =
        XShmCreateImage(display, DefaultVisual(display, number), (unsigned)DefaultDepth(display, number), ZPixmap, NULL,
                        segment, (unsigned)DisplayWidth(display, number), (unsigned)DisplayHeight(display, number));

    if (!image)
        fail("screen", "no image of it can be made");
    if (image->bits_per_pixel != 32 || image->byte_order != LSBFirst || image->red_mask != 0xFF0000)
        fail("screen", "its pixels are not 32 bits of blue, green and red; use a depth of 24");
    segment->shmid = check_system(
        shmget(IPC_PRIVATE, (size_t)image->bytes_per_line * (size_t)image->height, IPC_CREAT | 0600), "shared memory");
    segment->shmaddr = image->data = shmat(segment->shmid, NULL, 0);
    segment->readOnly = False;
    if (segment->shmaddr == (char *)-1 || !XShmAttach(display, segment))
        fail("shared memory", "the X server does not take it");
    XSync(display, False);
    shmctl(segment->shmid, IPC_RMID, NULL); /* it goes with its last user */
    screen->images[index] = image;
    screen->buffers[index].bytes = (unsigned char *)image->data;
}

static int on_lost(Display *display)
{
    (void)display;
    fail("screen", "the connection to the X server is lost");
}

struct source *source_open_screen(const char *name)
{
    static const struct source_ops ops = {screen_capture, screen_close};
    struct screen *screen = calloc(1, sizeof(*screen));

    if (!screen)
        fail("screen", "out of memory");
    screen->display = XOpenDisplay(name);
    if (!screen->display)
        fail(name, "is not an X11 display that can be opened");
    XSetIOErrorHandler(on_lost);
    if (!XShmQueryExtension(screen->display))
        fail(name, "the X server does not share memory (MIT-SHM)");
    screen->base.ops = &ops;
    screen->base.width = (uint32_t)DisplayWidth(screen->display, DefaultScreen(screen->display)) & ~1u;
    screen->base.height = (uint32_t)DisplayHeight(screen->display, DefaultScreen(screen->display)) & ~1u;
    for (int i = 0; i < BUFFER_COUNT; i++)
        share_image(screen, i);
    return &screen->base;
}
