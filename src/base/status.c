/* SPDX-License-Identifier: MIT */

/* Statuses, their names and sentences, and the words that each thread keeps about its last error. */

#include "status.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define STATUSES(X)                                                                                            \
    X(OK, "OK", "Success.")                                                                                    \
    X(AGAIN, "Again", "Nothing was pending within the timeout.")                                               \
    X(END, "End", "The encoder is closed, and everything is delivered.")                                       \
    X(ERROR_TYPE, "TypeError", "An argument is not valid.")                                                    \
    X(ERROR_INVALID_STATE, "InvalidStateError", "The object is in a state that does not allow the call.")      \
    X(ERROR_NOT_SUPPORTED, "NotSupportedError", "The request is valid, but no available encoder supports it.") \
    X(ERROR_ENCODING, "EncodingError", "The codec failed while encoding.")                                     \
    X(ERROR_DATA, "DataError", "The frame contradicts the frames before it.")                                  \
    X(ERROR_ABORTED, "AbortError", "The work was ended by reset, close or destroy.")                           \
    X(ERROR_QUOTA_EXCEEDED, "QuotaExceededError", "A limit set by the caller is reached.")                     \
    X(ERROR_OPERATION, "OperationError", "The system refused a resource such as a thread.")                    \
    X(ERROR_NO_MEMORY, "NoMemoryError", "Out of memory.")                                                      \
    X(ERROR_TIMED_OUT, "TimedOutError", "The timeout ran out.")                                                \
    X(ERROR_WOULD_DEADLOCK, "WouldDeadlockError", "The call would wait for the callback that it was made from.")

struct status_row {
    wcenc_status status;
    const char *name;
    const char *message;
};

#define ROW(id, name, message) {WCENC_##id, name, message},
static const struct status_row rows[] = {STATUSES(ROW)};
#undef ROW

enum { LAST_ERROR_SIZE = 512 };

static _Thread_local char last_error[LAST_ERROR_SIZE];

static const struct status_row *find(wcenc_status status)
{
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (rows[i].status == status)
            return &rows[i];
    return NULL;
}

const char *wcenc_status_name(wcenc_status status)
{
    const struct status_row *row = find(status);

    return row ? row->name : "UnknownError";
}

const char *wcenc_status_message(wcenc_status status)
{
    const struct status_row *row = find(status);

    return row ? row->message : "This version does not know the status.";
}

const char *wcenc_last_error(void)
{
    return last_error;
}

/* How long the UTF-8 sequence is that begins with this byte; 1 for bytes that begin none. */
static size_t sequence_length(unsigned char byte)
{
    return byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
}

/* Bytes of the well-formed UTF-8 sequence at the beginning of a text; 0 if there is none. */
static size_t well_formed(const char *text)
{
    size_t length = sequence_length((unsigned char)*text);

    for (size_t i = 1; i < length; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

/* A sequence whose rest was cut off together with all that followed. */
static bool is_torn(const char *text)
{
    size_t length = sequence_length((unsigned char)*text);
    size_t there = 1;

    while (there < length && ((unsigned char)text[there] & 0xc0) == 0x80)
        there++;
    return there < length && text[there] == '\0';
}

void wcenc__make_presentable(char *text)
{
    while (*text) {
        size_t length = well_formed(text);

        if (*text == '\n' || *text == '\r')
            *text = ' ';
        else if (is_torn(text))
            *text = '\0';
        else if (length == 0)
            *text = '?';
        text += length ? length : *text != '\0';
    }
}

wcenc_status wcenc__fail(wcenc_status status, const char *format, ...)
{
    char text[LAST_ERROR_SIZE]; /* arguments may point into last_error */
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0)
        (void)snprintf(text, sizeof text, "%s", wcenc_status_message(status));
    wcenc__make_presentable(text);
    memcpy(last_error, text, sizeof text);
    return status;
}

wcenc_status wcenc__fail_no_memory(void)
{
    return wcenc__fail(WCENC_ERROR_NO_MEMORY, "out of memory");
}
