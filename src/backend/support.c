/* SPDX-License-Identifier: MIT */

/*
 * The support query. First what the tables can say (codec string, size, level, members that contradict one another),
 * then the candidates of the codec in the order of preference, until a backend has one that opens.
 */

#include "support.h"

#include <string.h>

#include "ffmpeg_version.h"
#include "mem.h"
#include "probe.h"
#include "profiles.h"
#include "status.h"
#include "thread.h"

enum {
    B_FRAMES_MAX = 16, /* in a row: what x264 and x265 take */
    THREADS_MAX = 1024,
    EFFORT_MAX = 2,
    PARALLEL_GROUPS_MAX = 1024,
};

static bool check_quality(const struct encoder_config *config, struct failure *why)
{
    const struct codec_family_info *family = wcenc__codec_family(config->codec.family);
    const wcenc_config *given = &config->given;

    if (given->bitrate_mode != WCENC_BITRATE_CONSTANT_QUALITY) {
        if (given->has_quality || given->quality != 0)
            return wcenc__refuse(why, "quality is set, but bitrate_mode is not WCENC_BITRATE_CONSTANT_QUALITY");
        return true;
    }
    if (config->quality < 0 || config->quality > family->quality_max)
        return wcenc__refuse(why, "quality %g is outside of 0 to %u, the scale of %s", config->quality,
                             family->quality_max, family->name);
    return true;
}

/* What closed groups side by side exclude. */
static bool check_groups(const struct encoder_config *config, struct failure *why)
{
    const wcenc_config *given = &config->given;

    if (!given->parallel_groups)
        return true;
    if (given->parallel_groups > PARALLEL_GROUPS_MAX)
        return wcenc__refuse(why, "parallel_groups is %u, libwcenc allows %d", given->parallel_groups,
                             PARALLEL_GROUPS_MAX);
    if (given->latency_mode == WCENC_LATENCY_REALTIME)
        return wcenc__refuse(why, "parallel_groups with latency_mode \"realtime\": groups wait for each other");
    if (given->bitrate_mode == WCENC_BITRATE_CONSTANT)
        return wcenc__refuse(why,
                             "parallel_groups with bitrate_mode \"constant\": each group has a rate control of its "
                             "own");
    if (config_has_steps(config))
        return wcenc__refuse(why, "parallel_groups excludes scalability_mode \"%s\"; use L1T1",
                             given->scalability_mode);
    if (config->key_interval == CONFIG_NO_KEY_INTERVAL)
        return wcenc__refuse(why, "parallel_groups with key_interval %u: a group is as long as the interval",
                             given->key_interval);
    return true;
}

static bool check_members(const struct encoder_config *config, struct failure *why)
{
    const wcenc_config *given = &config->given;
    bool realtime = given->latency_mode == WCENC_LATENCY_REALTIME;
    struct codec_id unused;

    if (config->sets_unknown)
        return wcenc__refuse(why, "the config sets members that this version of libwcenc does not know");
    if (config->codec.family == CODEC_NONE)
        return wcenc__codec_string_parse(given->codec, &unused, why);
    if (given->framerate != 0 &&
        !(given->framerate >= CONFIG_FRAMERATE_MIN && given->framerate <= CONFIG_FRAMERATE_MAX))
        return wcenc__refuse(why, "framerate %g is outside of %g to %g", given->framerate, CONFIG_FRAMERATE_MIN,
                             CONFIG_FRAMERATE_MAX);
    if (!check_quality(config, why))
        return false;
    if (config->temporal_layers == 0)
        return wcenc__refuse(why, "scalability_mode \"%.32s\" is not valid; use L1T1, L1T2, L1T3 or manual",
                             given->scalability_mode);
    if (given->max_b_frames > B_FRAMES_MAX)
        return wcenc__refuse(why, "max_b_frames is %u, libwcenc allows %d", given->max_b_frames, B_FRAMES_MAX);
    if (given->threads > THREADS_MAX)
        return wcenc__refuse(why, "threads is %u, libwcenc allows %d", given->threads, THREADS_MAX);
    if (given->effort < -EFFORT_MAX || given->effort > EFFORT_MAX)
        return wcenc__refuse(why, "effort is %d, libwcenc allows -%d to %d", (int)given->effort, EFFORT_MAX,
                             EFFORT_MAX);
    if (realtime && given->max_b_frames)
        return wcenc__refuse(why, "max_b_frames with latency_mode \"realtime\": B-frames wait for later frames");
    return check_groups(config, why);
}

