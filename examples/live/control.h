/* SPDX-License-Identifier: MIT */
#ifndef CONTROL_H
#define CONTROL_H

/* Mouse and keyboard of an X11 display, as viewers that may control move them. */

#include "protocol.h"

struct control;

/* Ends the program where it fails. */
struct control *control_open(const char *display);

/* POINTER, BUTTON or KEY. Keys that the keyboard map of the display does not have are ignored. */
void control_apply(struct control *control, const struct live_input *input);

/* Releases every key and button that is down, for viewers that have left. */
void control_release(struct control *control);

/* NULL is ignored. */
void control_close(struct control *control);

#endif
