/* SPDX-License-Identifier: MIT */

/* The plot: three panels, one below the other, over the same time. */

#include "plot.h"

#include <libavutil/bprint.h>
#include <math.h>
#include <stdio.h>

enum { WIDTH = 960, LEFT = 70, RIGHT = 30, TOP = 56, PANEL = 150, GAP = 44, PANELS = 3, COLUMNS_MOST = 300 };

struct panel {
    const char *title;
    const char *color;
    double low; /* of the axis */
    double high;
    bool is_bars;
};

/* What a panel shows of a span of time. */
struct column {
    double sum;
    double least;
    unsigned count;
};

/* 1, 2 or 5 times a power of ten, and at least `least`. */
static double round_step(double least)
{
    double power = pow(10, floor(log10(least)));
    double factor = least / power;

    return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
}

static double value_of(const struct plot_point *point, int panel)
{
    return panel == 0 ? point->bytes * 8 / 1000 : panel == 1 ? point->psnr : point->ssim;
}

static double span_of(const struct plot_point *points, size_t count)
{
    double end = 0;

    for (size_t i = 0; i < count; i++)
        end = fmax(end, points[i].seconds);
    return count > 1 ? end * (double)count / (double)(count - 1) : 1;
}

/* Seconds a column: whole frames, and few enough columns to be seen. */
static double column_seconds(double span, size_t count)
{
    return fmax(span / COLUMNS_MOST, span / (double)count) * (count > COLUMNS_MOST ? 1 : 1 + 1e-9);
}

static int fill_columns(struct column *columns, const struct plot_point *points, size_t count, double span, int panel)
{
    double each = column_seconds(span, count);
    int last = 0;

    for (int i = 0; i <= COLUMNS_MOST; i++)
        columns[i] = (struct column){0, INFINITY, 0};
    for (size_t i = 0; i < count; i++) {
        int index = (int)fmin(COLUMNS_MOST, points[i].seconds / each + 1e-6);
        double value = value_of(&points[i], panel);

        columns[index].sum += value;
        columns[index].least = fmin(columns[index].least, value);
        columns[index].count++;
        last = index > last ? index : last;
    }
    return last + 1;
}

/* kb/s of a column of bars; the least of a column of lines, so that a bad frame is seen. */
static double column_value(const struct column *column, const struct panel *panel, double each)
{
    return panel->is_bars ? column->sum / each : column->least;
}

static void set_axis(struct panel *panel, const struct column *columns, int count, double each)
{
    double low = INFINITY;
    double high = -INFINITY;
    double step;

    for (int i = 0; i < count; i++) {
        if (!columns[i].count)
            continue;
        low = fmin(low, column_value(&columns[i], panel, each));
        high = fmax(high, column_value(&columns[i], panel, each));
    }
    low = panel->is_bars ? 0 : low;
    step = round_step(fmax((high - low) / 4, panel->is_bars ? 1 : high > 2 ? 0.5 : 0.0005));
    panel->low = floor(low / step) * step;
    panel->high = fmax(ceil(high / step) * step, panel->low + step);
}

static void draw_axes(AVBPrint *svg, const struct panel *panel, double top, double span)
{
    double width = WIDTH - LEFT - RIGHT;
    double step = round_step((panel->high - panel->low) / 5);
    double seconds = round_step(span / 10);

    av_bprintf(svg, "<text class='t' x='%d' y='%.1f'>%s</text>\n", LEFT, top - 8, panel->title);
    for (int i = 0; panel->low + i * step <= panel->high + step / 1000; i++) {
        double y = top + PANEL - i * step / (panel->high - panel->low) * PANEL;

        av_bprintf(svg, "<line class='g' x1='%d' x2='%d' y1='%.1f' y2='%.1f'/>", LEFT, WIDTH - RIGHT, y, y);
        av_bprintf(svg, "<text class='n' text-anchor='end' x='%d' y='%.1f'>%g</text>\n", LEFT - 6, y + 4,
                   round((panel->low + i * step) * 1e6) / 1e6);
    }
    for (int i = 0; i * seconds <= span + seconds / 1000; i++)
        av_bprintf(svg, "<text class='n' text-anchor='middle' x='%.1f' y='%.1f'>%g s</text>\n",
                   LEFT + i * seconds / span * width, top + PANEL + 16, i * seconds);
}

static void draw_columns(AVBPrint *svg, const struct panel *panel, const struct column *columns, int count, double top,
                         double each, double span)
{
    double scale = (WIDTH - LEFT - RIGHT) / span;
    bool is_begun = false;

    if (!panel->is_bars)
        av_bprintf(svg, "<path fill='none' stroke='%s' stroke-width='1.5' d='", panel->color);
    for (int i = 0; i < count; i++) {
        double value = column_value(&columns[i], panel, each);
        double height;
        double x = LEFT + i * each * scale;

        if (!columns[i].count)
            continue;
        height = (value - panel->low) / (panel->high - panel->low) * PANEL;
        if (panel->is_bars)
            av_bprintf(svg, "<rect fill='%s' x='%.2f' y='%.2f' width='%.2f' height='%.2f'/>\n", panel->color, x,
                       top + PANEL - height, fmax(0.5, each * scale - 0.5), height);
        else
            av_bprintf(svg, "%s%.2f %.2f", is_begun ? "L" : "M", x + each * scale / 2, top + PANEL - height);
        is_begun = true;
    }
    if (!panel->is_bars)
        av_bprintf(svg, "'/>\n");
}

/* Text between tags. */
static void print_escaped(AVBPrint *svg, const char *text)
{
    av_bprint_escape(svg, text, NULL, AV_ESCAPE_MODE_XML, 0);
}

bool plot_write(struct outfile *file, const char *title, const struct plot_point *points, size_t count)
{
    struct panel panels[PANELS] = {{"Bitrate, kb/s", "#4269d0", 0, 0, true},
                                   {"PSNR, dB (the lowest in each step)", "#c9502c", 0, 0, false},
                                   {"SSIM (the lowest in each step)", "#3a8f5d", 0, 0, false}};
    static const int height = TOP + PANELS * (PANEL + GAP);
    struct column columns[COLUMNS_MOST + 1];
    double span = span_of(points, count);
    double each = column_seconds(span, count);
    AVBPrint svg;
    bool good;

    av_bprint_init(&svg, 0, AV_BPRINT_SIZE_UNLIMITED);
    av_bprintf(&svg,
               "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' viewBox='0 0 %d %d'>\n"
               "<style>text{font:12px sans-serif;fill:#333}.t{font-weight:bold}.n{font-size:11px;fill:#666}"
               ".g{stroke:#ddd}</style>\n<rect width='%d' height='%d' fill='white'/>\n<text class='t' x='%d' y='22'>",
               WIDTH, height, WIDTH, height, WIDTH, height, LEFT);
    print_escaped(&svg, title);
    av_bprintf(&svg, "</text>\n");
    for (int i = 0; i < PANELS; i++) {
        double top = TOP + i * (PANEL + GAP);
        int filled = fill_columns(columns, points, count, span, i);

        set_axis(&panels[i], columns, filled, each);
        draw_axes(&svg, &panels[i], top, span);
        draw_columns(&svg, &panels[i], columns, filled, top, each, span);
    }
    av_bprintf(&svg, "</svg>\n");
    good = av_bprint_is_complete(&svg) && outfile_write(file, svg.str, svg.len);
    av_bprint_finalize(&svg, NULL);
    return good;
}
