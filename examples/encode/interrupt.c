/* SPDX-License-Identifier: MIT */

/* Signals: a flag that the reading loop looks at. */

#include "interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

enum { FILES = 2 };

static volatile sig_atomic_t first_signal;
static const char *volatile files[FILES];

static void on_signal(int number)
{
    if (first_signal) {
        for (int i = 0; i < FILES; i++)
            if (files[i])
                unlink(files[i]);
        _exit(128 + number);
    }
    first_signal = number;
}

void interrupt_install(void)
{
    struct sigaction action;

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
