/* SPDX-License-Identifier: MIT */

/*
 * Prints docs/codecs.md from the tables of the library: families, profiles, candidates, encoders and their options. It
 * opens no encoder and asks FFmpeg nothing, so that the document is the same everywhere. Fails where a table has
 * something that it cannot put into words.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wcenc/wcenc.h>

#include "compiler.h"
#include "profiles.h"
#include "color_space.h"
#include "registry.h"
#include "options.h"
#include "aom_table.h"
#include "openh264_table.h"
#include "vpx_table.h"

enum { TEXT_MAX = 256 };

struct text {
    char chars[TEXT_MAX];
};

PRINTF_LIKE(2, 3) static void add(struct text *text, const char *format, ...)
{
    size_t used = strlen(text->chars);
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text->chars + used, sizeof text->chars - used, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof text->chars - used) {
        (void)fprintf(stderr, "longer than a cell may be: %s\n", text->chars);
        exit(1);
    }
}

PRINTF_LIKE(1, 2) static void fail(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
    exit(1);
}

/* Names of those bits of a mask that are in question; `any` (or NULL) where that is all of them. */
static struct text bit_names(uint32_t mask, uint32_t asked, const char *const *names, const char *any)
{
    struct text text = {""};

    if (any && (mask & asked) == asked) {
        add(&text, "%s", any);
        return text;
    }
    for (uint32_t bit = 0; asked >> bit; bit++)
        if (mask & asked & 1U << bit)
            add(&text, "%s%s", text.chars[0] ? ", " : "", names[bit]);
    return text;
}

static const char *const latency_names[] = {"quality", "realtime"};
static const char *const mode_names[] = {"variable", "constant", "quantizer", "constant-quality"};

static const char *yes(bool value)
{
    return value ? "yes" : "–";
}

static void print_preface(void)
{
    puts(
        "# Codecs and encoders\n\n"
        "This page is printed by `tests/codecs/print_codecs.c` from the tables that the library itself works by\n"
        "(`src/codec/profiles.c`, `src/backend/lavc/encoders.c`, `src/backend/vpx/vpx_table.c`,\n"
        "`src/backend/aom/aom_table.c`, `src/backend/openh264/openh264_table.c`), and a test fails where the two "
        "differ. Do\n"
        "not edit it: build `print_codecs` and write down what it prints.\n\n"
        "It says what the library can ask for. Which of the encoders there are, and which chroma and depths they were\n"
        "built with, depends on the installed FFmpeg: `wcenc_is_config_supported` opens the encoder to find out.");
}

/* Profiles. */

static bool names_row(const char *codec, const struct codec_profile *row)
{
    struct codec_id id;

    return wcenc__codec_string_parse(codec, &id, NULL) && wcenc__codec_profile(&id, NULL) == row;
}

/* The beginning of a profile's codec string, with `level` where the level stands. */
static struct text codec_beginning(const struct codec_profile *row, const char *level)
{
    struct text text = {""};

    switch (row->family) {
    case CODEC_H264:
        add(&text, "avc1.%02x%02x%s", row->profile, (unsigned)row->flags_needed, level);
        break;
    case CODEC_HEVC:
        add(&text, "hvc1.%u.%X.L%s", row->profile, (unsigned)row->flags_met, level);
        break;
    case CODEC_VP8:
        add(&text, "vp8");
        break;
    case CODEC_VP9:
        add(&text, "vp09.%02u.%s.%02u", row->profile, level, row->bit_depth);
        break;
    case CODEC_AV1:
        add(&text, "av01.%u.%sM.%02u", row->profile, level, row->bit_depth);
        break;
    default:
        fail("a family without a codec string");
    }
    return text;
}

/* What follows in codec strings: the nth possibility, from 0; false after the last. */
static bool codec_ending(enum codec_family family, unsigned n, struct text *text)
{
    static const char *const vp9[] = {"", ".01", ".02", ".03"}, *const av1[] = {"", ".0.110", ".0.100", ".0.000"};

    text->chars[0] = '\0';
    if (family == CODEC_HEVC) {
        /* Progressive frames only; then the flags that name the format range extensions. */
        if (n == 0)
            add(text, ".B0");
        else
            add(text, ".%02X.%02X", 0x90 | n >> 5, n << 3 & 0xff);
        return n < 512;
    }
    if (family == CODEC_VP9 || family == CODEC_AV1) {
        if (n < ARRAY_LENGTH(vp9))
            add(text, "%s", family == CODEC_VP9 ? vp9[n] : av1[n]);
        return n < ARRAY_LENGTH(vp9);
    }
    return n == 0;
}

/* A codec string that the library takes for this very row, with nn for the level. */
static struct text codec_string_of(const struct codec_profile *row)
{
    static const char *const levels[CODEC_FAMILY_COUNT] = {
        [CODEC_H264] = "28", [CODEC_HEVC] = "120", [CODEC_VP8] = "", [CODEC_VP9] = "40", [CODEC_AV1] = "08",
    };
    struct text ending, found = codec_beginning(row, "nn");

    for (unsigned n = 0; codec_ending(row->family, n, &ending); n++) {
        struct text whole = codec_beginning(row, levels[row->family]);

        add(&whole, "%s", ending.chars);
        if (names_row(whole.chars, row)) {
            add(&found, "%s", ending.chars);
            return found;
        }
    }
    fail("no codec string for %s", row->name);
    return found;
}

static const char *chroma_name(enum chroma chroma)
{
    static const char *const names[] = {[CHROMA_420] = "4:2:0", [CHROMA_422] = "4:2:2", [CHROMA_444] = "4:4:4"};

    if ((size_t)chroma >= ARRAY_LENGTH(names))
        fail("a chroma without a name");
    return names[chroma];
}

/* By the numbers that the standards give them. */
static struct text flag_names(enum codec_family family, uint32_t flags)
{
    struct text text = {""};

    for (int number = 0; number < 32; number++) {
        uint32_t flag = family == CODEC_H264 ? number < 8 ? 0x80U >> number : 0 : 1U << number;

        if (flags & flag)
            add(&text, "%s%d", text.chars[0] ? ", " : "", number);
    }
    if (!text.chars[0])
        add(&text, "–");
    return text;
}

