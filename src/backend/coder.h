/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BACKEND_CODER_H
#define WCENC_BACKEND_CODER_H

/* An open encoder of any backend, and the packetizer of what it makes. */

#include "backend.h"

struct coder {
    const struct codec_candidate *candidate;
    struct backend *backend; /* NULL: not open */
    struct packetizer packetizer;
};

/* False, with the failure set and nothing open, where it cannot. */
bool wcenc__coder_open(struct coder *coder, const struct backend_setup *setup, struct failure *failure);

/*
 * The backend's `receive`, with packets in the form of chunks. `*header` is NULL where that of the packet before still
 * holds; otherwise valid until the coder is closed.
 */
enum backend_result wcenc__coder_receive(struct coder *coder, struct backend_packet *packet,
                                         const struct stream_header **header, struct failure *failure);

/*
 * The backend's `reconfigure`: OK if all `changes` have been taken on; FAILED, where that has left a stream that cannot
 * be read; AGAIN if another encoder has to be opened.
 */
enum backend_result wcenc__coder_reconfigure(struct coder *coder, const struct encoder_config *config, uint32_t changes,
                                             struct failure *failure);

/* Does nothing if it is not open. */
void wcenc__coder_close(struct coder *coder);

#endif
