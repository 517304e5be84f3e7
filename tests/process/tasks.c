/* SPDX-License-Identifier: MIT */

#define _POSIX_C_SOURCE 200809L

#include "tasks.h"

#include <dirent.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static void read_line(const char *line, struct task *task)
{
    uint64_t number;

    if (sscanf(line, "Name:\t%31[^\n]", task->name) == 1 || sscanf(line, "State:\t%c", &task->state) == 1 ||
        sscanf(line, "SigBlk:\t%" SCNx64, &task->blocked) == 1)
        return;
    if (sscanf(line, "voluntary_ctxt_switches:\t%" SCNu64, &number) == 1)
        task->switches = number;
}

bool task_read(pid_t id, struct task *task)
{
    char path[64], line[512];
    FILE *file;

    memset(task, 0, sizeof *task);
    task->id = id;
    (void)snprintf(path, sizeof path, "/proc/self/task/%d/status", (int)id);
    file = fopen(path, "re");
    if (!file)
        return false;
    while (fgets(line, sizeof line, file))
        read_line(line, task);
    (void)fclose(file);
    return task->state != 0 && task->state != 'X' && task->state != 'Z';
}

static void read_all(struct tasks *tasks)
{
    DIR *directory = opendir("/proc/self/task");
    const struct dirent *entry;

    CHECK(directory);
    tasks->count = 0;
    while ((entry = readdir(directory))) {
        CHECK(tasks->count < TASKS_MAX);
        if (entry->d_name[0] != '.' && task_read((pid_t)atoi(entry->d_name), &tasks->task[tasks->count]))
            tasks->count++;
    }
    (void)closedir(directory);
}

static void *do_nothing(void *argument)
{
    return argument;
}

void tasks_read_own(struct tasks *tasks)
{
    pthread_t thread;

    CHECK_EQUAL(pthread_create(&thread, NULL, do_nothing, NULL), 0);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    read_all(tasks);
}

static bool contains(const struct tasks *tasks, pid_t id)
{
    for (int i = 0; i < tasks->count; i++)
        if (tasks->task[i].id == id)
            return true;
    return false;
}

void tasks_read_others(const struct tasks *own, struct tasks *others)
{
    int count = 0;

    read_all(others);
    for (int i = 0; i < others->count; i++)
        if (!contains(own, others->task[i].id))
            others->task[count++] = others->task[i];
    others->count = count;
}

bool task_blocks(const struct task *task, int signal)
{
    return task->blocked >> (signal - 1) & 1;
}
