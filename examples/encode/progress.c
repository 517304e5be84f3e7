/* SPDX-License-Identifier: MIT */

/* The progress line. */

#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static const double redraw_seconds = 0.2;

double progress_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void progress_init(struct progress *progress, bool quiet, uint64_t total)
{
    memset(progress, 0, sizeof(*progress));
    pthread_mutex_init(&progress->lock, NULL);
    progress->enabled = !quiet && isatty(STDERR_FILENO);
    progress->total = total;
    progress->started = progress_now();
}

/* Asked anew each time: windows change. */
static int terminal_width(void)
{
    struct winsize size;

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static void format_left(char *out, size_t size, double seconds)
{
    long whole = seconds < 359999 ? (long)(seconds + 0.5) : 359999;

    if (whole >= 3600)
        snprintf(out, size, "%ld:%02ld:%02ld left", whole / 3600, whole / 60 % 60, whole % 60);
    else
        snprintf(out, size, "%ld:%02ld left", whole / 60, whole % 60);
}

static void draw(const struct progress *progress, uint64_t frames, uint64_t bytes, double media_seconds, double now)
{
    double elapsed = now - progress->started;
    double rate = elapsed > 0 ? (double)frames / elapsed : 0;
    double bitrate = media_seconds > 0 ? (double)bytes * 8 / media_seconds / 1000 : 0;
    /* Totals are estimates for some files: never beyond the end. */
    double share = progress->total ? (double)frames / (double)progress->total : 0;
    char left[32] = "";
    char text[200];
    int width = terminal_width() - 1;
    int length;
    int bar;

    if (share > 1)
        share = 1;
    if (progress->total) {
        if (rate > 0)
            format_left(left, sizeof(left), (1 - share) * (double)progress->total / rate);
        length = snprintf(text, sizeof(text), "%3d%%  %llu/%llu frames  %.1f fps  %.0f kb/s  %s", (int)(share * 100),
                          (unsigned long long)frames, (unsigned long long)progress->total, rate, bitrate, left);
    } else {
        length =
            snprintf(text, sizeof(text), "%llu frames  %.1f fps  %.0f kb/s", (unsigned long long)frames, rate, bitrate);
    }
    /* The bar takes what the text leaves, and goes first where there is little. */
    bar = progress->total ? width - length - 4 : 0;
    bar = bar > 40 ? 40 : bar;
    fputc('\r', stderr);
    if (bar >= 8) {
        fputc('[', stderr);
        for (int i = 0; i < bar; i++)
            fputc(i < (int)(share * bar + 0.5) ? '#' : '-', stderr);
        fputs("] ", stderr);
    }
    fprintf(stderr, "%.*s\033[K", width, text);
    fflush(stderr);
}

void progress_update(struct progress *progress, uint64_t frames, uint64_t bytes, double media_seconds)
{
    double now = progress_now();

    if (!progress->enabled)
        return;
    pthread_mutex_lock(&progress->lock);
    if (now - progress->drawn >= redraw_seconds) {
        draw(progress, frames, bytes, media_seconds, now);
        progress->drawn = now;
        progress->visible = true;
    }
    pthread_mutex_unlock(&progress->lock);
}

void progress_end(struct progress *progress)
{
    pthread_mutex_lock(&progress->lock);
    if (progress->visible)
        fputs("\r\033[K", stderr);
    progress->visible = false;
    progress->enabled = false;
    pthread_mutex_unlock(&progress->lock);
    pthread_mutex_destroy(&progress->lock);
}