static void print_profiles(void)
{
    const struct codec_profile *row;

    puts("\n## Profiles\n\n"
         "| codec | profile | codec string | bits | chroma | B-frames | flags it must set | flags it may set |\n"
         "|---|---|---|---|---|---|---|---|");
    for (size_t n = 0; (row = wcenc__codec_profile_at(n)); n++)
        printf("| %s | %s | `%s` | %u | %s | %s | %s | %s |\n", wcenc__codec_family(row->family)->name, row->name,
               codec_string_of(row).chars, row->bit_depth, chroma_name(row->chroma), yes(row->has_b_frames),
               flag_names(row->family, row->flags_needed).chars, flag_names(row->family, row->flags_met).chars);
    puts(
        "\nnn is the level: two hex digits of level_idc for H.264 (`28` is 4.0), thirty times the level for HEVC "
        "(`L120`\n"
        "is 4.0; `H120` is the high tier), ten times the level for VP9 (`40`), the index of the level for AV1 (`08` "
        "is\n"
        "4.0; `08H` the high tier). `avc3` and `hev1` are taken like `avc1` and `hvc1`. Fields that VP9 and AV1 leave\n"
        "optional may follow; what they say of colour is checked in form only.\n\n"
        "Flags are the constraint_set flags of H.264 and the general_profile_compatibility flags of HEVC, by number. "
        "A\n"
        "string that sets any other promises what the stream would not keep, and is not supported. constraint_set3 is\n"
        "level 1b and needs level_idc 0b. The constraint bytes of HEVC name the profile of the format range "
        "extensions,\n"
        "as in the table, and their promises on progressive and frame-only pictures are kept in the stream; intra\n"
        "profiles are not encoded. Options that would break a promise, such as B-frames with constraint_set5, fields\n"
        "with constraint_set4 or more reference frames than the level has, are not supported.");
}

static void print_levels(void)
{
    const struct codec_family_info *family;

    puts("\n## Levels and sizes\n\n"
         "The level of H.264 and HEVC limits the size, by the standards' tables in `src/codec/level_table.c`: a size "
         "beyond\n"
         "it is not supported. If the framerate (30 where none is set) or a bitrate that is set needs a higher level, "
         "the\n"
         "stream and its decoder config have that level, within the tier of the codec string; beyond level 6.2 the\n"
         "configuration is not supported. The levels of VP9 and AV1 have to exist and limit nothing. Beside that, no "
         "size\n"
         "may exceed what the bitstream can hold, nor what FFmpeg holds in a picture ((8 × width + 1024) × (height\n"
         "+ 128) below 2³¹):\n\n"
         "| codec | largest width and height |\n"
         "|---|---|");
    for (int i = CODEC_NONE + 1; i < CODEC_FAMILY_COUNT; i++) {
        family = wcenc__codec_family((enum codec_family)i);
        printf("| %s | %ux%u |\n", family->name, family->max_width, family->max_height);
    }
}

static void print_formats(void)
{
    puts("\n## Description and container formats\n\n"
         "| codec | format | `description` | `container_private` |\n"
         "|---|---|---|---|");
    for (int i = CODEC_NONE + 1; i < CODEC_FAMILY_COUNT; i++) {
        static const char *const records[CODEC_FAMILY_COUNT] = {
            [CODEC_H264] = "avcC", [CODEC_HEVC] = "hvcC", [CODEC_VP8] = "vpcC",
            [CODEC_VP9] = "vpcC",  [CODEC_AV1] = "av1C",
        };
        const struct codec_family_info *family = wcenc__codec_family((enum codec_family)i);

        printf("| %s | %s | %s | %s |\n", family->name, family->has_description ? "length-prefixed" : "the codec's own",
               family->has_description ? records[i] : "–", records[i]);
        if (family->has_description)
            printf("| %s | annexb | – | %s |\n", family->name, records[i]);
    }
    puts("\nA description stands with length-prefixed NAL units only; in annexb every key chunk begins with its "
         "parameter\n"
         "sets.");
}

/* Encoders. */

static bool is_native(const struct codec_candidate *candidate)
{
    return strncmp(candidate->name, "native-", strlen("native-")) == 0;
}

enum kind { SOFTWARE, HARDWARE, NATIVE };

static enum kind kind_of(const struct codec_candidate *candidate)
{
    return is_native(candidate) ? NATIVE : candidate->is_hardware ? HARDWARE : SOFTWARE;
}

/* The nth of all candidates of a kind, family by family; NULL after the last. */
static const struct codec_candidate *candidate_of(enum kind kind, size_t n)
{
    for (int family = CODEC_NONE + 1; family < CODEC_FAMILY_COUNT; family++) {
        const struct codec_candidate *candidate;

        for (size_t i = 0; (candidate = wcenc__backend_candidate((enum codec_family)family, i)); i++)
            if (kind_of(candidate) == kind && n-- == 0)
                return candidate;
    }
    return NULL;
}

static const struct codec_candidate *candidate_at(size_t n)
{
    return candidate_of(SOFTWARE, n);
}

static const struct lavc_encoder *encoder_at(size_t n)
{
    const struct codec_candidate *candidate = candidate_at(n);
    const struct lavc_encoder *encoder = candidate ? wcenc__lavc_encoder(candidate->name) : NULL;

    if (candidate && !encoder)
        fail("nothing is known of %s", candidate->name);
    return encoder;
}

static struct text quantizer_encoders(enum codec_family family)
{
    const struct codec_candidate *candidate;
    struct text text = {""};

    for (size_t i = 0; (candidate = wcenc__backend_candidate(family, i)); i++)
        if (candidate->capabilities & ENCODER_HAS_QUANTIZER)
            add(&text, "%s%s", text.chars[0] ? ", " : "", candidate->name);
    if (!text.chars[0])
        add(&text, "–");
    return text;
}

static void print_quantizers(void)
{
    puts("\n## Quantizers\n\n"
         "The scale of a frame's quantizer with bitrate mode \"quantizer\", lower is better:\n\n"
         "| codec | 8 bits | 10 bits | 12 bits | encoders with that mode |\n"
         "|---|---|---|---|---|");
    for (int i = CODEC_NONE + 1; i < CODEC_FAMILY_COUNT; i++) {
        const struct codec_family_info *family = wcenc__codec_family((enum codec_family)i);

        printf("| %s |", family->name);
        for (uint32_t bits = 0; bits <= 4; bits += 2)
            if (family->quantizer_max)
                printf(" 0 to %u |", family->quantizer_max + bits * family->quantizer_depth_step);
            else
                printf(" – |");
        printf(" %s |\n", quantizer_encoders((enum codec_family)i).chars);
    }
    puts("\nlibvpx and libaom have 64 steps for VP9 and AV1: 0 to 244 by 4, then 249 and 255. native-vpx and "
         "native-aom take\n"
         "the nearest and report it. 0 is lossless; layers of AV1 begin at 4. native-openh264 has less of the scale "
         "for\n"
         "layers and for noise, as its section says, and reports what it takes.");
}

