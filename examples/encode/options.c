/* SPDX-License-Identifier: MIT */

/*
 * The command line: one table of options, from which both getopt's arrays and the help are made. A new option is a row
 * here, a setter in option_setters.c, and a member of struct options.
 */

#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "option_setters.h"

struct option_row {
    const char *name;     /* NULL: `help` is the heading of a group */
    const char *argument; /* NULL: takes none */
    const char *valid; /* which arguments are, for the message about one that is not; NULL: any text but an empty one */
    const char *help;  /* NULL: another name of the row before */
    setter set;
    char letter; /* 0: none */
};

static const struct option_row rows[] = {
    {NULL, NULL, NULL, "Files", NULL, 0},
    {"input", "FILE", NULL, "another way to name INPUT", set_input, 'i'},
    {"test-scene", NULL, NULL, "draw a moving test scene instead of reading INPUT", set_test_scene, 0},
    {"output", "FILE", NULL, "another way to name OUTPUT", set_output, 'o'},
    {"format", "FORMAT", NULL,
     "format of OUTPUT, such as mp4, where its name does not end in one: for /dev/stdout, say\n"
     "(what cannot seek takes .mp4 and .mov in fragments, and is written without -y)",
     set_format, 'f'},
    {"force", NULL, NULL, "replace files that exist (default: refuse)", set_overwrite, 'y'},
    {"overwrite", NULL, NULL, NULL, set_overwrite, 0},
    {"source-y4m", "FILE", NULL,
     "also write the frames as they are before encoding, as YUV4MPEG2, to compare with\n"
     "(RGB and other formats that it does not have as 4:2:0)",
     set_source_y4m, 0},

    {NULL, NULL, NULL, "Codec", NULL, 0},
    {"codec", "CODEC", NULL,
     "codec string such as avc1.640028, or h264, hevc, vp8, vp9, av1 for one that fits size,\n"
     "rate and depth of the source (default: what the format of OUTPUT suggests)",
     set_codec, 'c'},
    {"encoder", "NAME", NULL, "encoder of FFmpeg, such as libx264 (default: the best one available)", set_encoder, 'e'},
    {"encoder-option", "K=V", "K=V, at most 1000 characters in all",
     "option of that encoder; may be repeated, or joined with ':' (a backslash takes\n"
     "the next character literally)",
     add_encoder_options, 0},
    {"encoder-options", "K=V", "K=V, at most 1000 characters in all", NULL, add_encoder_options, 0},
    {"threads", "N", "0 to 1024", "threads for encoding (default: 0, as many as there are CPUs)", set_threads, 0},
    {"annexb", NULL, NULL, "H.264 and HEVC with start codes (implied by, and only for, raw files)", set_annexb, 0},

    {NULL, NULL, NULL, "Picture", NULL, 0},
    {"size", "WxH", "WIDTHxHEIGHT, each from 1 to 65536",
     "size to encode at (default: the source's; of the test scene 1280x720)", set_size, 's'},
    {"framerate", "RATE", "a number such as 30, or a fraction such as 30000/1001",
     "frames per second, 30 or 30000/1001: of the test scene, and what rate control assumes\n"
     "(default: the source's; of the test scene 30)",
     set_framerate, 'r'},
    {"alpha", "WHAT", "discard or keep", "discard, or keep: VP8 and VP9, into .webm or .mkv (default: discard)",
     set_alpha, 0},
    {"frames", "N", "1 to 4294967295", "stop after so many frames (default: all)", set_frames, 'n'},
    {"duration", "SECONDS", "seconds, from 0.001 to 10000000",
     "length of the test scene (default: 5), or the most to take of INPUT (default: all)", set_duration, 't'},

    {NULL, NULL, NULL, "Rate", NULL, 0},
    {"bitrate", "RATE", "bits per second, such as 800k, 2.5M or 2500000, from 1 to 1e12",
     "bits per second, with k or M for thousands or millions (default: chosen by the library)", set_bitrate, 'b'},
    {"bitrate-mode", "MODE", "variable, constant or quantizer",
     "variable, constant or quantizer (default: variable; quantizer with --quantizer)", set_bitrate_mode, 0},
    {"quantizer", "N", "0 to 255",
     "quantizer of every frame, lower is better: 0 to 51 for H.264 and HEVC (63 at 10 bits), 0 to 255 for VP9\n"
     "and AV1 (default: none)",
     set_quantizer, 'q'},
    {"latency", "MODE", "quality or realtime", "quality or realtime (default: quality)", set_latency, 'l'},
    {"key-interval", "N", "0 to 2147483647",
     "a key frame at least every so many frames (default: 0, ten seconds, at most 300)", set_key_interval, 'g'},
    {"max-b-frames", "N", "0 to 16", "B-frames in a row (default: 0)", set_max_b_frames, 0},
    {"scalability-mode", "MODE", NULL, "temporal layers: L1T2 or L1T3, for VP8 and VP9 (default: L1T1)",
     set_scalability_mode, 0},
    {"content-hint", "HINT", NULL, "motion, detail or text: what the pictures show (default: none)", set_content_hint,
     0},

    {NULL, NULL, NULL, "Messages", NULL, 0},
    {"quiet", NULL, NULL, "no progress and no summary, only errors, warnings and notes", set_quiet, 0},
    {"json", NULL, NULL, "the summary as one JSON object on standard output, with the notes", set_json, 0},
    {"list", NULL, NULL, "tell which codec strings and encoders work here, and exit", set_list, 0},
    {"version", NULL, NULL, "print versions, and exit", set_version, 'V'},
    {"help", NULL, NULL, "print this, and exit", set_help, 'h'},
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

void options_print_help(void)
{
    printf(
        "Usage: wcenc-encode [OPTION]... INPUT -o OUTPUT\n"
        "       wcenc-encode [OPTION]... --test-scene -o OUTPUT\n"
        "Encodes a video with libwcenc. INPUT is a file that FFmpeg reads, or - for YUV4MPEG2 on standard input.\n"
        "OUTPUT's extension chooses its format: .mp4 .m4v .mov .mkv .webm .ivf .h264 .264 .avc .h265 .265 .hevc .obu\n"
        "-o may be left out where INPUT comes before OUTPUT.\n");
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct option_row *row = &rows[i];
        char left[48];

        if (!row->help)
            continue;
        if (!row->name) {
            printf("\n%s:\n", row->help);
            continue;
        }
        snprintf(left, sizeof(left), "  %c%c%s--%s%s%s", row->letter ? '-' : ' ', row->letter ? row->letter : ' ',
                 row->letter ? ", " : "  ", row->name, row->argument ? " " : "", row->argument ? row->argument : "");
        printf("%-32s", left);
        for (const char *text = row->help; *text; text++) {
            putchar(*text);
            if (*text == '\n')
                printf("%32s", "");
        }
        putchar('\n');
    }
    printf(
        "\nTimestamps are those of INPUT, counted from its first frame. Where they step back, or leave a gap (of more "
        "than\n"
        "10 seconds in formats that are recorded or joined in pieces, such as .ts and .mpg, of 10 minutes in others), "
        "the\n"
        "output goes on from the end of the frame before. Frames that cannot be decoded are left out and counted.\n"
        "\nOUTPUT appears when it is complete; until then it is OUTPUT.PID.part beside it, and what was there before\n"
        "stays. The first Ctrl-C stops reading and finishes the file, the second quits at once and leaves no file.\n"
        "Exit status: 0 done; 1 failed, or done but INPUT was damaged; 2 wrong usage; 130 or 143 interrupted.\n");
}

