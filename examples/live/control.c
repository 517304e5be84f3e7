/* SPDX-License-Identifier: MIT */

#include "control.h"

#include <X11/Xlib.h>
#include <X11/extensions/XTest.h>
#include <math.h>
#include <stdlib.h>

#include "check.h"

enum { KEYCODES = 256, BUTTONS = 8 };

struct control {
    Display *display;
    bool is_key_down[KEYCODES];
    bool is_button_down[BUTTONS];
};

struct control *control_open(const char *name)
{
    struct control *control = calloc(1, sizeof(*control));
    int ignored;

    if (!control)
        fail("control", "out of memory");
    control->display = XOpenDisplay(name);
    if (!control->display)
        fail(name, "is not an X11 display that can be opened");
    if (!XTestQueryExtension(control->display, &ignored, &ignored, &ignored, &ignored))
        fail(name, "the X server takes no input from programs (XTEST)");
    return control;
}

static void move(struct control *control, double x, double y)
{
    int screen = DefaultScreen(control->display);
    int width = DisplayWidth(control->display, screen), height = DisplayHeight(control->display, screen);

    XTestFakeMotionEvent(control->display, screen, (int)lround(x * (width - 1)), (int)lround(y * (height - 1)), 0);
}

static void set_button(struct control *control, unsigned button, bool is_down)
{
    if (control->is_button_down[button] == is_down)
        return;
    control->is_button_down[button] = is_down;
    XTestFakeButtonEvent(control->display, button, is_down, 0);
}

static void set_key(struct control *control, KeyCode key, bool is_down)
{
    /* A key that is down may go down again: that is how a browser repeats it. */
    if (key == 0 || (!is_down && !control->is_key_down[key]))
        return;
    control->is_key_down[key] = is_down;
    XTestFakeKeyEvent(control->display, key, is_down, 0);
}

/* Learns of a new keyboard map. */
static void read_events(Display *display)
{
    XEvent event;

    while (XPending(display) > 0) {
        XNextEvent(display, &event);
        if (event.type == MappingNotify)
            XRefreshKeyboardMapping(&event.xmapping);
    }
}

void control_apply(struct control *control, const struct live_input *input)
{
    read_events(control->display);
    if (input->type == LIVE_KEY) {
        set_key(control, XKeysymToKeycode(control->display, input->keysym), input->is_down);
    } else {
        move(control, input->x, input->y);
        if (input->type == LIVE_BUTTON)
            set_button(control, input->button, input->is_down);
    }
    XFlush(control->display);
}

void control_release(struct control *control)
{
    for (unsigned key = 0; key < KEYCODES; key++)
        if (control->is_key_down[key])
            set_key(control, (KeyCode)key, false);
    for (unsigned button = 0; button < BUTTONS; button++)
        set_button(control, button, false);
    XFlush(control->display);
}

void control_close(struct control *control)
{
    if (!control)
        return;
    control_release(control);
    XCloseDisplay(control->display);
    free(control);
}
