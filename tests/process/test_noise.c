/* SPDX-License-Identifier: MIT */

/*
 * Pictures that are hard to code, in configurations that once brought an encoder's library down and in random ones,
 * each in a process of its own. No signal, no hang, no word on stdout and stderr; what the query supports is encoded,
 * and what it does not support is refused.
 *
 * usage: test_noise                        the known cases
 *        test_noise COUNT SEED [FIRST]     random ones; each is the same whatever the others are
 */

#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "child.h"
#include "noise.h"
#include "../support/sanitizer.h"
#include "subject.h"

enum { LIMIT_MS = WCENC_TEST_IS_SLOW ? 600000 : 240000, AT_ONCE = 2 };

struct run {
    uint64_t seed;
    uint32_t first;
    bool is_random;
    int failures;
};

static struct noise_case case_of(const struct run *run, int index)
{
    struct noise_case noise;

    if (run->is_random)
        noise_random(run->seed, run->first + (uint32_t)index, &noise);
    else
        CHECK(noise_known((uint32_t)index, &noise));
    return noise;
}

/* With the scalability mode "manual" of three buffers: each frame from others, the second kept nowhere. */
static wcenc_encode_options options_of(const struct noise_case *noise, int number)
{
    wcenc_encode_options options;

    wcenc_encode_options_init(&options, sizeof options);
    if (noise->config.scalability_mode && strcmp(noise->config.scalability_mode, "manual") == 0) {
        options.references = 5u * (unsigned)number % 8;
        options.updates = 3u * (unsigned)(number - 1) % 8;
    }
    return options;
}

static wcenc_status encode(struct subject *subject, const struct noise_case *noise, uint64_t seed)
{
    uint8_t *pixels = malloc(noise_size(noise));
    wcenc_status status = WCENC_OK;

    CHECK(pixels);
    for (int i = 0; i < noise->frames && status == WCENC_OK; i++) {
        const wcenc_encode_options options = options_of(noise, i);
        wcenc_frame_desc desc;
        wcenc_frame *frame = NULL;

        wcenc_frame_desc_init(&desc, sizeof desc);
        desc.format = noise->format;
        desc.coded_width = noise->config.width;
        desc.coded_height = noise->config.height;
        desc.data = pixels;
        desc.data_size = noise_draw(noise, i, seed, pixels);
        desc.timestamp_us = i * INT64_C(33333);
        CHECK_EQUAL(wcenc_frame_create_copy(&desc, &frame), WCENC_OK);
        status = wcenc_encoder_encode(subject->encoder, frame, &options);
        wcenc_frame_unref(frame);
    }
    free(pixels);
    return status;
}

/* In a process of its own: what goes wrong is printed, as what the library prints would be. */
static void run_case(const struct run *run, int index)
{
    struct noise_case noise = case_of(run, index);
    struct subject subject;
    wcenc_status status;
    bool supported;

    noise.config.encoder_options = noise.options[0] ? noise.options : NULL;
    silence_encoder(noise.config.encoder_name);
    supported = is_supported(&noise.config);
    CHECK_EQUAL(subject_open(&subject, WCENC_DELIVERY_THREAD), WCENC_OK);
    CHECK_EQUAL(wcenc_encoder_configure(subject.encoder, &noise.config), WCENC_OK);
    status = encode(&subject, &noise, run->seed);
    if (status == WCENC_OK)
        status = wcenc_encoder_flush(subject.encoder);
    subject_close(&subject);
    CHECK_EQUAL(atomic_load(&subject.errors), supported ? 0 : 1);
    CHECK_EQUAL(atomic_load(&subject.chunks), supported ? noise.frames : 0);
    CHECK(!supported || status == WCENC_OK);
}

static bool start_case(void *context, int index, struct child *child)
{
    const struct run *run = context;
    char seed[32], first[16];
    const char *arguments[] = {"test_noise", run->is_random ? "--random" : "--known", seed, first, NULL};

    (void)snprintf(seed, sizeof seed, "%llu", (unsigned long long)run->seed);
    (void)snprintf(first, sizeof first, "%u", (unsigned)(run->first + (uint32_t)index));
    return child_spawn(child, arguments, LIMIT_MS);
}

static void end_case(void *context, int index, const struct child *child)
{
    struct run *run = context;
    struct noise_case noise = case_of(run, index);
    char text[CHILD_TEXT_MAX + 128], what[NOISE_DESCRIPTION_SIZE];

    if (child_is_well(child) && child->length == 0)
        return;
    run->failures++;
    child_describe(child, text, sizeof text);
    noise_describe(&noise, what);
    printf("FAILED: case %u: %s: %s\n", (unsigned)(run->first + (uint32_t)index), what, text);
    (void)fflush(stdout);
}

static int run_all(struct run *run, int count)
{
    struct batch batch = {.count = count, .at_once = AT_ONCE, .start = start_case, .end = end_case, .context = run};
    int64_t start = now_ms();

    CHECK(children_run(&batch));
    printf("%d cases", count);
    if (run->is_random)
        printf(" of seed %llu", (unsigned long long)run->seed);
    printf(", %d failed, in %lld ms\n", run->failures, (long long)(now_ms() - start));
    return run->failures == 0 ? 0 : 1;
}

static int count_known(void)
{
    struct noise_case noise;
    int count = 0;

    while (noise_known((uint32_t)count, &noise))
        count++;
    return count;
}

int main(int argc, char **argv)
{
    struct run run = {0};

    if (argc == 1)
        return run_all(&run, count_known());
    if (argc == 4 && argv[1][0] == '-') {
        run.is_random = strcmp(argv[1], "--random") == 0;
        run.seed = strtoull(argv[2], NULL, 10);
        run.first = run.is_random ? (uint32_t)strtoul(argv[3], NULL, 10) : 0;
        run_case(&run, run.is_random ? 0 : atoi(argv[3]));
        return 0;
    }
    if (argc < 3 || argc > 4) {
        fputs("usage: test_noise [COUNT SEED [FIRST]]\n", stderr);
        return 2;
    }
    run.is_random = true;
    run.seed = strtoull(argv[2], NULL, 10);
    run.first = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0;
    return run_all(&run, atoi(argv[1]));
}
