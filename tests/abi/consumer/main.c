/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <wcenc/wcenc.h>

/* A program of somebody else's; it is compiled as C and as C++. The question needs all of the library to be linked. */
int main(void)
{
    wcenc_config config;
    wcenc_config_support *support = NULL;

    wcenc_config_init(&config, sizeof config);
    config.codec = "vp8";
    config.width = config.height = 64;
    if (wcenc_is_config_supported(&config, &support) != WCENC_OK)
        return 1;
    printf("%s, vp8 %s\n", wcenc_version_string(), support->supported ? "works" : support->reason);
    wcenc_config_support_free(support);
    return wcenc_version() == (WCENC_VERSION_MAJOR << 16 | WCENC_VERSION_MINOR << 8 | WCENC_VERSION_PATCH) ? 0 : 1;
}