static void print_colors(void)
{
    wcenc_color_space srgb = wcenc__color_space_srgb, display_p3 = wcenc__color_space_display_p3;

    wcenc__codec_limit_color(CODEC_VP9, &srgb);
    wcenc__codec_limit_color(CODEC_VP9, &display_p3);
    puts(
        "\n## Colour\n\n"
        "The decoder config has the four values of the stream's colour space, as far as the frames or the config\n"
        "specify them; the range is always specified. H.264, HEVC and AV1 code them all. VP9 codes the matrix and the\n"
        "range, VP8 codes none: for the others the decoder config and its `container_private` alone count.\n");
    printf("The transfer of sRGB frames is %s in VP9, that of Display P3 is %s.\n",
           wcenc_color_transfer_name(srgb.transfer), wcenc_color_transfer_name(display_p3.transfer));
    puts("\nFrames in RGB become YCbCr in limited range, with the matrix of their primaries unless the config has "
         "one:\n\n"
         "| codec | matrix of RGB frames |\n"
         "|---|---|");
    for (int i = CODEC_NONE + 1; i < CODEC_FAMILY_COUNT; i++) {
        const struct codec_family_info *family = wcenc__codec_family((enum codec_family)i);

        printf("| %s | %s |\n", family->name,
               family->rgb_matrix ? wcenc_color_matrix_name(family->rgb_matrix) : "that of their primaries");
    }
}

static const char *const purpose_names[] = {"layers",         "alpha", "screen", "a cap", "forced screen tools",
                                            "parallel groups"};

static void print_what_encoders_take(void)
{
    const struct lavc_encoder *encoder;

    puts(
        "\n## Encoders\n\n"
        "Of a codec's encoders the first one that does what is asked for is taken, in the order of this table, unless\n"
        "`encoder_name` says which. The native ones have a section of their own.\n\n"
        "| encoder | codec | chosen by itself | latency modes | bitrate modes | smallest width and height | sizes |"
        " B-frames | temporal layers |\n"
        "|---|---|---|---|---|---|---|---|---|");
    for (size_t n = 0; (encoder = encoder_at(n)); n++) {
        const struct codec_candidate *candidate = candidate_at(n);

        printf("| %s | %s | %s | %s | %s | %u | %s | %s | %s |\n", encoder->name,
               wcenc__codec_family(candidate->family)->name, candidate->by_name_only ? "by name only" : "yes",
               bit_names(encoder->latencies, WHEN_ANY_LATENCY, latency_names, NULL).chars,
               bit_names(encoder->modes, WHEN_ANY_MODE, mode_names, NULL).chars, encoder->min_size,
               encoder->even_size ? "even" : "any", encoder->held_per_b_frame ? "up to 16" : "–",
               candidate->capabilities & ENCODER_HAS_LAYERS ? "L1T2, L1T3, 4:2:0" : "–");
    }
    printf(
        "\nEvery encoder keeps alpha beside 8 bits of 4:2:0: a second one codes it, with %d per cent of the bitrate. "
        "It "
        "is\n"
        "not kept together with layers or B-frames. WCENC_CAPABILITY_TEMPORAL_LAYERS and WCENC_CAPABILITY_ALPHA say "
        "the same\n"
        "of the encoder that would run. Layers hold no frame back, and the layers of L1T2 have 60 and 40 per cent of "
        "the\n"
        "bitrate, those of L1T3 40, 20 and 40. Layers of VP9 at an odd width or height keep to the bitrate together, "
        "but\n"
        "not each to its share.\n",
        CONFIG_ALPHA_PERCENT);
    for (size_t n = 0; (encoder = encoder_at(n)); n++)
        if (encoder->constant_is_unsafe_in_ffmpeg_7)
            printf("With FFmpeg 7, %s has neither realtime nor constant bitrate.\n", encoder->name);
}

/* Whether the row of an encoder has all of some ENCODER_ bits. */
static bool does(const struct lavc_encoder *encoder, uint32_t bits)
{
    const struct codec_candidate *candidate;

    for (size_t n = 0; (candidate = candidate_at(n)); n++)
        if (strcmp(candidate->name, encoder->name) == 0)
            return (candidate->capabilities & bits) == bits;
    return false;
}

static struct text key_interval_words(const struct lavc_encoder *encoder)
{
    struct text text = {""};

    if (encoder->rounds_key_interval)
        add(&text, "asked for by the library");
    else if (encoder->key_interval_min)
        add(&text, "the encoder's, from %u on", encoder->key_interval_min);
    else
        add(&text, "the encoder's");
    return text;
}

static void print_how_encoders_behave(void)
{
    const struct lavc_encoder *encoder;

    puts("\n| encoder | key frame that was asked for | key interval | new bitrate or framerate | quantizer of each "
         "frame |"
         " threads where none are given | under a lock of the process |\n"
         "|---|---|---|---|---|---|---|");
    for (size_t n = 0; (encoder = encoder_at(n)); n++) {
        struct text most = {"as many as CPUs"};

        if (encoder->default_threads_max)
            (void)snprintf(most.chars, sizeof most.chars, "%u", encoder->default_threads_max);
        printf("| %s | %s | %s | %s | %s | %s | %s |\n", encoder->name,
               does(encoder, ENCODER_FORCES_KEYS) ? "forced" : "drained and reopened",
               key_interval_words(encoder).chars,
               does(encoder, ENCODER_CHANGES_RATE) ? "taken on while running" : "drained and reopened",
               yes(does(encoder, ENCODER_HAS_QUANTIZER)), most.chars,
               encoder->has_global_state ? "opened and closed" : "–");
    }
    puts(
        "\nWCENC_CAPABILITY_LIVE_BITRATE is set where an encoder takes on a new bitrate while it runs. libx264 does\n"
        "not with bitrate mode \"quantizer\", nor with \"variable\" in quality, nor where `encoder_options` set rates\n"
        "themselves. WCENC_CAPABILITY_FRAME_QUANTIZER is set where each frame has its quantizer and the bitrate\n"
        "mode is \"quantizer\". WCENC_CAPABILITY_422, _444 and _10_BIT say what the encoder takes in the installed\n"
        "FFmpeg. WCENC_CAPABILITY_VARIABLE_FRAMERATE is set as under [framerates](#framerates).");
}

