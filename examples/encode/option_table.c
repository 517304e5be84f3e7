/* SPDX-License-Identifier: MIT */

/* The table of options. */

#include "option_table.h"

#define AT(member) offsetof(struct options, member)
#define HEADING(title)                        \
    {                                         \
        .kind = KIND_HEADING, .help = (title) \
    }
#define STREAM_HEADING(title)                                       \
    {                                                               \
        .kind = KIND_HEADING, .help = (title), .makes_stream = true \
    }

const struct option_row option_rows[] = {
    HEADING("Files"),
    {KIND_FILE, 'i', "input", "FILE", "another way to name INPUT", .member = AT(input)},
    {KIND_FILE, 'o', "output", "FILE", "the file to write, or - for standard output (OUTPUT may also follow INPUT)",
     .member = AT(output)},
    {KIND_FILE, 0, "out-dir", "DIR",
     "encode every INPUT into a file of the same name in this folder, in FORMAT (default: mp4; for VP8 webm)",
     .member = AT(out_dir)},
    {KIND_FLAG, 0, "test-scene", NULL, "draw a moving test scene instead of reading INPUT", .member = AT(test_scene)},
    {KIND_TEXT, 'f', "format", "FORMAT",
     "format of OUTPUT where its name does not end in one, as for standard output: mp4, mov, mkv, webm, ivf, obu, h264 "
     "or h265 (both Annex B); an output that cannot seek takes mp4 and mov in fragments",
     .member = AT(format), .words = {"mp4", "mov", "mkv", "webm", "ivf", "h264", "h265", "obu"}},
    {KIND_FLAG, 'y', "force", NULL, "replace files that exist (default: refuse)", .member = AT(overwrite),
     .aliases = {"overwrite"}},
    {KIND_FILE, 0, "source-y4m", "FILE",
     "also write the frames as they are before encoding, as YUV4MPEG2, to compare with (RGB and other formats that it "
     "does not have as 4:2:0)",
     .member = AT(source_y4m)},
    {KIND_FLAG, 0, "compare", NULL,
     "after encoding, decode OUTPUT and compare it with the frames that went in: PSNR and SSIM, some frames of both in "
     "NAME.compare.png, bitrate and quality over time in NAME.compare.svg",
     .member = AT(compare)},

    STREAM_HEADING("Codec"),
    {KIND_CODEC, 'c', "codec", "CODEC",
     "h264, hevc, vp8, vp9 or av1 for a codec string that fits size, rate and depth of the source; or a codec string "
     "such as avc1.640028 (default: what the format of OUTPUT suggests)",
     .member = AT(codec), .words = {"h264", "hevc", "vp8", "vp9", "av1"}, .aliases = {"vcodec"}},
    {KIND_TEXT, 'e', "encoder", "NAME", "encoder of FFmpeg, such as libx264 (default: the best one available)",
     .member = AT(encoder),
     .words = {"libx264", "libx265", "libvpx", "libvpx-vp9", "libaom-av1", "libsvtav1", "librav1e"}},
    {KIND_PAIR, 0, "encoder-option", "K=V",
     "option of that encoder; may be repeated, or joined with ':' (a backslash takes the next character literally)",
     .aliases = {"encoder-options"}},
    {KIND_COUNT, 0, "threads", "N", "threads for encoding (default: 0, as many as there are CPUs)",
     .member = AT(threads), .high = 1024},
    {KIND_FLAG, 0, "annexb", NULL, "H.264 and HEVC with start codes (implied by, and only for, raw files)",
     .member = AT(annexb)},

    STREAM_HEADING("Picture"),
    {KIND_SIZE, 's', "size", "WxH",
     "size to encode at; -1 or -2 for one side keeps the shape, -2 with an even number (default: the source's; of the "
     "test scene 1280x720)",
     .member = AT(size), .high = 65536},
    {KIND_FRACTION, 'r', "framerate", "RATE",
     "frames per second, 30 or 30000/1001; frames of INPUT are dropped and repeated to reach it (default: the "
     "source's; "
     "of the test scene 30)",
     .member = AT(framerate), .aliases = {"fps", "rate"}},
    {KIND_FLAG, 0, "deinterlace", NULL, "make whole frames of interlaced ones, with libavfilter's bwdif",
     .member = AT(deinterlace)},
    {KIND_WORD, 0, "alpha", "WHAT", "discard, or keep: VP8 and VP9, into .webm or .mkv (default: discard)",
     .member = AT(keep_alpha), .words = {"discard", "keep"}},
    {KIND_COUNT, 'n', "frames", "N", "stop after so many frames (default: all)", .member = AT(max_frames), .low = 1,
     .high = 4294967295.0},
    {KIND_TIME, 0, "seek", "TIME", "start at the first frame at or after a time of INPUT; seconds, or HH:MM:SS",
     .member = AT(seek), .low = 0, .high = 1e7, .aliases = {"start"}},
    {KIND_TIME, 't', "duration", "TIME",
     "length of the test scene (default: 5 s), or the most to take of INPUT (default: all); seconds, or HH:MM:SS",
     .member = AT(duration), .low = 1e-3, .high = 1e7},

    {KIND_FLAG, 0, "no-audio", NULL, "leave audio out (default: copied as it is, where the format of OUTPUT takes it)",
     .member = AT(no_audio)},

    STREAM_HEADING("Rate"),
    {KIND_NUMBER, 0, "crf", "N",
     "constant quality, lower is better: 0 to 51 for H.264 and HEVC, 0 to 63 for VP8, VP9 and AV1; with --bitrate as a "
     "cap (default: none)",
     .member = AT(crf), .given = AT(has_crf), .high = 63, .aliases = {"quality", "cq"}},
    {KIND_BITRATE, 'b', "bitrate", "RATE",
     "bits per second, with k or M for thousands or millions (default: chosen by the library)", .member = AT(bitrate),
     .low = 1, .high = 1e12},
    {KIND_WORD, 0, "bitrate-mode", "MODE",
     "variable, constant, quantizer or quality (default: variable; quantizer with --quantizer, quality with --crf)",
     .member = AT(bitrate_mode), .given = AT(has_bitrate_mode),
     .words = {"variable", "constant", "quantizer", "quality"}},
    {KIND_COUNT, 'q', "quantizer", "N",
     "quantizer of every frame, lower is better: 0 to 51 for H.264 and HEVC (63 at 10 bits), 0 to 255 for VP9 and AV1 "
     "(default: none)",
     .member = AT(quantizer), .given = AT(has_quantizer), .high = 255, .aliases = {"qp"}},
    {KIND_WORD, 'l', "latency", "MODE", "quality or realtime (default: quality)", .member = AT(latency),
     .words = {"quality", "realtime"}},
    {KIND_WORD, 'p', "preset", "SPEED",
     "faster, fast, medium, slow or slower: how much time encoding may take, the slower the better (default: medium)",
     .member = AT(preset), .given = AT(has_preset), .words = {"faster", "fast", "medium", "slow", "slower"},
     .aliases = {"effort", "speed"}},
    {KIND_COUNT, 'g', "gop", "N", "a key frame at least every so many frames (default: 0, ten seconds, at most 300)",
     .member = AT(key_interval), .high = 2147483647, .aliases = {"key-interval", "keyint"}},
    {KIND_COUNT, 0, "b-frames", "N", "B-frames in a row, for encoders that have them, libx264 and libx265 (default: 0)",
     .member = AT(max_b_frames), .high = 16, .aliases = {"max-b-frames", "bframes"}},
    {KIND_TEXT, 0, "scalability-mode", "MODE", "temporal layers: L1T2 or L1T3, not for HEVC (default: L1T1)",
     .member = AT(scalability_mode), .words = {"L1T1", "L1T2", "L1T3"}},
    {KIND_TEXT, 0, "content-hint", "HINT", "motion, detail or text: what the pictures show (default: none)",
     .member = AT(content_hint), .words = {"motion", "detail", "text"}},

    HEADING("Groups"),
    {KIND_COUNT, 0, "parallel-groups", "N",
     "encode groups of --gop frames by encoders of their own, so many at a time; the file is the same for each N "
     "(default: 0, one encoder for all frames)",
     .member = AT(parallel_groups), .high = 1024},
    {KIND_PART, 0, "groups", "K/N",
     "encode only the K-th of N runs of whole groups, into a part for --join; FORMAT is that of the file to be joined "
     "(default: mp4; for VP8 webm)",
     .member = AT(groups), .high = 1e6},
    {KIND_FILE, 0, "index", "FILE",
     "where --groups keeps the index of INPUT, which is made where FILE is not there (default: each part reads all of "
     "INPUT); without --groups and OUTPUT: make FILE, and print how many groups there are",
     .member = AT(index)},
    {KIND_FILE, 0, "join", "OUTPUT", "join all parts, in any order, to the file that one run would have made",
     .member = AT(join)},

    HEADING("Messages"),
    {KIND_FLAG, 0, "quiet", NULL, "no progress and no summary, only errors, warnings and notes", .member = AT(quiet)},
    {KIND_FLAG, 0, "json", NULL, "the summary as one JSON object on standard output, with the notes; errors, too",
     .member = AT(json)},
    {KIND_ACTION, 0, "list", NULL, "list the codec strings and encoders that work here, and exit", .low = ACTION_LIST},
    {KIND_GENERATE, 0, "generate", "WHAT", "print the man page, or the completion for bash or zsh, and exit",
     .words = {"man", "bash", "zsh"}},
    {KIND_ACTION, 'V', "version", NULL, "print versions, and exit", .low = ACTION_VERSION},
    {KIND_ACTION, 'h', "help", NULL, "print this help, and exit", .low = ACTION_HELP},
};

const size_t option_row_count = sizeof(option_rows) / sizeof(option_rows[0]);
