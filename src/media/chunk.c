/* SPDX-License-Identifier: MIT */

/* Chunks and their metadata: see chunk.h. */

#include "chunk.h"

#include <string.h>

#include "abi.h"
#include "color_space.h"
#include "hdr_metadata.h"
#include "mem.h"
#include "status.h"

struct wcenc_chunk {
    struct ref ref;

    /* immutable once it is delivered */
    struct chunk_fields fields;
    struct decoder_config *decoder_config; /* a reference, or NULL */
    wcenc_chunk_metadata metadata;
    bool has_metadata; /* made by an encoder */
    uint8_t copied[];  /* the data of a chunk that the user made */
};

/* Appends bytes at `*end` and returns where they are now; NULL stays NULL, so that an absent one differs from an empty
 * one.
 */
static const void *put_bytes(uint8_t **end, const void *bytes, size_t size)
{
    uint8_t *at = *end;

    if (!bytes)
        return NULL;
    if (size)
        memcpy(at, bytes, size);
    *end += size;
    return at;
}

struct decoder_config *wcenc__decoder_config_create(const wcenc_decoder_config *from)
{
    size_t codec_size = from->codec ? strlen(from->codec) + 1 : 0;
    struct decoder_config *config =
        mem_alloc(sizeof *config + codec_size + from->description_size + from->container_private_size);
    wcenc_decoder_config *public;
    uint8_t *end = (uint8_t *)(config + 1);

    if (!config)
        return NULL;
    ref_init(&config->ref);
    public = &config->public;
    *public = *from;
    public->struct_size = sizeof *public;
    if (from->hdr_metadata) {
        config->hdr_metadata = *from->hdr_metadata;
        public->hdr_metadata = &config->hdr_metadata;
    }
    public->description = put_bytes(&end, from->description, from->description_size);
    public->container_private = put_bytes(&end, from->container_private, from->container_private_size);
    public->codec = put_bytes(&end, from->codec, codec_size);
    return config;
}

struct decoder_config *wcenc__decoder_config_ref(struct decoder_config *config)
{
    if (config)
        ref_take(&config->ref);
    return config;
}

void wcenc__decoder_config_unref(struct decoder_config *config)
{
    if (config && ref_give(&config->ref))
        mem_free(config);
}

