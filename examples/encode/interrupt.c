/* SPDX-License-Identifier: MIT */

/* Signals: a flag that the reading loop looks at. */

#include "interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

enum { FILES = 4 };

static volatile sig_atomic_t first_signal;
static const char *volatile files[FILES];

static bool says_first;

/* Only with a file that is being made, and by calls that a handler may make. */
static void say_first(void)
{
    static const char text[] =
        "\r\033[Kwcenc-encode: finishing the file; a second Ctrl-C quits at once and leaves none\n";
    size_t skipped = isatty(STDERR_FILENO) ? 0 : 4;

    if (says_first && files[0] && write(STDERR_FILENO, text + skipped, sizeof(text) - 1 - skipped) < 0)
        return;
}

static void on_signal(int number)
{
    if (first_signal) {
        for (int i = 0; i < FILES; i++)
            if (files[i])
                unlink(files[i]);
        _exit(128 + number);
    }
    first_signal = number;
    say_first();
}

void interrupt_install(bool says)
{
    struct sigaction action;

    says_first = says;
    memset(&action, 0, sizeof(action));
    /* Without SA_RESTART, so that a read from a pipe that nobody writes to ends, too. */
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

int interrupt_signal(void)
{
    return first_signal;
}

void interrupt_removes(const char *path)
{
    int i = 0;

    while (i < FILES - 1 && files[i])
        i++;
    files[i] = path;
}

void interrupt_keeps(const char *path)
{
    for (int i = 0; i < FILES; i++)
        if (files[i] == path)
            files[i] = NULL;
}
