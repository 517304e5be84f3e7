/* SPDX-License-Identifier: MIT */
#ifndef SERVER_H
#define SERVER_H

/* The page over HTTP and the stream over WebSockets, as libwebsockets serves them in a loop of libuv. */

#include <uv.h>

#include "options.h"
#include "viewers.h"

struct server_events {
    /* A viewer is there; `user` is that of server_open, as below. */
    void (*joined)(void *user, struct viewer *viewer);
    void (*left)(void *user, struct viewer *viewer);
    void (*said)(void *user, struct viewer *viewer, const struct live_input *input);
};

struct server;

/* Ends the program where it cannot listen. */
struct server *server_open(uv_loop_t *loop, const struct options *options, const struct server_events *events,
                           void *user);

/* The port that it listens on. */
int server_port(const struct server *server);

/* Sends what is in the viewer's outbox as soon as the system takes it. */
void server_wake(struct viewer *viewer);

/* The bytes of a viewer that the system has not sent, or that have not been acknowledged. */
int64_t server_unsent(const struct viewer *viewer);

/* Closes every connection, which takes further rounds of the loop, then frees all in server_free. */
void server_stop(struct server *server);
void server_free(struct server *server);

#endif
