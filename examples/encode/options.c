/* SPDX-License-Identifier: MIT */

/* The command line, parsed by the table of options. */

#include "options.h"

#include <stdio.h>
#include <string.h>

#include "option_table.h"

#define MORE_HELP "(--help shows more)"

/* What people who know ffmpeg write, where no option has the same name. */
static const struct habit {
    const char *word;
    const char *instead;
} habits[] = {
    {"-c:v", "use --codec (-c)"},
    {"-codec:v", "use --codec (-c)"},
    {"-b:v", "use --bitrate (-b)"},
    {"-ss", "use --seek"},
    {"-to", "use --seek and --duration (-t)"},
    {"-vf", "there are no filters; use --size, --framerate or --deinterlace"},
    {"-filter:v", "there are no filters; use --size, --framerate or --deinterlace"},
    {"-filter_complex", "there are no filters; use --size, --framerate or --deinterlace"},
    {"-lavfi", "there are no filters; use --size, --framerate or --deinterlace"},
    {"-an", "use --no-audio"},
    {"-c:a", "audio is copied where the format of OUTPUT can hold it; leave it out with --no-audio"},
    {"-acodec", "audio is copied where the format of OUTPUT can hold it; leave it out with --no-audio"},
    {"-b:a", "audio is copied, not encoded; leave it out with --no-audio"},
    {"-bf", "use --b-frames"},
    {"-frames:v", "use --frames (-n)"},
    {"-vframes", "use --frames (-n)"},
    {"-tune", "use --content-hint, or --encoder-option tune=..."},
    {"-profile:v", "a codec string names profile and level: use -c avc1.4d401f, say"},
    {"-level", "a codec string names profile and level: use -c avc1.4d401f, say"},
    {"-pix_fmt", "the depth is that of INPUT; a codec string names another: use -c hvc1.2.4.L120.B0, say"},
    {"-x264-params", "use --encoder-option"},
    {"-x265-params", "use --encoder-option"},
    {"-svtav1-params", "use --encoder-option"},
    {"-maxrate", "with --crf, --bitrate is a cap; use --bitrate-mode constant for a channel of constant rate"},
    {"-bufsize", "use --bitrate-mode constant for a channel of constant rate"},
    {"-pass", "there is one pass; use --crf, or --bitrate"},
    {"-map", "the best video stream is encoded, and audio is copied; there is no choice of streams"},
    {"-vsync", "use --framerate (-r) for a constant framerate"},
    {"-fps_mode", "use --framerate (-r) for a constant framerate"},
    {"-loglevel", "use --quiet"},
    {"-hide_banner", "leave it out, there is no banner"},
    {"-movflags", "leave it out, MP4 is written in fragments where OUTPUT cannot seek"},
};

struct word {
    const char *text;     /* as it was typed */
    char name[64];        /* without dashes and argument */
    const char *argument; /* after '='; NULL: none */
};

static bool row_has_name(const struct option_row *row, const char *name)
{
    if (!row->name)
        return false;
    for (int i = 0; i < OPTION_ALIASES && row->aliases[i]; i++)
        if (!strcmp(row->aliases[i], name))
            return true;
    return !strcmp(row->name, name);
}

/* A row by its whole name, or by a beginning that no other row has. */
static const struct option_row *find_long(const char *name, bool may_be_short)
{
    const struct option_row *found = NULL;
    size_t length = strlen(name);
    int count = 0;

    for (size_t i = 0; i < option_row_count; i++)
        if (row_has_name(&option_rows[i], name))
            return &option_rows[i];
    for (size_t i = 0; may_be_short && length > 1 && i < option_row_count; i++) {
        if (option_rows[i].name && !strncmp(option_rows[i].name, name, length)) {
            found = &option_rows[i];
            count++;
        }
    }
    return count == 1 ? found : NULL;
}

static const struct option_row *find_letter(char letter)
{
    for (size_t i = 0; i < option_row_count; i++)
        if (option_rows[i].letter && option_rows[i].letter == letter)
            return &option_rows[i];
    return NULL;
}

/* Edits (one letter more, less or another) that make one word of the other. */
static size_t distance(const char *one, const char *other)
{
    enum { LENGTH_MOST = 32 };
    size_t row[LENGTH_MOST + 1];
    size_t length = strlen(other);

    if (length > LENGTH_MOST)
        return length;
    for (size_t k = 0; k <= length; k++)
        row[k] = k;
    for (size_t i = 1; one[i - 1]; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t k = 1; k <= length; k++) {
            size_t best = diagonal + (one[i - 1] != other[k - 1]);

            diagonal = row[k];
            if (row[k - 1] + 1 < best)
                best = row[k - 1] + 1;
            if (row[k] + 1 < best)
                best = row[k] + 1;
            row[k] = best;
        }
    }
    return row[length];
}

/* The name that is nearest, if it is near. */
static const char *guess(const char *name)
{
    size_t best = strlen(name) / 3 + 1;
    const char *found = NULL;

    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];

        if (!row->name)
            continue;
        if (distance(name, row->name) <= best) {
            best = distance(name, row->name);
            found = row->name;
        }
        for (int k = 0; k < OPTION_ALIASES && row->aliases[k]; k++) {
            if (distance(name, row->aliases[k]) < best) {
                best = distance(name, row->aliases[k]);
                found = row->name;
            }
        }
    }
    return found;
}

