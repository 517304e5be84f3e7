/* SPDX-License-Identifier: MIT */

/*
 * The names in encoder_options, read as FFmpeg and the encoders read them: with quotes, escapes and white space undone,
 * and the spellings of a name that are the same to an encoder made one.
 */

#include "options.h"

#include <string.h>

#include <libavutil/mem.h>
#include <libavutil/opt.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static char plain(char c)
{
    return (char)(c == '_' ? '-' : c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

const char *wcenc__lavc_read_name(const char *at, char name[OPTION_NAME_SIZE])
{
    size_t length = 0, end = 0; /* `end` is behind the last character that is no white space */
    bool quoted = false;

    while (is_space(*at))
        at++;
    for (; *at && (quoted || (*at != '=' && *at != ':')); at++) {
        bool escaped = !quoted && *at == '\\' && at[1];

        if (*at == '\'') {
            quoted = !quoted;
            continue;
        }
        at += escaped;
        if (length + 1 < OPTION_NAME_SIZE)
            name[length++] = plain(*at);
        if (escaped || quoted || !is_space(*at))
            end = length;
    }
    name[end] = '\0';
    return at;
}

/* Behind the value of a pair, and the separators behind that. */
static const char *skip_value(const char *at)
{
    bool quoted = false;

    for (; *at && (quoted || *at != ':'); at++) {
        quoted = quoted != (*at == '\'');
        at += !quoted && *at == '\\' && at[1];
    }
    return at + strspn(at, ":");
}

bool wcenc__lavc_next_name(const char **list, char name[OPTION_NAME_SIZE])
{
    if (!**list)
        return false;
    *list = skip_value(wcenc__lavc_read_name(*list, name));
    return true;
}

bool wcenc__lavc_is_among(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

bool wcenc__lavc_is_inner(const char *name, const char *const *names)
{
    /* x264 takes "nombtree" and "no-mbtree", x265 "--no-cutree". */
    static const char *const prefixes[] = {"--no-", "--", "no-", "no"};

    if (wcenc__lavc_is_among(name, names))
        return true;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t length = strlen(prefixes[i]);

        if (strncmp(name, prefixes[i], length) == 0 && wcenc__lavc_is_among(name + length, names))
            return true;
    }
    return false;
}

bool wcenc__lavc_is_list(const char *name)
{
    static const char *const lists[] = {"x264-params", "x264opts",      "x264-opts",    "x265-params",
                                        "aom-params",  "svtav1-params", "rav1e-params", NULL};

    return wcenc__lavc_is_among(name, lists);
}

bool wcenc__lavc_options_name(const char *options, const char *const *names)
{
    char name[OPTION_NAME_SIZE];

    while (options && wcenc__lavc_next_name(&options, name))
        if (wcenc__lavc_is_among(name, names))
            return true;
    return false;
}

int wcenc__lavc_find_option(const char *options, const char *const *names, char found[OPTION_NAME_SIZE])
{
    int result = 0;

    while (options && *options && result == 0) {
        char *key = NULL, *value = NULL;
        int error = av_opt_get_key_value(&options, "=", ":", 0, &key, &value);

        if (error < 0)
            return error;
        options += strspn(options, ":");
        (void)wcenc__lavc_read_name(key, found);
        result = wcenc__lavc_is_among(found, names);
        if (!result && wcenc__lavc_is_list(found))
            for (const char *list = value; !result && wcenc__lavc_next_name(&list, found);)
                result = wcenc__lavc_is_inner(found, names);
        av_free(key);
        av_free(value);
    }
    return result;
}
