/* SPDX-License-Identifier: MIT */

#include "event.h"

#include "mem.h"

void wcenc__event_list_free(struct event_list *list)
{
    struct event *event;

    while ((event = list->first)) {
        event_unlink(list, event);
        if (event->type == WCENC_EVENT_OUTPUT)
            wcenc_chunk_unref(((struct output_event *)event)->chunk);
        mem_free(event);
    }
}
