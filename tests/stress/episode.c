/* SPDX-License-Identifier: MIT */

#include "episode.h"

#include <stdlib.h>

#include "calls.h"
#include "finish.h"
#include "report.h"
#include "scope.h"
#include "subject.h"

/* Parts of the episode's seed. */
enum { PART_EPISODE, PART_FINISH, PART_SUBJECT = 100, PART_CALLER = 200, PART_PUMP = 300 };

static uint64_t part_seed(const struct episode *episode, uint64_t part)
{
    return random_part(episode->seed, part).state;
}

static void add_pumps(struct episode *episode, struct subject *subject, struct random *random)
{
    uint32_t count = random_between(random, subject->is_steady ? 1 : 0, subject->is_orderly ? 1 : 2);

    if (subject_is(subject, WCENC_DELIVERY_THREAD))
        return;
    for (; count > 0; count--) {
        int index = episode->pump_count++;

        subject_ref(subject);
        episode->pumps[index] = (struct pump){.subject = subject,
                                              .number = 1 + CALLERS_MAX + index,
                                              .seed = part_seed(episode, PART_PUMP + (uint64_t)index)};
    }
}

/* The first caller has a reference to every encoder, the others to most. */
static void add_caller(struct episode *episode, struct random *random)
{
    int index = episode->caller_count++;
    struct caller *caller = &episode->callers[index];

    caller->episode = episode;
    caller->number = 1 + index;
    caller->seed = part_seed(episode, PART_CALLER + (uint64_t)index);
    for (int i = 0; i < episode->subject_count; i++) {
        caller->holds[i] = random_chance(random, 850) || index == 0;
        if (!caller->holds[i])
            continue;
        subject_ref(episode->subjects[i]);
        atomic_fetch_add(&episode->subjects[i]->users, 1);
    }
}

static struct episode *make(uint64_t seed, int threads)
{
    struct episode *episode = calloc(1, sizeof *episode);
    struct random random;
    int subjects, callers;

    if (!episode)
        give_up("memory is short");
    episode->seed = seed;
    random = random_part(seed, PART_EPISODE);
    episode->actions_most = random_between(&random, 20, 60);
    subjects = (int)random_between(&random, 1, SUBJECTS_MAX);
    callers = (int)random_between(&random, 2, 5);
    while (episode->subject_count < subjects) {
        int index = episode->subject_count;

        episode->subjects[index] =
            subject_create(episode, index + 1, part_seed(episode, PART_SUBJECT + (uint64_t)index));
        add_pumps(episode, episode->subjects[index], &random);
        episode->subject_count++;
    }
    while (episode->caller_count < (threads ? threads : callers))
        add_caller(episode, &random);
    return episode;
}

static void start(struct episode *episode)
{
    for (int i = 0; i < episode->pump_count; i++)
        if (pthread_create(&episode->pumps[i].thread, NULL, pump_main, &episode->pumps[i]) != 0)
            give_up("a thread cannot be had");
    for (int i = 0; i < episode->caller_count; i++)
        if (pthread_create(&episode->callers[i].thread, NULL, caller_main, &episode->callers[i]) != 0)
            give_up("a thread cannot be had");
}

static void join_pumps(const struct episode *episode, const struct subject *subject)
{
    for (int i = 0; i < episode->pump_count; i++)
        if (episode->pumps[i].subject == subject)
            pthread_join(episode->pumps[i].thread, NULL);
}

/* Those that pump for as long as they like end by themselves, the others once they are told to. */
static void end_subject(struct episode *episode, struct subject *subject, struct random *random)
{
    struct finish finish;

    if (!subject->is_steady)
        join_pumps(episode, subject);
    finish_close(&finish, subject, random);
    subject_stop(subject);
    if (subject->is_steady)
        join_pumps(episode, subject);
    finish_destroy(&finish, subject, random);
    finish_check(&finish, subject);
}

void episode_run(uint64_t seed, int threads)
{
    struct episode *episode = make(seed, threads);
    struct random random = random_part(seed, PART_FINISH);

    start(episode);
    /* Of those the last reference goes wherever it happens to be. */
    for (int i = 0; i < episode->subject_count; i++)
        if (episode->subjects[i]->is_orphan)
            call_unref(episode->subjects[i]);
    for (int i = 0; i < episode->caller_count; i++)
        pthread_join(episode->callers[i].thread, NULL);
    for (int i = 0; i < episode->subject_count; i++)
        end_subject(episode, episode->subjects[i], &random);
    scope_wait_for_guests();
    lendings_check(&episode->lendings);
    for (int i = 0; i < episode->subject_count; i++)
        subject_free(episode->subjects[i]);
    free(episode);
}
