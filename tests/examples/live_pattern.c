/* SPDX-License-Identifier: MIT */

/*
 * A program on an X11 screen for tests of examples/live: draws the pattern of pattern.h at the bottom left of the
 * screen, 30 times a second, and prints each key and button that it gets, one a line. Ends with its standard input.
 */

#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/keysym.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"
#include "pattern.h"

struct painter {
    Display *display;
    Window window;
    GC context;
    unsigned width;
    unsigned height;
    uint32_t number;
};

static void open_window(struct painter *painter)
{
    XSetWindowAttributes attributes = {.override_redirect = True,
                                       .event_mask = KeyPressMask | KeyReleaseMask | ButtonPressMask |
                                                     ButtonReleaseMask | ExposureMask};
    int screen;

    painter->display = XOpenDisplay(NULL);
    if (!painter->display) {
        fputs("live_pattern: no display\n", stderr);
        exit(EXIT_FAILURE);
    }
    screen = DefaultScreen(painter->display);
    painter->width = (unsigned)DisplayWidth(painter->display, screen);
    painter->height = (unsigned)DisplayHeight(painter->display, screen);
    attributes.background_pixel = 0x203040;
    painter->window = XCreateWindow(painter->display, DefaultRootWindow(painter->display), 0, 0, painter->width,
                                    painter->height, 0, CopyFromParent, InputOutput, CopyFromParent,
                                    CWOverrideRedirect | CWEventMask | CWBackPixel, &attributes);
    painter->context = XCreateGC(painter->display, painter->window, 0, NULL);
    XMapRaised(painter->display, painter->window);
    XSetInputFocus(painter->display, PointerRoot, RevertToPointerRoot, CurrentTime);
    XSync(painter->display, False);
}

/* The pattern, and a bar that moves above it. */
static void paint(struct painter *painter)
{
    unsigned size = pattern_block_size(painter->width, painter->height);
    int64_t now_us = clock_unix_us();
    int left = (int)(painter->number * 8 % painter->width), top = (int)painter->height / 2;

    painter->number++;
    XClearArea(painter->display, painter->window, 0, top, painter->width, 40, False);
    XSetForeground(painter->display, painter->context, 0xF0A030);
    XFillRectangle(painter->display, painter->window, painter->context, left, top, 80, 40);
    for (unsigned i = 0; i < PATTERN_BLOCKS; i++) {
        XSetForeground(painter->display, painter->context,
                       pattern_is_white(i, painter->number, now_us) ? 0xFFFFFF : 0x000000);
        XFillRectangle(painter->display, painter->window, painter->context, (int)(i * size),
                       (int)(painter->height - size), size, size);
    }
    XFlush(painter->display);
}

static void print_event(XEvent *event)
{
    const char *name;

    switch (event->type) {
    case KeyPress:
    case KeyRelease:
        name = XKeysymToString(XLookupKeysym(&event->xkey, event->xkey.state & ShiftMask ? 1 : 0));
        printf("key %s %s\n", event->type == KeyPress ? "down" : "up", name ? name : "none");
        break;
    case ButtonPress:
    case ButtonRelease:
        printf("button %s %u %d %d\n", event->type == ButtonPress ? "down" : "up", event->xbutton.button,
               event->xbutton.x, event->xbutton.y);
        break;
    default:
        return;
    }
    fflush(stdout);
}

int main(void)
{
    struct itimerspec period = {.it_interval.tv_nsec = 1000000000 / 30, .it_value.tv_nsec = 1};
    struct painter painter = {0};
    struct pollfd polled[3] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.events = POLLIN}, {.events = POLLIN}};
    uint64_t ticks;
    XEvent event;

    open_window(&painter);
    polled[1].fd = ConnectionNumber(painter.display);
    polled[2].fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (polled[2].fd < 0 || timerfd_settime(polled[2].fd, 0, &period, NULL) < 0) {
        perror("live_pattern: timer");
        return EXIT_FAILURE;
    }
    puts("ready");
    fflush(stdout);
    while (polled[0].revents == 0 && poll(polled, 3, -1) > 0) {
        if (polled[2].revents && read(polled[2].fd, &ticks, sizeof(ticks)) == sizeof(ticks))
            paint(&painter);
        while (XPending(painter.display) > 0) {
            XNextEvent(painter.display, &event);
            print_event(&event);
        }
    }
    close(polled[2].fd);
    XFreeGC(painter.display, painter.context);
    XCloseDisplay(painter.display);
    return EXIT_SUCCESS;
}
