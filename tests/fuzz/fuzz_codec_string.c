/* SPDX-License-Identifier: MIT */

/* Any text as a codec string. What is checked beyond memory: what codec_string.h promises of both outcomes. */

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec_string.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_accepted(const struct codec_id *id)
{
    check(id->family > CODEC_NONE && id->family < CODEC_FAMILY_COUNT);
    check(id->bit_depth == 8 || id->bit_depth == 10 || id->bit_depth == 12 || id->bit_depth == 16);
    check(id->chroma <= CHROMA_400 && id->chroma != CHROMA_440);
    check(id->tier <= 1);
    check(id->tier == 0 || id->family == CODEC_HEVC || id->family == CODEC_AV1);
    check(id->constraints == 0 || id->family == CODEC_H264);
    check(id->profile_compatibility == 0 || id->family == CODEC_HEVC);
    check(id->profile_space <= 3 && (id->profile_space == 0 || id->family == CODEC_HEVC));
    check(!id->in_band_parameter_sets || id->family == CODEC_H264 || id->family == CODEC_HEVC);
    check(id->family != CODEC_VP9 || (id->profile <= 3 && id->level >= 10 && id->level <= 62));
    check(id->family != CODEC_AV1 || (id->profile <= 2 && id->level <= 31));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct codec_id zero;
    struct codec_id first, second;
    struct failure why = {.message = ""};
    char *text = (char *)malloc(size + 1);

    if (!text)
        return 0;
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';

    /* Different fill: every byte of an id has to be written. */
    memset(&first, 0x55, sizeof first);
    memset(&second, 0xAA, sizeof second);
    bool accepted = wcenc__codec_string_parse(text, &first, &why);
    check(accepted == (*why.message == '\0')); /* SEC-001 */
    check(wcenc__codec_string_parse(text, &second, &why) == accepted);
    check(memcmp(&first, &second, sizeof first) == 0);
    if (accepted)
        check_accepted(&first);
    else
        check(*why.message && memcmp(&first, &zero, sizeof first) == 0);
    free(text);
    return 0;
}
