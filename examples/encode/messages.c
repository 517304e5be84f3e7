/* SPDX-License-Identifier: MIT */

/* Why the program failed, and what else its user should know. */

#include "messages.h"

#include <libavutil/error.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void fault_make_one_line(char *text)
{
    for (; *text; text++)
        if (*text == '\n' || *text == '\r')
            *text = ' ';
}

static void write_text(struct fault *fault, const char *format, va_list arguments)
{
    vsnprintf(fault->text, sizeof(fault->text), format, arguments);
    fault_make_one_line(fault->text);
}

bool fault_set(struct fault *fault, const char *format, ...)
{
    va_list arguments;

    if (fault_is_set(fault))
        return false;
    va_start(arguments, format);
    write_text(fault, format, arguments);
    va_end(arguments);
    return false;
}

bool fault_set_av(struct fault *fault, int code, const char *format, ...)
{
    char reason[AV_ERROR_MAX_STRING_SIZE] = "";
    va_list arguments;
    size_t length;

    if (fault_is_set(fault))
        return false;
    va_start(arguments, format);
    write_text(fault, format, arguments);
    va_end(arguments);
    av_strerror(code, reason, sizeof(reason));
    length = strlen(fault->text);
    snprintf(fault->text + length, sizeof(fault->text) - length, ": %s", reason);
    return false;
}

void fault_copy(struct fault *to, const struct fault *from)
{
    if (!fault_is_set(to))
        *to = *from;
}

static void print_new(struct notes *notes)
{
    for (; notes->printed < notes->count; notes->printed++)
        fprintf(stderr, "wcenc-encode: %s\n", notes->text[notes->printed]);
}

void notes_add(struct notes *notes, const char *format, ...)
{
    va_list arguments;

    if (notes->count == NOTES_MOST)
        return;
    va_start(arguments, format);
    vsnprintf(notes->text[notes->count], sizeof(notes->text[0]), format, arguments);
    va_end(arguments);
    fault_make_one_line(notes->text[notes->count]);
    notes->count++;
    if (!notes->is_held)
        print_new(notes);
}

void notes_hold(struct notes *notes)
{
    notes->is_held = true;
}

void notes_release(struct notes *notes)
{
    notes->is_held = false;
    print_new(notes);
}
