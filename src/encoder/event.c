/* SPDX-License-Identifier: MIT */

#include "event.h"

#include "mem.h"

void wcenc__event_append(struct event_list *list, struct event *event)
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

void wcenc__event_unlink(struct event_list *list, struct event *event)
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

void wcenc__event_list_free(struct event_list *list)
{
    struct event *event;

    while ((event = list->first)) {
        wcenc__event_unlink(list, event);
        if (event->type == WCENC_EVENT_OUTPUT)
            wcenc_chunk_unref(((struct output_event *)event)->chunk);
        mem_free(event);
    }
}
