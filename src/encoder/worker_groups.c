/* SPDX-License-Identifier: MIT */

/* What the worker does with parallel groups: frames go to the lanes, and results come from them in order. */

#include "worker.h"

#include "encoder_priv.h"

bool wcenc__worker_has_groups(const wcenc_encoder *encoder)
{
    const struct encoder_config *config = encoder->worker.stream.config;

    return config && config->given.parallel_groups > 0;
}

/* Groups that are encoded at once: fewer than the configuration says where their frames would be too many bytes. */
static uint32_t lane_limit(const wcenc_encoder *encoder)
{
    const struct encoder_config *config = encoder->worker.stream.config;
    const uint64_t fitting = encoder->desc.max_queued_bytes / wcenc__config_group_bytes(config);

    if (encoder->desc.max_queued_bytes == 0 || fitting >= config->given.parallel_groups)
        return config->given.parallel_groups;
    return fitting > 0 ? (uint32_t)fitting : 1;
}

bool wcenc__worker_lanes_are_full(const wcenc_encoder *encoder, const struct queued_frame *frame)
{
    const struct worker *worker = &encoder->worker;
    const struct encoder_config *config = worker->stream.config;

    return wcenc__worker_has_groups(encoder) &&
           (encoder->frames_in_flight >= (uint64_t)lane_limit(encoder) * config->key_interval ||
            wcenc__lanes_are_full(&worker->lanes, frame->frame.bytes, encoder->desc.max_queued_bytes));
}

void wcenc__worker_encode_in_lanes(wcenc_encoder *encoder, struct queued_frame *frame)
{
    wcenc__lanes_encode(&encoder->worker.lanes, &encoder->worker.stream, lane_limit(encoder), frame);
}

bool wcenc__worker_take_result(wcenc_encoder *encoder)
{
    struct worker *worker = &encoder->worker;
    enum stream_result outcome = STREAM_FAILED;
    struct group_result result;
    struct failure failure;

    if (worker->has_failed || wcenc__worker_results_are_full(encoder) || !wcenc__lanes_take(&worker->lanes, &result))
        return false;
    if (result.type == GROUP_CHUNK) {
        wcenc__stream_adopt(&worker->stream, result.u.chunk);
        outcome = wcenc__worker_post_chunk(encoder, result.u.chunk, &failure);
    } else if (result.type == GROUP_DROP) {
        outcome = wcenc__worker_post_drop(encoder, &result.u.drop, &failure);
    } else {
        failure = *result.u.failure;
    }
    if (outcome == STREAM_FAILED) {
        failure.encoder_name = worker->stream.candidate->name;
        wcenc__encoder_unlock(encoder);
        wcenc__log(&encoder->log, WCENC_LOG_ERROR, "%s", failure.message);
        wcenc__lanes_discard(&worker->lanes);
        wcenc__encoder_lock(encoder);
        wcenc__worker_fail(encoder, &failure);
    }
    /* A program that pumps is woken here. */
    wcenc__encoder_unlock(encoder);
    wcenc__encoder_lock(encoder);
    return true;
}
