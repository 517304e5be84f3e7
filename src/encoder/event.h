/* SPDX-License-Identifier: MIT */
#ifndef WCENC_ENCODER_EVENT_H
#define WCENC_ENCODER_EVENT_H

/* Results that wait for delivery, in a list that any of them can leave. */

#include <stddef.h>
#include <stdint.h>

#include <wcenc/encoder.h>

/* Embedded in what it delivers. */
struct event {
    struct event *next;
    struct event *previous;
    int32_t type; /* WCENC_EVENT_ */
};

struct output_event {
    struct event event; /* first */
    wcenc_chunk *chunk; /* a reference */
};

struct drop_event {
    struct event event; /* first */
    wcenc_drop drop;
};

/* All zero is an empty one. */
struct event_list {
    struct event *first;
    struct event *last;
    uint32_t count;
};

static inline void event_append(struct event_list *list, struct event *event)
{
    event->next = NULL;
    event->previous = list->last;
    if (list->last)
        list->last->next = event;
    else
        list->first = event;
    list->last = event;
    list->count++;
}

static inline void event_unlink(struct event_list *list, struct event *event)
{
    if (event->previous)
        event->previous->next = event->next;
    else
        list->first = event->next;
    if (event->next)
        event->next->previous = event->previous;
    else
        list->last = event->previous;
    list->count--;
}

/* Frees outputs and drops. No lock may be held: the last reference to a chunk may be among them. */
void wcenc__event_list_free(struct event_list *list);

#endif