/* Names of the encoders that have something; "all" where that is every one. */
static struct text encoders_with(bool (*has)(const struct lavc_encoder *encoder))
{
    const struct lavc_encoder *encoder;
    struct text text = {""};
    size_t n, count = 0;

    for (n = 0; (encoder = encoder_at(n)); n++)
        if (has(encoder)) {
            add(&text, "%s%s", count ? ", " : "", encoder->name);
            count++;
        }
    if (count == n)
        (void)snprintf(text.chars, sizeof text.chars, "all");
    return text;
}

static bool has_quantizer(const struct lavc_encoder *encoder)
{
    return does(encoder, ENCODER_HAS_QUANTIZER);
}

static bool has_layers(const struct lavc_encoder *encoder)
{
    return does(encoder, ENCODER_HAS_LAYERS);
}

static bool has_live_bitrate(const struct lavc_encoder *encoder)
{
    return does(encoder, ENCODER_CHANGES_RATE);
}

static bool has_b_frames(const struct lavc_encoder *encoder)
{
    return encoder->held_per_b_frame > 0;
}

static bool has_constant_bitrate(const struct lavc_encoder *encoder)
{
    return encoder->modes & WHEN_CONSTANT;
}

static bool tunes_for_screens(const struct lavc_encoder *encoder)
{
    for (const struct option_row *row = encoder->rows; row->key; row++)
        if (row->purpose & FOR_SCREEN)
            return true;
    return false;
}

static bool has_all(const struct lavc_encoder *encoder)
{
    (void)encoder;
    return true;
}

static void print_rates_not_kept(void)
{
    puts("\nThe libraries do not keep these rates so closely. Figures are parts of the bitrate over 10 seconds of "
         "moving "
         "noise:\n\n"
         "| encoder | rate | what comes out |\n|---|---|---|\n"
         "| libvpx-vp9 1.12, quality | variable, no layers | 0.78 at 160x96, 15 frames a second, 200 kb/s; 1.09 at "
         "320x200, 30, 600 kb/s; 0.87 at 320x192, 30, 1.6 Mb/s; 0.90 at 640x368, 30, 6.1 Mb/s |\n"
         "| libvpx-vp9 1.12, realtime | variable, no layers | 0.78, 1.06, 0.72, 0.70 of the same |\n"
         "| libaom-av1, quality | variable | 0.75 with 3.12 at 160x96, 15, 200 kb/s; 0.98 with 3.6, 0.96 with 3.14 |\n"
         "| libsvtav1 | variable | 0.79 with 2.3 at 160x96, 15, 200 kb/s; 1.04 with 1.4, 0.91 with 4.2 |\n"
         "| libvpx-vp9 1.12 | constant, L1T3 | 0.93 of a picture that is cheap at first |\n\n"
         "libvpx's variable bitrate for VP9 aims at a size for each frame, and does not make up for sizes that it "
         "missed. Its\n"
         "constant bitrate does, but begins so coarsely that, with a second of buffer of which half is full, the least "
         "PSNR of\n"
         "the first frames at 720p was 39.0 dB instead of 42.8. \"constant\" is the mode for those who need the rate.");
}

static void print_controls(void)
{
    static const struct {
        const char *control;
        bool (*has)(const struct lavc_encoder *encoder);
        const char *test;
        const char *file;
    } rows[] = {
        {"quantizer of each frame", has_quantizer,
         "test_h264_has_the_quantizer_of_each_frame_in_every_macroblock`, "
         "`test_hevc_comes_to_the_sizes_of_a_constant_quantizer",
         "test_quantizer.c"},
        {"temporal layers", has_layers, "test_upper_layers_can_be_left_out", "test_layers.c"},
        {"alpha that is kept", has_all, "test_alpha_comes_back_beside_the_colours", "test_alpha.c"},
        {"new bitrate or framerate without a key frame", has_live_bitrate,
         "test_a_new_rate_has_its_effect_and_loses_nothing", "test_live.c"},
        {"new bitrate or framerate, nothing lost", has_all,
         "test_all_decodes_with_the_first_decoder_config_whatever_the_bitrate", "test_rate.c"},
        {"new size, format or codec", has_all, "test_what_restarts_begins_with_a_key_chunk", "test_stream.c"},
        {"key frames that are asked for", has_all, "test_requested_key_chunks_decode_alone", "test_round_trip.c"},
        {"key interval", has_all, "test_key_chunks_come_at_least_every_interval", "test_stream.c"},
        {"B-frames", has_b_frames, "test_with_b_frames_chunks_keep_the_times_of_their_frames", "test_timestamps.c"},
        {"constant bitrate, within 5 per cent over 10 seconds", has_constant_bitrate,
         "test_the_bitrate_is_bits_per_second", "test_rate.c"},
        {"variable bitrate, within 15 per cent over 10 seconds but for the noise below", has_all,
         "test_the_bitrate_is_bits_per_second", "test_rate.c"},
        {"constant bitrate of all layers together, VP8 within 5 per cent, VP9 within 10", has_layers,
         "test_layers_keep_to_the_bitrate_together", "test_rate.c"},
        {"tuning for screens by `content_hint`", tunes_for_screens, "test_a_content_hint_tunes_at_most", "test_rate.c"},
        {"`threads`", has_all, "test_an_encoder_takes_the_threads_that_it_is_given", "test_live.c"},
    };

    puts("\n## Controls\n\n"
         "What applications turn while a stream runs, which encoders follow, and the test in `tests/codec` that "
         "proves it by\n"
         "decoding. Everything else is answered with \"not supported\". Rates hold for pictures that cost that much: "
         "no encoder\n"
         "can spend bits on a picture that its finest quantizer codes with fewer, nor save what its coarsest still "
         "needs.\n\n"
         "| control | encoders | proven by |\n|---|---|---|");
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        printf("| %s | %s | `%s` in `%s` |\n", rows[i].control, encoders_with(rows[i].has).chars, rows[i].test,
               rows[i].file);
    print_rates_not_kept();
}