static bool same_bytes(const void *a, size_t a_size, const void *b, size_t b_size)
{
    return !a == !b && a_size == b_size && (a_size == 0 || memcmp(a, b, a_size) == 0);
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* But for the reorder depth. */
static bool are_alike(const struct decoder_config *a, const struct decoder_config *b)
{
    const wcenc_decoder_config *one = &a->public, *other = &b->public;

    return same_text(one->codec, other->codec) && one->coded_width == other->coded_width &&
           one->coded_height == other->coded_height && one->display_aspect_width == other->display_aspect_width &&
           one->display_aspect_height == other->display_aspect_height && one->rotation == other->rotation &&
           one->flip == other->flip && wcenc__color_space_equal(&one->color_space, &other->color_space) &&
           hdr_metadata_same(one->hdr_metadata, other->hdr_metadata) &&
           same_bytes(one->description, one->description_size, other->description, other->description_size);
}

bool wcenc__decoder_config_equal(const struct decoder_config *a, const struct decoder_config *b)
{
    return a->public.reorder_depth == b->public.reorder_depth && are_alike(a, b);
}

bool wcenc__decoder_config_holds_for(const struct decoder_config *config, const struct decoder_config *next)
{
    return next->public.reorder_depth <= config->public.reorder_depth && are_alike(config, next);
}

wcenc_chunk *wcenc__chunk_create(const struct chunk_fields *fields, struct decoder_config *decoder_config)
{
    wcenc_chunk *chunk = mem_alloc(sizeof *chunk);

    if (!chunk)
        return NULL;
    ref_init(&chunk->ref);
    chunk->fields = *fields;
    chunk->decoder_config = wcenc__decoder_config_ref(decoder_config);
    chunk->metadata = (wcenc_chunk_metadata){
        .struct_size = sizeof chunk->metadata,
        .decoder_config = decoder_config ? &decoder_config->public : NULL,
        .alpha_side_data = fields->alpha,
        .alpha_side_data_size = fields->alpha_size,
        .has_svc = fields->has_layer,
        .temporal_layer_id = fields->layer,
        .has_quantizer = fields->quantizer >= 0,
        .quantizer = fields->quantizer >= 0 ? (uint32_t)fields->quantizer : 0,
    };
    chunk->has_metadata = true;
    return chunk;
}

struct decoder_config *wcenc__chunk_decoder_config(const wcenc_chunk *chunk)
{
    return chunk->decoder_config;
}

void wcenc__chunk_forget_decoder_config(wcenc_chunk *chunk)
{
    wcenc__decoder_config_unref(chunk->decoder_config);
    chunk->decoder_config = NULL;
    chunk->metadata.decoder_config = NULL;
}

void wcenc__chunk_set_dts(wcenc_chunk *chunk, int64_t dts_us)
{
    chunk->fields.dts_us = dts_us;
}

void wcenc_chunk_desc_init(wcenc_chunk_desc *desc, size_t size)
{
    wcenc__struct_init(desc, size);
}

static wcenc_status check_init(const wcenc_chunk_desc *desc)
{
    if (desc->type != WCENC_CHUNK_TYPE_KEY && desc->type != WCENC_CHUNK_TYPE_DELTA)
        return wcenc__fail(WCENC_ERROR_TYPE, "desc.type is %d; use WCENC_CHUNK_TYPE_KEY or WCENC_CHUNK_TYPE_DELTA",
                           desc->type);
    if (!desc->data && desc->data_size != 0)
        return wcenc__fail(WCENC_ERROR_TYPE, "desc.data is NULL, but desc.data_size is %zu", desc->data_size);
    return WCENC_OK;
}

wcenc_status wcenc_chunk_create(const wcenc_chunk_desc *desc, wcenc_chunk **out)
{
    wcenc_chunk_desc given;
    wcenc_chunk *chunk;
    wcenc_status status;

    if (!out)
        return wcenc__fail(WCENC_ERROR_TYPE, "out is NULL");
    *out = NULL;
    status = wcenc__struct_copy_in(&given, sizeof given, desc, sizeof given, "desc");
    if (status == WCENC_OK)
        status = check_init(&given);
    if (status != WCENC_OK)
        return status;
    chunk = given.data_size <= SIZE_MAX - sizeof *chunk ? mem_alloc(sizeof *chunk + given.data_size) : NULL;
    if (!chunk)
        return wcenc__fail_no_memory();
    memset(chunk, 0, sizeof *chunk);
    ref_init(&chunk->ref);
    if (given.data_size)
        memcpy(chunk->copied, given.data, given.data_size);
    chunk->fields = (struct chunk_fields){
        .timestamp_us = given.timestamp_us,
        .dts_us = given.timestamp_us,
        .duration_us = given.duration_us,
        .user_tag = given.user_tag,
        .has_duration = given.has_duration || given.duration_us != 0,
        .is_key = given.type == WCENC_CHUNK_TYPE_KEY,
        .data = chunk->copied,
        .size = given.data_size,
    };
    *out = chunk;
    return WCENC_OK;
}

wcenc_chunk *wcenc_chunk_ref(wcenc_chunk *chunk)
{
    if (chunk)
        ref_take(&chunk->ref);
    return chunk;
}

void wcenc_chunk_unref(wcenc_chunk *chunk)
{
    if (!chunk || !ref_give(&chunk->ref))
        return;
    if (chunk->fields.free_data)
        chunk->fields.free_data(chunk->fields.owner);
    if (chunk->fields.free_alpha)
        chunk->fields.free_alpha(chunk->fields.alpha_owner);
    wcenc__decoder_config_unref(chunk->decoder_config);
    mem_free(chunk);
}

wcenc_chunk_type wcenc_chunk_get_type(const wcenc_chunk *chunk)
{
    if (!chunk)
        return 0;
    return chunk->fields.is_key ? WCENC_CHUNK_TYPE_KEY : WCENC_CHUNK_TYPE_DELTA;
}

int64_t wcenc_chunk_get_timestamp_us(const wcenc_chunk *chunk)
{
    return chunk ? chunk->fields.timestamp_us : 0;
}

int64_t wcenc_chunk_get_dts_us(const wcenc_chunk *chunk)
{
    return chunk ? chunk->fields.dts_us : 0;
}

int32_t wcenc_chunk_get_duration_us(const wcenc_chunk *chunk, uint64_t *duration_us)
{
    const bool has_duration = chunk && chunk->fields.has_duration;

    if (duration_us)
        *duration_us = has_duration ? chunk->fields.duration_us : 0;
    return has_duration;
}

uint64_t wcenc_chunk_get_user_tag(const wcenc_chunk *chunk)
{
    return chunk ? chunk->fields.user_tag : 0;
}

const void *wcenc_chunk_get_data(const wcenc_chunk *chunk)
{
    return chunk ? chunk->fields.data : NULL;
}

size_t wcenc_chunk_get_byte_length(const wcenc_chunk *chunk)
{
    return chunk ? chunk->fields.size : 0;
}

wcenc_status wcenc_chunk_copy_to(const wcenc_chunk *chunk, void *destination, size_t destination_size)
{
    if (!chunk)
        return wcenc__fail(WCENC_ERROR_TYPE, "chunk is NULL");
    if (destination_size < chunk->fields.size)
        return wcenc__fail(WCENC_ERROR_TYPE, "destination_size is %zu, less than the chunk's %zu bytes",
                           destination_size, chunk->fields.size);
    if (!destination && chunk->fields.size)
        return wcenc__fail(WCENC_ERROR_TYPE, "destination is NULL");
    if (chunk->fields.size)
        memcpy(destination, chunk->fields.data, chunk->fields.size);
    return WCENC_OK;
}

const wcenc_chunk_metadata *wcenc_chunk_get_metadata(const wcenc_chunk *chunk)
{
    return chunk && chunk->has_metadata ? &chunk->metadata : NULL;
}
