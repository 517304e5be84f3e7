/* SPDX-License-Identifier: MIT */

#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../process/check.h"

static int same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static int same_key(const struct row_key *a, const struct row_key *b)
{
    return same_text(a->measure, b->measure) && same_text(a->codec, b->codec) && same_text(a->size, b->size) &&
           same_text(a->format, b->format) && same_text(a->setting, b->setting) && same_text(a->who, b->who) &&
           same_text(a->metric, b->metric) && same_text(a->unit, b->unit);
}

static struct row *find_or_add(struct report *report, const struct row_key *key)
{
    for (size_t i = 0; i < report->count; i++)
        if (same_key(&report->rows[i].key, key))
            return &report->rows[i];
    report->rows = realloc(report->rows, (report->count + 1) * sizeof *report->rows);
    CHECK(report->rows);
    report->rows[report->count] = (struct row){.key = *key};
    return &report->rows[report->count++];
}

void report_add(struct report *report, struct row_key key, double value)
{
    samples_add(&find_or_add(report, &key)->samples, value);
}

static void append(char *text, size_t size, const char *word)
{
    size_t length = strlen(text);

    if (word)
        (void)snprintf(text + length, size - length, "%s%s", length ? " " : "", word);
}

void report_print(struct report *report)
{
    for (; report->printed < report->count; report->printed++) {
        const struct row *row = &report->rows[report->printed];
        char subject[96] = "", metric[64] = "";

        append(subject, sizeof subject, row->key.codec);
        append(subject, sizeof subject, row->key.size);
        append(subject, sizeof subject, row->key.format);
        append(subject, sizeof subject, row->key.setting);
        append(metric, sizeof metric, row->key.metric);
        append(metric, sizeof metric, row->key.unit);
        if (report->printed == 0)
            printf("%-11s %-44s %-14s %-26s %12s %12s %12s %3s\n", "measure", "what", "who", "metric", "median", "min",
                   "max", "n");
        printf("%-11s %-44s %-14s %-26s %12.3f %12.3f %12.3f %3zu\n", row->key.measure, subject, row->key.who, metric,
               samples_median(&row->samples), samples_min(&row->samples), samples_max(&row->samples),
               row->samples.count);
    }
    (void)fflush(stdout);
}

void report_free(struct report *report)
{
    for (size_t i = 0; i < report->count; i++)
        samples_free(&report->rows[i].samples);
    free(report->rows);
    *report = (struct report){0};
}