static void print_frames_held(void)
{
    const struct lavc_encoder *encoder;

    puts("\n## Delayed frames\n\n"
         "In realtime none. In quality mode at most, with T threads and B B-frames in a row:\n\n"
         "| encoder | frames | where `encoder_options` set how far it looks ahead |\n"
         "|---|---|---|");
    for (size_t n = 0; (encoder = encoder_at(n)); n++) {
        struct text beside = {""}, frames = {""};

        if (encoder->held_per_thread)
            add(&beside, " + %u × (T − 1)", encoder->held_per_thread);
        if (encoder->held_per_b_frame)
            add(&beside, " + %u × B", encoder->held_per_b_frame);
        if (encoder->lookahead)
            add(&frames, "%u + %u%s", encoder->lookahead, encoder->held_beside_lookahead, beside.chars);
        else
            add(&frames, "0");
        printf("| %s | %s | %u%s |\n", encoder->name, frames.chars,
               encoder->lookahead_max + encoder->held_beside_lookahead + 32u, beside.chars);
    }
    puts("\nThe first number is the lookahead, which `max_delay_frames` makes shorter, down to 0; a bound below what "
         "remains\n"
         "is not supported. The number for a configuration is `delay_frames` of the answer of\n"
         "`wcenc_is_config_supported`.");
}

/* Options. */

static const struct {
    const char *name;
    const char *meaning;
} placeholders[] = {
    {"bitrate", "`bitrate`, or what suits size, rate and codec; in whole thousands, at most half of 2³¹"},
    {"max_rate", "the bitrate with \"constant\" and as a cap of \"constant-quality\", else twice as much"},
    {"buffer_size",
     "as many bits as `{max_rate}` lets through in a second (libx264 in realtime with \"constant\": 0.6 s), or in five "
     "frames if that is longer"},
    {"quality", "`quality` on the encoder's scale"},
    {"no_cap", "so many bits a second that they are no cap"},
    {"key_interval", "`key_interval`, or ten seconds' worth of frames, at most 300"},
    {"key_interval_2", "the same, at least 2"},
    {"no_key_interval", "2147483647: key frames come where they are asked for"},
    {"key_percent", "20 (VP8), 25 (VP9) or 15 (AV1) times the framerate, at least 450: per cent of an average frame"},
    {"quantizer_min",
     "16 (H.264) or 8 (others; VP9 with a variable bitrate: 3), which leaves the rest of the bits where a picture no "
     "longer changes; with a fifth of a bit a pixel and more 0, 4 (VP8) or 2 (AV1)"},
    {"b_frames", "`max_b_frames`"},
    {"threads", "`threads`, or the number of CPUs of the process as far as the encoder gains from them"},
    {"lookahead", "the lookahead of the encoder, or as much of it as `max_delay_frames` leaves"},
    {"refs", "3, or as many reference frames as the level allows at this size"},
    {"level", "ten times the level of the codec string; 9 for level 1b"},
    {"level_idc", "the level as the codec string's standard numbers it"},
    {"profile_idc", "the profile as its standard numbers it; 578 for constrained baseline"},
    {"tier", "1 for the high tier, else 0"},
    {"tile_columns", "logarithm of as many columns as there are threads, of 256 pixels at least, at most 4"},
    {"8x8dct", "1 for High and beyond, else 0"},
    {"profile", "of the codec string"},
    {"coder", "`vlc` for Baseline, else `ac`"},
    {"weightp", "0 for Baseline, else the option is left alone"},
    {"b_pyramid", "`none` where the level has a buffer of fewer than four frames, else the option is left alone"},
    {"layers", "rates, decimators and places of the layers, with the layer of each frame"},
    {"aom_chroma_location", "`chroma-sample-position=vertical` for chroma at the left, `colocated` at the top left, "
                            "else the option is left alone"},
    {"cutree", "`cutree=0` for pictures narrower than 64 pixels, else the option is left alone"},
    {"x264_instructions", "`asm=avx2` on CPUs with AVX-512, else the option is left alone"},
};

static bool used[ARRAY_LENGTH(placeholders)];

static void mark_placeholders(const struct option_row *row)
{
    for (const char *at = strchr(row->value, '{'); at; at = strchr(at + 1, '{')) {
        size_t length = strcspn(at + 1, "}");
        bool known = false;

        for (size_t i = 0; i < ARRAY_LENGTH(placeholders); i++)
            if (strlen(placeholders[i].name) == length && memcmp(placeholders[i].name, at + 1, length) == 0)
                known = used[i] = true;
        if (!known)
            fail("nothing is said of %.*s", (int)length, at + 1);
    }
}

static void print_options(const struct lavc_encoder *encoder)
{
    printf("\n### %s\n\n| option | value | latency mode | bitrate mode | only for |\n|---|---|---|---|---|\n",
           encoder->name);
    for (const struct option_row *row = encoder->rows; row->key; row++) {
        mark_placeholders(row);
        printf("| `%s` | `%s` | %s | %s | %s |\n", row->key, row->value,
               bit_names(row->latency, encoder->latencies, latency_names, "any").chars,
               bit_names(row->mode, encoder->modes, mode_names, "any").chars,
               row->purpose ? bit_names(row->purpose, row->purpose, purpose_names, NULL).chars : "–");
    }
}

static void print_effort(void)
{
    const struct codec_candidate *candidate;
    const struct effort_row *row;

    puts("\n## Effort\n\n"
         "What `effort` sets, after the options above. An empty cell leaves the option as it is. The step 0 is the "
         "default. The\n"
         "maximum encoder delay is the same for all steps. `effort` other than 0 is not supported by encoders that are "
         "not listed.\n\n"
         "| encoder | latency mode | bitrate mode | only for | option | -2 | -1 | 0 | 1 | 2 |\n"
         "|---|---|---|---|---|---|---|---|---|---|");
    for (int is_hardware = 0; is_hardware < 2; is_hardware++)
        for (size_t n = 0; (candidate = candidate_of(is_hardware, n)); n++)
            for (size_t k = 0; (row = wcenc__lavc_effort_row(candidate->name, k)); k++) {
                printf("| %s | %s | %s | %s | `%s` |", candidate->name,
                       bit_names(row->latency, WHEN_ANY_LATENCY, latency_names, "any").chars,
                       bit_names(row->mode, WHEN_ANY_MODE, mode_names, "any").chars,
                       row->purpose ? bit_names(row->purpose, row->purpose, purpose_names, NULL).chars : "–", row->key);
                for (int step = 0; step < EFFORT_STEPS; step++)
                    if (row->values[step][0])
                        printf(" `%s` |", row->values[step]);
                    else
                        printf(" |");
                puts("");
            }
}

