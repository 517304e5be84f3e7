/* SPDX-License-Identifier: MIT */

#include "server.h"

#include <libwebsockets.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "check.h"
#include "clock.h"
#include "http.h"

_Static_assert(MESSAGE_HEADROOM >= LWS_PRE, "libwebsockets writes its header in front of a message");

enum {
    HANDSHAKE_SECONDS = 5, /* for a request and for a handshake */
    PING_SECONDS = 10,     /* of silence */
    DEAD_SECONDS = 20,
    PAGE_CONNECTIONS = 32, /* beside those of viewers */
    UNSENT_LOW = 16 * 1024 /* the system takes more once it has less than that to send */
};

struct server {
    struct lws_context *context;
    struct lws_vhost *vhost;
    const struct options *options;
    const struct server_events *events;
    void *user;
    unsigned connections;
    unsigned viewers;
};

static struct server *server_of(struct lws *wsi)
{
    return lws_context_user(lws_get_context(wsi));
}

/* A header of the request; NULL: there is none, or it is longer than any that is accepted. */
static const char *header(struct lws *wsi, enum lws_token_indexes token, char *out, size_t size)
{
    int length = lws_hdr_total_length(wsi, token);

    if (length <= 0 || (size_t)length >= size || lws_hdr_copy(wsi, out, (int)size, token) < 0)
        return NULL;
    return out;
}

/* Refuses a handshake with a status; the connection ends. */
static int refuse(struct lws *wsi, unsigned status, const char *why)
{
    lws_return_http_status(wsi, status, why);
    return -1;
}

static int on_handshake(struct server *server, struct lws *wsi)
{
    char path[64], origin[256], host[256], subprotocols[512];
    const char *asked = header(wsi, WSI_TOKEN_GET_URI, path, sizeof(path));
    const char *offered = header(wsi, WSI_TOKEN_PROTOCOL, subprotocols, sizeof(subprotocols));

    if (!asked || strcmp(asked, "/live") != 0)
        return refuse(wsi, HTTP_STATUS_NOT_FOUND, "path");
    if (!access_allows_origin(&server->options->access, header(wsi, WSI_TOKEN_ORIGIN, origin, sizeof(origin)),
                              header(wsi, WSI_TOKEN_HOST, host, sizeof(host))))
        return refuse(wsi, HTTP_STATUS_FORBIDDEN, "origin");
    if (!offered || access_check_tokens(&server->options->access, offered) == ACCESS_REFUSED)
        return refuse(wsi, HTTP_STATUS_UNAUTHORIZED, "token");
    if (server->viewers >= server->options->max_viewers)
        return refuse(wsi, HTTP_STATUS_SERVICE_UNAVAILABLE, "viewers");
    return 0;
}

/* What the system holds unsent is late by the time that it is sent; what waits in an outbox can still be left out. */
static void keep_socket_short(struct lws *wsi)
{
    int low = UNSENT_LOW, yes = 1, descriptor = lws_get_socket_fd(wsi);

    setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &low, sizeof(low));
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

static void on_established(struct server *server, struct lws *wsi, struct viewer *viewer)
{
    char subprotocols[512];
    const char *offered = header(wsi, WSI_TOKEN_PROTOCOL, subprotocols, sizeof(subprotocols));

    memset(viewer, 0, sizeof(*viewer));
    viewer->connection = wsi;
    viewer->may_control = offered && access_check_tokens(&server->options->access, offered) == ACCESS_CONTROL;
    keep_socket_short(wsi);
    server->viewers++;
    server->events->joined(server->user, viewer);
}

/* Comes for a refused handshake as well, whose session is all zero. */
static void on_closed(struct server *server, struct viewer *viewer)
{
    if (!viewer->connection)
        return;
    server->viewers--;
    server->events->left(server->user, viewer);
    viewer->connection = NULL;
}

/* Messages go out whole, one after the other, until the system takes no more. */
static int on_writable(struct lws *wsi, struct viewer *viewer)
{
    struct message *message;

    while (!lws_send_pipe_choked(wsi) && (message = viewer_take(viewer))) {
        size_t size = message->size;
        int sent = lws_write(wsi, message_data(message), size, LWS_WRITE_BINARY);

        message_unref(message);
        if (sent < (int)size)
            return -1;
    }
    if (viewer->outbox.count > 0)
        lws_callback_on_writable(wsi);
    return 0;
}

static int close_with(struct lws *wsi, enum lws_close_status status, const char *why)
{
    lws_close_reason(wsi, status, (unsigned char *)(uintptr_t)why, strlen(why));
    return -1;
}

