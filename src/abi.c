/* SPDX-License-Identifier: MIT */

/* Reading structs of callers that were compiled against another version of the headers. */

#include "abi.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <wcenc/version.h>

#include "status.h"

/* No struct gets this long: a greater size is one that was never set, and reading that far would be a crash. */
enum { PLAUSIBLE_SIZE_MAX = 4096 };

void wcenc__struct_init(void *target, size_t size)
{
    if (!target)
        return;
    memset(target, 0, size);
    if (size >= sizeof size)
        memcpy(target, &size, sizeof size);
}

static bool is_all_zero(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

/* The size that a caller's struct says of itself, if a struct may have it. */
static wcenc_status read_size(const void *given, size_t known, size_t oldest, const char *name, size_t *size)
{
    if (!given)
        return wcenc__fail(WCENC_ERROR_TYPE, "%s is NULL", name);
    memcpy(size, given, sizeof *size);
    if (*size < oldest || *size > PLAUSIBLE_SIZE_MAX)
        return wcenc__fail(WCENC_ERROR_TYPE,
                           "%s.struct_size is %zu, which is no size of this struct (this version's: %zu)", name, *size,
                           known);
    return WCENC_OK;
}

wcenc_status wcenc__struct_copy_in(void *target, size_t known, const void *source, size_t oldest, const char *name)
{
    size_t given = 0;
    wcenc_status status = read_size(source, known, oldest, name, &given);

    if (status != WCENC_OK)
        return status;
    memset(target, 0, known);
    memcpy(target, source, given < known ? given : known);
    memcpy(target, &known, sizeof known);
    if (given > known && !is_all_zero((const uint8_t *)source + known, given - known))
        return wcenc__fail(WCENC_ERROR_NOT_SUPPORTED,
                           "%s gives members that version %d.%d of the library does not know (%zu bytes, known: %zu)",
                           name, WCENC_VERSION_MAJOR, WCENC_VERSION_MINOR, given, known);
    return WCENC_OK;
}

wcenc_status wcenc__reserved_check(int64_t value, const char *name)
{
    if (value == 0)
        return WCENC_OK;
    return wcenc__fail(WCENC_ERROR_NOT_SUPPORTED, "%s is %" PRId64 "; version %d.%d has no use for it, it must be 0",
                       name, value, WCENC_VERSION_MAJOR, WCENC_VERSION_MINOR);
}

wcenc_status wcenc__struct_copy_out(void *target, const void *source, size_t known, size_t oldest, const char *name)
{
    size_t wanted = 0;
    wcenc_status status = read_size(target, known, oldest, name, &wanted);

    if (status != WCENC_OK)
        return status;
    memset(target, 0, wanted);
    memcpy(target, source, wanted < known ? wanted : known);
    memcpy(target, &wanted, sizeof wanted);
    return WCENC_OK;
}