static void print_hardware(void)
{
    static const char *const devices[] = {
        [DEVICE_NVIDIA] = "NVENC", [DEVICE_QSV] = "Quick Sync Video", [DEVICE_VAAPI] = "VAAPI",
        [DEVICE_AMF] = "AMF",      [DEVICE_V4L2] = "V4L2 M2M",
    };
    const struct codec_candidate *candidate;

    puts("\n## Hardware\n\n"
         "With `hardware_acceleration` \"prefer-hardware\" these are tried in this order, and then software; with "
         "\"required\" nothing\n"
         "else. Otherwise they run by name only. One is passed over if there is no device, if it does not open, or if "
         "what it\n"
         "would write is not what the codec string says. 8 bits of 4:2:0, as NV12, without B-frames, layers or "
         "alpha.\n"
         "**None of them was tested: no device was available.**\n\n"
         "| encoder | codec | through | options |\n|---|---|---|---|");
    for (size_t n = 0; (candidate = candidate_of(HARDWARE, n)); n++) {
        const struct lavc_encoder *encoder = wcenc__lavc_encoder(candidate->name);

        if (!encoder || !encoder->device)
            fail("nothing is known of %s", candidate->name);
        printf("| %s | %s | %s |", encoder->name, wcenc__codec_family(candidate->family)->name,
               devices[encoder->device]);
        for (const struct option_row *row = encoder->rows; row->key; row++) {
            mark_placeholders(row);
            printf(" `%s=%s`", row->key, row->value);
            if (row->latency != WHEN_ANY_LATENCY || row->mode != WHEN_ANY_MODE)
                printf(" (%s)", row->latency != WHEN_ANY_LATENCY
                                    ? bit_names(row->latency, WHEN_ANY_LATENCY, latency_names, "any").chars
                                    : bit_names(row->mode, WHEN_RATE, mode_names, "any").chars);
        }
        puts(" |");
    }
}

/* The encoder's number for the ends of the codec's scale and the points between. */
static struct text scale_of(const struct lavc_encoder *encoder)
{
    const struct quality_point *points = encoder->qualities;
    struct text text = {""};

    for (int i = 0; i < QUALITY_POINTS_MAX && (i == 0 || points[i].quality > points[i - 1].quality); i++)
        add(&text, "%s%g is %g", text.chars[0] ? ", " : "", points[i].quality, points[i].value);
    if (points[1].quality == 0)
        (void)snprintf(text.chars, sizeof text.chars, "the same");
    return text;
}

static void print_qualities(void)
{
    const struct lavc_encoder *encoder;

    puts("\n## Constant quality\n\n"
         "With bitrate mode \"constant-quality\" (WCENC_BITRATE_CONSTANT_QUALITY) `quality` holds throughout, on the "
         "scale of\n"
         "the codec; lower is better. Without a `bitrate` there is no cap. Layers are not supported with it.\n\n"
         "| codec | scale | default |\n|---|---|---|");
    for (int i = CODEC_NONE + 1; i < CODEC_FAMILY_COUNT; i++) {
        const struct codec_family_info *family = wcenc__codec_family((enum codec_family)i);

        printf("| %s | 0 to %u | %g |\n", family->name, family->quality_max, family->default_quality);
    }
    puts("\n| encoder | its scale | steps | `bitrate` as a cap |\n|---|---|---|---|");
    for (size_t n = 0; (encoder = encoder_at(n)); n++)
        if (encoder->modes & WHEN_CONSTANT_QUALITY)
            printf("| %s | %s | %s | %s |\n", encoder->name, scale_of(encoder).chars,
                   encoder->has_whole_qualities ? "whole" : "any", yes(!encoder->has_no_cap));
    puts(
        "\nA cap may be exceeded by what the buffer holds, a second of it, once. Under a cap that is not reached,\n"
        "libvpx-vp9 and libaom-av1 come near the quality in the course of a second only, and spend other amounts than\n"
        "without one. A quality that `encoder_options` set (`crf`, `qp`) is capped where a `bitrate` is set only.");
}

static void print_clocks(void)
{
    const struct lavc_encoder *encoder;

    puts("\nWithout a framerate, rate control follows the timestamps where this table says so, if there is a "
         "bitrate:\n\n"
         "| encoder | latency mode | bitrate mode | how |\n|---|---|---|---|");
    for (size_t n = 0; (encoder = encoder_at(n)); n++)
        for (size_t i = 0; i < CLOCK_ROWS_MAX && encoder->clocks[i].clock != COUNTS_FRAMES; i++)
            printf("| %s | %s | %s | %s |\n", encoder->name,
                   bit_names(encoder->clocks[i].latency, WHEN_ANY_LATENCY, latency_names, "any").chars,
                   bit_names(encoder->clocks[i].mode, WHEN_ANY_MODE, mode_names, "any").chars,
                   encoder->clocks[i].clock == COUNTS_TIME ? "frames have times" : "each frame has a bitrate");
    puts("| native-vpx | any | any | frames have times |\n"
         "| native-aom | realtime | any | frames have times |\n\n"
         "The others assume 30, and so does libaom-av1 from FFmpeg 8 on. A frame has the bits of the mean of the last 16 steps between timestamps. A pause "
         "counts\n"
         "for a second at most, or for four frames if they take longer. The options `tune` and `force-cfr` of libx264 "
         "end\n"
         "this, and in realtime options that set rates do.");
}

static void print_framerates(void)
{
    const struct lavc_encoder *encoder;

    puts("\n## Framerates\n\n"
         "Every encoder takes framerates of 0.001 to 10000 and has the bits for each frame that bitrate and framerate "
         "make.\n"
         "These count right between two framerates only; beyond them they get 30 and a bitrate in "
         "proportion,\n"
         "which the stream does not show:\n\n"
         "| encoder | from | to |\n|---|---|---|");
    for (size_t n = 0; (encoder = encoder_at(n)); n++)
        if (encoder->max_framerate)
            printf("| %s | %u | %u |\n", encoder->name, encoder->min_framerate, encoder->max_framerate);
    puts("\nThe others write the framerate into the stream. All count in whole thousands of bits a second, of which "
         "there is\n"
         "one at least. Below five frames a second the buffer is of five frames.");
    print_clocks();
}

static const char *const vpx_codecs[] = {"VP8", "VP9"};
static const char *const vpx_purposes[] = {"layers and manual references", "screen", "a cap", "no cap",
                                           "manual references"};

