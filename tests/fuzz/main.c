/* SPDX-License-Identifier: MIT */

/*
 * Replays a fuzzer's inputs without libFuzzer: each file, and each file of each directory, given on the command line.
 * Each input stands in a block of exactly its size, so that a sanitizer sees each byte read too far.
 */

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long inputs;

/* False if the path is no file or cannot be read. */
static bool replay_file(const char *path)
{
    struct stat info;

    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return false;

    size_t size = (size_t)info.st_size;
    uint8_t *data = (uint8_t *)malloc(size);
    FILE *file = fopen(path, "rb");
    bool ok = file && (data || size == 0) && fread(data, 1, size, file) == size;

    if (ok) {
        LLVMFuzzerTestOneInput(data, size);
        inputs++;
    }
    if (file)
        fclose(file);
    free(data);
    return ok;
}

/* False if a file in the directory cannot be read. */
static bool replay_directory(const char *path, DIR *directory)
{
    const struct dirent *entry;
    bool ok = true;

    while ((entry = readdir(directory)) != NULL) {
        size_t size = strlen(path) + strlen(entry->d_name) + 2;

        if (entry->d_name[0] == '.')
            continue;

        char *name = (char *)malloc(size);

        if (!name)
            return false;
        snprintf(name, size, "%s/%s", path, entry->d_name);
        if (!replay_file(name)) {
            fprintf(stderr, "%s: cannot be read\n", name);
            ok = false;
        }
        free(name);
    }
    return ok;
}

int main(int argc, char **argv)
{
    bool ok = true;

    for (int i = 1; i < argc; i++) {
        DIR *directory = opendir(argv[i]);

        if (directory) {
            ok = replay_directory(argv[i], directory) && ok;
            closedir(directory);
        } else if (!replay_file(argv[i])) {
            fprintf(stderr, "%s: cannot be read\n", argv[i]);
            ok = false;
        }
    }
    printf("%lu inputs\n", inputs);
    return ok && inputs > 0 ? 0 : 1;
}
