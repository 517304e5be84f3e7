/* SPDX-License-Identifier: MIT */

/* Which FFmpeg and which codec libraries are loaded, and whether the library can use that FFmpeg. */

#define _GNU_SOURCE

#include "ffmpeg_version.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libswscale/swscale.h>

#include <wcenc/info.h>
#include <wcenc/version.h>

#include "compiler.h"
#include "process.h"

static const struct {
    const char *name;
    unsigned (*loaded)(void);
    unsigned built;
} libraries[] = {
    {"libavcodec", avcodec_version, LIBAVCODEC_VERSION_INT},
    {"libavutil", avutil_version, LIBAVUTIL_VERSION_INT},
    {"libswscale", swscale_version, LIBSWSCALE_VERSION_INT},
};

bool wcenc__ffmpeg_check(struct failure *failure)
{
    for (size_t i = 0; i < ARRAY_LENGTH(libraries); i++) {
        const unsigned loaded = AV_VERSION_MAJOR(libraries[i].loaded()), built = AV_VERSION_MAJOR(libraries[i].built);

        if (loaded != built)
            return wcenc__refuse(failure,
                                 "%s %u is loaded, and libwcenc was built with %s %u; load that version or rebuild",
                                 libraries[i].name, loaded, libraries[i].name, built);
    }
    return true;
}

/* wcenc_build_info */

struct text {
    char bytes[1024];
    size_t length;
};

static void append(struct text *text, const char *format, ...) PRINTF_LIKE(2, 3);

static void append(struct text *text, const char *format, ...)
{
    const size_t room = sizeof text->bytes - text->length;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text->bytes + text->length, room, format, arguments);
    va_end(arguments);
    if (length > 0)
        text->length += (size_t)length < room ? (size_t)length : room - 1;
}

static void append_version(struct text *text, unsigned version)
{
    append(text, "%u.%u.%u", AV_VERSION_MAJOR(version), AV_VERSION_MINOR(version), AV_VERSION_MICRO(version));
}

static void append_ffmpeg(struct text *text)
{
    append(text, "; FFmpeg %s; ", av_version_info());
    for (size_t i = 0; i < ARRAY_LENGTH(libraries); i++) {
        append(text, "%s%s ", i > 0 ? ", " : "", libraries[i].name);
        append_version(text, libraries[i].loaded());
        if (libraries[i].loaded() == libraries[i].built)
            continue;
        append(text, " (built with ");
        append_version(text, libraries[i].built);
        append(text, ")");
    }
}

/* How a codec library says its version. It is asked without being linked: builds may be without it. */
enum version_kind { VERSION_FUNCTION, VERSION_STRING, VERSION_NUMBERS };

static const struct {
    const char *name;
    const char *symbol;
    enum version_kind kind;
} codec_libraries[] = {
    {"libx265", "x265_version_str", VERSION_STRING},       {"libvpx", "vpx_codec_version_str", VERSION_FUNCTION},
    {"libaom", "aom_codec_version_str", VERSION_FUNCTION}, {"rav1e", "rav1e_version_full", VERSION_FUNCTION},
    {"SVT-AV1", "svt_av1_get_version", VERSION_FUNCTION},  {"OpenH264", "WelsGetCodecVersionEx", VERSION_NUMBERS},
};

/* The last of the four is reserved. */
static void append_numbers(struct text *text, void *address)
{
    void (*function)(unsigned numbers[4]);
    unsigned numbers[4] = {0};

    memcpy(&function, &address, sizeof function);
    function(numbers);
    append(text, "%u.%u.%u", numbers[0], numbers[1], numbers[2]);
}

static void append_codec_version(struct text *text, void *address, enum version_kind kind)
{
    const char *(*function)(void);

    switch (kind) {
    case VERSION_FUNCTION:
        memcpy(&function, &address, sizeof function);
        append(text, "%s", function());
        break;
    case VERSION_STRING:
        append(text, "%s", *(const char **)address);
        break;
    case VERSION_NUMBERS:
        append_numbers(text, address);
        break;
    }
}

/* Nothing in libx264 says its version but the name of one function. */
static int find_x264(void)
{
    enum { FIRST = 148, LAST = 300 };

    for (int build = FIRST; build <= LAST; build++) {
        char symbol[32];

        (void)snprintf(symbol, sizeof symbol, "x264_encoder_open_%d", build);
        if (dlsym(RTLD_DEFAULT, symbol))
            return build;
    }
    return 0;
}

static void append_codec_libraries(struct text *text)
{
    const char *separator = "; ";
    const int x264 = find_x264();

    if (x264) {
        append(text, "%slibx264 %d", separator, x264);
        separator = ", ";
    }
    for (size_t i = 0; i < ARRAY_LENGTH(codec_libraries); i++) {
        void *address = dlsym(RTLD_DEFAULT, codec_libraries[i].symbol);

        if (!address)
            continue;
        append(text, "%s%s ", separator, codec_libraries[i].name);
        append_codec_version(text, address, codec_libraries[i].kind);
        separator = ", ";
    }
}

const char *wcenc_build_info(void)
{
    static struct text text;

    wcenc__process_lock(PROCESS_LOCK_INFO);
    if (text.length == 0) {
        append(&text, "libwcenc %s", wcenc_version_string());
        append_ffmpeg(&text);
        append_codec_libraries(&text);
    }
    wcenc__process_unlock(PROCESS_LOCK_INFO);
    return text.bytes;
}
