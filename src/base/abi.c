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

static void set_size(void *target, size_t size)
{
    const uint32_t value = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;

    memcpy(target, &value, sizeof value);
}

void wcenc__struct_init(void *target, size_t size)
{
    if (!target)
        return;
    memset(target, 0, size);
    if (size >= sizeof(uint32_t))
        set_size(target, size);
}

static bool is_all_zero(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

/* The size that a caller's struct says of itself, if a struct may have it. */
static wcenc_status read_size(const void *given, size_t known, size_t oldest, const char *name, uint32_t *size)
{
    if (!given)
        return wcenc__fail(WCENC_ERROR_TYPE, "%s is NULL", name);
    memcpy(size, given, sizeof *size);
    if (*size < oldest || *size > PLAUSIBLE_SIZE_MAX)
        return wcenc__fail(WCENC_ERROR_TYPE,
                           "%s.struct_size is %" PRIu32 ", which is not a size of this struct; this version's is %zu",
                           name, *size, known);
    return WCENC_OK;
}

wcenc_status wcenc__struct_copy_known(void *target, size_t known, const void *source, size_t oldest, const char *name,
                                      bool *sets_unknown)
{
    uint32_t given = 0, reserved;
    wcenc_status status = read_size(source, known, oldest, name, &given);

    if (status != WCENC_OK)
        return status;
    memset(target, 0, known);
    memcpy(target, source, given < known ? given : known);
    set_size(target, known);
    memcpy(&reserved, (const char *)target + sizeof given, sizeof reserved);
    *sets_unknown = reserved != 0 || (given > known && !is_all_zero((const uint8_t *)source + known, given - known));
    return WCENC_OK;
}

wcenc_status wcenc__struct_copy_in(void *target, size_t known, const void *source, size_t oldest, const char *name)
{
    bool sets_unknown = false;
    wcenc_status status = wcenc__struct_copy_known(target, known, source, oldest, name, &sets_unknown);

    return status == WCENC_OK ? wcenc__unknown_check(sets_unknown, name) : status;
}

wcenc_status wcenc__unknown_check(bool sets_unknown, const char *name)
{
    if (!sets_unknown)
        return WCENC_OK;
    return wcenc__fail(WCENC_ERROR_NOT_SUPPORTED,
                       "%s sets reserved members, or members that version %d.%d of the library does not know", name,
                       WCENC_VERSION_MAJOR, WCENC_VERSION_MINOR);
}

wcenc_status wcenc__struct_copy_out(void *target, const void *source, size_t known, size_t oldest, const char *name)
{
    uint32_t wanted = 0;
    wcenc_status status = read_size(target, known, oldest, name, &wanted);

    if (status != WCENC_OK)
        return status;
    memset(target, 0, wanted);
    memcpy(target, source, wanted < known ? wanted : known);
    set_size(target, wanted);
    return WCENC_OK;
}
