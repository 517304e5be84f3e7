/* SPDX-License-Identifier: MIT */

/*
 * Packets that are copied. The decoder is ahead of the frame that is encoded, and the recording may jump in between; so
 * packets wait until it is known by how much their time moves.
 */

#include "tracks.h"

#include <inttypes.h>
#include <libavformat/avformat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sink.h"

enum { STREAMS_MOST = 64, PACKETS_MOST = 1 << 16 };

struct tracks {
    AVFormatContext *input;
    struct sink *sink; /* NULL: not attached yet */
    bool is_copied[STREAMS_MOST];
    int track[STREAMS_MOST]; /* of the sink; -1: none */
    int64_t last_us[STREAMS_MOST];
    int64_t read_us[STREAMS_MOST]; /* of the input */
    AVPacket **packets;            /* that wait, in the order of the file */
    size_t count;
    size_t size;
    int64_t offset_us;
    int64_t before_us; /* the offset before the last jump */
    bool has_moved;
};

struct tracks *tracks_create(AVFormatContext *input, int video, bool no_audio)
{
    struct tracks *tracks = calloc(1, sizeof(*tracks));

    if (!tracks)
        return NULL;
    tracks->input = input;
    for (unsigned i = 0; i < input->nb_streams; i++) {
        AVStream *stream = input->streams[i];
        bool is_audio = stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;

        if (i < STREAMS_MOST) {
            tracks->is_copied[i] = is_audio && !no_audio;
            tracks->track[i] = -1;
            tracks->last_us[i] = tracks->read_us[i] = INT64_MIN;
        }
        if ((int)i != video && (i >= STREAMS_MOST || !tracks->is_copied[i]))
            stream->discard = AVDISCARD_ALL;
    }
    return tracks;
}

static int64_t packet_us(const struct tracks *tracks, const AVPacket *packet)
{
    return av_rescale_q(packet->pts, tracks->input->streams[packet->stream_index]->time_base, AV_TIME_BASE_Q);
}

bool tracks_take(struct tracks *tracks, AVPacket *packet, struct fault *fault)
{
    int index = packet->stream_index;
    AVPacket *kept;

    if (index >= STREAMS_MOST || !tracks->is_copied[index] || packet->pts == AV_NOPTS_VALUE)
        return true;
    if (tracks->count == tracks->size) {
        size_t size = tracks->size ? 2 * tracks->size : 64;
        AVPacket **more = size <= PACKETS_MOST ? realloc(tracks->packets, size * sizeof(AVPacket *)) : NULL;

        if (!more)
            return fault_set(fault, "out of memory for audio that waits for a frame");
        tracks->packets = more;
        tracks->size = size;
    }
    kept = av_packet_clone(packet);
    if (!kept)
        return fault_set(fault, "out of memory");
    tracks->packets[tracks->count++] = kept;
    tracks->read_us[index] = packet_us(tracks, packet);
    return true;
}

bool tracks_reach(const struct tracks *tracks, int64_t time_us)
{
    for (unsigned i = 0; i < tracks->input->nb_streams && i < STREAMS_MOST; i++)
        if (tracks->track[i] >= 0 && tracks->read_us[i] < time_us)
            return false;
    return true;
}

/* Audio that starts before the picture is left out, but for what its decoder needs to start. */
static bool is_before_start(const struct tracks *tracks, const AVPacket *packet, int64_t time_us)
{
    const AVCodecParameters *audio = tracks->input->streams[packet->stream_index]->codecpar;

    return time_us < 0 && time_us < -sink_padding_us(tracks->sink, audio);
}

static bool write_packet(struct tracks *tracks, AVPacket *packet, int64_t time_us, struct fault *fault)
{
    int index = packet->stream_index;

    if (tracks->track[index] < 0 || is_before_start(tracks, packet, time_us) || time_us <= tracks->last_us[index])
        return true;
    tracks->last_us[index] = time_us;
    packet->duration = av_rescale_q(packet->duration, tracks->input->streams[index]->time_base, AV_TIME_BASE_Q);
    packet->pts = packet->dts = time_us;
    packet->pos = -1;
    return sink_write_packet(tracks->sink, tracks->track[index], packet, fault);
}

/* The time of the output, by the offset that puts the packet nearer to now. */
static int64_t output_us(const struct tracks *tracks, const AVPacket *packet, int64_t now_us)
{
    int64_t time_us = packet_us(tracks, packet);

    if (llabs(time_us + tracks->offset_us - now_us) > llabs(time_us + tracks->before_us - now_us))
        return time_us + tracks->before_us;
    return time_us + tracks->offset_us;
}