/* getopt_long's arrays; a row is found again by the value 256 + its index. */
static void make_getopt(struct option *longs, char *shorts)
{
    size_t count = 0;

    /* ':' first: getopt tells a missing argument from an unknown option, and prints nothing. */
    *shorts++ = ':';
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (!rows[i].name)
            continue;
        longs[count++] =
            (struct option){rows[i].name, rows[i].argument ? required_argument : no_argument, NULL, 256 + (int)i};
        if (!rows[i].letter)
            continue;
        *shorts++ = rows[i].letter;
        if (rows[i].argument)
            *shorts++ = ':';
    }
    longs[count] = (struct option){NULL, 0, NULL, 0};
    *shorts = '\0';
}

static const struct option_row *find_row(int found)
{
    if (found >= 256)
        return &rows[found - 256];
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].letter && rows[i].letter == found)
            return &rows[i];
    return NULL;
}

/* INPUT and OUTPUT, in this order, as far as -i, -o and --test-scene leave them open. */
static bool take_positionals(struct options *options, int count, char **words, struct fault *fault)
{
    bool needs_input = !options->input && !options->test_scene;

    if (options->test_scene && (options->input || count > !options->output))
        return fault_set(fault, "--test-scene is encoded instead of an INPUT: '%s' cannot be read as well",
                         options->input ? options->input : words[0]);
    if (count > needs_input + !options->output)
        return fault_set(fault, "too many arguments, starting with '%s' (--help tells more)",
                         words[needs_input + !options->output]);
    if (needs_input && count > 0) {
        options->input = *words++;
        count--;
    }
    if (!options->output && count > 0)
        options->output = *words;
    if (options->input && !options->output)
        return fault_set(fault,
                         "only '%s' is named, INPUT and OUTPUT are needed: wcenc-encode %s -o OUTPUT "
                         "(--test-scene encodes a scene that needs no INPUT)",
                         options->input, options->input);
    if (!options->input && !options->test_scene)
        return fault_set(fault, "INPUT is missing: a file, - for standard input, or --test-scene (--help tells more)");
    if (!options->output)
        return fault_set(fault, "OUTPUT is missing: name it with -o (--help tells more)");
    if (!strcmp(options->output, "-"))
        return fault_set(fault, "OUTPUT is a file: for standard output use /dev/stdout with -f FORMAT");
    return true;
}