static bool check_size(const struct encoder_config *config, struct failure *why)
{
    const struct codec_family_info *family = wcenc__codec_family(config->codec.family);
    const wcenc_config *given = &config->given;
    const struct level_demand demand = wcenc__config_level_demand(config);

    if (given->width > family->max_width)
        return wcenc__refuse(why, "width is %u, %s allows %u", given->width, family->name, family->max_width);
    if (given->height > family->max_height)
        return wcenc__refuse(why, "height is %u, %s allows %u", given->height, family->name, family->max_height);
    return wcenc__codec_level_allows(&config->codec, &demand, why);
}

static bool check_profile(const struct encoder_config *config, struct failure *why)
{
    const struct codec_profile *profile;

    profile = wcenc__codec_profile(&config->codec, why);
    if (!profile)
        return false;
    if (config->given.max_b_frames && !profile->has_b_frames)
        return wcenc__refuse(why, "max_b_frames %u: profile %s of %s has no B-frames", config->given.max_b_frames,
                             profile->name, wcenc__codec_family(config->codec.family)->name);
    return true;
}

static bool is_named(const struct codec_candidate *candidate, const wcenc_config *given)
{
    if (given->encoder_name && *given->encoder_name)
        return strcmp(candidate->name, given->encoder_name) == 0;
    return !candidate->by_name_only;
}

/* Whether an encoder that stands in for others has to, where nobody names it. */
static bool has_turn(const struct codec_candidate *candidate, const struct encoder_config *config, bool is_first)
{
    const bool is_by_name = config->given.encoder_name && *config->given.encoder_name;

    return !(candidate->capabilities & ENCODER_STANDS_IN) || is_by_name || is_first || config->temporal_layers > 1;
}

static bool is_installed(const struct codec_candidate *candidate)
{
    struct backend_description unused;

    return candidate->backend->describe(candidate, &unused);
}

/* As a rule the reason of the first choice helps most. But if there was no memory, no choice was really tried. */
static bool helps_more(const struct failure *why, const struct failure *first, const struct codec_candidate *candidate)
{
    return why->status == WCENC_ERROR_NO_MEMORY || (first->defers && is_installed(candidate));
}

/* Tries the encoders of one kind in the order of preference. `any`: there was one to be tried. */
static bool probe_kind(const struct encoder_config *config, bool is_hardware, struct support *support, bool *any)
{
    const struct codec_candidate *candidate;
    bool is_first = true, is_first_installed = true;
    struct failure why;

    for (size_t n = 0; (candidate = wcenc__backend_candidate(config->codec.family, n)); n++) {
        if (candidate->is_hardware != is_hardware || !is_named(candidate, &config->given) ||
            !has_turn(candidate, config, is_first_installed))
            continue;
        *any = true;
        is_first_installed = is_first_installed && !is_installed(candidate);
        if (wcenc__probe(candidate, config, &support->probe, &why)) {
            support->candidate = candidate;
            return true;
        }
        why.encoder_name = candidate->name;
        if (is_first || helps_more(&why, &support->why, candidate))
            support->why = why;
        if (why.status == WCENC_ERROR_NO_MEMORY)
            return false;
        is_first = false;
    }
    return false;
}

/* Why no encoder was to be tried. */
static bool refuse_name(const struct encoder_config *config, struct failure *why)
{
    const char *name = config->given.encoder_name;
    const struct codec_candidate *candidate;

    for (size_t n = 0; (candidate = wcenc__backend_candidate(config->codec.family, n)); n++)
        if (is_named(candidate, &config->given))
            return wcenc__refuse(why, "encoder_name \"%s\" is %s, hardware_acceleration is %d", candidate->name,
                                 candidate->is_hardware ? "hardware" : "software",
                                 (int)config->given.hardware_acceleration);
    return wcenc__refuse(why, "encoder_name \"%.64s\" is not an encoder of %s", name ? name : "",
                         wcenc__codec_family(config->codec.family)->name);
}

