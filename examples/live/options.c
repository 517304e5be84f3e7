/* SPDX-License-Identifier: MIT */

#include "options.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static const char help[] =
    "usage: wcenc-live [OPTION]...\n"
    "Encodes a screen or a test scene once, for every browser that watches.\n"
    "\n"
    "  --listen ADDRESS       listen there; default 127.0.0.1, which is this machine only\n"
    "  --port PORT            default 8090; 0: any that is free\n"
    "  --token TOKEN          viewers need it; required beyond loopback addresses\n"
    "  --control-token TOKEN  viewers that have it too control mouse and keyboard; needs --display\n"
    "                         A token has 16 to 128 of the characters A-Z a-z 0-9 - . _ ~\n"
    "                         @FILE instead of a token: the first line of that file\n"
    "  --origin ORIGIN        accept viewers of a page from there, such as https://live.example.org;\n"
    "                         may be repeated\n"
    "  --max-viewers N        default 32\n"
    "  --display DISPLAY      capture that X11 screen, such as :0; default: a test scene\n"
    "  --codec CODEC          vp8, vp9, h264 or av1; default vp9\n"
    "  --encoder NAME         default: the library chooses\n"
    "  --size WxH             of the stream; default: that of the screen, 1280x720 of the scene\n"
    "  --framerate RATE       1 to 120; default 30\n"
    "  --bitrate BITS         per second, at first; default 2500k\n"
    "  --min-bitrate BITS     default 150k\n"
    "  --max-bitrate BITS     default: twice the bitrate\n"
    "  --layers N             temporal layers, 1 to 3, where the encoder has them; default 3\n"
    "  --effort N             -2, the fastest, to 2; default 0\n"
    "  --help                 print this\n";

static _Noreturn void wrong(const char *option, const char *value, const char *right)
{
    char why[256];

    snprintf(why, sizeof(why), "\"%s\" is not valid; use %s", value, right);
    fail(option, why);
}

static double number(const char *option, const char *text, double least, double most)
{
    char *end, right[64];
    double value = strtod(text, &end);

    if (*end == 'k' || *end == 'M') {
        value *= *end == 'k' ? 1e3 : 1e6;
        end++;
    }
    if (end == text || *end != '\0' || !isfinite(value) || value < least || value > most) {
        snprintf(right, sizeof(right), "a number from %g to %g", least, most);
        wrong(option, text, right);
    }
    return value;
}

static long whole(const char *option, const char *text, long least, long most)
{
    double value = number(option, text, (double)least, (double)most);

    if (value != floor(value))
        wrong(option, text, "a whole number");
    return (long)value;
}

/* Copies a token, and blanks the argument, which everybody on the machine can read in a list of processes. */
static void take_token(const char *option, char *text, char token[ACCESS_TOKEN_MAX + 1])
{
    char line[ACCESS_TOKEN_MAX + 2] = "";

    if (text[0] == '@') {
        FILE *file = fopen(text + 1, "r");

        if (!file || !fgets(line, sizeof(line), file))
            fail(text + 1, "cannot be read");
        fclose(file);
        line[strcspn(line, "\r\n")] = '\0';
    } else {
        snprintf(line, sizeof(line), "%s", strlen(text) > ACCESS_TOKEN_MAX ? "" : text);
        memset(text, '*', strlen(text));
    }
    if (!access_token_is_valid(line))
        fail(option, "the token is not valid; use 16 to 128 of the characters A-Z a-z 0-9 - . _ ~");
    memcpy(token, line, strlen(line));
}

static void take_size(const char *text, struct options *options)
{
    unsigned width, height;
    char rest;

    if (sscanf(text, "%5ux%5u%c", &width, &height, &rest) != 2 || width < 16 || height < 16 || width > 8192 ||
        height > 8192 || width % 2 != 0 || height % 2 != 0)
        wrong("--size", text, "two even numbers from 16 to 8192, such as 1280x720");
    options->width = width;
    options->height = height;
}

static wcenc_codec codec_from(const char *name)
{
    static const struct {
        const char *name;
        wcenc_codec codec;
    } codecs[] = {
        {"vp8", WCENC_CODEC_VP8}, {"vp9", WCENC_CODEC_VP9}, {"h264", WCENC_CODEC_H264}, {"av1", WCENC_CODEC_AV1}};

    for (size_t i = 0; i < sizeof(codecs) / sizeof(*codecs); i++)
        if (strcmp(name, codecs[i].name) == 0)
            return codecs[i].codec;
    wrong("--codec", name, "vp8, vp9, h264 or av1");
}

