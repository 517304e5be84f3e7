/* SPDX-License-Identifier: MIT */

/* Signals: a flag that the reading loop looks at. */

#include "interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t first_signal;

static void on_signal(int number)
{
    if (first_signal)
        _exit(128 + number);
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
