/* SPDX-License-Identifier: MIT */

/* The progress line. */

#include "progress.h"

#include <math.h>
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

void progress_init(struct progress *progress, bool quiet, uint64_t total, const char *what)
{
    memset(progress, 0, sizeof(*progress));
    pthread_mutex_init(&progress->lock, NULL);
    progress->enabled = !quiet && isatty(STDERR_FILENO);
    progress->total = total;
    progress->what = what;
    progress->started = progress_now();
}

/* Asked again each time: windows change. */
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

/* The bar takes what the text leaves, and goes first where there is little. */
static void draw_bar(double share, int width)
{
    enum { BAR_LEAST = 8, BAR_MOST = 30 };
    int bar = width > BAR_MOST ? BAR_MOST : width;

    if (bar < BAR_LEAST)
        return;
    fputc('[', stderr);
    for (int i = 0; i < bar; i++)
        fputc(i < (int)(share * bar + 0.5) ? '#' : '-', stderr);
    fputs("] ", stderr);
}

/* "42%  1050/2500 frames  180.2 fps  7.2x  1830 kb/s  0:08 left", as much of it as there is a line for. */
static void draw(const struct progress *progress, uint64_t frames, uint64_t bytes, double media_seconds, double now)
{
    double elapsed = now - progress->started;
    double rate = elapsed > 0 ? (double)frames / elapsed : 0;
    double bitrate = media_seconds > 0 ? (double)bytes * 8 / media_seconds / 1000 : 0;
    double speed = elapsed > 0 ? media_seconds / elapsed : 0;
    /* Totals are estimates for some files: never beyond the end. */
    double share = progress->total ? fmin(1, (double)frames / (double)progress->total) : 0;
    char left[32] = "";
    char count[64];
    char text[256];
    int width = terminal_width() - 1;
    int length;

    snprintf(count, sizeof(count), "%llu frames", (unsigned long long)frames);
    if (progress->total)
        snprintf(count, sizeof(count), "%3d%%  %llu/%llu frames", (int)(share * 100), (unsigned long long)frames,
                 (unsigned long long)progress->total);
    if (progress->total && rate > 0)
        format_left(left, sizeof(left), (1 - share) * (double)progress->total / rate);
    length =
        snprintf(text, sizeof(text), "%s%s%s  %.1f fps  %.2fx  %.0f kb/s  %s", progress->what ? progress->what : "",
                 progress->what ? "  " : "", count, rate, speed, bitrate, left);
    fputc('\r', stderr);
    if (progress->total)
        draw_bar(share, width - length - 3);
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
