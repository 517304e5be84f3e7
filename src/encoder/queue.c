/* SPDX-License-Identifier: MIT */

#include "queue.h"

#include <string.h>

#include "mem.h"

enum { INITIAL_CAPACITY = 16 };

void wcenc__queue_free(struct queue *queue)
{
    mem_free(queue->ring);
    memset(queue, 0, sizeof *queue);
}

static struct message *message_at(const struct queue *queue, size_t n)
{
    return &queue->ring[(queue->head + n) & (queue->capacity - 1)];
}

static bool grow(struct queue *queue)
{
    size_t capacity = queue->capacity ? queue->capacity * 2 : INITIAL_CAPACITY;
    struct message *ring = mem_alloc(capacity * sizeof *ring);

    if (!ring)
        return false;
    for (size_t n = 0; n < queue->count; n++)
        ring[n] = *message_at(queue, n);
    mem_free(queue->ring);
    queue->ring = ring;
    queue->capacity = capacity;
    queue->head = 0;
    return true;
}

bool wcenc__queue_push(struct queue *queue, const struct message *message)
{
    if (queue->count == queue->capacity && !grow(queue))
        return false;
    *message_at(queue, queue->count++) = *message;
    return true;
}

bool wcenc__queue_pop(struct queue *queue, struct message *message)
{
    if (queue->count == 0)
        return false;
    *message = *message_at(queue, 0);
    queue->head = (queue->head + 1) & (queue->capacity - 1);
    queue->count--;
    return true;
}

struct message *wcenc__queue_at(const struct queue *queue, size_t n)
{
    return n < queue->count ? message_at(queue, n) : NULL;
}

struct message *wcenc__queue_first(const struct queue *queue)
{
    return queue->count ? message_at(queue, 0) : NULL;
}

struct message *wcenc__queue_last(const struct queue *queue)
{
    return queue->count ? message_at(queue, queue->count - 1) : NULL;
}

/* Its place; the count if there is none. */
static size_t find_frame(const struct queue *queue)
{
    size_t n = 0;

    while (n < queue->count && message_at(queue, n)->type != MESSAGE_ENCODE)
        n++;
    return n;
}

struct message *wcenc__queue_first_frame(const struct queue *queue)
{
    size_t n = find_frame(queue);

    return n < queue->count ? message_at(queue, n) : NULL;
}

bool wcenc__queue_take_frame(struct queue *queue, struct message *message)
{
    size_t n = find_frame(queue);
    struct message unused;

    if (n == queue->count)
        return false;
    *message = *message_at(queue, n);
    /* Those before it, which are few, move up by one; then the first place is free. */
    for (; n > 0; n--)
        *message_at(queue, n) = *message_at(queue, n - 1);
    return wcenc__queue_pop(queue, &unused);
}

void wcenc__message_release(struct message *message)
{
    if (message->type == MESSAGE_CONFIGURE)
        wcenc__config_unref(message->u.config);
    else if (message->type == MESSAGE_ENCODE)
        wcenc__frame_view_release(&message->u.encode.frame);
}

void wcenc__queue_take_all(struct queue *queue, struct queue *into)
{
    *into = *queue;
    memset(queue, 0, sizeof *queue);
}

void wcenc__queue_release_all(struct queue *queue)
{
    struct message message;

    while (wcenc__queue_pop(queue, &message))
        wcenc__message_release(&message);
    wcenc__queue_free(queue);
}