static bool fault_unknown(const struct word *word, struct fault *fault)
{
    const char *near = guess(word->name);

    if (near)
        return fault_set(fault, "unknown option '%s': did you mean --%s? " MORE_HELP, word->text, near);
    return fault_set(fault, "unknown option '%s' " MORE_HELP, word->text);
}

/* Long names with one dash: `-crf 23` would be the option -c with the argument "rf". True where the word is one. */
static bool is_habit(const struct word *word, struct fault *fault)
{
    const struct option_row *row = find_long(word->name, false);

    for (size_t i = 0; i < sizeof(habits) / sizeof(habits[0]); i++) {
        if (!strcmp(habits[i].word, word->text)) {
            fault_set(fault, "unknown option '%s': %s", word->text, habits[i].instead);
            return true;
        }
    }
    if (!row || strlen(word->name) < 2)
        return false;
    fault_set(fault, "unknown option '%s': use --%s", word->text, row->name);
    return true;
}

static bool store(const struct option_row *row, struct options *options, const char *argument, struct fault *fault)
{
    char valid[256];

    if (option_store(row, options, argument))
        return true;
    option_valid(row, valid, sizeof(valid));
    return fault_set(fault, "--%s: \"%s\" is not valid; use %s", row->name, argument ? argument : "", valid);
}

/* Stores an option whose argument is the rest of its word, or else the next word, which is then skipped. */
static bool store_with(const struct option_row *row, struct options *options, const char *argument, char ***next,
                       struct fault *fault)
{
    if (row->argument && !argument) {
        if (!**next)
            return fault_set(fault, "option '--%s' needs an argument, %s " MORE_HELP, row->name, row->argument);
        argument = *(*next)++;
    }
    if (!row->argument && argument)
        return fault_set(fault, "option '--%s' takes no argument, but \"%s\" was set", row->name, argument);
    return store(row, options, argument, fault);
}

static bool take_long(struct options *options, const struct word *word, char ***next, struct fault *fault)
{
    const struct option_row *row = find_long(word->name, true);

    return row ? store_with(row, options, word->argument, next, fault) : fault_unknown(word, fault);
}

/* -y, -yV, -n12, -n 12. */
static bool take_letters(struct options *options, const struct word *word, char ***next, struct fault *fault)
{
    if (is_habit(word, fault))
        return false;
    for (const char *letter = word->text + 1; *letter; letter++) {
        const struct option_row *row = find_letter(*letter);

        if (!row)
            return fault_unknown(word, fault);
        if (row->argument)
            return store_with(row, options, letter[1] ? letter + 1 : NULL, next, fault);
        if (!store(row, options, NULL, fault))
            return false;
    }
    return true;
}

static struct word split(const char *text)
{
    struct word word = {.text = text};
    const char *name = text + strspn(text, "-");
    const char *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);

    snprintf(word.name, sizeof(word.name), "%.*s", length < sizeof(word.name) ? (int)length : 63, name);
    word.argument = equals ? equals + 1 : NULL;
    return word;
}

/* INPUT and OUTPUT, in this order, as far as -i, -o and --test-scene leave them open. */
static bool take_positionals(struct options *options, int count, char **words, struct fault *fault)
{
    bool needs_input = !options->input && !options->test_scene;
    bool only_index = options->index && !options->groups[1];

    if (options->test_scene && (options->input || count > !options->output))
        return fault_set(fault, "--test-scene is encoded instead of an INPUT: '%s' cannot be read as well",
                         options->input ? options->input : words[0]);
    if (count > needs_input + !options->output)
        return fault_set(fault, "too many arguments, starting with '%s' " MORE_HELP,
                         words[needs_input + !options->output]);
    if (needs_input && count > 0) {
        options->input = *words++;
        count--;
    }
    if (!options->output && count > 0)
        options->output = *words;
    if (options->input && !options->output && only_index)
        return true;
    if (options->input && !options->output)
        return fault_set(fault,
                         "only '%s' is named, INPUT and OUTPUT are needed: wcenc-encode %s -o OUTPUT "
                         "(--test-scene encodes a scene that needs no INPUT)",
                         options->input, options->input);
    if (!options->input && !options->test_scene)
        return fault_set(fault, "INPUT is missing: a file, - for standard input, or --test-scene " MORE_HELP);
    if (!options->output)
        return fault_set(fault, "OUTPUT is missing: name it with -o " MORE_HELP);
    if (!strcmp(options->output, "-"))
        options->output = "/dev/stdout";
    return true;
}

/* All words are inputs. */
static bool take_inputs(struct options *options, int count, char **words, struct fault *fault)
{
    if (options->output)
        return fault_set(fault, "--out-dir names the outputs: leave out -o %s", options->output);
    if (options->test_scene || options->input)
        return fault_set(fault, "--out-dir takes its inputs as words after the options: leave out %s",
                         options->test_scene ? "--test-scene" : "-i");
    if (options->source_y4m)
        return fault_set(fault, "--source-y4m is for one output, not for --out-dir");
    if (count == 0)
        return fault_set(fault, "INPUT is missing: name the files to encode into %s " MORE_HELP, options->out_dir);
    options->inputs = words;
    options->input_count = count;
    return true;
}