/* Hardware only where it is asked for, by preference or by name, so that most configs run the same everywhere. */
static bool probe_candidates(const struct encoder_config *config, struct support *support)
{
    const wcenc_config *given = &config->given;
    const wcenc_hardware_acceleration preference = given->hardware_acceleration;
    const bool is_by_name = given->encoder_name && *given->encoder_name;
    const bool tries_hardware = preference == WCENC_HARDWARE_PREFER_HARDWARE || preference == WCENC_HARDWARE_REQUIRED ||
                                (preference == WCENC_HARDWARE_NO_PREFERENCE && is_by_name);
    bool any = false;

    if (tries_hardware && probe_kind(config, true, support, &any))
        return true;
    if (support->why.status == WCENC_ERROR_NO_MEMORY)
        return false;
    if (preference != WCENC_HARDWARE_REQUIRED && probe_kind(config, false, support, &any))
        return true;
    return any ? false : refuse_name(config, &support->why);
}

uint32_t wcenc__support_reference_buffers(const struct encoder_config *config)
{
    const struct codec_candidate *candidate;
    uint32_t buffers = 0;

    for (size_t n = 0; buffers == 0 && (candidate = wcenc__backend_candidate(config->codec.family, n)); n++)
        if (is_named(candidate, &config->given))
            buffers = wcenc__candidate_reference_buffers(candidate);
    return buffers;
}

bool wcenc__support_find(const struct encoder_config *config, struct support *support)
{
    memset(support, 0, sizeof *support);
    return wcenc__ffmpeg_check(&support->why) && check_members(config, &support->why) &&
           check_profile(config, &support->why) && check_size(config, &support->why) &&
           probe_candidates(config, support);
}

/* What a caller is given: the answer and the config that it names, in one allocation but for the config. */
struct support_answer {
    wcenc_config_support public; /* first, so that a pointer to it is one to the whole */
    struct encoder_config *config;
    char reason[FAILURE_TEXT_SIZE];
};

wcenc_status wcenc_is_config_supported(const wcenc_config *config, wcenc_config_support **out)
{
    struct support_answer *answer;
    struct support support;
    wcenc_status status;
    bool found;
    int before;

    if (!out)
        return wcenc__fail(WCENC_ERROR_TYPE, "out is NULL");
    *out = NULL;
    answer = mem_zalloc(sizeof *answer);
    if (!answer)
        return wcenc__fail_no_memory();
    status = wcenc__config_create(config, true, &answer->config);
    if (status != WCENC_OK) {
        mem_free(answer);
        return status;
    }
    answer->public.struct_size = sizeof answer->public;
    answer->public.config = &answer->config->given;
    /* Encoders that are opened wait for their threads. */
    before = wcenc__cancellation_block();
    found = wcenc__support_find(answer->config, &support);
    wcenc__cancellation_restore(before);
    if (found) {
        answer->public.supported = 1;
        answer->public.encoder_name = support.candidate->name;
        answer->public.codec = answer->config->codec_string;
        answer->public.delay_frames = support.probe.delay_frames;
        answer->public.capabilities = support.probe.capabilities;
        answer->public.parallel_groups_bytes = wcenc__config_groups_bytes(answer->config);
        if (answer->config->is_manual)
            answer->public.reference_buffers = wcenc__candidate_reference_buffers(support.candidate);
    } else if (support.why.status == WCENC_ERROR_NO_MEMORY) {
        wcenc_config_support_free(&answer->public);
        return wcenc__fail_no_memory();
    } else {
        memcpy(answer->reason, support.why.message, sizeof answer->reason);
        answer->public.reason = answer->reason;
    }
    *out = &answer->public;
    return WCENC_OK;
}

void wcenc_config_support_free(wcenc_config_support *support)
{
    struct support_answer *answer = (struct support_answer *)support;

    if (!answer)
        return;
    wcenc__config_unref(answer->config);
    mem_free(answer);
}
