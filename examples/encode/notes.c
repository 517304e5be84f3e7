/* SPDX-License-Identifier: MIT */

/* Notes and warnings. */

#include "notes.h"

#include <stdarg.h>
#include <stdio.h>

#include "fault.h"

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
