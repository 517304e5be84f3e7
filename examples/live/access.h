/* SPDX-License-Identifier: MIT */
#ifndef ACCESS_H
#define ACCESS_H

/*
 * Who may watch, and who may control.
 *
 * A browser sends the origin of the page that opens a WebSocket, so that a server can refuse the pages of strangers.
 * The server's own page is accepted at an address or at "localhost", where Host and Origin agree. At another name it is
 * not by itself, since anybody's name may lead to this machine: --origin lists such names.
 *
 * Tokens come as WebSocket subprotocols, "token.TOKEN" and "control.TOKEN", since browsers let a page set no other
 * header and addresses end up in logs.
 */

#include <stdbool.h>
#include <stddef.h>

enum { ACCESS_TOKEN_MAX = 128, ACCESS_ORIGINS_MAX = 16 };

struct access {
    char token[ACCESS_TOKEN_MAX + 1];   /* empty: everybody may watch */
    char control[ACCESS_TOKEN_MAX + 1]; /* empty: nobody may control */
    const char *origins[ACCESS_ORIGINS_MAX];
    size_t origin_count;
};

enum access_answer { ACCESS_REFUSED, ACCESS_WATCH, ACCESS_CONTROL };

/* Returns whether a token has characters of subprotocols only, and a length from 16 to ACCESS_TOKEN_MAX. */
bool access_token_is_valid(const char *token);

/* Returns whether an address, in numbers, is one of this machine alone. */
bool access_is_loopback(const char *address);

/* Returns whether a page of `origin` may open a WebSocket at `host`; either may be NULL, where it was not sent. */
bool access_allows_origin(const struct access *access, const char *origin, const char *host);

/* What the subprotocols of a handshake permit; a token that is wrong permits nothing. */
enum access_answer access_check_tokens(const struct access *access, const char *subprotocols);

#endif
