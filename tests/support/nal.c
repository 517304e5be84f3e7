/* SPDX-License-Identifier: MIT */

#include "nal.h"

#include <string.h>

static int nal_type(const uint8_t *data, bool hevc)
{
    return hevc ? data[0] >> 1 & 0x3f : data[0] & 0x1f;
}

static int add_nal(struct unit units[UNITS_MAX], int count, const uint8_t *data, size_t size, bool hevc)
{
    if (count < 0 || count == UNITS_MAX || size < (hevc ? 2u : 1u))
        return -1;
    units[count] = (struct unit){.data = data, .size = size, .whole = data, .whole_size = size};
    units[count].type = nal_type(data, hevc);
    return count + 1;
}

/* Where the next 00 00 01 begins at or after `from`; `size` if there is none. */
static size_t next_start_code(const uint8_t *data, size_t size, size_t from)
{
    for (size_t i = from; i + 3 <= size; i++)
        if (data[i] == 0 && data[i + 1] == 0 && data[i + 2] == 1)
            return i;
    return size;
}

int split_annexb(const uint8_t *data, size_t size, bool hevc, struct unit units[UNITS_MAX])
{
    size_t at = next_start_code(data, size, 0);
    int count = 0;

    /* Nothing but the zero byte of a long start code may come first. */
    if (at > 1 || (at == 1 && data[0] != 0))
        return -1;
    while (at < size && count >= 0) {
        size_t begin = at + 3, end = next_start_code(data, size, begin);

        at = end;
        while (end > begin && data[end - 1] == 0)
            end--;
        count = add_nal(units, count, data + begin, end - begin, hevc);
    }
    return count;
}

static size_t big_endian(const uint8_t *data, int bytes)
{
    size_t value = 0;

    for (int i = 0; i < bytes; i++)
        value = value << 8 | data[i];
    return value;
}

int split_lengths(const uint8_t *data, size_t size, bool hevc, struct unit units[UNITS_MAX])
{
    int count = 0;

    while (size > 0 && count >= 0) {
        size_t length;

        if (size < 4)
            return -1;
        length = big_endian(data, 4);
        if (length > size - 4)
            return -1;
        count = add_nal(units, count, data + 4, length, hevc);
        data += 4 + length;
        size -= 4 + length;
    }
    return count;
}

int split_obus(const uint8_t *data, size_t size, struct unit units[UNITS_MAX])
{
    const uint8_t *end = data + size;
    int count = 0;

    while (data < end) {
        const uint8_t *begin = data;
        size_t length = 0;
        unsigned shift = 0;

        /* Low-overhead format: every OBU has its size. */
        if (count == UNITS_MAX || (*data & 0x80) != 0 || (*data & 0x02) == 0)
            return -1;
        data += *data & 0x04 ? 2 : 1;
        do {
            if (data >= end || shift > 28)
                return -1;
            length |= (size_t)(*data & 0x7f) << shift;
            shift += 7;
        } while (*data++ & 0x80);
        if (length > (size_t)(end - data))
            return -1;
        units[count++] = (struct unit){data, length, begin, (size_t)(data - begin) + length, *begin >> 3 & 15};
        data += length;
    }
    return count;
}

const struct unit *find_unit(const struct unit *units, int count, int type)
{
    for (int i = 0; i < count; i++)
        if (units[i].type == type)
            return &units[i];
    return NULL;
}

bool is_slice(const struct unit *unit, bool hevc)
{
    return hevc ? unit->type <= HEVC_VCL_LAST : unit->type >= H264_SLICE && unit->type <= H264_IDR;
}

bool is_key_slice(const struct unit *unit, bool hevc)
{
    return hevc ? unit->type >= HEVC_IRAP_FIRST && unit->type <= HEVC_IRAP_LAST : unit->type == H264_IDR;
}

bool is_parameter_set(const struct unit *unit, bool hevc)
{
    return hevc ? unit->type >= HEVC_VPS && unit->type <= HEVC_PPS
                : unit->type == H264_SPS || unit->type == H264_PPS || unit->type == 13 || unit->type == 15;
}

size_t unescape(const struct unit *unit, uint8_t *out, size_t size)
{
    unsigned zeros = 0;
    size_t done = 0;

    memset(out, 0, size);
    for (size_t i = 0; i < unit->size && done < size; i++) {
        if (zeros >= 2 && unit->data[i] == 3) {
            zeros = 0;
            continue;
        }
        zeros = unit->data[i] == 0 ? zeros + 1 : 0;
        out[done++] = unit->data[i];
    }
    return done;
}

struct sps_claims read_sps(const struct unit *sps, bool hevc)
{
    struct sps_claims claims = {0};
    uint8_t bytes[16];

