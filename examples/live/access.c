/* SPDX-License-Identifier: MIT */

#include "access.h"

#include <arpa/inet.h>
#include <string.h>

bool access_token_is_valid(const char *token)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    size_t length = strlen(token);

    return length >= 16 && length <= ACCESS_TOKEN_MAX && strspn(token, allowed) == length;
}

bool access_is_loopback(const char *address)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton(AF_INET, address, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, address, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* "localhost", or an address in numbers: nobody can make another machine's name of these. */
static bool is_unambiguous(const char *host)
{
    char name[64];
    struct in6_addr address;
    size_t length = host[0] == '[' ? strcspn(host, "]") : strcspn(host, ":");

    if (length >= sizeof(name))
        return false;
    memcpy(name, host, length);
    name[length] = '\0';
    if (name[0] == '[')
        return inet_pton(AF_INET6, name + 1, &address) == 1;
    return strcmp(name, "localhost") == 0 || inet_pton(AF_INET, name, &address) == 1;
}

bool access_allows_origin(const struct access *access, const char *origin, const char *host)
{
    static const char scheme[] = "http://";

    if (!origin)
        return false;
    for (size_t i = 0; i < access->origin_count; i++)
        if (strcmp(origin, access->origins[i]) == 0)
            return true;
    return host && is_unambiguous(host) && strncmp(origin, scheme, strlen(scheme)) == 0 &&
           strcmp(origin + strlen(scheme), host) == 0;
}

/* Takes the same time whatever the two have in common, and however long the right one is. */
static bool is_equal(const char expected[ACCESS_TOKEN_MAX + 1], const char *given, size_t length)
{
    volatile unsigned char difference = 0;
    char padded[ACCESS_TOKEN_MAX + 1] = {0};

    if (length > ACCESS_TOKEN_MAX)
        return false;
    memcpy(padded, given, length);
    for (size_t i = 0; i < sizeof(padded); i++)
        difference |= (unsigned char)(padded[i] ^ expected[i]);
    return difference == 0;
}

enum access_answer access_check_tokens(const struct access *access, const char *subprotocols)
{
    bool may_watch = access->token[0] == '\0', may_control = false;

    for (const char *rest = subprotocols; *rest;) {
        size_t length;

        rest += strspn(rest, ", \t");
        length = strcspn(rest, ", \t");
        if (length > 6 && strncmp(rest, "token.", 6) == 0) {
            /* A token where none is needed does no harm: a page may be reloaded with an old one. */
            if (access->token[0] != '\0' && !is_equal(access->token, rest + 6, length - 6))
                return ACCESS_REFUSED;
            may_watch = true;
        } else if (length > 8 && strncmp(rest, "control.", 8) == 0) {
            if (access->control[0] == '\0' || !is_equal(access->control, rest + 8, length - 8))
                return ACCESS_REFUSED;
            may_control = true;
        }
        rest += length;
    }
    if (!may_watch)
        return ACCESS_REFUSED;
    return may_control ? ACCESS_CONTROL : ACCESS_WATCH;
}