/* A message may come in pieces, as the client has cut it or as the network has. */
static int on_receive(struct server *server, struct lws *wsi, struct viewer *viewer, const void *bytes, size_t size)
{
    struct live_input input;

    if (lws_is_first_fragment(wsi))
        viewer->said_size = 0;
    if (viewer->said_size + size > LIVE_INPUT_SIZE)
        return close_with(wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "message too large");
    memcpy(viewer->said + viewer->said_size, bytes, size);
    viewer->said_size += size;
    if (!lws_is_final_fragment(wsi))
        return 0;
    if (!lws_frame_is_binary(wsi) || !live_parse_input(viewer->said, viewer->said_size, &input))
        return close_with(wsi, LWS_CLOSE_STATUS_PROTOCOL_ERR, "not a message of the protocol");
    if (input.type >= LIVE_POINTER && !viewer->may_control)
        return close_with(wsi, LWS_CLOSE_STATUS_POLICY_VIOLATION, "no permission to control");
    if (!viewer_may_speak(viewer, clock_monotonic_us()))
        return close_with(wsi, LWS_CLOSE_STATUS_POLICY_VIOLATION, "too many messages");
    server->events->said(server->user, viewer, &input);
    return 0;
}

static int on_live(struct lws *wsi, enum lws_callback_reasons reason, void *session, void *bytes, size_t size)
{
    struct server *server = server_of(wsi);
    struct viewer *viewer = session;

    switch (reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return on_handshake(server, wsi);
    case LWS_CALLBACK_ESTABLISHED:
        on_established(server, wsi, viewer);
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return on_writable(wsi, viewer);
    case LWS_CALLBACK_RECEIVE:
        return on_receive(server, wsi, viewer, bytes, size);
    case LWS_CALLBACK_CLOSED:
        on_closed(server, viewer);
        return 0;
    default:
        return 0;
    }
}

/* The page, and what concerns connections of either kind. */
static int on_page(struct lws *wsi, enum lws_callback_reasons reason, void *session, void *bytes, size_t size)
{
    struct server *server = server_of(wsi);

    switch (reason) {
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
        return server->connections >= server->options->max_viewers + PAGE_CONNECTIONS;
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
        server->connections++;
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        if (server->connections > 0 && lws_get_vhost(wsi) == server->vhost)
            server->connections--;
        return 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return strcmp(bytes, "websocket") == 0 ? 0 : -1;
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return refuse(wsi, HTTP_STATUS_BAD_REQUEST, "subprotocol");
    case LWS_CALLBACK_HTTP:
        return http_answer(wsi, bytes, size);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return http_write(wsi, session);
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {"http", on_page, sizeof(struct http_session), 0, 0, NULL, 0},
    /* Messages of any size go to the system in one call; without a size there it would be one for each 4 KiB. */
    {LIVE_SUBPROTOCOL, on_live, sizeof(struct viewer), 64, 0, NULL, OUTBOX_MAX_BYTES},
    {NULL, NULL, 0, 0, 0, NULL, 0},
};

/* No client is worth more than a line; none of these lines has a header of a request in it. */
static void on_log(int level, const char *line)
{
    (void)level;
    fputs(line, stderr);
}

struct server *server_open(uv_loop_t *loop, const struct options *options, const struct server_events *events,
                           void *user)
{
    static const lws_retry_bo_t liveness = {.secs_since_valid_ping = PING_SECONDS,
                                            .secs_since_valid_hangup = DEAD_SECONDS};
    struct server *server = calloc(1, sizeof(*server));
    void *loops[1] = {loop};
    struct lws_context_creation_info info = {0};

    if (!server)
        fail("server", "out of memory");
    *server = (struct server){.options = options, .events = events, .user = user};
    lws_set_log_level(LLL_ERR, on_log);
    info.options =
        LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND;
    if (!strchr(options->listen, ':'))
        info.options |= LWS_SERVER_OPTION_DISABLE_IPV6;
    info.foreign_loops = loops;
    info.user = server;
    info.timeout_secs = HANDSHAKE_SECONDS;
    info.keepalive_timeout = HANDSHAKE_SECONDS;
    info.retry_and_idle_policy = &liveness;
    server->context = lws_create_context(&info);
    if (!server->context)
        fail("server", "libwebsockets does not start; it needs its plugin for libuv (libwebsockets-evlib-uv)");
    info.port = options->port;
    info.iface = options->listen;
    info.protocols = protocols;
    info.vhost_name = "live";
    server->vhost = lws_create_vhost(server->context, &info);
    if (!server->vhost)
        fail(options->listen, "cannot be listened on; is the port in use?");
    return server;
}

int server_port(const struct server *server)
{
    return lws_get_vhost_listen_port(server->vhost);
}

void server_wake(struct viewer *viewer)
{
    if (viewer->outbox.count > 0)
        lws_callback_on_writable(viewer->connection);
}

int64_t server_unsent(const struct viewer *viewer)
{
    int unsent = 0;

    if (ioctl(lws_get_socket_fd(viewer->connection), SIOCOUTQ, &unsent) < 0)
        return 0;
    return unsent;
}

void server_stop(struct server *server)
{
    lws_set_log_level(0, NULL);
    lws_context_destroy(server->context);
}

void server_free(struct server *server)
{
    lws_context_destroy(server->context);
    free(server);
}