static void add_origin(struct access *access, const char *origin)
{
    if (access->origin_count == ACCESS_ORIGINS_MAX)
        fail("--origin", "there are too many");
    if ((strncmp(origin, "http://", 7) != 0 && strncmp(origin, "https://", 8) != 0) ||
        strchr(strstr(origin, "//") + 2, '/'))
        wrong("--origin", origin, "scheme and host without a path, such as https://live.example.org");
    access->origins[access->origin_count++] = origin;
}

enum {
    LISTEN,
    PORT,
    TOKEN,
    CONTROL,
    ORIGIN,
    VIEWERS,
    DISPLAY,
    CODEC,
    ENCODER,
    SIZE,
    RATE,
    BITRATE,
    MIN,
    MAX,
    LAYERS,
    EFFORT,
    HELP
};

static const struct option names[] = {{"listen", required_argument, NULL, LISTEN},
                                      {"port", required_argument, NULL, PORT},
                                      {"token", required_argument, NULL, TOKEN},
                                      {"control-token", required_argument, NULL, CONTROL},
                                      {"origin", required_argument, NULL, ORIGIN},
                                      {"max-viewers", required_argument, NULL, VIEWERS},
                                      {"display", required_argument, NULL, DISPLAY},
                                      {"codec", required_argument, NULL, CODEC},
                                      {"encoder", required_argument, NULL, ENCODER},
                                      {"size", required_argument, NULL, SIZE},
                                      {"framerate", required_argument, NULL, RATE},
                                      {"bitrate", required_argument, NULL, BITRATE},
                                      {"min-bitrate", required_argument, NULL, MIN},
                                      {"max-bitrate", required_argument, NULL, MAX},
                                      {"layers", required_argument, NULL, LAYERS},
                                      {"effort", required_argument, NULL, EFFORT},
                                      {"help", no_argument, NULL, HELP},
                                      {0}};

static void take(struct options *options, int option, char *value)
{
    switch (option) {
    case LISTEN:
        options->listen = strcmp(value, "localhost") == 0 ? "127.0.0.1" : value;
        break;
    case PORT:
        options->port = (int)whole("--port", value, 0, 65535);
        break;
    case TOKEN:
        take_token("--token", value, options->access.token);
        break;
    case CONTROL:
        take_token("--control-token", value, options->access.control);
        break;
    case ORIGIN:
        add_origin(&options->access, value);
        break;
    case VIEWERS:
        options->max_viewers = (unsigned)whole("--max-viewers", value, 1, 1000);
        break;
    case DISPLAY:
        options->display = value;
        break;
    case CODEC:
        options->codec = codec_from(value);
        break;
    case ENCODER:
        options->encoder = value;
        break;
    case SIZE:
        take_size(value, options);
        break;
    case RATE:
        options->framerate = number("--framerate", value, 1, 120);
        break;
    case BITRATE:
        options->bitrate = (uint64_t)number("--bitrate", value, 1e4, 1e9);
        break;
    case MIN:
        options->min_bitrate = (uint64_t)number("--min-bitrate", value, 1e4, 1e9);
        break;
    case MAX:
        options->max_bitrate = (uint64_t)number("--max-bitrate", value, 1e4, 1e9);
        break;
    case LAYERS:
        options->layers = (unsigned)whole("--layers", value, 1, 3);
        break;
    case EFFORT:
        options->effort = (int)whole("--effort", value, -2, 2);
        break;
    case HELP:
        fputs(help, stdout);
        exit(EXIT_SUCCESS);
    default: /* getopt has said what is wrong */
        fputs("wcenc-live --help lists the options\n", stderr);
        exit(EXIT_FAILURE);
    }
}

static void check_together(struct options *options)
{
    const struct access *access = &options->access;

    if (!access_is_loopback(options->listen) && access->token[0] == '\0')
        fail("--listen", "beyond loopback addresses viewers need a token; add --token");
    if (access->control[0] != '\0' && !options->display)
        fail("--control-token", "there is nothing to control; add --display");
    if (options->max_bitrate == 0)
        options->max_bitrate = 2 * options->bitrate;
    if (options->min_bitrate > options->bitrate)
        options->min_bitrate = options->bitrate;
    if (options->max_bitrate < options->bitrate)
        fail("--max-bitrate", "it is less than the bitrate at first");
}

void options_parse(struct options *options, int argc, char **argv)
{
    int option;

    *options = (struct options){.listen = "127.0.0.1",
                                .port = 8090,
                                .max_viewers = 32,
                                .codec = WCENC_CODEC_VP9,
                                .framerate = 30,
                                .bitrate = 2500000,
                                .min_bitrate = 150000,
                                .layers = 3};
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1)
        take(options, option, optarg);
    if (optind < argc)
        fail(argv[optind], "is not an option");
    check_together(options);
}
