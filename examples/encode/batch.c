/* SPDX-License-Identifier: MIT */

/* --out-dir. */

#include "batch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "codec_choice.h"
#include "interrupt.h"
#include "report.h"

enum { STATUS_FAILED = 1, STATUS_SIGNAL = 128 };

struct batch {
    const struct options *options;
    char **outputs;  /* names of files, one an input */
    char **failures; /* why an input failed; NULL: it did not */
    int failed;
};

/* The name of an input without its folder. */
static const char *input_title(const struct batch *batch, int index)
{
    const char *input = batch->options->inputs[index];
    const char *slash = strrchr(input, '/');

    return slash ? slash + 1 : input;
}

/* MP4 holds every codec but VP8. */
const char *batch_default_format(const struct options *options)
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
    const char *title = input_title(batch, index);
    const char *format = options->format ? options->format : batch_default_format(options);
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

/* False where two inputs would become one file, and there is nothing to free. */
static bool open_batch(struct batch *batch, const struct options *options, struct fault *fault)
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

static void add_failure(struct batch *batch, int index, const char *why)
{
    batch->failures[index] = strdup(why);
    batch->failed++;
}

static void list_failures(const struct batch *batch)
{
    if (batch->failed)
        fprintf(stderr, "wcenc-encode: %d of %d files failed:\n", batch->failed, batch->options->input_count);
    for (int i = 0; i < batch->options->input_count; i++)
        if (batch->failures[i])
            fprintf(stderr, "  %s: %s\n", batch->options->inputs[i], batch->failures[i]);
}

static void encode_one(struct batch *batch, int index, batch_encode encode)
{
    struct options options = *batch->options;
    struct fault why = {""};
    char title[80];

    options.input = batch->options->inputs[index];
    options.output = batch->outputs[index];
    snprintf(title, sizeof(title), "[%d/%d] %.40s", index + 1, options.input_count, input_title(batch, index));
    if (options.json)
        report_next_json_file(index == 0);
    if (encode(&options, title, &why) == STATUS_FAILED)
        add_failure(batch, index, fault_is_set(&why) ? why.text : "is damaged; what could be decoded was encoded");
}

int batch_run(const struct options *options, batch_encode encode, struct fault *fault)
{
    struct batch batch;
    int done = 0;
    int failed;

    if (!open_batch(&batch, options, fault)) {
        fprintf(stderr, "wcenc-encode: %s\n", fault->text);
        if (options->json)
            report_print_json_error(fault->text);
        return STATUS_FAILED;
    }
    if (options->json)
        report_begin_json_files();
    for (; done < options->input_count && !interrupt_signal(); done++)
        encode_one(&batch, done, encode);
    for (; done < options->input_count; done++)
        add_failure(&batch, done, "not encoded: interrupted");
    list_failures(&batch);
    if (options->json)
        report_end_json_files(batch.failed);
    failed = batch.failed;
    free_lists(&batch);
    return interrupt_signal() ? STATUS_SIGNAL + interrupt_signal() : failed ? STATUS_FAILED : 0;
}
