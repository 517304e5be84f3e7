/* SPDX-License-Identifier: MIT */

#include "http.h"

#include <stdlib.h>
#include <string.h>

#include "page_files.h"

static const struct {
    const char *name; /* in lower case, with a colon */
    const char *value;
} headers[] = {
    {"content-security-policy:", "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
                                 "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"x-content-type-options:", "nosniff"},
    {"referrer-policy:", "no-referrer"},
    {"cache-control:", "no-cache"},
    {"cross-origin-opener-policy:", "same-origin"},
    {"cross-origin-embedder-policy:", "require-corp"},
    {"cross-origin-resource-policy:", "same-origin"},
    {"permissions-policy:", "camera=(), geolocation=(), microphone=()"},
};

static const struct page_file *find(const char *path, size_t length)
{
    for (const struct page_file *file = page_files; file->path; file++)
        if (strlen(file->path) == length && memcmp(file->path, path, length) == 0)
            return file;
    return NULL;
}

static int write_headers(struct lws *wsi, const struct page_file *file)
{
    unsigned char buffer[LWS_PRE + 2048], *start = buffer + LWS_PRE, *at = start, *end = buffer + sizeof(buffer) - 1;

    if (lws_add_http_common_headers(wsi, HTTP_STATUS_OK, file->type, file->size, &at, end))
        return 1;
    for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++)
        if (lws_add_http_header_by_name(wsi, (const unsigned char *)headers[i].name,
                                        (const unsigned char *)headers[i].value, (int)strlen(headers[i].value), &at,
                                        end))
            return 1;
    return lws_finalize_write_http_header(wsi, start, &at, end);
}

int http_answer(struct lws *wsi, const char *path, size_t length)
{
    struct http_session *session = lws_wsi_user(wsi);
    const struct page_file *file = find(path, length);

    if (lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) <= 0) {
        lws_return_http_status(wsi, HTTP_STATUS_METHOD_NOT_ALLOWED, NULL);
        return -1;
    }
    if (!file) {
        if (lws_return_http_status(wsi, HTTP_STATUS_NOT_FOUND, NULL))
            return -1;
        return lws_http_transaction_completed(wsi) ? -1 : 0;
    }
    if (write_headers(wsi, file))
        return -1;
    session->file = file;
    lws_callback_on_writable(wsi);
    return 0;
}

int http_write(struct lws *wsi, struct http_session *session)
{
    const struct page_file *file = session->file;
    unsigned char *body;
    int sent;

    if (!file)
        return 0;
    session->file = NULL;
    body = malloc(LWS_PRE + file->size);
    if (!body)
        return -1;
    memcpy(body + LWS_PRE, file->bytes, file->size);
    sent = lws_write(wsi, body + LWS_PRE, file->size, LWS_WRITE_HTTP_FINAL);
    free(body);
    if (sent < (int)file->size)
        return -1;
    return lws_http_transaction_completed(wsi) ? -1 : 0;
}