static void print_native_options(void)
{
    puts("\n### native-vpx\n\n| option | value | codec | latency mode | bitrate mode | only for |\n"
         "|---|---|---|---|---|---|");
    for (const struct vpx_row *row = wcenc__vpx_rows; row->option; row++)
        printf("| `%s` | `%s` | %s | %s | %s | %s |\n", row->option, row->value,
               bit_names(row->codecs, VPX_BOTH, vpx_codecs, "any").chars,
               bit_names(row->latencies, VPX_ANY_LATENCY, latency_names, "any").chars,
               bit_names(row->modes, VPX_ANY_MODE, mode_names, "any").chars,
               row->purposes ? bit_names(row->purposes, row->purposes, vpx_purposes, NULL).chars : "–");
    puts("\n| `effort` | codec | latency mode | only for | -2 | -1 | 0 | 1 | 2 "
         "|\n|---|---|---|---|---|---|---|---|---|");
    for (const struct vpx_effort *row = wcenc__vpx_efforts; row->option; row++) {
        printf("| `%s` | %s | %s | %s |", row->option, bit_names(row->codecs, VPX_BOTH, vpx_codecs, "any").chars,
               bit_names(row->latencies, VPX_ANY_LATENCY, latency_names, "any").chars,
               row->purposes ? bit_names(row->purposes, row->purposes, vpx_purposes, NULL).chars : "–");
        for (int i = 0; i < VPX_EFFORTS; i++)
            printf(" %s |", row->values[i]);
        puts("");
    }
    puts("\n`{quantizer_min}` is 8, 3 for VP9 at a variable bitrate, or 4 (VP8) and 0 (VP9) with a fifth of a bit\n"
         "a pixel and more. `{key_percent}` is "
         "20 (VP8) or 25 (VP9) times the framerate, at least 450: per cent of the bits of an "
         "average\n"
         "frame.\n\n"
         "`{lookahead}` and `{alt_ref}` are 0 in realtime, with layers, manual references and bitrate mode "
         "\"quantizer\".\n"
         "`{kilobits}` is the bitrate in thousands; `{key_distance_min}` and `{key_distance_max}` let key frames come\n"
         "by themselves at the `key_interval`, or, with layers, manual references and alpha, where the library asks "
         "for\n"
         "them only. The other names are those of the table at the end.\n\n"
         "`encoder_options` have FFmpeg's names and whole numbers. native-vpx translates `deadline`, `cpu-used`,\n"
         "`static-thresh`, `noise-sensitivity`, `max-intra-rate`, `arnr-maxframes`, `arnr-strength`, `auto-alt-ref`,\n"
         "`aq-mode`, `row-mt`, `tile-columns`, `tile-rows`, `frame-parallel`, `lossless`, `tune-content`,\n"
         "`lag-in-frames`, `undershoot-pct`, `overshoot-pct`, `qmin` and `qmax`, as far as the codec has them. Others\n"
         "are not supported there.");
}

static const char *const aom_purposes[] = {"layers", "screen", "forced screen tools", "a cap", "manual references"};

static void print_aom_options(void)
{
    puts("\n### native-aom\n\n| option | value | latency mode | bitrate mode | only for |\n|---|---|---|---|---|");
    for (const struct aom_row *row = wcenc__aom_rows; row->option; row++)
        printf("| `%s` | `%s` | %s | %s | %s |\n", row->option, row->value,
               bit_names(row->latencies, AOM_ANY_LATENCY, latency_names, "any").chars,
               bit_names(row->modes, AOM_ANY_MODE, mode_names, "any").chars,
               row->purposes ? bit_names(row->purposes, row->purposes, aom_purposes, NULL).chars : "–");
    puts("\n| `effort` | latency mode | only for | -2 | -1 | 0 | 1 | 2 |\n|---|---|---|---|---|---|---|---|");
    for (const struct aom_effort *row = wcenc__aom_efforts; row->option; row++) {
        printf("| `%s` | %s | %s |", row->option,
               bit_names(row->latencies, AOM_ANY_LATENCY, latency_names, "any").chars,
               row->purposes ? bit_names(row->purposes, row->purposes, aom_purposes, NULL).chars : "–");
        for (int i = 0; i < AOM_EFFORTS; i++)
            printf(" %s |", row->values[i]);
        puts("");
    }
    puts("\n`{realtime_speed}` is 10, or 9 for pictures of at most 640x360 pixels. `{quantizer_min}` is 8, or 2 at a variable bitrate and with a "
         "fifth of a bit a pixel and more. `{quantizer_max}` is 52, or 63 with "
         "less than a twentieth of a bit for a pixel. `{key_percent}` is 15 "
         "times the\n"
         "framerate, at least 450: per cent of the bits of an average frame.\n\n"
         "A constant bitrate has no lookahead either. Without layers and in quality mode the first frame behind a "
         "flush\n"
         "is a key frame. AV1 of more than 8 bits is not tuned for screens in realtime and in layers, where that\n"
         "crashes.\n\n"
         "native-aom translates `cpu-used`, `static-thresh`, `max-intra-rate`, `arnr-max-frames`, `arnr-strength`,\n"
         "`auto-alt-ref`, `tune`, `tune-content`, `aq-mode`, `lossless`, `row-mt`, `tile-columns`, `tile-rows`,\n"
         "`frame-parallel`, `cdf-update-mode`, `lag-in-frames`, `undershoot-pct`, `overshoot-pct`, `qmin`, `qmax`,\n"
         "`max-reference-frames`, `reduced-tx-type-set`, `gf-max-pyr-height`, and what the tables have of `enable-`\n"
         "and `-cost-upd-freq`. Those that FFmpeg has inside of `aom-params` only stand beside the others.");
}

