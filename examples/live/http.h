/* SPDX-License-Identifier: MIT */
#ifndef HTTP_H
#define HTTP_H

/* The page and its parts: a fixed table of files, which are in the program. Nothing of a request becomes a path. */

#include <libwebsockets.h>
#include <stddef.h>

struct page_file;

struct http_session {
    const struct page_file *file;
};

/* Answers a request for a path; returns what the callback of libwebsockets is to return. */
int http_answer(struct lws *wsi, const char *path, size_t length);

/* Sends the body. */
int http_write(struct lws *wsi, struct http_session *session);

#endif
