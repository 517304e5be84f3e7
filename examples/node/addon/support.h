/* SPDX-License-Identifier: MIT */
#ifndef WCENC_NODE_SUPPORT_H
#define WCENC_NODE_SUPPORT_H

#include "members.h"

/* A VideoEncoderConfig to the library's, whose texts `members` has to keep. */
bool support_read_config(napi_env env, napi_value object, wcenc_config *config, struct members *members);

#endif
