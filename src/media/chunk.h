/* SPDX-License-Identifier: MIT */
#ifndef WCENC_MEDIA_CHUNK_H
#define WCENC_MEDIA_CHUNK_H

/*
 * wcenc_chunk, an encoded picture, and the decoder config that chunks share. Once delivered both are immutable; they
 * are reference-counted; each is one block of memory, and a chunk that an encoder made leaves its bytes where the codec
 * put them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wcenc/chunk.h>

#include "ref.h"

/* A VideoDecoderConfig with its own copies of all that it points to. */
struct decoder_config {
    struct ref ref;
    wcenc_decoder_config public;
    wcenc_hdr_metadata hdr_metadata;
};

/* A deep copy; struct_size is set. NULL if out of memory. */
struct decoder_config *wcenc__decoder_config_create(const wcenc_decoder_config *from);
struct decoder_config *wcenc__decoder_config_ref(struct decoder_config *config);
/* NULL is ignored. */
void wcenc__decoder_config_unref(struct decoder_config *config);
/*
 * To a decoder, what is pointed to included. container_private does not count: it repeats what the stream says, and of
 * what it says beyond (VP9's level by bitrate) a container keeps one for the whole stream.
 */
bool wcenc__decoder_config_equal(const struct decoder_config *a, const struct decoder_config *b);
/* Whether a decoder that has `config` can do without `next`: they are equal, or `next` only reorders less. */
bool wcenc__decoder_config_holds_for(const struct decoder_config *config, const struct decoder_config *next);

/* What an encoder makes a chunk of. */
struct chunk_fields {
    int64_t timestamp_us;
    int64_t dts_us;
    uint64_t duration_us;
    uint64_t user_tag;
    bool has_duration;
    bool is_key;
    const uint8_t *data;
    size_t size;
    const uint8_t *alpha; /* NULL: none */
    size_t alpha_size;
    bool has_layer;
    uint32_t layer;                 /* temporal */
    int32_t quantizer;              /* on the codec's scale, or -1 */
    void (*free_data)(void *owner); /* releases `owner`, which keeps `data` alive; NULL for data that needs no owner */
    void *owner;
    void (*free_alpha)(void *owner); /* the same of `alpha` */
    void *alpha_owner;
};

/*
 * Makes a chunk that an encoder hands out, which therefore has metadata. Takes over the owners on success only:
 * free_data is called with its own when the last reference to the chunk is released, on the thread that does so. Takes
 * a reference to `decoder_config`; NULL: the last one still holds. NULL if out of memory.
 */
wcenc_chunk *wcenc__chunk_create(const struct chunk_fields *fields, struct decoder_config *decoder_config);

/* Before the chunk is delivered, while it has one reference: */

/* Borrowed; NULL: the last one still holds. */
struct decoder_config *wcenc__chunk_decoder_config(const wcenc_chunk *chunk);
void wcenc__chunk_forget_decoder_config(wcenc_chunk *chunk);
void wcenc__chunk_set_dts(wcenc_chunk *chunk, int64_t dts_us);

#endif