/* All words are parts, and INPUT is only named to read what is beside the video. */
static bool take_parts(struct options *options, int count, char **words, struct fault *fault)
{
    if (options->output || options->out_dir)
        return fault_set(fault, "--join names the output: leave out %s%s", options->output ? "-o " : "--out-dir ",
                         options->output ? options->output : options->out_dir);
    if (options->test_scene || options->groups[1])
        return fault_set(fault, "--join encodes nothing: leave out %s",
                         options->test_scene ? "--test-scene" : "--groups");
    for (size_t i = 0, is_stream = 0; i < option_row_count; i++) {
        char value[1100];

        if (option_rows[i].kind == KIND_HEADING)
            is_stream = option_rows[i].makes_stream;
        else if (is_stream && option_print(&option_rows[i], options, value, sizeof(value)))
            return fault_set(fault, "--join encodes nothing: leave out --%s, which the parts were made with or without",
                             option_rows[i].name);
    }
    if (count == 0)
        return fault_set(fault, "the parts are missing: name the files that --groups wrote " MORE_HELP);
    options->inputs = words;
    options->input_count = count;
    if (!strcmp(options->join, "-"))
        options->join = "/dev/stdout";
    return true;
}

/* Each of the options that a mode needs implies it, and excludes the others. */
static bool check_bitrate_mode(struct options *options, struct fault *fault)
{
    enum { QUALITY_WORD = 3 };

    if (options->has_quantizer && options->has_crf)
        return fault_set(fault, "--crf and --quantizer exclude each other: use one of them");
    if (!options->has_bitrate_mode && options->has_quantizer)
        options->bitrate_mode = WCENC_BITRATE_QUANTIZER;
    if (options->bitrate_mode == QUALITY_WORD || (!options->has_bitrate_mode && options->has_crf))
        options->bitrate_mode = WCENC_BITRATE_CONSTANT_QUALITY;
    if (options->has_quantizer && options->bitrate_mode != WCENC_BITRATE_QUANTIZER)
        return fault_set(fault, "--quantizer needs --bitrate-mode quantizer");
    if (options->has_crf && options->bitrate_mode != WCENC_BITRATE_CONSTANT_QUALITY)
        return fault_set(fault, "--crf needs --bitrate-mode quality");
    if (options->bitrate_mode == WCENC_BITRATE_QUANTIZER && !options->has_quantizer)
        return fault_set(fault, "--bitrate-mode quantizer needs --quantizer");
    return true;
}

static bool check_groups(const struct options *options, struct fault *fault)
{
    if (options->index && options->test_scene)
        return fault_set(fault, "--index is for an INPUT, not for the test scene");
    if (!options->groups[1])
        return !options->index || !options->output ||
               fault_set(fault, "--index is for --groups, or alone: leave out -o %s", options->output);
    if (options->out_dir)
        return fault_set(fault, "--groups makes a part of one INPUT: leave out --out-dir");
    if (options->compare)
        return fault_set(fault, "--compare is for whole files, not for a part");
    if (options->input && !strcmp(options->input, "-"))
        return fault_set(fault, "--groups: standard input cannot be cut, since each part reads INPUT; name a file");
    return true;
}

static bool check_combinations(struct options *options, struct fault *fault)
{
    if (!check_groups(options, fault))
        return false;
    if (options->test_scene && options->seek > 0)
        return fault_set(fault, "--seek is for an INPUT, not for the test scene");
    if (options->test_scene && options->deinterlace)
        return fault_set(fault, "--deinterlace is for an INPUT: the test scene is progressive");
    if (options->compare && options->input && !strcmp(options->input, "-"))
        return fault_set(fault, "--compare reads INPUT twice, which standard input cannot be");
    if (options->compare && options->output && !strcmp(options->output, "/dev/stdout"))
        return fault_set(fault, "--compare reads OUTPUT again, which standard output cannot be");
    return check_bitrate_mode(options, fault);
}

/* Words that are no options move to the front of argv + 1, in their order. */
bool options_parse(struct options *options, int argc, char **argv, struct fault *fault)
{
    char **next = argv + (argc > 0);
    char **positional = next;
    int count = 0;
    bool only_names = false;

    memset(options, 0, sizeof(*options));
    while (*next) {
        const struct word word = split(*next++);
        bool is_option = !only_names && word.text[0] == '-' && word.text[1];

        if (!is_option)
            positional[count++] = next[-1];
        else if (!strcmp(word.text, "--"))
            only_names = true;
        else if (!(word.text[1] == '-' ? take_long : take_letters)(options, &word, &next, fault))
            return false;
    }
    if (options->action != ACTION_ENCODE)
        return true;
    if (options->join)
        return take_parts(options, count, positional, fault);
    return (options->out_dir ? take_inputs : take_positionals)(options, count, positional, fault) &&
           check_combinations(options, fault);
}
