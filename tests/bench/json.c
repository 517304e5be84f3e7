/* SPDX-License-Identifier: MIT */

#include "json.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <libavutil/avutil.h>

#include <wcenc/wcenc.h>

static void write_text(FILE *file, const char *text)
{
    (void)putc('"', file);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            (void)putc('\\', file);
        if ((unsigned char)*text >= ' ')
            (void)putc(*text, file);
    }
    (void)putc('"', file);
}

static void write_member(FILE *file, const char *name, const char *text)
{
    write_text(file, name);
    (void)fputs(": ", file);
    if (text)
        write_text(file, text);
    else
        (void)fputs("null", file);
    (void)fputs(", ", file);
}

/* "model name : Some CPU" of Linux, where it says so. */
static void read_cpu_model(char *out, size_t size)
{
    FILE *file = fopen("/proc/cpuinfo", "re");
    char line[256];

    (void)snprintf(out, size, "unknown");
    while (file && fgets(line, sizeof line, file)) {
        char *value = strchr(line, ':');

        if (strncmp(line, "model name", 10) != 0 || !value)
            continue;
        value += 1 + strspn(value + 1, " \t");
        value[strcspn(value, "\n")] = '\0';
        (void)snprintf(out, size, "%s", value);
        break;
    }
    if (file)
        (void)fclose(file);
}

static void write_machine(FILE *file)
{
    char cpu[256], kernel[256] = "unknown";
    struct utsname name;

    read_cpu_model(cpu, sizeof cpu);
    if (uname(&name) == 0)
        (void)snprintf(kernel, sizeof kernel, "%s %s", name.sysname, name.machine);
    (void)fputs("\"machine\": {", file);
    write_member(file, "cpu", cpu);
    write_member(file, "system", kernel);
    write_member(file, "ffmpeg", av_version_info());
    write_member(file, "wcenc", wcenc_version_string());
    (void)fprintf(file, "\"cpus\": %ld}", sysconf(_SC_NPROCESSORS_ONLN));
}

static void write_row(FILE *file, const struct row *row)
{
    (void)fputs("{", file);
    write_member(file, "measure", row->key.measure);
    write_member(file, "codec", row->key.codec);
    write_member(file, "size", row->key.size);
    write_member(file, "format", row->key.format);
    write_member(file, "setting", row->key.setting);
    write_member(file, "who", row->key.who);
    write_member(file, "metric", row->key.metric);
    write_member(file, "unit", row->key.unit);
    (void)fprintf(file, "\"median\": %.9g, \"min\": %.9g, \"max\": %.9g, \"samples\": %zu}",
                  samples_median(&row->samples), samples_min(&row->samples), samples_max(&row->samples),
                  row->samples.count);
}

bool json_write(const char *path, const struct report *report)
{
    FILE *file = fopen(path, "we");
    bool is_written;

    if (!file)
        return false;
    (void)fputs("{", file);
    write_machine(file);
    (void)fputs(", \"rows\": [", file);
    for (size_t i = 0; i < report->count; i++) {
        (void)fputs(i ? ",\n" : "\n", file);
        write_row(file, &report->rows[i]);
    }
    (void)fputs("\n]}\n", file);
    is_written = !ferror(file);
    return fclose(file) == 0 && is_written;
}
