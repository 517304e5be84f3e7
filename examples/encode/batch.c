/* SPDX-License-Identifier: MIT */

/* --out-dir. */

#include "batch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "codec_choice.h"

const char *batch_title(const struct batch *batch, int index)
{
    const char *input = batch->options->inputs[index];
    const char *slash = strrchr(input, '/');

    return slash ? slash + 1 : input;
}

/* MP4 holds every codec but VP8. */
static const char *default_format(const struct options *options)
{
    enum codec codec = 0;

    if (options->codec)
        codec = codec_from_short_name(options->codec) ? codec_from_short_name(options->codec)
                                                      : codec_from_string(options->codec);
    else if (options->encoder)
        codec = codec_from_encoder(options->encoder);
    return codec == CODEC_VP8 ? "webm" : "mp4";
}

static char *make_name(const struct batch *batch, int index)
{
    const struct options *options = batch->options;
    const char *title = batch_title(batch, index);
    const char *format = options->format ? options->format : default_format(options);
    const char *dot = strrchr(title, '.');
    int length = dot && dot > title ? (int)(dot - title) : (int)strlen(title);
    size_t size = strlen(options->out_dir) + strlen(title) + strlen(format) + sizeof("/.");
    char *name = malloc(size);

    if (name)
        snprintf(name, size, "%s/%.*s.%s", options->out_dir, length, title, format);
    return name;
}

static bool check_names(const struct batch *batch, struct fault *fault)
{
    for (int i = 0; i < batch->options->input_count; i++) {
        if (!strcmp(batch->options->inputs[i], "-"))
            return fault_set(fault, "standard input has no name: encode it with -o OUTPUT instead of --out-dir");
        for (int k = 0; k < i; k++)
            if (!strcmp(batch->outputs[i], batch->outputs[k]))
                return fault_set(fault, "%s and %s would both become %s: encode one of them into another folder",
                                 batch->options->inputs[k], batch->options->inputs[i], batch->outputs[i]);
    }
    return true;
}

static bool make_folder(const char *path, struct fault *fault)
{
    struct stat status;

    if (mkdir(path, 0777) == 0 || (stat(path, &status) == 0 && S_ISDIR(status.st_mode)))
        return true;
    return fault_set(fault, "--out-dir: cannot make %s: %s", path, strerror(errno));
}

static void free_lists(struct batch *batch)
{
    for (int i = 0; i < batch->options->input_count; i++) {
        if (batch->outputs)
            free(batch->outputs[i]);
        if (batch->failures)
            free(batch->failures[i]);
    }
    free(batch->outputs);
    free(batch->failures);
}

bool batch_open(struct batch *batch, const struct options *options, struct fault *fault)
{
    size_t count = (size_t)options->input_count;
    bool good;

    *batch = (struct batch){.options = options};
    batch->outputs = calloc(count, sizeof(char *));
    batch->failures = calloc(count, sizeof(char *));
    good = batch->outputs && batch->failures;
    for (int i = 0; good && i < options->input_count; i++)
        good = (batch->outputs[i] = make_name(batch, i)) != NULL;
    if (!good)
        fault_set(fault, "out of memory");
    if (good && check_names(batch, fault) && make_folder(options->out_dir, fault))
        return true;
    free_lists(batch);
    return false;
}

void batch_options(const struct batch *batch, int index, struct options *out)
{
    *out = *batch->options;
    out->input = batch->options->inputs[index];
    out->output = batch->outputs[index];
}

void batch_failed(struct batch *batch, int index, const char *why)
{
    batch->failures[index] = strdup(why);
    batch->failed++;
}

int batch_close(struct batch *batch)
{
    if (batch->failed)
        fprintf(stderr, "wcenc-encode: %d of %d files failed:\n", batch->failed, batch->options->input_count);
    for (int i = 0; i < batch->options->input_count; i++)
        if (batch->failures[i])
            fprintf(stderr, "  %s: %s\n", batch->options->inputs[i], batch->failures[i]);
    free_lists(batch);
    return batch->failed;
}
