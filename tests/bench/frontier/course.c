/* SPDX-License-Identifier: MIT */

#include "course.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../process/check.h"
#include "../process.h"

void course_open(struct course *course, int frames, const char *path)
{
    *course = (struct course){.frames = frames};
    CHECK(course->in = calloc((size_t)frames, sizeof *course->in));
    CHECK(course->out = calloc((size_t)frames, sizeof *course->out));
    CHECK(course->sizes = calloc((size_t)frames, sizeof *course->sizes));
    CHECK_EQUAL(sem_init(&course->first, 0, 0), 0);
    if (path)
        course->stream = stream_create(path);
}

void course_take(void *user, const uint8_t *data, size_t size, int64_t number)
{
    struct course *course = user;

    CHECK(number >= 0 && number < course->frames);
    CHECK_EQUAL(course->out[number], 0);
    course->out[number] = now_ns();
    course->sizes[number] = size;
    if (course->stream)
        stream_take(course->stream, data, size, number);
    if (course->taken++ == 0)
        CHECK_EQUAL(sem_post(&course->first), 0);
}

void course_start_clocks(struct course *course)
{
    course->wall_ns = now_ns();
    course->cpu_ns = process_cpu_ns();
}

void course_stop_clocks(struct course *course)
{
    course->wall_ns = now_ns() - course->wall_ns;
    course->cpu_ns = process_cpu_ns() - course->cpu_ns;
}

void course_finish(struct course *course, const char *encoder)
{
    CHECK_EQUAL(course->taken, course->frames);
    printf("{\"encoder\": \"%s\", \"wall_ns\": %" PRId64 ", \"cpu_ns\": %" PRId64 ", \"sizes\": [", encoder,
           course->wall_ns, course->cpu_ns);
    for (int i = 0; i < course->frames; i++)
        printf("%s%zu", i ? ", " : "", course->sizes[i]);
    printf("], \"latencies_ns\": [");
    for (int i = 0; i < course->frames; i++)
        printf("%s%" PRId64, i ? ", " : "", course->out[i] - course->in[i]);
    printf("]}\n");
    if (course->stream)
        stream_finish(course->stream);
    CHECK_EQUAL(sem_destroy(&course->first), 0);
    free(course->in);
    free(course->out);
    free(course->sizes);
}