static void print_openh264_options(void)
{
    puts("\n### native-openh264\n\n| option | value | latency mode | bitrate mode |\n|---|---|---|---|");
    for (const struct openh264_row *row = wcenc__openh264_rows; row->option; row++)
        printf("| `%s` | `%s` | %s | %s |\n", row->option, row->value,
               bit_names(row->latencies, OPENH264_ANY_LATENCY, latency_names, "any").chars,
               bit_names(row->modes, OPENH264_ANY_MODE, mode_names, "any").chars);
    puts("\n| `effort` | latency mode | -2 | -1 | 0 | 1 | 2 |\n|---|---|---|---|---|---|---|");
    for (const struct openh264_effort *row = wcenc__openh264_efforts; row->option; row++) {
        printf("| `%s` | %s |", row->option,
               bit_names(row->latencies, OPENH264_ANY_LATENCY, latency_names, "any").chars);
        for (int i = 0; i < OPENH264_EFFORTS; i++)
            printf(" %s |", row->values[i]);
        puts("");
    }
    printf(
        "\nIt codes Baseline, Main and High, of even sizes from %dx%d to %d macroblocks, such as 4096x2304, one frame "
        "for\n"
        "each frame, without B-frames and with one reference. `{coder}` is CAVLC in Baseline and CABAC in Main and\n"
        "High, which have no other tools here. Each thread codes a slice, of %d macroblocks at least; there are as\n"
        "many as `threads` says, up to %d, and %d where nothing does. There are two slices where there can\n"
        "be: beyond %d macroblocks, of two rows each, or of four where a row has more than %d.\n",
        OPENH264_MIN_SIZE, OPENH264_MIN_SIZE, OPENH264_MAX_BLOCKS, OPENH264_BLOCKS_OF_THREAD, OPENH264_MAX_THREADS,
        OPENH264_DEFAULT_THREADS, OPENH264_BLOCKS_OF_SLICE, OPENH264_BLOCKS_OF_SHORT_ROW);
    puts("\nLayers have quantizers of their own: those of L1T2 end at 48 and 51, those of L1T3 at 47, 50 and 51. "
         "OpenH264 has\n"
         "memory for so many bytes of a frame as it has samples. Noise may need more, and gets a coarser quantizer. "
         "With full\n"
         "contrast, that is 23 with CABAC and 26 with CAVLC in threads, 27 and 30 with one thread, 33 and 36 with one "
         "slice;\n"
         "half of the contrast makes it 6 less. Metadata have the quantizer that was taken. A stream that begins with "
         "noise\n"
         "keeps to that quantizer or coarser ones.\n\n"
         "Where the coarsest quantizer needs more bits than the bitrate has, frames are larger. 100 kb/s of moving "
         "noise at\n"
         "320x192 became 136. Bitrates beyond what the level allows to Main become that.\n\n"
         "native-openh264 translates `coder`, `loopfilter` and `qmin`.");
}

/* What the tables have of a native encoder. */
struct native {
    uint8_t modes;
    unsigned lookahead, beside;
};

static struct native native_of(const struct codec_candidate *candidate)
{
    const struct vpx_encoder *vpx = wcenc__vpx_encoder(candidate->family);

    if (candidate->family == CODEC_AV1)
        return (struct native){AOM_ANY_MODE, AOM_LOOKAHEAD, AOM_HELD_BESIDE};
    if (candidate->family == CODEC_H264)
        return (struct native){OPENH264_ANY_MODE, 0, 0};
    return (struct native){vpx->modes, vpx->lookahead, 1};
}

static void print_native(void)
{
    const struct codec_candidate *candidate;

    puts("\n## Native encoders\n\n"
         "These call the codec's library without FFmpeg, in builds that have it (`WCENC_VPX`: libvpx, `WCENC_AOM`: "
         "libaom,\n"
         "`WCENC_OPENH264`: OpenH264). Without an `encoder_name`, native-vpx and native-aom encode VP8, VP9 and AV1, "
         "and\n"
         "FFmpeg's encoders what these two do not support. native-openh264 encodes layers then, and what libx264 "
         "would,\n"
         "where FFmpeg is without it.\n\n"
         "| encoder | codec | bitrate modes | frames delayed in quality mode | temporal layers | quantizer of each "
         "frame | new bitrate or framerate | after a flush |\n"
         "|---|---|---|---|---|---|---|---|");
    for (size_t n = 0; (candidate = candidate_of(NATIVE, n)); n++) {
        const struct native native = native_of(candidate);
        struct text held = {"0"};

        if (native.lookahead)
            (void)snprintf(held.chars, sizeof held.chars, "%u + %u", native.lookahead, native.beside);
        printf("| %s | %s | %s | %s | %s | %s | %s | %s |\n", candidate->name,
               wcenc__codec_family(candidate->family)->name,
               bit_names(native.modes, VPX_ANY_MODE, mode_names, NULL).chars, held.chars,
               candidate->capabilities & ENCODER_HAS_LAYERS ? "L1T2, L1T3, 4:2:0" : "–",
               yes(candidate->capabilities & ENCODER_HAS_QUANTIZER),
               candidate->capabilities & ENCODER_CHANGES_RATE ? "taken on while running" : "drained and reopened",
               candidate->capabilities & ENCODER_CONTINUES ? "goes on" : "reopened");
    }
    printf("\nWith `scalability_mode` \"manual\" native-vpx has %d buffers for frames, native-aom %d.\n", VPX_BUFFERS,
           AOM_BUFFERS);
    print_native_options();
    print_aom_options();
    print_openh264_options();
}

static void print_all_options(void)
{
    const struct lavc_encoder *encoder;

    puts("\n## Options\n\n"
         "What each encoder is opened with, in this order, by latency mode and bitrate mode; \"any\" is any that the "
         "encoder\n"
         "has. Names and values are FFmpeg's. A value for `x264-params`, `x265-params`, `aom-params`, `rav1e-params` "
         "or\n"
         "`svtav1-params` is added to what stands there. The `encoder_options` of the config come last and win, save "
         "that\n"
         "`profile`, `level`, `tier`, `field_order`, `forced-idr`, `ts-parameters`, `drop-threshold`, size, pixel "
         "format, "
         "rate,\n"
         "colours and several passes are not theirs to set, however spelled, inside such lists neither, nor, where "
         "there\n"
         "are layers or alpha, what those rest on.\n"
         "\"Screen\" is `content_hint` \"detail\" or \"text\".");
    puts("\nOptions are refused that print, use files, or hang or crash the encoder with some values, and so are\n"
         "generic options of FFmpeg that no encoder reads.");
    puts("\nVP9 of other than 8 bits of 4:2:0, or of less than 64 rows, has one tile column, and one thread where the\n"
         "picture is wider than 4096. AV1 of more than 8 bits is not tuned for screens in realtime. Those crash\n"
         "otherwise, and `encoder_options` that ask for them are not supported.");
    for (size_t n = 0; (encoder = encoder_at(n)); n++)
        print_options(encoder);
    print_effort();
    print_hardware();
    puts("\n## What stands for {…}\n\n| name | value |\n|---|---|");
    for (size_t i = 0; i < ARRAY_LENGTH(placeholders); i++) {
        if (!used[i])
            fail("no option has {%s}", placeholders[i].name);
        printf("| `{%s}` | %s |\n", placeholders[i].name, placeholders[i].meaning);
    }
}

int main(void)
{
    print_preface();
    print_profiles();
    print_levels();
    print_quantizers();
    print_qualities();
    print_framerates();
    print_formats();
    print_colors();
    print_what_encoders_take();
    print_how_encoders_behave();
    print_controls();
    print_frames_held();
    print_native();
    print_all_options();
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