    unescape(sps, bytes, sizeof bytes);
    if (!hevc) {
        claims.profile = bytes[1];
        claims.constraints[0] = bytes[2];
        claims.level = bytes[3];
        return claims;
    }
    /* Two bytes of header, one of identifiers, then profile_tier_level(). */
    claims.tier = bytes[3] >> 5 & 1;
    claims.profile = bytes[3] & 0x1f;
    claims.compatibility = (uint32_t)big_endian(bytes + 4, 4);
    memcpy(claims.constraints, bytes + 8, sizeof claims.constraints);
    claims.level = bytes[14];
    return claims;
}

enum { RECORD_MAX = 512 };

static size_t append(uint8_t *record, size_t size, const void *bytes, size_t count)
{
    if (size + count > RECORD_MAX)
        return size;
    memcpy(record + size, bytes, count);
    return size + count;
}

static size_t append_set(uint8_t *record, size_t size, uint8_t counter, const struct unit *set)
{
    const uint8_t head[] = {counter, (uint8_t)(set->size >> 8), (uint8_t)set->size};

    return append(record, append(record, size, head, sizeof head), set->data, set->size);
}

bool is_avcc_of(const uint8_t *record, size_t size, const struct unit *units, int count)
{
    const struct unit *sps = find_unit(units, count, H264_SPS), *pps = find_unit(units, count, H264_PPS);
    const uint8_t tail[] = {0xfd, 0xf8, 0xf8, 0};
    uint8_t built[RECORD_MAX] = {1, 0, 0, 0, 0xff};
    size_t built_size;

    if (!sps || !pps)
        return false;
    memcpy(built + 1, sps->data + 1, 3);
    built_size = append_set(built, 5, 0xe1, sps);
    built_size = append_set(built, built_size, 1, pps);
    if (sps->data[1] >= 100)
        built_size = append(built, built_size, tail, sizeof tail);
    return built_size == size && memcmp(record, built, size) == 0;
}

/* `left` sets from *at on, each behind its length of two bytes; the number of units then, or -1. */
static int take_sets(const uint8_t *record, size_t size, size_t *at, size_t left, bool hevc,
                     struct unit units[UNITS_MAX], int count)
{
    for (; left > 0 && count >= 0; left--) {
        size_t length;

        if (*at + 2 > size)
            return -1;
        length = big_endian(record + *at, 2);
        *at += 2;
        if (length > size - *at)
            return -1;
        count = add_nal(units, count, record + *at, length, hevc);
        *at += length;
    }
    return count;
}

int split_avcc(const uint8_t *record, size_t size, struct unit units[UNITS_MAX])
{
    size_t at = 6;
    int count;

    if (size < at || record[0] != 1 || record[4] >> 2 != 0x3f || record[5] >> 5 != 7)
        return -1;
    count = take_sets(record, size, &at, record[5] & 0x1f, false, units, 0);
    if (count < 0 || at >= size)
        return -1;
    at++;
    count = take_sets(record, size, &at, record[at - 1], false, units, count);
    /* The high profiles have chroma, two depths and a count of extensions at the end. */
    return at + (record[1] >= 100 ? 4 : 0) == size ? count : -1;
}

int split_hvcc(const uint8_t *record, size_t size, struct unit units[UNITS_MAX])
{
    size_t at = 23;
    int count = 0;

    if (size < at)
        return -1;
    for (int array = 0; array < record[22]; array++) {
        if (at + 3 > size)
            return -1;
        at += 3;
        count = take_sets(record, size, &at, big_endian(record + at - 2, 2), true, units, count);
        if (count < 0)
            return -1;
    }
    return at == size ? count : -1;
}

/* The general part of profile_tier_level(), and what is the same for all streams here. */
static bool is_hvcc_head_of(const uint8_t *record, const struct unit *sps)
{
    struct sps_claims claims = read_sps(sps, true);

    return record[0] == 1 && record[1] == (claims.tier << 5 | claims.profile) &&
           big_endian(record + 2, 4) == claims.compatibility &&
           memcmp(record + 6, claims.constraints, sizeof claims.constraints) == 0 && record[12] == claims.level &&
           record[16] == 0xfd && record[17] == 0xf8 && record[18] == 0xf8 && (record[21] & 3) == 3;
}

bool is_hvcc_of(const uint8_t *record, size_t size, const struct unit *units, int count)
{
    struct unit sets[UNITS_MAX];
    int set_count = split_hvcc(record, size, sets), own_count = 0;

    for (int i = 0; i < count; i++)
        own_count += is_parameter_set(&units[i], true);
    if (set_count < 3 || set_count != own_count)
        return false;
    for (int i = 0; i < set_count; i++) {
        const struct unit *own = find_unit(units, count, sets[i].type);

        if (!own || own->size != sets[i].size || memcmp(own->data, sets[i].data, own->size) != 0)
            return false;
    }
    return find_unit(sets, set_count, HEVC_SPS) && is_hvcc_head_of(record, find_unit(units, count, HEVC_SPS));
}
