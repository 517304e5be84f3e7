/* SPDX-License-Identifier: MIT */

#include "message.h"

#include <stdlib.h>

struct message *message_create(size_t size)
{
    struct message *message = calloc(1, sizeof(*message) + MESSAGE_HEADROOM + size);

    if (!message)
        return NULL;
    message->references = 1;
    message->size = size;
    return message;
}

struct message *message_ref(struct message *message)
{
    message->references++;
    return message;
}

void message_unref(struct message *message)
{
    if (message && --message->references == 0)
        free(message);
}