/* Writes what is not after `until_us`; with `all` what is before it, and drops the rest. */
static bool write_packets(struct tracks *tracks, int64_t now_us, bool all, int64_t until_us, struct fault *fault)
{
    size_t kept = 0;
    bool good = true;

    for (size_t i = 0; i < tracks->count; i++) {
        AVPacket *packet = tracks->packets[i];
        int64_t time_us = output_us(tracks, packet, now_us);

        if (good && !all && time_us > until_us) {
            tracks->packets[kept++] = packet;
            continue;
        }
        if (good && (!all || time_us < until_us))
            good = write_packet(tracks, packet, time_us, fault);
        av_packet_free(&packet);
    }
    tracks->count = kept;
    return good;
}

bool tracks_move(struct tracks *tracks, int64_t offset_us, int64_t now_us, int64_t until_us, struct fault *fault)
{
    if (!tracks->has_moved)
        tracks->before_us = offset_us;
    else if (offset_us != tracks->offset_us)
        tracks->before_us = tracks->offset_us;
    tracks->offset_us = offset_us;
    tracks->has_moved = true;
    return !tracks->sink || write_packets(tracks, now_us, false, until_us, fault);
}

/* Streams of a type that are wanted and not written; `codec` becomes the name of the last one's. */
static unsigned count_left(const struct tracks *tracks, enum AVMediaType type, const char **codec)
{
    unsigned count = 0;

    for (unsigned i = 0; i < tracks->input->nb_streams; i++) {
        const AVCodecParameters *stream = tracks->input->streams[i]->codecpar;
        bool is_wanted = type != AVMEDIA_TYPE_AUDIO || (i < STREAMS_MOST && tracks->is_copied[i]);

        if (stream->codec_type != type || !is_wanted || (i < STREAMS_MOST && tracks->track[i] >= 0))
            continue;
        *codec = avcodec_get_name(stream->codec_id);
        count++;
    }
    return count;
}

/* "2 audio streams of clip.mov are", "1 subtitle stream is" */
static void describe(char *out, size_t size, unsigned count, const char *type, const char *name)
{
    snprintf(out, size, "%u %s stream%s%s%s %s", count, type, count == 1 ? "" : "s", name ? " of " : "",
             name ? name : "", count == 1 ? "is" : "are");
}

/* One note for all that is not written. */
static void note_left(const struct tracks *tracks, const char *name, struct notes *notes)
{
    const char *codec = NULL;
    const char *unused = NULL;
    unsigned audio = count_left(tracks, AVMEDIA_TYPE_AUDIO, &codec);
    unsigned subtitles = count_left(tracks, AVMEDIA_TYPE_SUBTITLE, &unused);
    char first[256];
    char second[96] = "";
    char why[96] = "holds only video";

    if (!audio && !subtitles)
        return;
    describe(first, sizeof(first), audio ? audio : subtitles, audio ? "audio" : "subtitle", name);
    if (!audio) {
        notes_add(notes, "note: %s not written", first);
        return;
    }
    if (subtitles)
        describe(second, sizeof(second), subtitles, "subtitle", NULL);
    if (sink_holds_audio(tracks->sink))
        snprintf(why, sizeof(why), "cannot hold %s (.mkv can)", codec);
    notes_add(notes, "note: %s not written: %s %s%s%s%s", first, tracks->sink->format->name, why, subtitles ? "; " : "",
              second, subtitles ? " not written either" : "");
}

void tracks_attach(struct tracks *tracks, struct sink *sink, const struct tracks_span *span, const char *name,
                   struct notes *notes)
{
    tracks->sink = sink;
    for (unsigned i = 0; i < tracks->input->nb_streams && i < STREAMS_MOST; i++) {
        if (!tracks->is_copied[i])
            continue;
        tracks->track[i] = sink_add_stream(sink, tracks->input->streams[i]);
        if (tracks->track[i] < 0)
            tracks->input->streams[i]->discard = AVDISCARD_ALL;
    }
    note_left(tracks, name, notes);
    sink_copy_tags(sink, tracks->input, span->start_us, span->length_us);
}

bool tracks_finish(struct tracks *tracks, int64_t end_us, struct fault *fault)
{
    return !tracks->sink || write_packets(tracks, end_us, true, end_us, fault);
}

void tracks_free(struct tracks *tracks)
{
    if (!tracks)
        return;
    for (size_t i = 0; i < tracks->count; i++)
        av_packet_free(&tracks->packets[i]);
    free(tracks->packets);
    free(tracks);
}