static bool check_combinations(struct options *options, struct fault *fault)
{
    if (options->has_quantizer && !options->has_bitrate_mode)
        options->bitrate_mode = WCENC_BITRATE_QUANTIZER;
    if (options->has_quantizer && options->bitrate_mode != WCENC_BITRATE_QUANTIZER)
        return fault_set(fault, "--quantizer needs --bitrate-mode quantizer");
    if (options->bitrate_mode == WCENC_BITRATE_QUANTIZER && !options->has_quantizer)
        return fault_set(fault, "--bitrate-mode quantizer needs --quantizer");
    return true;
}

bool options_parse(struct options *options, int argc, char **argv, struct fault *fault)
{
    struct option longs[ROW_COUNT + 1];
    char shorts[2 * ROW_COUNT + 2];
    int found;

    memset(options, 0, sizeof(*options));
    make_getopt(longs, shorts);
    while ((found = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        const struct option_row *row = found == ':' || found == '?' ? NULL : find_row(found);

        if (found == ':')
            return fault_set(fault, "option '%s' needs an argument (--help tells more)", argv[optind - 1]);
        if (!row && optopt > 0 && optopt < 256)
            return fault_set(fault, "unknown option '-%c' (--help tells more)", optopt);
        if (!row)
            return fault_set(fault, "unknown option '%s' (--help tells more)", argv[optind - 1]);
        if (!row->set(options, optarg))
            return fault_set(fault, "--%s: \"%s\" is not valid; use %s", row->name, optarg,
                             row->valid ? row->valid : "a text that is not empty");
    }
    if (options->action != ACTION_ENCODE)
        return true;
    return take_positionals(options, argc - optind, argv + optind, fault) && check_combinations(options, fault);
}
