/* SPDX-License-Identifier: MIT */

/* The version of the library, which its headers have said when it was built. */

#include <wcenc/version.h>

#define TEXT_OF(number) #number
#define TEXT(number)    TEXT_OF(number)

uint32_t wcenc_version(void)
{
    return (uint32_t)WCENC_VERSION_MAJOR << 16 | (uint32_t)WCENC_VERSION_MINOR << 8 | (uint32_t)WCENC_VERSION_PATCH;
}

const char *wcenc_version_string(void)
{
    return TEXT(WCENC_VERSION_MAJOR) "." TEXT(WCENC_VERSION_MINOR) "." TEXT(WCENC_VERSION_PATCH);
}
